"""Tasks on forge that change what the persona follows."""

import random

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World


class StarAndWatch(ForgeTemplate):
    """A star that a script sets, and a menu."""

    name = "forge/star-and-watch"
    kind = "change"
    length = 6
    phrasings = (
        "Star the project {project} and choose to be notified about all activity in it.",
        "Give {project} a star, and set its notifications to All activity.",
    )
    plan = (
        "Search for the project {project} and open it",
        "Star the project",
        "Set its notifications to All activity",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice([each for each in base.projects.values() if (base.persona, each.path) not in base.starred])
        goal = Goal({"forge": {"starred": [project.path], "watching": ways.watching(base, project, "all")}})
        return Draw({"project": project.name}, "/", goal, {"project": project.name})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click("☆ Star", "button")
        hand.step(3)
        await hand.click("Watch: Participating ▾", "button")
        await hand.click("All activity Everything that happens in the project")


class FollowReporter(ForgeTemplate):
    """From an issue to the profile of who opened it."""

    name = "forge/follow-reporter"
    kind = "change"
    length = 8
    phrasings = (
        'Follow the person who reported the issue "{title}" in {project}.',
        'Somebody opened "{title}" in {project}. I would like to follow that person.',
    )
    plan = (
        "Find {project} and open its issues",
        'Open the issue "{title}"',
        "Open the profile of the person who reported it",
        "Follow that person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = [
            (project, issue)
            for project in base.projects.values()
            for issue in ways.open_issues_of(base, project)
            if issue.author != base.persona and (base.persona, issue.author) not in base.follows
        ]
        project, issue = rng.choice(found)
        return Draw(
            slots={"title": issue.title, "project": project.name},
            start="/",
            goal=Goal({"forge": {"followed": [issue.author]}}),
            data={"project": project.name, "title": issue.title, "person": base.people[issue.author].name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.pick_issue(hand, draw.data["title"])
        hand.step(3)
        await hand.click(draw.data["person"], "link")
        hand.step(4)
        await hand.click("Follow", "button")


TEMPLATES = (StarAndWatch(), FollowReporter())
