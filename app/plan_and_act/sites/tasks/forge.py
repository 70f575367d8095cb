"""Tasks on forge, the code-hosting site."""

import random

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.tasks import (
    forge_compare,
    forge_follow,
    forge_impossible,
    forge_issues,
    forge_look_ups,
    forge_manage,
    forge_profile,
)
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class FollowTopContributor(Template):
    """The paper's own example (PLAN-AND-ACT, section 3.1).

    The persona does not follow the person yet, and the person is not in the first rows of the list of contributors,
    so that somebody has to look.
    """

    name = "forge/follow-top-contributor"
    kind = "change"
    sites = ("forge",)
    length = 5
    phrasings = (
        "Follow the top contributor of the project {project}, the person with the most commits.",
        "Who has made the most commits to {project}? Follow that person.",
    )
    plan = (
        "Open the contributors of {project}",
        "Sort them by commits and open the person with the most",
        "Follow that person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        fitting = [
            project
            for project in base.projects.values()
            if (top := project.top_contributor) != base.persona
            and (base.persona, top) not in base.follows
            and [entry.username for entry in project.contributors].index(top) > 2
        ]
        project = rng.choice(fitting)
        return Draw(
            slots={"project": project.name},
            start=f"/{project.path}",
            goal=Goal({"forge": {"followed": [project.top_contributor]}}),
            data={"person": base.people[project.top_contributor].name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        person = draw.data["person"]
        await hand.click("Contributors")
        hand.step(2)
        await hand.click("Commits", "button")
        await hand.click(person, "link")
        hand.step(3)
        await hand.click("Follow")


TEMPLATES: tuple[Template, ...] = (
    FollowTopContributor(),
    *forge_look_ups.TEMPLATES,
    *forge_compare.TEMPLATES,
    *forge_follow.TEMPLATES,
    *forge_issues.TEMPLATES,
    *forge_manage.TEMPLATES,
    *forge_profile.TEMPLATES,
    *forge_impossible.TEMPLATES,
)
