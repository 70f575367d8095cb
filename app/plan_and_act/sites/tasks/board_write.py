"""Tasks on board that write something: threads, comments, messages, settings."""

import random

from plan_and_act.sites.board.data import build, closed_communities
from plan_and_act.sites.board.settings import DEFAULTS, DIGESTS, SWITCHES
from plan_and_act.sites.board.words import REASONS
from plan_and_act.sites.tasks.board_ways import open_community, open_person, open_thread
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World

_THREADS = (
    ("A thank-you to everybody here", "You have taught me more in a month than a shelf of books."),
    ("My plan for the long weekend", "Three days, no telephone, and a list with only two things on it."),
    ("Looking for an old friend's recommendation", "Years ago somebody named a small shop by the river. Which one?"),
    ("What I would do differently", "Start later, stop earlier, and ask before buying anything."),
    ("Swap meeting at the town hall", "Bring what you do not need, take what you do. Doors open at ten."),
    ("A question before I begin", "How long does it take until the first result can be seen?"),
)  # fmt: skip
_POLLS = (
    ("When shall we meet in June?", ("First weekend", "Second weekend", "Last weekend")),
    ("Which day suits you best?", ("Tuesday", "Thursday", "Sunday")),
    ("How did you find this community?", ("By chance", "A friend told me", "Through the search")),
    ("What should the next challenge be?", ("Something small", "Something cheap", "Something together")),
)
_REPLIES = (
    "Thank you, that helps me a lot.", "I had the very same thing happen last week.", "Could you tell us more?",
    "That is good advice, I will try it on Saturday.", "I see it a little differently, but I like your idea.",
    "You have convinced me.",
)  # fmt: skip
_MAILS = (
    ("Your last thread", "I enjoyed it very much. May I quote it in our newsletter?"),
    ("A small favour", "Could you send me the list that you mentioned?"),
    ("Visiting in July", "We will be in your town in the second week of July. Coffee?"),
    ("Thank you", "Your answer saved me a whole evening."),
)


class PostThread(Template):
    """Begin a text thread with a flair in one of one's communities."""

    name = "board/post-thread"
    kind = "change"
    sites = ("board",)
    length = 7
    phrasings = (
        'Post a text thread in {community} with the title "{title}", the text "{body}" and the flair {flair}.',
        'Start a thread in {community}. Title: "{title}". Text: "{body}". Choose {flair} as its flair.',
    )
    plan = (
        "Create a post in the community {community}",
        'Fill in the title "{title}" and the text',
        "Choose the flair {flair}",
        "Publish the thread",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        community = base.communities[rng.choice(sorted(base.joined))]
        title, body = rng.choice(_THREADS)
        slots = {"community": community.name, "title": title, "body": body, "flair": rng.choice(community.flairs)}
        made = {"community": community.slug, "kind": "text", "title": Like(title), "body": Like(body)}
        made |= {"flair": slots["flair"], "attachments": []}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"threads_created": [made]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Create post")
        await hand.select("Community", draw.data["community"])
        hand.step(2)
        await hand.type("Title", draw.data["title"])
        await hand.type("Text", draw.data["body"], "textbox")
        hand.step(3)
        await hand.select("Flair", draw.data["flair"])
        hand.step(4)
        await hand.click("Publish")


class JoinAndPostPoll(Template):
    """Join a community and begin a poll with three answers there."""

    name = "board/join-and-post-poll"
    kind = "change"
    sites = ("board",)
    length = 14
    phrasings = (
        'Join {community} and post a poll there: "{title}", with the answers "{one}", "{two}" and "{three}" and the '
        "flair {flair}.",
        'Become a member of {community}, then ask the people there in a poll: "{title}" The answers are "{one}", '
        '"{two}" and "{three}". Give it the flair {flair}.',
    )
    plan = (
        "Open the community {community} and join it",
        'Create a post there, a poll with the title "{title}"',
        'Enter the answers "{one}", "{two}" and "{three}"',
        "Choose the flair {flair} and publish the poll",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        closed = closed_communities(world.seed, world.disturbances)
        community = rng.choice([entry for slug, entry in base.communities.items() if slug not in base.joined | closed])
        title, (one, two, three) = rng.choice(_POLLS)
        flair = rng.choice(community.flairs)
        slots = {"community": community.name, "title": title, "one": one, "two": two, "three": three, "flair": flair}
        made = {"community": community.slug, "kind": "poll", "title": Like(title), "flair": flair}
        made |= {"options": [Like(one), Like(two), Like(three)]}
        goal = Goal({"board": {"joined": [community.slug], "threads_created": [made]}})
        return Draw(slots=slots, start="/", goal=goal, data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_community(hand, draw.data["community"])
        await hand.click("Join")
        hand.step(2)
        await hand.click("Create post")
        await hand.click("Poll", "tab")
        await hand.type("Title", draw.data["title"])
        hand.step(3)
        await hand.type("Answer 1", draw.data["one"])
        await hand.type("Answer 2", draw.data["two"])
        await hand.click("Add an answer")
        await hand.type("Answer 3", draw.data["three"])
        hand.step(4)
        await hand.select("Flair", draw.data["flair"])
        await hand.click("Publish")


class ReplyToPerson(Template):
    """Answer somebody's comment on a thread."""

    name = "board/reply-to-person"
    kind = "change"
    sites = ("board",)
    length = 6
    phrasings = (
        'Reply "{text}" to the comment of {person} on the thread "{title}".',
        '{person} has commented on "{title}". Answer that comment with: "{text}"',
    )
    plan = (
        'Find the thread "{title}" and open it',
        "Reply to the comment of {person}",
        'Write "{text}" and send it',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        fitting = [
            (thread, comment)
            for thread in base.threads.values()
            if not thread.locked and sum(comment.parent is None for comment in thread.comments) <= 8
            for comment in thread.comments
            if comment.parent is None and comment.author != base.persona
        ]
        thread, comment = rng.choice(fitting)
        words = rng.choice(_REPLIES)
        added = {"thread": thread.id, "parent": comment.id, "body": Like(words)}
        slots = {"text": words, "person": comment.author, "title": thread.title}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"comments_added": [added]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Reply", near=f"Collapse comment by {draw.data['person']} #")
        hand.step(3)
        await hand.type("Your reply", draw.data["text"])
        await hand.click("Send reply")


class EditComment(Template):
    """Change one's own comment."""

    name = "board/edit-comment"
    kind = "change"
    sites = ("board",)
    length = 8
    phrasings = (
        'Change my comment on the thread "{title}" to: "{text}"',
        'Edit what I wrote under "{title}", so that it says "{text}" and nothing else.',
    )
    plan = (
        "Open your profile and the comments you have written",
        'Go to your comment on "{title}" and edit it',
        'Change it to "{text}" and save',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        mine = [(t, entry) for t in base.threads.values() for entry in t.comments if entry.author == base.persona]
        thread, comment = rng.choice(mine)
        words = rng.choice(_REPLIES)
        return Draw(
            slots={"title": thread.title, "text": words},
            start="/",
            goal=Goal({"board": {"comments_edited": [{"id": comment.id, "body": Like(words)}]}}),
            data={"title": thread.title, "text": words, "me": base.persona},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Your account")
        await hand.click("Your profile")
        await hand.click("Comments", "link")
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        await hand.click("Edit", "link", near=f"Collapse comment by {draw.data['me']} #")
        hand.step(3)
        await hand.type("Text", draw.data["text"])
        await hand.click("Save changes")


class DeleteThread(Template):
    """Delete one's own thread, which the site asks to confirm."""

    name = "board/delete-thread"
    kind = "change"
    sites = ("board",)
    length = 5
    phrasings = (
        'Delete my thread "{title}".',
        'I regret having posted "{title}". Please delete it.',
    )
    plan = (
        'Search for your thread "{title}" and open it',
        "Delete the thread and confirm",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        thread = rng.choice([thread for thread in base.threads.values() if thread.author == base.persona])
        return Draw(
            slots={"title": thread.title},
            start="/",
            goal=Goal({"board": {"threads_deleted": [thread.id]}}),
            data={"title": thread.title},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Delete thread")
        await hand.click("Yes")


class SendMessage(Template):
    """Write a message to somebody."""

    name = "board/send-message"
    kind = "change"
    sites = ("board",)
    length = 7
    split = "validation"
    phrasings = (
        'Send {person} a message with the subject "{subject}" and the text "{text}"',
        'Write to {person}. Subject: "{subject}". Message: "{text}"',
    )
    plan = (
        "Search for {person} and open the profile",
        'Write a message with the subject "{subject}"',
        'Enter "{text}" and send it',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        person = rng.choice([name for name in base.people if name != base.persona])
        subject, words = rng.choice(_MAILS)
        sent = {"to": person, "subject": Like(subject), "body": Like(words)}
        slots = {"person": person, "subject": subject, "text": words}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"messages_sent": [sent]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_person(hand, draw.data["person"])
        hand.step(2)
        await hand.click("Write a message", "link")
        await hand.type("Subject", draw.data["subject"])
        hand.step(3)
        await hand.type("Message", draw.data["text"])
        await hand.click("Send it")


class ReportComment(Template):
    """Report somebody's comment to the moderators."""

    name = "board/report-comment"
    kind = "change"
    sites = ("board",)
    length = 6
    split = "test"
    phrasings = (
        'Report the comment of {person} on "{title}" to the moderators. The reason is: {reason}.',
        'The comment that {person} left under "{title}" should be reported ("{reason}").',
    )
    plan = (
        'Open the thread "{title}"',
        "Report the comment of {person}",
        'Choose the reason "{reason}" and send the report to the moderators',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        fitting = [
            (thread, comment)
            for thread in base.threads.values()
            if sum(comment.parent is None for comment in thread.comments) <= 8
            for comment in thread.comments
            if comment.parent is None and comment.author != base.persona
        ]
        thread, comment = rng.choice(fitting)
        slots = {"person": comment.author, "title": thread.title, "reason": rng.choice(REASONS)}
        said = {"target": comment.target, "reason": slots["reason"]}
        return Draw(slots=slots, start="/", goal=Goal({"board": {"reported": [said]}}), data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_thread(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Report comment", near=f"Collapse comment by {draw.data['person']} #")
        hand.step(3)
        await hand.click(draw.data["reason"], "radio")
        await hand.click("Send to the moderators")


class SetAlerts(Template):
    """Turn two switches and change how often a digest comes."""

    name = "board/set-alerts"
    kind = "change"
    sites = ("board",)
    length = 8
    phrasings = (
        'In my settings, turn off the alert "{off}", turn on "{on}", and let the email digest come: {digest}.',
        'I want no alerts for "{off}" any more, but alerts for "{on}". Set the email digest to "{digest}".',
    )
    plan = (
        "Open the settings of your account, the part about alerts and emails",
        'Turn off "{off}" and turn on "{on}"',
        'Set the email digest to "{digest}" and save',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        switches = SWITCHES["notifications"]
        off = rng.choice([name for name, (_, on) in switches.items() if on])
        on = rng.choice([name for name, (_, on) in switches.items() if not on])
        digest = rng.choice([name for name in DIGESTS if name != DEFAULTS["digest"]])
        slots = {"off": switches[off][0], "on": switches[on][0], "digest": digest}
        goal = Goal({"board": {"settings": dict.fromkeys(DEFAULTS) | {off: False, on: True, "digest": digest}}})
        return Draw(slots=slots, start="/", goal=goal, data=slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Your account")
        await hand.click("Settings")
        await hand.click("Alerts and emails")
        hand.step(2)
        await hand.click(draw.data["off"], "switch")
        await hand.click(draw.data["on"], "switch")
        hand.step(3)
        await hand.select("Email digest", draw.data["digest"])
        await hand.click("Save changes")


TEMPLATES: tuple[Template, ...] = (
    PostThread(),
    JoinAndPostPoll(),
    ReplyToPerson(),
    EditComment(),
    DeleteThread(),
    SendMessage(),
    ReportComment(),
    SetAlerts(),
)
