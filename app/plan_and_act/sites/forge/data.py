"""The seeded base of the site: the same seed gives the same people, projects, issues and contributions."""

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from plan_and_act.sites.forge import plans, workshop
from plan_and_act.sites.forge.catalog import CONCEPTS, LICENSES, OWNERS, SOURCES, Concept
from plan_and_act.sites.forge.model import (
    Base,
    Comment,
    Contribution,
    Event,
    File,
    Issue,
    IssueState,
    MergeRequest,
    MergeState,
    Owner,
    Person,
    Project,
)
from plan_and_act.sites.forge.words import (
    COMMENTS,
    COMMITS,
    COMPANIES,
    FIRST_NAMES,
    ISSUES,
    LAST_NAMES,
    LIKES,
    MERGES,
    PLACES,
    TRADES,
)

NOW = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
"""The site's clock stands still, so that a page looks the same tomorrow."""
PERSONA = "robin-hale"
PASSWORD = "copper-kettle-52"
PROJECTS = 24
PEOPLE = 60
RECENT = 160 * 24 * 60
"""How far back a project's activity goes, in minutes."""
BUSY = 3
"""How many projects have a long list of issues."""


@lru_cache(maxsize=4)
def build(seed: int) -> Base:
    """The site as it is before anybody has changed anything; kept, because every session shares it."""
    people = _people(_rng(seed, "people"))
    owners = {slug: Owner(slug, name, text) for slug, name, text in _rng(seed, "owners").sample(OWNERS, 7)}
    rng = _rng(seed, "projects")
    projects = [
        _project(_rng(seed, concept.slug), concept, rng.choice(list(owners.values())), list(people))
        for concept in rng.sample(CONCEPTS, PROJECTS)
    ]
    projects = workshop.with_teams(_rng(seed, "teams"), projects, PERSONA, busy=BUSY)
    projects = [workshop.with_releases(_rng(seed, f"releases/{project.slug}"), project) for project in projects]
    projects = [
        workshop.with_merge_requests(_rng(seed, f"merges/{project.slug}"), project, NOW, persona=PERSONA)
        for project in projects
    ]
    steps = {project.path: plans.milestones(_rng(seed, f"plan/{project.slug}"), project, NOW) for project in projects}
    issues = {}
    for index, project in enumerate(projects):
        found = _issues(_rng(seed, f"issues/{project.slug}"), project, list(people), busy=index < BUSY)
        rng = _rng(seed, f"planned/{project.slug}")
        issues[project.path] = plans.planned(rng, found, steps[project.path], list(people), NOW)
    by_path = {project.path: project for project in sorted(projects, key=lambda project: project.name)}
    todos, issues = plans.todos(_rng(seed, "todos"), by_path, issues, PERSONA, NOW)
    return Base(
        seed=seed,
        now=NOW,
        persona=PERSONA,
        password=PASSWORD,
        people=people,
        owners={slug: owner for slug, owner in owners.items() if any(project.owner == owner for project in projects)},
        projects=by_path,
        issues=issues,
        milestones=steps,
        todos=todos,
        follows=_follows(_rng(seed, "follows"), list(people)),
        starred=frozenset(
            (person, project.path) for project in projects for person in _some(_rng(seed, project.path), people, 2, 9)
        ),
    )


def _rng(seed: int, what: str) -> random.Random:
    """One source of randomness for each part, so that changing one part leaves the others as they were."""
    return random.Random(f"forge/{seed}/{what}")


def _some(rng: random.Random, names: dict[str, Person] | list[str], low: int, high: int) -> list[str]:
    return rng.sample(list(names), rng.randint(low, high))


def _ago(rng: random.Random, low_days: float, high_days: float) -> datetime:
    return NOW - timedelta(minutes=round(rng.uniform(low_days, high_days) * 24 * 60))


def _people(rng: random.Random) -> dict[str, Person]:
    people = {
        PERSONA: Person(
            PERSONA, "Robin Hale", "Builds internal tools and answers issues on Fridays.", "Galway", "Halfmoon",
            "https://robinhale.example", NOW - timedelta(days=812),
        )
    }  # fmt: skip
    # No first or last name twice: a person is told apart by either.
    names = zip(rng.sample(FIRST_NAMES, PEOPLE - 1), rng.sample(LAST_NAMES, PEOPLE - 1), strict=True)
    for first, last in names:
        given, family = first.lower(), last.lower()
        forms = (f"{given}-{family}", f"{given[0]}{family}", f"{given}{rng.randint(10, 99)}", f"{family}-{given[0]}")
        username = rng.choice(forms)
        people[username] = Person(
            username=username,
            name=f"{first} {last}",
            bio=f"{rng.choice(TRADES)} who likes {rng.choice(LIKES)}.",
            location=rng.choice(PLACES),
            company=rng.choice(COMPANIES),
            website=f"https://{username}.example" if rng.random() < 0.6 else "",
            joined=_ago(rng, 200, 3_000),
            public_email=rng.random() < 0.5,
        )
    return dict(sorted(people.items(), key=lambda item: item[1].name))


def _project(rng: random.Random, concept: Concept, owner: Owner, people: list[str]) -> Project:
    counts = _commit_counts(rng, people)
    # Drawn without replacement: nobody shows more commits here than the list of contributors counts.
    authors = rng.sample(list(counts), k=36, counts=list(counts.values()))
    dates = sorted((NOW - timedelta(minutes=round(rng.random() ** 1.5 * RECENT)) for _ in authors), reverse=True)
    commits = [
        Event("commit", author, rng.choice(COMMITS).format(part=rng.choice(concept.parts)), when)
        for author, when in zip(authors, dates, strict=True)
    ]
    contributors = _contributors(rng, people, counts, commits)
    names = list(counts)
    major, minor = rng.randint(0, 4), rng.randint(0, 14)
    ages = accumulate([rng.randint(3, 38), *(rng.randint(25, 60) for _ in range(min(minor, 3)))])
    releases = [
        Event("release", rng.choice(names), f"Version {major}.{minor - back}.0", NOW - timedelta(days=age))
        for back, age in enumerate(ages)
    ]
    path = f"{owner.slug}/{concept.slug}"
    merges = _merge_requests(rng, path, concept, names)
    merged = [
        Event(
            "merge",
            entry.author,
            f"Merge !{entry.number}: {entry.title}",
            min(entry.created + timedelta(hours=30), NOW),
        )
        for entry in merges.values()
        if entry.state == "merged"
    ]
    license_name = rng.choice(LICENSES)
    activity = tuple(sorted([*commits, *releases, *merged], key=lambda event: event.when, reverse=True))
    version = releases[0].text.removeprefix("Version ")
    return Project(
        owner=owner,
        slug=concept.slug,
        name=concept.name,
        description=concept.description,
        language=concept.language,
        license=license_name,
        topics=concept.topics,
        version=version,
        stars=rng.randint(18, 4_800),
        forks=rng.randint(2, 420),
        created=_ago(rng, 400, 2_600),
        updated=activity[0].when,
        readme=_readme(concept, path, license_name),
        files=_files(rng, concept, commits, license_name, releases),
        contributors=contributors,
        merge_requests=merges,
        activity=activity,
    )


def _commit_counts(rng: random.Random, people: list[str]) -> dict[str, int]:
    """Commits by username for 9 to 28 people, one of whom has clearly the most."""
    names = _some(rng, people, 9, 28)
    commits = sorted((round(260 * rng.random() ** 2.4) + 2 for _ in names), reverse=True)
    commits[0] = max(commits[0], round(commits[1] * rng.uniform(1.05, 1.6)) + 20)
    return dict(zip(names, commits, strict=True))


def _contributors(
    rng: random.Random, people: list[str], counts: dict[str, int], commits: list[Event]
) -> tuple[Contribution, ...]:
    """One row for each person, ordered by name; who has no recent commit was active before."""
    latest = {event.author: event.when for event in reversed(commits)}
    rows = []
    for name in (name for name in people if name in counts):
        additions = round(counts[name] * rng.uniform(8, 90))
        before = NOW - timedelta(minutes=RECENT + rng.randint(0, 3 * RECENT))
        deletions = round(additions * rng.uniform(0.1, 0.8))
        rows.append(Contribution(name, counts[name], additions, deletions, latest.get(name, before)))
    return tuple(rows)


def _merge_requests(rng: random.Random, path: str, concept: Concept, names: list[str]) -> dict[int, MergeRequest]:
    states: tuple[MergeState, ...] = ("open", "merged", "merged", "merged", "closed")
    made = [
        (title.format(part=part), body, part)
        for (title, body), part in zip(rng.sample(MERGES, 5), rng.sample(concept.parts, 5), strict=True)
    ]
    dates = sorted(_ago(rng, 3, 140) for _ in made)
    return {
        number: MergeRequest(
            project=path,
            number=number,
            title=title,
            body=body,
            author=rng.choice(names),
            created=created,
            state=rng.choice(states),
            branch=f"{part.replace(' ', '-')}-{rng.randint(2, 9)}",
            additions=rng.randint(4, 900),
            deletions=rng.randint(0, 400),
        )
        for number, ((title, body, part), created) in enumerate(zip(made, dates, strict=True), 1)
    }


def _issues(rng: random.Random, project: Project, people: list[str], *, busy: bool) -> dict[int, Issue]:
    parts = next(concept.parts for concept in CONCEPTS if concept.slug == project.slug)
    count = rng.randint(28, 42) if busy else rng.randint(6, 18)
    # Every pair of a text and a part at most once: no two issues of a project have the same title.
    chosen = rng.sample([(kind, part) for kind in ISSUES for part in parts], count)
    dates = sorted(_ago(rng, 1, 300) for _ in chosen)
    crew = [entry.username for entry in project.contributors]
    issues = {}
    for number, (((label, title, body), part), created) in enumerate(zip(chosen, dates, strict=True), 1):
        state: IssueState = "open" if rng.random() < 0.6 else "closed"
        labels = {label, *(("good first issue",) if rng.random() < 0.1 else ())}
        issues[number] = Issue(
            project=project.path,
            number=number,
            title=title.format(part=part),
            body=body.format(part=part),
            author=rng.choice(people),
            created=created,
            state=state,
            labels=tuple(sorted(labels)),
            assignee=rng.choice(crew) if rng.random() < 0.55 else None,
            timeline=_timeline(rng, number, part, created, people, crew, closed=state == "closed"),
        )
    return issues


def _timeline(
    rng: random.Random, issue: int, part: str, created: datetime, people: list[str], crew: list[str], *, closed: bool
) -> tuple[Comment, ...]:
    texts = rng.sample(COMMENTS, rng.choice((0, 0, 1, 1, 2, 3, 4, 6)))
    span = NOW - created
    dates = sorted(created + span * rng.uniform(0.01, 0.9) for _ in range(len(texts) + closed))
    entries = [
        Comment(100 * issue + index, rng.choice(crew + people[:20]), when, body=text.format(part=part))
        for index, (text, when) in enumerate(zip(texts, dates, strict=False), 1)
    ]
    if closed:
        entries.append(Comment(100 * issue + len(texts) + 1, rng.choice(crew), dates[-1], "closed"))
    return tuple(entries)


def _follows(rng: random.Random, people: list[str]) -> frozenset[tuple[str, str]]:
    pairs = {(person, other) for person in people for other in _some(rng, people, 1, 14) if other != person}
    # The persona follows a few people only, so that most of the site is still to be followed.
    followed = rng.sample([person for person in people if person != PERSONA], 4)
    return frozenset({pair for pair in pairs if pair[0] != PERSONA} | {(PERSONA, person) for person in followed})


def _readme(concept: Concept, path: str, license_name: str) -> str:
    parts = concept.parts
    tool = concept.slug.split("-")[0]
    return (
        f"{concept.description}. {concept.name} does one thing and stays out of the way.\n\n"
        f"## What is in it\n\n- a {parts[0]} that needs no setup\n- a {parts[1]} for everyday work\n"
        f"- a {parts[2]} that can be switched off\n\n"
        f"## Getting started\n\nFetch the sources and build them:\n\n"
        f"```\nforge clone {path}\ncd {concept.slug}\nmake install\n{tool} --help\n```\n\n"
        f"The {parts[3]} reads its settings from `{tool}.toml` in the current folder. Without one, the defaults are "
        f"used.\n\n## Contributing\n\nIssues labelled `good first issue` are a good start. Please add a test for the "
        f"{parts[4]} when you touch it.\n\n## License\n\n{license_name}, see the file LICENSE."
    )


def _files(
    rng: random.Random, concept: Concept, commits: list[Event], license_name: str, releases: list[Event]
) -> tuple[File, ...]:
    suffix, mark = SOURCES[concept.language]
    tool = concept.slug.split("-")[0]
    changes = "\n\n".join(
        f"## {event.text.removeprefix('Version ')} ({event.when:%Y-%m-%d})\n\n- {rng.choice(COMMITS)}\n"
        f"- {rng.choice(COMMITS)}".format(part=rng.choice(concept.parts))
        for event in releases
    )
    texts = {
        "CHANGELOG.md": changes,
        "LICENSE": f"{license_name}\n\nCopyright (c) the contributors of {concept.name}.",
        "Makefile": f"install:\n\t./tools/install\n\ntest:\n\t./tools/test {tool}\n",
        "README.md": f"# {concept.name}\n\n{concept.description}.\n",
        f"{tool}.toml": f'name = "{concept.slug}"\nlanguage = "{concept.language}"\nworkers = {rng.randint(2, 16)}\n',
    }
    for part in concept.parts:
        name = part.replace(" ", "_").replace("-", "_")
        texts[f"docs/{part.replace(' ', '-')}.md"] = f"# The {part}\n\nHow the {part} works and how to configure it.\n"
        texts[f"src/{name}.{suffix}"] = (
            f"{mark} The {part} of {concept.name}.\n\n"
            f"{mark} Settings: {name}_limit = {rng.randint(10, 500)}, {name}_timeout = {rng.randint(1, 90)} s\n"
        )
        texts[f"tests/{name}_test.{suffix}"] = f"{mark} Tests of the {part}: empty input, one entry, many entries.\n"
    return tuple(
        File(path, text, commit.text, commit.author, commit.when)
        for path, text in sorted(texts.items())
        for commit in (commits[min(rng.randrange(len(commits)) for _ in range(4))],)
    )
