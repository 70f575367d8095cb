"""What projects plan, made from the seed: milestones, due dates, who reports much, and what waits for the persona."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from plan_and_act.sites.forge.model import Comment, Issue, Milestone, Project, Todo, TodoKind
from plan_and_act.sites.forge.words import ASKS, GOALS, MORE_LABELS

Issues = dict[int, Issue]

_PLANNED, _DUE, _REGULAR = 0.65, 0.25, 0.35
"""Shares of issues: in a milestone, with a due date (of the open ones), reported by a regular guest."""

_BOSSES = ("owner", "maintainer")


def milestones(rng: random.Random, project: Project, now: datetime) -> dict[int, Milestone]:
    """Three steps of a project's plan: one that is done, the next version, and a theme."""
    major, minor, _ = project.version.split(".")
    theme, text = rng.choice(GOALS)
    plan = (
        (f"Version {project.version}", "What went into the latest release.", -rng.randint(5, 40)),
        (f"Version {major}.{int(minor) + 1}.0", "What should be in the next release.", rng.randint(9, 40)),
        (theme, text, rng.randint(20, 75)),
    )
    return {
        number: Milestone(
            project=project.path,
            number=number,
            title=title,
            description=description,
            due=_day(now, days),
            state="closed" if days < 0 else "open",
        )
        for number, (title, description, days) in enumerate(plan, 1)
    }


def planned(
    rng: random.Random, issues: Issues, steps: Mapping[int, Milestone], people: Sequence[str], now: datetime
) -> Issues:
    """A project's issues with milestones, due dates, more labels, and a guest who reports many of them."""
    regular = rng.choice(people)
    ahead = [number for number, step in steps.items() if step.state == "open"]
    found = {}
    for number, issue in issues.items():
        is_open = issue.state == "open"
        labels = {*issue.labels, *(name for name, share in MORE_LABELS.items() if rng.random() < share)}
        found[number] = replace(
            issue,
            author=regular if rng.random() < _REGULAR else issue.author,
            labels=tuple(sorted(labels)),
            milestone=rng.choice(ahead if is_open else list(steps)) if rng.random() < _PLANNED else None,
            due=_day(now, rng.randint(3, 60)) if is_open and rng.random() < _DUE else None,
        )
    return found


def todos(
    rng: random.Random, projects: Mapping[str, Project], issues: dict[str, Issues], persona: str, now: datetime
) -> tuple[tuple[Todo, ...], dict[str, Issues]]:
    """What waits for the persona, and the issues with the comments and assignments it comes from."""
    changed = {path: dict(of_project) for path, of_project in issues.items()}
    alive = [path for path, project in projects.items() if not project.archived and _open(issues[path])]
    mine = [path for path in alive if projects[path].members.get(persona) in ("developer", "maintainer")]
    others = [path for path in alive if path not in mine]
    found: list[Todo] = []

    def add(kind: TodoKind, by: str, path: str, number: int, title: str) -> datetime:
        when = now - timedelta(minutes=rng.randint(60, 4_000))
        found.append(Todo(len(found) + 1, kind, by, path, number, title, when))
        return when

    for path in rng.sample(mine, 3):
        issue = rng.choice(_open(changed[path]))
        changed[path][issue.number] = replace(issue, assignee=persona)
        add("assigned", _boss(rng, projects[path], persona), path, issue.number, issue.title)
    for path, ask in zip(rng.sample(others, 4), rng.sample(ASKS, 4), strict=True):
        issue = rng.choice(_open(changed[path]))
        by = rng.choice([entry.username for entry in projects[path].contributors if entry.username != persona])
        when = add("mention", by, path, issue.number, issue.title)
        comment = Comment(100 * issue.number + 90, by, when, body=f"@{persona} {ask}")
        changed[path][issue.number] = replace(issue, timeline=(*issue.timeline, comment))
    for path in rng.sample([path for path in mine if projects[path].members[persona] == "maintainer"], 3):
        request = rng.choice([entry for entry in projects[path].merge_requests.values() if entry.state == "open"])
        add("review", request.author, path, request.number, request.title)
    return tuple(sorted(found, key=lambda todo: todo.when, reverse=True)), changed


def _day(now: datetime, days: int) -> date:
    return (now + timedelta(days=days)).date()


def _open(issues: Issues) -> list[Issue]:
    return [issue for issue in issues.values() if issue.state == "open"]


def _boss(rng: random.Random, project: Project, persona: str) -> str:
    return rng.choice([name for name, role in project.members.items() if role in _BOSSES and name != persona])
