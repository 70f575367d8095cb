"""Tasks on board for a moderator, and tasks that cannot be done."""

import random

from plan_and_act.sites.board.data import build
from plan_and_act.sites.board.model import Thread
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.words import BAN_LENGTHS, REASONS, TITLES
from plan_and_act.sites.tasks.board_ways import open_community, open_thread
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World

_IMPOSSIBLE = Goal(impossible=True)


class RemoveReported(Template):
    """Take a reported thread out, with a reason."""

    name = "board/remove-reported"
    kind = "change"
    sites = ("board",)
    length = 6
    phrasings = (
        'In the mod queue of {community}, remove the reported thread "{title}". The reason is: {reason}.',
        'The thread "{title}" was reported in {community}, which I moderate. Remove it from the queue as "{reason}".',
    )
    plan = (
        "Go to Moderation and open the queue of {community}",
        'Remove the thread "{title}"',
        'Give "{reason}" as the reason and confirm',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base, state = build(world.seed), State.fresh(build(world.seed))
        slug = rng.choice(base.moderated)
        items = [state.item(report.target) for report in base.reports[slug]]
        thread = rng.choice([item for item in items if isinstance(item, Thread)])
        slots = {"community": base.communities[slug].name, "title": thread.title, "reason": rng.choice(REASONS)}
        removed = {"target": thread.target, "reason": slots["reason"]}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"removed": [removed]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Moderation", "link")
        await hand.click(f"Queue of {draw.data['community']}")
        hand.step(2)
        await hand.click("Remove", near=draw.data["title"])
        hand.step(3)
        await hand.select("Reason for removal", draw.data["reason"])
        await hand.click("Confirm removal")


class ClearQueue(Template):
    """Decide on everything in a queue: two reasons are ground for removal, all else stays."""

    name = "board/clear-queue"
    kind = "change"
    sites = ("board",)
    length = 12
    split = "test"
    phrasings = (
        'Go through the mod queue of {community}: remove what was reported as "{one}" or "{two}", for that same '
        "reason, and approve all the rest.",
        'Empty the mod queue of {community}. Whatever people reported as "{one}" or as "{two}" is to be removed with '
        "that reason; everything else is to be approved.",
    )
    plan = (
        "Go to Moderation and open the queue of {community}",
        'Remove the first entry if it is reported as "{one}" or "{two}", else approve it',
        "Do the same with all that follow, until the queue is empty",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base, state = build(world.seed), State.fresh(build(world.seed))
        slug = rng.choice(base.moderated)
        reports = base.reports[slug]
        given = sorted({report.reason for report in reports})
        one = rng.choice(given)
        two = rng.choice([reason for reason in REASONS if reason != one])
        gone = [report for report in reports if report.reason in (one, two)]
        steps = []
        for report in reports:
            item = state.item(report.target)
            if item:
                near = item.title if isinstance(item, Thread) else item.body
                steps.append((near, report.reason if report in gone else None))
        return Draw(
            slots={"community": base.communities[slug].name, "one": one, "two": two},
            start="/",
            goal=Goal(
                {
                    "board": {
                        "removed": [{"target": report.target, "reason": report.reason} for report in gone],
                        "approved": [report.target for report in reports if report not in gone],
                    }
                }
            ),
            data={"community": base.communities[slug].name, "steps": steps},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Moderation", "link")
        await hand.click(f"Queue of {draw.data['community']}")
        hand.step(2)
        for near, reason in draw.data["steps"]:
            if reason is None:
                await hand.click("Approve", near=near)
            else:
                await hand.click("Remove", near=near)
                await hand.select("Reason for removal", reason)
                await hand.click("Confirm removal")
            hand.step(3)


class LockAndPin(Template):
    """Lock one thread and pin another one."""

    name = "board/lock-and-pin"
    kind = "change"
    sites = ("board",)
    length = 7
    phrasings = (
        'I moderate {community}. Lock the thread "{locked}" there, and pin "{pinned}".',
        'In {community}, end the discussion of "{locked}" by locking it, and pin the thread "{pinned}" to the top.',
    )
    plan = (
        'Find the thread "{locked}" and lock it',
        'Find the thread "{pinned}" and pin it',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        slug = rng.choice(base.moderated)
        fitting = [t for t in base.threads.values() if t.community == slug and not t.locked and not t.pinned]
        locked, pinned = rng.sample(fitting, 2)
        slots = {"community": base.communities[slug].name, "locked": locked.title, "pinned": pinned.title}
        goal = Goal({"board": {"locked": [locked.id], "pinned": [pinned.id]}})
        return Draw(slots=slots, start="/", goal=goal, data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["locked"])
        await hand.click("Lock thread")
        hand.step(2)
        await open_thread(hand, draw.data["pinned"])
        await hand.click("Pin thread")


class BanAuthor(Template):
    """Ban the author of a thread."""

    name = "board/ban-author"
    kind = "change"
    sites = ("board",)
    length = 7
    phrasings = (
        'Ban the author of "{title}" from {community}. Reason: {reason}. How long: {length}.',
        'Whoever wrote "{title}" is to be banned from {community} ({length}, because of "{reason}").',
    )
    plan = (
        'Find the thread "{title}" and open it',
        "Begin to ban its author from {community}",
        'Choose the reason "{reason}" and the length {length}, then ban',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        slug = rng.choice(base.moderated)
        safe = {*base.communities[slug].moderators, *(ban.username for ban in base.bans[slug])}
        thread = rng.choice([t for t in base.threads.values() if t.community == slug and t.author not in safe])
        days = rng.choice([days for days in BAN_LENGTHS if days != "7"])
        slots = {
            "title": thread.title,
            "community": base.communities[slug].name,
            "reason": rng.choice(REASONS),
            "length": BAN_LENGTHS[days],
        }
        banned = {"community": slug, "username": thread.author, "reason": slots["reason"], "days": int(days)}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"banned": [banned]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Ban the author")
        hand.step(3)
        await hand.select("Reason", draw.data["reason"])
        await hand.select("How long", draw.data["length"])
        await hand.click("Ban")


class BanModerator(Template):
    """Ban another moderator, which the site refuses."""

    name = "board/ban-moderator"
    kind = "impossible"
    sites = ("board",)
    length = 6
    phrasings = (
        "Ban {person} from {community}. Reason: {reason}.",
        'Keep {person} out of {community} with a ban (reason: "{reason}").',
    )
    plan = (
        "Go to Moderation and open the bans of {community}",
        'Ban {person} for the reason "{reason}"',
        "Give up if the site refuses the ban",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        slug = rng.choice(base.moderated)
        person = rng.choice([name for name in base.communities[slug].moderators if name != base.persona])
        slots = {"person": person, "community": base.communities[slug].name, "reason": rng.choice(REASONS)}
        return Draw(slots=slots, start="/", goal=_IMPOSSIBLE, data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Moderation", "link")
        await hand.click(f"Bans in {draw.data['community']}")
        hand.step(2)
        await hand.type("Person", draw.data["person"])
        await hand.select("Reason", draw.data["reason"])
        await hand.click("Ban")
        hand.step(3)


class UpvoteMissing(Template):
    """Vote for a thread that does not exist."""

    name = "board/upvote-missing"
    kind = "impossible"
    sites = ("board",)
    length = 5
    phrasings = (
        'Upvote the thread "{title}" in {community}.',
        'There is a thread called "{title}" in {community}. Give it my upvote.',
    )
    plan = (
        'Search for the thread "{title}"',
        "If it is not found, look for it in the community {community}",
        "Upvote it, or give up if there is no such thread",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        known = {thread.title for thread in base.threads.values()}
        community = rng.choice(sorted(base.communities.values(), key=lambda entry: entry.slug))
        things = sorted({t.title.rpartition(" ")[2] for t in base.threads.values() if t.community == community.slug})
        titles = [title.format(thing=thing) for title, _ in TITLES for thing in things]
        title = rng.choice([title for title in titles if title not in known])
        return Draw(
            slots={"title": title, "community": community.name},
            start="/",
            goal=_IMPOSSIBLE,
            data={"title": title, "community": community.name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.type("Search Commonplace", draw.data["title"], submit=True)
        hand.step(2)
        await open_community(hand, draw.data["community"])
        hand.step(3)


class ReplyInLocked(Template):
    """Comment on a thread that is locked."""

    name = "board/comment-on-locked"
    kind = "impossible"
    sites = ("board",)
    length = 3
    split = "test"
    phrasings = (
        'Comment on the thread "{title}": "I have the same question."',
        'Write "I have the same question." under the thread "{title}".',
    )
    plan = (
        'Find the thread "{title}" and open it',
        'Post the comment "I have the same question.", or give up if the thread takes no comments',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        locked = [t for t in base.threads.values() if t.locked and t.community not in base.moderated]
        thread = rng.choice(locked)
        return Draw(slots={"title": thread.title}, start="/", goal=_IMPOSSIBLE, data={"title": thread.title})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)


class JoinClosed(Template):
    """Join a community that takes new members by invitation only."""

    name = "board/join-closed"
    kind = "impossible"
    sites = ("board",)
    length = 4
    split = "validation"
    phrasings = (
        "Join the community {community}.",
        "Please sign me up as a member of {community}.",
    )
    plan = (
        "Find the community {community} and open it",
        "Join it, or give up if it cannot be joined",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        community = rng.choice([entry for entry in base.communities.values() if entry.invite_only])
        name = community.name
        return Draw(slots={"community": name}, start="/", goal=_IMPOSSIBLE, data={"community": name})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_community(hand, draw.data["community"])
        hand.step(2)


TEMPLATES: tuple[Template, ...] = (
    RemoveReported(),
    ClearQueue(),
    LockAndPin(),
    BanAuthor(),
    BanModerator(),
    UpvoteMissing(),
    ReplyInLocked(),
    JoinClosed(),
)
