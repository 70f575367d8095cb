"""Tasks on board about communities: join and leave them."""

import random

from plan_and_act.sites.board.data import build, closed_communities
from plan_and_act.sites.tasks.board_ways import members, members_by_topic, open_community, refresh
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand, LostError
from plan_and_act.sites.tasks.template import Draw, Template, World


class JoinCommunity(Template):
    """Join one community by name."""

    name = "board/join-community"
    kind = "change"
    sites = ("board",)
    length = 5
    phrasings = (
        "Join the community {community}.",
        "I want to become a member of {community}, please see to it.",
    )
    plan = (
        "Find the community {community} and open it",
        "Join it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        closed = closed_communities(world.seed, world.disturbances)
        fitting = [entry for slug, entry in base.communities.items() if slug not in base.joined | closed]
        community = rng.choice(fitting)
        return Draw(
            slots={"community": community.name},
            start="/",
            goal=Goal({"board": {"joined": [community.slug]}}),
            data={"community": community.name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_community(hand, draw.data["community"])
        hand.step(2)
        await hand.click("Join")


class JoinLargestOpen(Template):
    """Join the largest community of a topic that takes new members, which only its own page tells."""

    name = "board/join-largest-open"
    kind = "change"
    sites = ("board",)
    length = 7
    split = "test"
    phrasings = (
        "Of the communities about {topic} that I am not in yet, join the one with the most members that takes new "
        "members.",
        "Make me a member of the largest {topic} community that I have not joined and that is open to new members.",
    )
    plan = (
        "Open the list of communities",
        "Show those about {topic}, the most members first",
        "Open the largest one that you have not joined, and join it; if it takes no new members, try the next largest",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        closed = closed_communities(world.seed, world.disturbances)
        topics: dict[str, list[str]] = {}
        for slug, entry in base.communities.items():
            if slug not in base.joined:
                topics.setdefault(entry.topic, []).append(slug)
        fitting = {topic: [slug for slug in slugs if slug not in closed] for topic, slugs in topics.items()}
        topic = rng.choice([topic for topic, slugs in fitting.items() if slugs])
        target = max(fitting[topic], key=lambda slug: base.communities[slug].members)
        return Draw(
            slots={"topic": topic},
            start="/",
            goal=Goal({"board": {"joined": [target]}}),
            data={"topic": topic, "names": [base.communities[slug].name for slug in topics[topic]]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Communities", "link")
        hand.step(2)
        sizes = await members_by_topic(hand, draw.data["topic"], draw.data["names"])
        hand.step(3)
        for name in sorted(sizes, key=lambda name: -sizes[name]):
            await hand.click(name, "link")
            if await hand.has("Join"):
                await hand.click("Join")
                return
            await hand.back()
        msg = f"no community about {draw.data['topic']} takes new members"
        raise LostError(msg)


class LeaveBySize(Template):
    """Leave all of one's communities below or above a size."""

    name = "board/leave-by-size"
    kind = "compare"
    sites = ("board",)
    length = 12
    phrasings = (
        "Leave every community I am in that has {words} {number} members.",
        "I am in too many communities. Take me out of those with {words} {number} members.",
    )
    plan = (
        "Open the list of communities",
        "Show only those you have joined, the most members first",
        "Leave each one that has {words} {number} members",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        mine = sorted((base.communities[slug] for slug in base.joined), key=lambda entry: entry.members)
        words, count = rng.choice(("fewer than", "more than")), rng.randint(2, 4)
        place = count if words == "fewer than" else len(mine) - count
        below, above = mine[place - 1].members, mine[place].members
        number = rng.randint(below + 1, above - 1)
        out = mine[:place] if words == "fewer than" else mine[place:]
        return Draw(
            slots={"words": words, "number": f"{number:,}"},
            start="/",
            goal=Goal({"board": {"left": [entry.slug for entry in out]}}),
            data={"less": words == "fewer than", "number": number, "names": [entry.name for entry in mine]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Communities", "link")
        hand.step(2)
        await hand.select("Membership", "Those I have joined")
        await hand.select("Order", "Most members")
        await hand.click("Show")
        await refresh(hand)
        sizes = await members(hand, draw.data["names"])
        hand.step(3)
        for name in sorted(sizes, key=lambda name: -sizes[name]):
            if (sizes[name] < draw.data["number"]) == draw.data["less"]:
                await hand.click(name, "link")
                await hand.click("Leave")


TEMPLATES: tuple[Template, ...] = (JoinCommunity(), JoinLargestOpen(), LeaveBySize())
