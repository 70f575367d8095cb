"""Tasks on board that count and compare: comments, members, karma."""

import random

from plan_and_act.sites.board.data import build
from plan_and_act.sites.board.ranking import tree
from plan_and_act.sites.board.state import State
from plan_and_act.sites.tasks.board_ways import (
    members_by_topic,
    number_after,
    number_before,
    open_person,
    open_thread,
)
from plan_and_act.sites.tasks.goals import Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class CommentCount(Template):
    """How many comments a thread has; lists may tell an older count."""

    name = "board/comment-count"
    kind = "look_up"
    sites = ("board",)
    length = 3
    phrasings = (
        'How many comments does the thread "{title}" in {community} have?',
        'Tell me the number of comments on "{title}" ({community}).',
    )
    plan = (
        'Search for the thread "{title}" and open it',
        "Answer with the number of its comments",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        thread = rng.choice([thread for thread in base.threads.values() if len(thread.comments) > 4])
        return Draw(
            slots={"title": thread.title, "community": base.communities[thread.community].name},
            start="/",
            goal=Goal(answer=Number(len(thread.shown))),
            data={"title": thread.title},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        return str(await number_before(hand, "comments"))


class TopCommenter(Template):
    """Who wrote the comment with the most votes; it is not the first one in the order that the page begins with."""

    name = "board/top-commenter"
    kind = "look_up"
    sites = ("board",)
    length = 4
    phrasings = (
        'Who wrote the comment with the most votes on the thread "{title}"?',
        'In the thread "{title}", whose comment is rated highest? Give me the name.',
    )
    plan = (
        'Find the thread "{title}" and open it',
        "Order its comments by votes, the top ones first",
        "Answer with the name of who wrote the first comment",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        state = State.fresh(build(world.seed))
        fitting = []
        for thread in state.threads():
            if len(thread.shown) > 3:
                top = max(thread.shown, key=state.score)
                if top.parent is None and tree(state, thread, "best")[0].comment != top:
                    fitting.append((thread, top))
        thread, top = rng.choice(fitting)
        others = {comment.author for comment in thread.shown} | {thread.author}
        return Draw(
            slots={"title": thread.title},
            start="/",
            goal=Goal(answer=Says((top.author,), tuple(sorted(others - {top.author})))),
            data={"title": thread.title},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Top", "link")
        hand.step(3)
        return await hand.read(r"Collapse comment by (\w+)")


class BiggestCommunity(Template):
    """Which community of a topic has the most members now."""

    name = "board/biggest-community"
    kind = "compare"
    sites = ("board",)
    length = 5
    phrasings = (
        "Which community on the topic {topic} has the most members?",
        "Of all communities about {topic}, which one is the largest by members?",
    )
    plan = (
        "Open the list of communities",
        "Show those on the topic {topic}, the most members first",
        "Answer with the name of the first community",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        topic = rng.choice(sorted({entry.topic for entry in base.communities.values()}))
        sizes = {entry.name: entry.members for entry in base.communities.values() if entry.topic == topic}
        largest = max(sizes, key=lambda name: sizes[name])
        return Draw(
            slots={"topic": topic},
            start="/",
            goal=Goal(answer=Says((largest,), tuple(name for name in sizes if name != largest))),
            data={"topic": topic, "names": list(sizes)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("Communities", "link")
        hand.step(2)
        sizes = await members_by_topic(hand, draw.data["topic"], draw.data["names"])
        hand.step(3)
        return max(sizes, key=lambda name: sizes[name])


class CompareKarma(Template):
    """Which of two people has more karma of one kind."""

    name = "board/compare-karma"
    kind = "compare"
    sites = ("board",)
    length = 5
    phrasings = (
        "Who has more {kind} karma, {one} or {two}?",
        "Compare the {kind} karma of {one} and {two}: which of them has more?",
    )
    plan = (
        "Look up the {kind} karma on the profile of {one}",
        "Look up the {kind} karma on the profile of {two}",
        "Answer with the name of the person who has more",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        one, two = rng.sample([person for person in base.people.values() if person.username != base.persona], 2)
        kind = rng.choice(("post", "comment"))
        more, less = sorted((one, two), key=lambda person: -getattr(person, f"{kind}_karma"))
        return Draw(
            slots={"kind": kind, "one": one.username, "two": two.username},
            start="/",
            goal=Goal(answer=Says((more.username,), (less.username,))),
            data={"names": [one.username, two.username], "words": f"{kind.capitalize()} karma"},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        karma: dict[str, int] = {}
        for number, name in enumerate(draw.data["names"], 1):
            hand.step(number)
            await open_person(hand, name)
            karma[name] = await number_after(hand, draw.data["words"])
            await hand.note(f"{draw.data['words']} of {name}", f"{karma[name]:,}")
        hand.step(3)
        return max(karma, key=lambda name: karma[name])


class CompareThreads(Template):
    """Which of two threads has more votes now."""

    name = "board/compare-threads"
    kind = "compare"
    sites = ("board",)
    length = 5
    split = "validation"
    phrasings = (
        'Which thread has more votes, "{one}" or "{two}"?',
        'I would like to know which of these two threads is voted higher: "{one}" or "{two}".',
    )
    plan = (
        'Open the thread "{one}" and note its votes',
        'Open the thread "{two}" and note its votes',
        "Answer with the title of the thread that has more",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        threads = [thread for thread in build(world.seed).threads.values() if thread.kind == "text"]
        one, two = rng.sample(threads, 2)
        while one.score == two.score:
            two = rng.choice(threads)
        more, less = sorted((one, two), key=lambda thread: -thread.score)
        return Draw(
            slots={"one": one.title, "two": two.title},
            start="/",
            goal=Goal(answer=Says((more.title,), (less.title,))),
            data={"titles": [one.title, two.title]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        votes: dict[str, int] = {}
        for number, title in enumerate(draw.data["titles"], 1):
            hand.step(number)
            await open_thread(hand, title)
            votes[title] = await number_before(hand, "votes")
            await hand.note(f'Votes of "{title}"', f"{votes[title]:,}")
        hand.step(3)
        return max(votes, key=lambda title: votes[title])


TEMPLATES: tuple[Template, ...] = (
    CommentCount(),
    TopCommenter(),
    BiggestCommunity(),
    CompareKarma(),
    CompareThreads(),
)
