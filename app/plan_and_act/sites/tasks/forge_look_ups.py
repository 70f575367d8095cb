"""Tasks on forge that ask for a fact: of a project, an issue, a person."""

import random
from collections import Counter

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.words import CHECKS, PLACES, TESTS
from plan_and_act.sites.forge.workshop import failing_test
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Day, Goal, Number, Says, numbers
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World


class LatestReleaseDay(ForgeTemplate):
    """A date on the page of releases."""

    name = "forge/latest-release-day"
    kind = "look_up"
    length = 4
    phrasings = (
        "On which day was the latest version of {project} published?",
        "When did {project} have its last release? Tell me the date.",
    )
    plan = (
        "Search for the project {project} and open it",
        "Go to its releases and find the latest one",
        "Answer with the day it was published",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice(list(build(world.seed).projects.values()))
        day = project.releases[0].when.date()
        return Draw(
            slots={"project": project.name},
            start="/",
            goal=Goal(answer=Day(day)),
            data={"project": project.name, "answer": f"{day:%-d %B %Y}"},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click("Releases", "link")
        hand.step(3)
        return str(draw.data["answer"])


class DefaultWorkers(ForgeTemplate):
    """A number in a file of a project."""

    name = "forge/default-workers"
    kind = "look_up"
    length = 4
    phrasings = (
        "How many workers does {project} use by default? Its .toml file says so.",
        "Look into the settings file (.toml) of {project}: what number of workers is set there?",
    )
    plan = (
        "Find the project {project} and open it",
        "Open the .toml file among its files",
        "Answer with the number of workers set there",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice(list(build(world.seed).projects.values()))
        file = next(file for file in project.files if file.path.endswith(".toml"))
        workers = int(file.text.rpartition("= ")[2])
        return Draw(
            slots={"project": project.name},
            start="/",
            goal=Goal(answer=Number(workers)),
            data={"project": project.name, "file": file.path, "answer": str(workers)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click(draw.data["file"], "link")
        hand.step(3)
        return str(draw.data["answer"])


class CloneAddress(ForgeTemplate):
    """An address in a component with a shadow root, which shows another one at first."""

    name = "forge/clone-address"
    kind = "look_up"
    length = 4
    phrasings = (
        "What is the SSH address to clone {project} from?",
        "I want to clone {project} over SSH. Which address do I need?",
    )
    plan = (
        "Find and open {project}",
        "Switch its clone address to SSH",
        "Answer with the SSH address",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice(list(build(world.seed).projects.values()))
        address, other = f"git@emberforge.example:{project.path}.git", f"https://emberforge.example/{project.path}"
        return Draw(
            slots={"project": project.name},
            start="/",
            goal=Goal(answer=Says((address,), (other,))),
            data={"project": project.name, "answer": address},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click("SSH", "button")
        hand.step(3)
        return str(draw.data["answer"])


class WhoReported(ForgeTemplate):
    """The author of an issue, who is not one of those that talk in it."""

    name = "forge/who-reported"
    kind = "look_up"
    length = 6
    phrasings = (
        'Who reported the issue "{title}" in {project}? Give the full name.',
        'I need the full name of the person who opened "{title}" in the project {project}.',
    )
    plan = (
        "Open the project {project} and go to its issues",
        'Find the issue "{title}" and open it',
        "Answer with the full name of the person who opened it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice([project for project in base.projects.values() if ways.open_issues_of(base, project)])
        issue = rng.choice(ways.open_issues_of(base, project))
        author = base.people[issue.author].name
        others = tuple(sorted({person.name for person in base.people.values()} - {author}))
        return Draw(
            slots={"title": issue.title, "project": project.name},
            start="/",
            goal=Goal(answer=Says((author,), others)),
            data={"project": project.name, "title": issue.title, "answer": author},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.pick_issue(hand, draw.data["title"])
        hand.step(3)
        return str(draw.data["answer"])


class OpenIssuesWithLabel(ForgeTemplate):
    """A count that a filter gives."""

    name = "forge/open-issues-with-label"
    kind = "look_up"
    length = 7
    phrasings = (
        "How many open issues of {project} have the label {label}?",
        "Count the issues of {project} that are still open and labelled {label}.",
    )
    plan = (
        "Search for {project} and open its issues",
        "Show only the open issues with the label {label}",
        "Answer with how many there are",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        counts = {
            (project.name, label): count
            for project in base.projects.values()
            for label, count in ways.labels_of(base, project).items()
            if 1 < count < len(ways.open_issues_of(base, project))
        }
        project, label = rng.choice(list(counts))
        return Draw(
            slots={"project": project, "label": label},
            start="/",
            goal=Goal(answer=Number(counts[project, label])),
            data={"project": project, "label": label, "answer": str(counts[project, label])},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.filter_by_label(hand, draw.data["label"])
        hand.step(3)
        return str(draw.data["answer"])


class LeftInMilestone(ForgeTemplate):
    """What remains of a milestone: a difference of two numbers on the page."""

    name = "forge/left-in-milestone"
    kind = "look_up"
    length = 5
    split = "validation"
    phrasings = (
        "How many issues of the milestone {milestone} are still open in {project}?",
        "The milestone {milestone} of {project}: how many of its issues have not been closed yet?",
    )
    plan = (
        "Open the project {project} and go to its milestones",
        "Open the milestone {milestone}",
        "Answer with the number of its issues that are not closed yet",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        left = Counter(
            (path, issue.milestone)
            for path, issues in base.issues.items()
            for issue in issues.values()
            if issue.milestone and issue.state == "open"
        )
        path, number = rng.choice(sorted(pair for pair in left if pair[1]))
        project, step = base.projects[path], base.milestones[path][number or 0]
        return Draw(
            slots={"project": project.name, "milestone": step.title},
            start="/",
            goal=Goal(answer=Number(left[path, number], given=numbers(step.title))),
            data={"project": project.name, "milestone": step.title, "answer": str(left[path, number])},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Milestones", "link")
        hand.step(2)
        await hand.click(draw.data["milestone"], "link")
        hand.step(3)
        return str(draw.data["answer"])


class FailingTest(ForgeTemplate):
    """A name in the log of a check, which is shown in a frame."""

    name = "forge/failing-test"
    kind = "look_up"
    length = 7
    phrasings = (
        'A check of the merge request "{title}" in {project} has failed. Which test was it?',
        'Find out which test fails in the checks of "{title}", an open merge request of {project}.',
    )
    plan = (
        "Find {project} and go to its merge requests",
        'Open the merge request "{title}" and its checks',
        "Show the log of the check that has failed",
        "Answer with the name of the failing test",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = [
            (project, request)
            for project, request in ways.open_merge_requests(base, base.projects.values())
            if request.failed
        ]
        project, request = rng.choice(found)
        test = failing_test(request) or ""
        check = next(check.name for check in request.checks if not check.passed)
        return Draw(
            slots={"project": project.name, "title": request.title},
            start="/",
            goal=Goal(answer=Says((test,), tuple(name for name in (*TESTS, *CHECKS) if name not in (test, check)))),
            data={"project": project.name, "title": request.title, "check": check, "answer": test},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.list_merge_requests(hand, draw.data["project"])
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        await hand.click("Checks", "link")
        hand.step(3)
        await hand.click(f"Log of {draw.data['check']}", "link")
        hand.step(4)
        return str(draw.data["answer"])


class WhereTheyLive(ForgeTemplate):
    """From the to-do list to the profile of a person."""

    name = "forge/where-they-live"
    kind = "look_up"
    length = 3
    phrasings = (
        'On my to-do list there is "{title}". In which city does the person live who put it there?',
        'Where does the person live because of whom "{title}" is on my to-do list?',
    )
    plan = (
        "Open the to-do list",
        'Open the profile of the person who put "{title}" there',
        "Answer with the city of that person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        titles = [todo.title for todo in base.todos]
        todo = rng.choice([todo for todo in base.todos if titles.count(todo.title) == 1])
        person = base.people[todo.by]
        said = (person.location, *[place for place in PLACES if place in todo.title])
        return Draw(
            slots={"title": todo.title},
            start="/",
            goal=Goal(answer=Says((person.location,), tuple(place for place in PLACES if place not in said))),
            data={"title": todo.title, "person": person.name, "answer": person.location},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("To-do list", "link")
        hand.step(2)
        await hand.click(draw.data["person"], "link", near=draw.data["title"])
        hand.step(3)
        return str(draw.data["answer"])


class MostAdditions(ForgeTemplate):
    """Who leads another column than the one that everybody looks at."""

    name = "forge/most-additions"
    kind = "look_up"
    length = 5
    split = "test"
    phrasings = (
        "Who has added the most lines to {project}? Give the full name.",
        "Which contributor of {project} is first by lines added? I need the full name.",
    )
    plan = (
        "Find {project} and open its contributors",
        "Sort them by additions, the largest number first",
        "Answer with the full name of the first person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = []
        for project in base.projects.values():
            first, second = sorted((entry.additions for entry in project.contributors), reverse=True)[:2]
            leader = next(entry.username for entry in project.contributors if entry.additions == first)
            if first > second and leader != project.top_contributor:
                found.append((project, base.people[leader].name))
        project, leader = rng.choice(found)
        people = {base.people[entry.username].name for entry in project.contributors}
        return Draw(
            slots={"project": project.name},
            start="/",
            goal=Goal(answer=Says((leader,), tuple(sorted(people - {leader})))),
            data={"project": project.name, "answer": leader},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Contributors", "link")
        hand.step(2)
        await hand.click("Additions", "button")
        hand.step(3)
        return str(draw.data["answer"])


TEMPLATES = (
    LatestReleaseDay(),
    DefaultWorkers(),
    CloneAddress(),
    WhoReported(),
    OpenIssuesWithLabel(),
    LeftInMilestone(),
    FailingTest(),
    WhereTheyLive(),
    MostAdditions(),
)
