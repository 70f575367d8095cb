"""Tasks on forge about the own profile."""

import random

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.words import PLACES
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World

EMPLOYERS = ("Kelpworks", "Red Bicycle Software", "Harbour Library", "Plumtree Analytics")


class EditProfile(ForgeTemplate):
    """The form with the own profile."""

    name = "forge/edit-profile"
    kind = "change"
    length = 6
    phrasings = (
        "I have moved to {place} and work for {company} now. Update my profile.",
        "Change my profile: my location is {place}, my company is {company}.",
    )
    plan = (
        "Open the settings in the account menu",
        "Set the location to {place} and the company to {company}",
        "Save the profile",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        place = rng.choice([place for place in PLACES if place != base.people[base.persona].location])
        company = rng.choice(EMPLOYERS)
        goal = Goal({"forge": {"profile": ways.profile_change(location=Like(place), company=Like(company))}})
        return Draw({"place": place, "company": company}, "/", goal, {"place": place, "company": company})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_settings(hand)
        hand.step(2)
        await hand.type("Location", draw.data["place"])
        await hand.type("Company", draw.data["company"])
        hand.step(3)
        await hand.click("Save profile", "button")


class ChangePicture(ForgeTemplate):
    """Two forms on one page: a picture is uploaded by the one, a text is saved by the other."""

    name = "forge/change-picture"
    kind = "change"
    length = 7
    split = "test"
    phrasings = (
        "Use my file {file} as my profile picture, and set my location to {place}.",
        "My profile needs the picture {file} and {place} as the location. Please see to it.",
    )
    plan = (
        "Open the settings in the account menu",
        "Upload {file} as the new picture",
        "Set the location to {place} and save the profile",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        file = rng.choice(("portrait.png", "lighthouse.png"))
        place = rng.choice([place for place in PLACES if place != base.people[base.persona].location])
        goal = Goal({"forge": {"profile": ways.profile_change(picture=file, location=Like(place))}})
        return Draw({"file": file, "place": place}, "/", goal, {"file": file, "place": place})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_settings(hand)
        hand.step(2)
        await hand.upload("New picture", draw.data["file"])
        await hand.click("Upload picture", "button")
        hand.step(3)
        await hand.type("Location", draw.data["place"])
        await hand.click("Save profile", "button")


TEMPLATES = (EditProfile(), ChangePicture())
