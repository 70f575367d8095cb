"""How projects are worked on, made from the seed: members, releases, and what is in merge requests."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from plan_and_act.sites.forge.catalog import CONCEPTS, SOURCES
from plan_and_act.sites.forge.model import (
    Asset,
    Check,
    Comment,
    FileChange,
    MergeRequest,
    Project,
    Release,
    Role,
    Visibility,
)
from plan_and_act.sites.forge.words import CHECKS, COMMITS, OPEN_MERGES, REVIEWS, TESTS

_ROLES: dict[Role, int] = {"maintainer": 9, "developer": 4, "reporter": 3}
"""In how many projects the persona has which role."""
_ARCHIVED = 2


def with_teams(rng: random.Random, projects: Sequence[Project], persona: str, *, busy: int) -> list[Project]:
    """The projects with members, who can see them, and two that are archived (none of the first, busy ones)."""
    roles = [role for role, count in _ROLES.items() for _ in range(count)]
    mine = dict(zip(rng.sample(range(len(projects)), len(roles)), roles, strict=True))
    archived = rng.sample([index for index in range(busy, len(projects)) if index not in mine], _ARCHIVED)
    found = []
    for index, project in enumerate(projects):
        names = [entry.username for entry in project.contributors if entry.username != persona]
        crew = rng.sample(names, rng.randint(4, 7))
        ranks: list[Role] = ["owner", "maintainer", "developer", "developer", "reporter", "developer", "guest"]
        members = dict(zip(crew, ranks, strict=False)) | ({persona: mine[index]} if index in mine else {})
        private = mine.get(index) == "maintainer" and rng.random() < 0.2
        visibility: Visibility = "private" if private else "internal" if rng.random() < 0.2 else "public"
        found.append(replace(project, members=members, visibility=visibility, archived=index in archived))
    return found


def with_releases(rng: random.Random, project: Project) -> Project:
    """The project with notes and files for its releases."""
    parts = _parts(project)
    releases = []
    for event in project.activity:
        if event.kind != "release":
            continue
        version = event.text.removeprefix("Version ")
        size = rng.randint(180, 9_000)
        releases.append(
            Release(
                version=version,
                author=event.author,
                when=event.when,
                notes=tuple(text.format(part=rng.choice(parts)) for text in rng.sample(COMMITS, 3)),
                assets=(
                    Asset(f"{project.slug}-{version}.tar.gz", size),
                    Asset(f"{project.slug}-{version}.zip", size + size // 9),
                    Asset("checksums.txt", 1),
                ),
            )
        )
    return replace(project, releases=tuple(releases))


def with_merge_requests(rng: random.Random, project: Project, now: datetime, *, persona: str) -> Project:
    """The project with three more open merge requests: one can be merged, one has conflicts, in one a check failed.

    The persona has not reviewed any.
    """
    parts, names = _parts(project), [entry.username for entry in project.contributors if entry.username != persona]
    old = list(project.merge_requests.values())
    dates = sorted(now - timedelta(minutes=rng.randint(200, 4_000)) for _ in range(3))
    texts, chosen = rng.sample(OPEN_MERGES, 3), rng.sample(parts, 3)
    fresh = [
        MergeRequest(
            project=project.path,
            number=len(old) + index,
            title=title.format(part=part),
            body=body,
            author=rng.choice(names),
            created=when,
            state="open",
            branch=f"{part.replace(' ', '-')}-{rng.randint(10, 99)}",
            additions=rng.randint(20, 400),
            deletions=rng.randint(3, 150),
            conflicts=trouble == "conflicts",
            checks=_checks(rng, failed=trouble == "failed"),
        )
        for index, ((title, body), part, when, trouble) in enumerate(
            zip(texts, chosen, dates, rng.sample(("", "conflicts", "failed"), 3), strict=True), 1
        )
    ]
    able = ("developer", "maintainer", "owner")
    reviewers = [name for name, role in project.members.items() if role in able and name != persona]
    requests = {entry.number: _reviewed(rng, entry, project, reviewers) for entry in (*old, *fresh)}
    return replace(project, merge_requests=requests)


def _reviewed(rng: random.Random, entry: MergeRequest, project: Project, reviewers: Sequence[str]) -> MergeRequest:
    """A merge request with the files it changes, its checks, and what others say about it."""
    others = [name for name in reviewers if name != entry.author]
    talk = rng.sample(REVIEWS, rng.randint(0, 3))
    approvals = rng.sample(others, min(len(others), rng.randint(0, 2)))
    return replace(
        entry,
        files=_changes(rng, entry, project),
        checks=entry.checks or _checks(rng, failed=False),
        approvals=tuple(approvals),
        assignee=rng.choice(others) if others and rng.random() < 0.5 else None,
        comments=tuple(
            Comment(10 * entry.number + index, rng.choice(others or [entry.author]), when, body=text)
            for index, (text, when) in enumerate(
                zip(talk, sorted(entry.created + timedelta(minutes=rng.randint(5, 180)) for _ in talk), strict=True)
            )
        ),
    )


def _checks(rng: random.Random, *, failed: bool) -> tuple[Check, ...]:
    bad = rng.choice(CHECKS) if failed else None
    return tuple(Check(name, name != bad, rng.randint(11, 580)) for name in CHECKS)


def _changes(rng: random.Random, entry: MergeRequest, project: Project) -> tuple[FileChange, ...]:
    """Some files whose lines add up to what the merge request says."""
    suffix, mark = SOURCES[project.language]
    files = [file.path for file in project.files if file.path.endswith(f".{suffix}")]
    chosen = sorted(rng.sample(files, rng.randint(2, 4)))
    added, removed = _shares(rng, entry.additions, len(chosen)), _shares(rng, entry.deletions, len(chosen))
    found = []
    for path, plus, minus in zip(chosen, added, removed, strict=True):
        name = path.rsplit("/", 1)[-1].partition(".")[0]
        before, after = rng.randint(10, 90), rng.randint(100, 900)
        lines = (
            f" {mark} {name}: what it does when it is called twice",
            *((f"-{name}_limit = {before}",) if minus else ()),
            *((f"+{name}_limit = {after}", f"+{name}_retries = {rng.randint(1, 9)}") if plus else ()),
            f" {mark} the end of {name}",
        )
        found.append(FileChange(path, plus, minus, lines))
    return tuple(found)


def _shares(rng: random.Random, total: int, count: int) -> list[int]:
    cuts = sorted(rng.randint(0, total) for _ in range(count - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]


def _parts(project: Project) -> tuple[str, ...]:
    return next(concept.parts for concept in CONCEPTS if concept.slug == project.slug)


def log_of(request: MergeRequest, check: Check) -> list[str]:
    """What a check has written, a line each; the last tells how it ended."""
    rng = random.Random(f"{request.project}/{request.number}/{check.name}")
    count, bad = rng.randint(40, 900), rng.choice(TESTS)
    lines = [
        f"$ ./tools/check {check.name.replace(' ', '-')} --branch {request.branch}",
        f"fetched {rng.randint(90, 400)} files in {rng.randint(2, 9)} s",
        *(f"ok    {name}" for name in rng.sample([name for name in TESTS if name != bad], 4)),
    ]
    if check.passed:
        return [*lines, f"{count} of {count} passed", f"finished in {check.seconds} s"]
    return [
        *lines,
        f"FAIL  {bad}",
        f"      expected {rng.randint(2, 49)}, got {rng.randint(50, 99)}",
        f"{count - 1} of {count} passed, 1 failed: {bad}",
        f"stopped after {check.seconds} s",
    ]


def failing_test(request: MergeRequest) -> str | None:
    """The test that failed in a merge request's checks; None when nothing did."""
    failed = next((check for check in request.checks if not check.passed), None)
    return log_of(request, failed)[-2].rpartition(": ")[2] if failed else None
