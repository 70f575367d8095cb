"""Tasks on forge that cannot be done: what is asked for is not there, or not allowed."""

import random

from plan_and_act.sites.forge.catalog import CONCEPTS
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.words import GOALS
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_issues import REPORTS
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World

_IMPOSSIBLE = Goal(impossible=True)


class StarMissingProject(ForgeTemplate):
    """A project that is not on this site."""

    name = "forge/star-missing-project"
    kind = "impossible"
    length = 3
    phrasings = (
        "Star the project {project}.",
        "I like {project}. Give the project a star for me.",
    )
    plan = (
        "Search for the project {project}",
        "Open it and star it, or give up if there is no such project",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        there = {project.slug for project in base.projects.values()}
        project = rng.choice([concept.name for concept in CONCEPTS if concept.slug not in there])
        return Draw({"project": project}, "/", _IMPOSSIBLE, {"project": project})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        name = draw.data["project"]
        for words in (name, name.split()[0]):
            await hand.type("Search Emberforge", words, submit=True)
            await hand.look()
        hand.step(2)


class MergeWithConflicts(ForgeTemplate):
    """A merge request whose branch has conflicts."""

    name = "forge/merge-with-conflicts"
    kind = "impossible"
    length = 5
    phrasings = (
        'Merge the merge request "{title}" in {project}.',
        'Please get the merge request "{title}" of {project} merged.',
    )
    plan = (
        "Find the project {project} and go to its merge requests",
        'Open the merge request "{title}"',
        "Merge it, or give up if it cannot be merged",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = [
            (project, request)
            for project, request in ways.open_merge_requests(base, ways.maintained(base))
            if request.conflicts
        ]
        project, request = rng.choice(found)
        slots = {"project": project.name, "title": request.title}
        return Draw(slots, "/", _IMPOSSIBLE, slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.list_merge_requests(hand, draw.data["project"])
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        hand.step(3)
        await hand.look()


class HideForeignProject(ForgeTemplate):
    """A project that the persona does not maintain."""

    name = "forge/hide-foreign-project"
    kind = "impossible"
    length = 4
    phrasings = (
        "Make the project {project} private.",
        "Set the visibility of {project} to private, so that only members see it.",
    )
    plan = (
        "Find the project {project} and open it",
        "Look under its members whether you may change its settings",
        "Set its visibility to private, or give up if that is not allowed",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        mine = {project.path for project in ways.maintained(base)}
        project = rng.choice([project for project in ways.alive(base) if project.path not in mine])
        return Draw({"project": project.name}, "/", _IMPOSSIBLE, {"project": project.name})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click("Members", "link")
        hand.step(3)
        await hand.look()


class MissingMilestone(ForgeTemplate):
    """A milestone that the project does not have, and that the persona cannot add."""

    name = "forge/missing-milestone"
    kind = "impossible"
    length = 7
    split = "validation"
    phrasings = (
        'Put the issue "{title}" of {project} into the milestone {milestone}.',
        'In {project}, the issue "{title}" belongs to the milestone {milestone}. Please set that.',
    )
    plan = (
        "Open the issues of {project}",
        'Open the issue "{title}" and edit it',
        "Set the milestone {milestone}, or give up if there is no such milestone",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        mine = {project.path for project in ways.maintained(base)}
        foreign = [
            project for project in ways.alive(base) if project.path not in mine and ways.open_issues_of(base, project)
        ]
        project = rng.choice(foreign)
        issue = rng.choice(ways.open_issues_of(base, project))
        taken = {step.title for step in base.milestones[project.path].values()}
        milestone = rng.choice([title for title, _ in GOALS if title not in taken])
        slots = {"project": project.name, "title": issue.title, "milestone": milestone}
        return Draw(slots, "/", _IMPOSSIBLE, slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.pick_issue(hand, draw.data["title"])
        await hand.click("Edit")
        hand.step(3)
        await hand.look()


class ReportToArchive(ForgeTemplate):
    """A project that takes no issues any more."""

    name = "forge/report-to-archive"
    kind = "impossible"
    length = 4
    split = "test"
    phrasings = (
        'Open an issue in {project} with the title "{title}" and the description "{body}"',
        'Report to {project}: "{title}". As the description write "{body}"',
    )
    plan = (
        "Search for {project} and go to its issues",
        'Open a new issue "{title}" with the description, or give up if the project takes none',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice([project for project in build(world.seed).projects.values() if project.archived])
        title, body, _ = rng.choice(REPORTS)
        part = rng.choice(next(concept.parts for concept in CONCEPTS if concept.slug == project.slug))
        slots = {"project": project.name, "title": title.format(part=part), "body": body.format(part=part)}
        return Draw(slots, "/", _IMPOSSIBLE, slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Issues", "link")
        hand.step(2)
        await hand.look()


TEMPLATES = (
    StarMissingProject(),
    MergeWithConflicts(),
    HideForeignProject(),
    MissingMilestone(),
    ReportToArchive(),
)
