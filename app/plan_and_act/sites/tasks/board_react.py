"""Tasks on board that react to threads and people: vote, follow, save, hide, block."""

import random
from collections import Counter
from datetime import timedelta

from plan_and_act.sites.board.data import build
from plan_and_act.sites.board.ranking import RANGES
from plan_and_act.sites.tasks.board_ways import open_community, open_person, open_thread, refresh, topmost
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class UpvoteTop(Template):
    """Vote for the thread that leads a community in a range of time now."""

    name = "board/upvote-top"
    kind = "change"
    sites = ("board",)
    length = 7
    phrasings = (
        "Upvote the thread with the most votes of {span} in {community}.",
        "In {community}, find the top thread of {span} and vote for it.",
    )
    plan = (
        "Open the community {community}",
        "Show its top threads of {span}",
        "Upvote the first one",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        fitting = []
        for span, limit in (("this week", timedelta(days=7)), ("this month", timedelta(days=30))):
            for slug in base.communities:
                threads = [t for t in base.threads.values() if t.community == slug and base.now - t.created <= limit]
                top = max(threads, key=lambda thread: thread.score)
                if top.target not in base.votes:
                    fitting.append((span, slug, top))
        span, slug, top = rng.choice(fitting)
        return Draw(
            slots={"span": span, "community": base.communities[slug].name},
            start="/",
            goal=Goal({"board": {"votes": [{"target": top.target, "vote": 1}]}}),
            data={"span": span.capitalize(), "community": base.communities[slug].name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await _show_top(hand, draw)
        hand.step(3)
        await hand.click("Upvote")


class FollowTopAuthor(Template):
    """Follow whoever wrote the thread with the most votes of all time in a community."""

    name = "board/follow-top-author"
    kind = "change"
    sites = ("board",)
    length = 8
    split = "test"
    phrasings = (
        "Follow the author of the most upvoted thread of all time in {community}.",
        "Who wrote the highest rated thread ever in {community}? Start following that person.",
    )
    plan = (
        "Find the community {community} and open it",
        "Show its top threads of all time",
        "Open the author of the first thread",
        "Follow that person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        tops = {
            slug: max((t for t in base.threads.values() if t.community == slug), key=lambda thread: thread.score)
            for slug in base.communities
        }
        fitting = [(slug, top) for slug, top in tops.items() if top.author not in base.follows | {base.persona}]
        slug, top = rng.choice(fitting)
        return Draw(
            slots={"community": base.communities[slug].name},
            start="/",
            goal=Goal({"board": {"followed": [top.author]}}),
            data={"community": base.communities[slug].name, "span": RANGES["all"][0]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await _show_top(hand, draw)
        hand.step(3)
        await hand.click(await hand.read(r'posted by \*?link "(\w+) #'), "link")
        hand.step(4)
        await hand.click("Follow")


class SaveThreadsOfPerson(Template):
    """Save everything that somebody has posted."""

    name = "board/save-threads-of-person"
    kind = "change"
    sites = ("board",)
    length = 8
    phrasings = (
        "Save all threads that {person} has posted.",
        "I want to read everything by {person} later: save each of their threads.",
    )
    plan = (
        "Search for {person} and open the profile",
        "Save each of the threads listed there",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        totals = Counter(thread.author for thread in base.threads.values())
        kept = {thread.author for thread in base.threads.values() if thread.target in base.saved}
        person = rng.choice(
            [name for name, count in totals.items() if 4 <= count <= 6 and name not in kept | {base.persona}]
        )
        threads = [thread for thread in base.threads.values() if thread.author == person]
        return Draw(
            slots={"person": person},
            start="/",
            goal=Goal({"board": {"saved": [thread.target for thread in threads]}}),
            data={"person": person, "titles": [thread.title for thread in reversed(threads)]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_person(hand, draw.data["person"])
        hand.step(2)
        await refresh(hand)
        for title in draw.data["titles"]:
            await hand.click("Save", near=title)


class HideByFlair(Template):
    """Hide all threads with a flair in a community."""

    name = "board/hide-by-flair"
    kind = "change"
    sites = ("board",)
    length = 8
    split = "validation"
    phrasings = (
        'Hide every thread with the flair "{flair}" in {community}.',
        'I do not want to see threads marked "{flair}" in {community} any more. Hide all of them.',
    )
    plan = (
        "Open the community {community}",
        'Show only its threads with the flair "{flair}"',
        "Hide them one after the other, from the top, until none is left",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        pairs = Counter((thread.community, thread.flair) for thread in base.threads.values() if thread.flair)
        slug, flair = rng.choice([pair for pair, count in pairs.items() if 2 <= count <= 5])
        threads = [t for t in base.threads.values() if (t.community, t.flair) == (slug, flair)]
        return Draw(
            slots={"flair": flair, "community": base.communities[slug].name},
            start="/",
            goal=Goal({"board": {"hidden": [thread.target for thread in threads]}}),
            data={
                "flair": flair,
                "community": base.communities[slug].name,
                "titles": [thread.title for thread in threads],
            },
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_community(hand, draw.data["community"])
        hand.step(2)
        await hand.click(draw.data["flair"], "link")
        await refresh(hand)
        hand.step(3)
        left = list(draw.data["titles"])
        while left:
            title = await topmost(hand, left)
            await hand.click("Hide", near=title)
            left.remove(title)


class BlockSender(Template):
    """Block whoever has sent a message."""

    name = "board/block-sender"
    kind = "change"
    sites = ("board",)
    length = 6
    phrasings = (
        'Block the person who sent me the message "{subject}".',
        'I got a message with the subject "{subject}". Block its sender.',
    )
    plan = (
        "Open the inbox",
        'Open the message "{subject}"',
        "Go to the profile of its sender",
        "Block that person and confirm",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        message = rng.choice(build(world.seed).messages)
        return Draw(
            slots={"subject": message.subject},
            start="/",
            goal=Goal({"board": {"blocked": [message.sender]}}),
            data={"subject": message.subject},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Inbox", "link")
        hand.step(2)
        await hand.click(draw.data["subject"], "link")
        hand.step(3)
        await hand.click(await hand.read(r'From \*?link "(\w+) #'), "link")
        hand.step(4)
        await hand.click("Block")
        await hand.click("Yes")


class AnswerPoll(Template):
    """Vote in a poll, which is embedded in its thread."""

    name = "board/answer-poll"
    kind = "change"
    sites = ("board",)
    length = 5
    phrasings = (
        'Vote "{answer}" in the poll "{title}".',
        'Take part in the poll "{title}": my answer is "{answer}".',
    )
    plan = (
        'Search for the poll "{title}" and open its thread',
        'Choose "{answer}" and vote',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        thread = rng.choice([thread for thread in build(world.seed).threads.values() if thread.kind == "poll"])
        option = rng.choice(thread.options)
        return Draw(
            slots={"answer": option.text, "title": thread.title},
            start="/",
            goal=Goal({"board": {"polls_answered": [{"thread": thread.id, "option": option.text}]}}),
            data={"title": thread.title, "answer": option.text},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click(draw.data["answer"], "radio")
        await hand.click("Vote", "button")


async def _show_top(hand: Hand, draw: Draw) -> None:
    """Open a community, and in the plan's second step its threads with the most votes of a span of time."""
    await open_community(hand, draw.data["community"])
    hand.step(2)
    await hand.click("Top", "link")
    await hand.click(draw.data["span"], "link")
    await refresh(hand)


TEMPLATES: tuple[Template, ...] = (
    UpvoteTop(),
    FollowTopAuthor(),
    SaveThreadsOfPerson(),
    HideByFlair(),
    BlockSender(),
    AnswerPoll(),
)
