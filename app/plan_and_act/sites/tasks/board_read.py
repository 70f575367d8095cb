"""Tasks on board that look something up: a rule, a channel, a poll, a message, threads."""

import random
import re
from collections import Counter

from plan_and_act.sites.board.data import build
from plan_and_act.sites.board.words import CHANNELS, MESSAGES
from plan_and_act.sites.tasks.board_ways import (
    number_after,
    open_community,
    open_person,
    open_thread,
    refresh,
)
from plan_and_act.sites.tasks.goals import Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class RuleByNumber(Template):
    """What a rule of a community says."""

    name = "board/rule-by-number"
    kind = "look_up"
    sites = ("board",)
    length = 5
    phrasings = (
        "What is rule number {number} of the community {community}?",
        "Look up the rules of {community} and tell me the title of rule {number}.",
    )
    plan = (
        "Find the community {community} and open it",
        "Open its rules",
        "Answer with the title of rule {number}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        community = rng.choice([entry for slug, entry in base.communities.items() if slug not in base.joined])
        number = rng.randint(1, len(community.rules))
        titles = [title for title, _ in community.rules]
        right = titles[number - 1]
        return Draw(
            slots={"number": str(number), "community": community.name},
            start="/",
            goal=Goal(answer=Says((right,), tuple(title for title in titles if title != right))),
            data={"community": community.name, "number": number, "titles": titles},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_community(hand, draw.data["community"])
        hand.step(2)
        await hand.click("About and rules")
        rule = await hand.read(rf"\b{draw.data['number']}\. (.+)")
        titles: list[str] = draw.data["titles"]
        hand.step(3)
        return next(title for title in titles if rule.startswith(title))


class VideoChannel(Template):
    """Who made the video of a thread; it stands in the embedded player."""

    name = "board/video-channel"
    kind = "look_up"
    sites = ("board",)
    length = 3
    phrasings = (
        'Which channel made the video in the thread "{title}"?',
        'There is a video in "{title}". Whose channel is it from?',
    )
    plan = (
        'Search for the thread "{title}" and open it',
        "Answer with the channel that its video player names",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        videos = [(thread, thread.video) for thread in build(world.seed).threads.values() if thread.video]
        thread, video = rng.choice(videos)
        return Draw(
            slots={"title": thread.title},
            start="/",
            goal=Goal(answer=Says((video.channel,), tuple(name for name in CHANNELS if name != video.channel))),
            data={"title": thread.title},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        return await hand.read(r"Channel: (.+?) · Length")


class PollLeader(Template):
    """Which answer of a poll leads; the result has to be opened, in the embedded poll."""

    name = "board/poll-leader"
    kind = "look_up"
    sites = ("board",)
    length = 4
    split = "test"
    phrasings = (
        'Which answer is leading in the poll "{title}"? Do not vote yourself.',
        'Without taking part in it: what have most people answered in the poll "{title}"?',
    )
    plan = (
        'Find the thread of the poll "{title}" and open it',
        "See the result of the poll without voting",
        "Answer with the choice that has the most votes",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        thread = rng.choice([thread for thread in build(world.seed).threads.values() if thread.kind == "poll"])
        first, *others = sorted(thread.options, key=lambda option: -option.votes)
        return Draw(
            slots={"title": thread.title},
            start="/",
            goal=Goal(answer=Says((first.text,), tuple(option.text for option in others))),
            data={"title": thread.title, "answers": [option.text for option in thread.options]},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("See the result")
        answers: list[str] = draw.data["answers"]
        votes = {answer: await number_after(hand, re.escape(f"{answer}:")) for answer in answers}
        hand.step(3)
        return max(votes, key=lambda answer: votes[answer])


class NumberInMessage(Template):
    """What a message says; it stands in the message only, not in the list."""

    name = "board/number-in-message"
    kind = "look_up"
    sites = ("board",)
    length = 3
    phrasings = (
        "{sender} has written me a message. What is {what}?",
        "What is {what}? It is in a message from {sender}.",
    )
    plan = (
        "Open the inbox",
        "Read the message from {sender}",
        "Answer with {what}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        message = rng.choice(build(world.seed).messages)
        what = next(what for subject, _, what in MESSAGES if subject == message.subject)
        match = re.search(r"\b\d{3}\b", message.body)
        return Draw(
            slots={"sender": message.sender, "what": what},
            start="/",
            goal=Goal(answer=Number(int(match[0]) if match else 0)),
            data={"subject": message.subject},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("Inbox", "link")
        hand.step(2)
        await hand.click(draw.data["subject"], "link")
        hand.step(3)
        return await hand.read(r"\s(\d{3})\b")


class ThreadsOfPerson(Template):
    """How many threads somebody has in one community; the list of a profile may lack the newest."""

    name = "board/threads-of-person"
    kind = "look_up"
    sites = ("board",)
    length = 3
    phrasings = (
        "How many threads has {person} posted in {community}?",
        "Count the threads that {person} has begun in the community {community}.",
    )
    plan = (
        "Search for {person} and open the profile",
        "Count the threads there that are in {community} and answer with that number",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        totals = Counter(thread.author for thread in base.threads.values())
        pairs = Counter((thread.author, thread.community) for thread in base.threads.values())
        fitting = [
            (author, slug, count)
            for (author, slug), count in pairs.items()
            if 1 < count < totals[author] <= 8 and author != base.persona and slug not in base.joined
        ]
        author, slug, count = rng.choice(fitting)
        name = base.communities[slug].name
        return Draw(
            slots={"person": author, "community": name},
            start="/",
            goal=Goal(answer=Number(count)),
            data={"person": author, "community": name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_person(hand, draw.data["person"])
        hand.step(2)
        await refresh(hand)
        return str(len(re.findall(rf'link "{draw.data["community"]} #\d+"', await hand.text())))


TEMPLATES: tuple[Template, ...] = (
    RuleByNumber(),
    VideoChannel(),
    PollLeader(),
    NumberInMessage(),
    ThreadsOfPerson(),
)
