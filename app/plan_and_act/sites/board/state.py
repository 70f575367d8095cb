"""What one session has changed: an overlay over the seeded base, which stays as it is.

A session costs a few empty dictionaries until somebody changes something; a reset is a new overlay.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from plan_and_act.sites.board.data import closed_communities
from plan_and_act.sites.board.model import (
    Attachment,
    Ban,
    Base,
    Comment,
    Message,
    Option,
    Person,
    Report,
    Target,
    Thread,
    ThreadKind,
)
from plan_and_act.sites.board.settings import DEFAULTS
from plan_and_act.sites.board.told import told
from plan_and_act.sites.sessions import Effect, Visit

Flag = Literal["member", "saved", "hidden", "follow", "block"]
VERBS: Final[dict[Flag, tuple[str, str]]] = {
    "member": ("join", "leave"),
    "saved": ("save", "unsave"),
    "hidden": ("hide", "unhide"),
    "follow": ("follow", "unfollow"),
    "block": ("block", "unblock"),
}
"""What setting and taking back a flag is called in the log."""


@dataclass(slots=True)
class State:
    """The board as one session sees it.

    Every method that changes something returns whether it did (or what it made), and then adds one entry to `log`.
    """

    base: Base
    viewer: str | None = None
    log: list[Effect] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    flags: dict[tuple[Flag, str], bool] = field(default_factory=dict)
    votes: dict[Target, int] = field(default_factory=dict)
    polls: dict[int, int] = field(default_factory=dict)
    """The viewer's answer by thread."""
    changed: dict[int, Thread] = field(default_factory=dict)
    """Threads that are new or not as they were."""
    reported: dict[Target, str] = field(default_factory=dict)
    judged: dict[Target, str] = field(default_factory=dict)
    """What the viewer has decided as a moderator: the reason of a removal, or nothing for an approval."""
    bans: dict[tuple[str, str], Ban | None] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    """Messages that are gone."""
    read: dict[int, bool] = field(default_factory=dict)
    """Whether a message counts as unread, where that has changed."""
    notices_read: bool = False
    settings: dict[str, str | bool] = field(default_factory=dict)

    @classmethod
    def fresh(cls, base: Base) -> "State":
        """The untouched site, signed in as the persona."""
        return cls(base, viewer=base.persona)

    # reading

    @property
    def me(self) -> Person | None:
        """The person who is signed in."""
        return self.person(self.viewer) if self.viewer else None

    @property
    def now(self) -> datetime:
        """The site's clock: it moves on by a minute with every change."""
        return self.base.now + timedelta(minutes=len(self.log))

    def person(self, username: str) -> Person | None:
        """An account, or None."""
        person = self.base.people.get(username)
        about = self.settings.get("about")
        return replace(person, about=about) if person and username == self.viewer and isinstance(about, str) else person

    def has(self, flag: Flag, name: str) -> bool:
        """Whether the viewer is a member of a community, has saved or hidden a thing, follows or blocks a person."""
        return self.flags.get((flag, name), name in self._at_first(flag))

    def members(self, slug: str) -> int:
        """How many members a community has."""
        return self.base.communities[slug].members + self.has("member", slug) - (slug in self._at_first("member"))

    def moderates(self, slug: str) -> bool:
        """Whether the viewer is a moderator of a community."""
        return self.viewer is not None and self.viewer in self.base.communities[slug].moderators

    def by_invitation(self, slug: str) -> bool:
        """Whether a community takes no new members but by invitation."""
        return slug in closed_communities(self.base.seed, self.visit.disturbances)

    def thread(self, number: int) -> Thread | None:
        """A thread, or None; one that was deleted is none."""
        thread = self.changed.get(number) or self.base.threads.get(number)
        return None if thread is None or thread.gone == "deleted" else thread

    def threads(self) -> list[Thread]:
        """Every thread that is there for readers, from old to new."""
        merged = {**self.base.threads, **self.changed}
        return [thread for thread in merged.values() if not thread.gone]

    def vote(self, target: Target) -> int:
        """The viewer's vote: 1, -1 or 0."""
        first = self.base.votes.get(target, 0) if self.viewer == self.base.persona else 0
        return self.votes.get(target, first)

    def score(self, item: Thread | Comment) -> int:
        """Votes for it less votes against it."""
        first = self.base.votes.get(item.target, 0)
        return item.score + self.votes.get(item.target, first) - first

    def answers(self, thread: Thread) -> list[Option]:
        """A poll's answers with their votes, the viewer's included."""
        mine = self.polls.get(thread.id)
        return [replace(option, votes=option.votes + (i == mine)) for i, option in enumerate(thread.options)]

    def queue(self, slug: str) -> list[Report]:
        """What waits for a moderator's decision."""
        return [report for report in self.base.reports.get(slug, ()) if report.target not in self.judged]

    def item(self, target: Target) -> Thread | Comment | None:
        """The thread or comment with a name, or None."""
        kind, _, number = target.partition(":")
        if not (number.isascii() and number.isdigit()) or len(number) > 12:
            return None
        if kind == "thread":
            return self.thread(int(number))
        thread = self.thread(int(number) // 100) if kind == "comment" else None
        return next((comment for comment in thread.comments if comment.id == int(number)), None) if thread else None

    def thread_of(self, target: Target) -> Thread | None:
        """The thread that a target is or belongs to."""
        item = self.item(target)
        return self.thread(item.id // 100) if isinstance(item, Comment) else item

    def banned(self, slug: str) -> list[Ban]:
        """Who may not take part in a community, ordered by name."""
        found: dict[str, Ban | None] = {ban.username: ban for ban in self.base.bans.get(slug, ())}
        found |= {name: ban for (community, name), ban in self.bans.items() if community == slug}
        return sorted((ban for ban in found.values() if ban), key=lambda ban: ban.username)

    def received(self) -> list[Message]:
        """The viewer's messages, newest first."""
        mine = [message for message in self.base.messages if message.to == self.viewer]
        return [message for message in mine if message.id not in self.deleted]

    def unread(self, message: Message) -> bool:
        """Whether a message has not been opened yet."""
        return self.read.get(message.id, message.id in self.base.unread)

    def setting(self, name: str) -> str | bool:
        """The value of a setting."""
        first = self.base.people[self.base.persona].about if name == "about" else DEFAULTS[name]
        return self.settings.get(name, first)

    # changing

    def sign_in(self, username: str, password: str) -> bool:
        """Sign in with a password; only the persona has one."""
        if (username, password) != (self.base.persona, self.base.password) or self.viewer == username:
            return False
        self.viewer = username
        return self._did("sign_in", username)

    def sign_out(self) -> bool:
        """Sign out."""
        if self.viewer is None:
            return False
        self._did("sign_out", self.viewer)
        self.viewer = None
        return True

    def enter(self, username: str | None) -> None:
        """Let the session begin as somebody, or signed out; part of setting up, so it is no effect.

        Raises:
            ValueError: When there is no such account.
        """
        if username is not None and username not in self.base.people:
            msg = f"there is no account {username!r}"
            raise ValueError(msg)
        self.viewer = username

    def mark(self, flag: Flag, name: str, on: bool) -> bool:
        """Set or take back a flag, see `has`; nobody follows or blocks themselves, and closed communities stay so."""
        refused = name == self.viewer or (flag == "member" and on and self.by_invitation(name))
        if refused or self.has(flag, name) == on:
            return False
        self.flags[flag, name] = on
        return self._did(VERBS[flag][not on], name)

    def cast(self, target: Target, value: int) -> bool:
        """Vote for (1) or against (-1) something, or take the vote back (0)."""
        if self.vote(target) == value:
            return False
        self.votes[target] = value
        return self._did("vote", target)

    def answer(self, thread: Thread, option: int) -> bool:
        """Answer a poll; an answer stays."""
        if thread.id in self.polls or not 0 <= option < len(thread.options):
            return False
        self.polls[thread.id] = option
        return self._did("answer_poll", thread.target)

    def report(self, target: Target, reason: str) -> bool:
        """Complain about something, once."""
        if target in self.reported:
            return False
        self.reported[target] = reason
        return self._did("report", target)

    def create_thread(
        self, community: str, kind: ThreadKind, title: str, *,
        body: str = "", link: str = "", options: Iterable[str] = (), flair: str = "",
        attachments: Iterable[Attachment] = (),
    ) -> Thread:  # fmt: skip
        """Begin a thread."""
        number = max([*self.base.threads, *self.changed]) + 1
        thread = Thread(
            number, community, kind, title, body, self._me, self.now, 1, flair=flair, link=link,
            options=tuple(Option(text, 0) for text in options), attachments=tuple(attachments),
        )  # fmt: skip
        self.changed[number] = thread
        self._did("create_thread", thread.target)
        return thread

    def edit_thread(self, thread: Thread, body: str) -> bool:
        """Change the text of one's own thread."""
        return self._replace("edit_thread", thread, replace(thread, body=body, edited=True), same=body == thread.body)

    def delete_thread(self, thread: Thread) -> bool:
        """Delete one's own thread."""
        return self._replace("delete_thread", thread, replace(thread, gone="deleted"))

    def comment(self, thread: Thread, parent: int | None, body: str) -> Comment:
        """Comment on a thread, or answer a comment."""
        number = max([thread.id * 100, *(comment.id for comment in thread.comments)]) + 1
        comment = Comment(number, parent, self._me, body, self.now, 1)
        self._replace("comment", thread, replace(thread, comments=(*thread.comments, comment)))
        return comment

    def edit_comment(self, thread: Thread, comment: Comment, body: str) -> bool:
        """Change the text of one's own comment."""
        changed = replace(comment, body=body, edited=True)
        return self._exchange("edit_comment", thread, changed, same=body == comment.body)

    def delete_comment(self, thread: Thread, comment: Comment) -> bool:
        """Delete one's own comment; answers to it stay."""
        return self._exchange("delete_comment", thread, replace(comment, gone="deleted"))

    def approve(self, target: Target) -> bool:
        """Decide as a moderator that something stays."""
        if target in self.judged:
            return False
        self.judged[target] = ""
        return self._did("approve", target)

    def remove(self, target: Target, reason: str) -> bool:
        """Take something out as a moderator."""
        item, thread = self.item(target), self.thread_of(target)
        if item is None or thread is None or item.gone:
            return False
        self.judged[target] = reason
        if isinstance(item, Comment):
            return self._exchange("remove", thread, replace(item, gone="removed"))
        return self._replace("remove", thread, replace(thread, gone="removed"))

    def lock(self, thread: Thread, on: bool) -> bool:
        """End the discussion of a thread as a moderator, or let it go on."""
        return self._replace(
            "lock" if on else "unlock", thread, replace(thread, locked=on), same=thread.locked == on
        )  # fmt: skip

    def pin(self, thread: Thread, on: bool) -> bool:
        """Keep a thread at the top of its community as a moderator, or do so no longer."""
        return self._replace("pin" if on else "unpin", thread, replace(thread, pinned=on), same=thread.pinned == on)

    def ban(self, slug: str, ban: Ban) -> bool:
        """Keep somebody out of a community as a moderator."""
        if ban in self.banned(slug):
            return False
        self.bans[slug, ban.username] = ban
        return self._did("ban", f"{slug}/{ban.username}")

    def lift(self, slug: str, username: str) -> bool:
        """Let somebody take part again."""
        if username not in {ban.username for ban in self.banned(slug)}:
            return False
        self.bans[slug, username] = None
        return self._did("lift_ban", f"{slug}/{username}")

    def send(self, to: str, subject: str, body: str) -> bool:
        """Write a message to somebody."""
        self.sent.append(Message(10_000 + len(self.sent), self._me, to, subject, body, self.now))
        return self._did("send_message", to)

    def delete_message(self, message: Message) -> bool:
        """Delete a message one has received."""
        if message.id in self.deleted:
            return False
        self.deleted.add(message.id)
        return self._did("delete_message", str(message.id))

    def mark_unread(self, message: Message) -> bool:
        """Let a message count as not opened yet."""
        if self.unread(message):
            return False
        self.read[message.id] = True
        return self._did("mark_unread", str(message.id))

    def read_notices(self) -> bool:
        """Take note of all notifications."""
        if self.notices_read:
            return False
        self.notices_read = True
        return self._did("read_notices", self._me)

    def set(self, **values: str | bool) -> bool:
        """Change settings."""
        new = {name: value for name, value in values.items() if self.setting(name) != value}
        if not new:
            return False
        self.settings |= new
        return self._did("settings", ",".join(new))

    def changes(self) -> dict[str, Any]:
        """What is different from the untouched site, in plain JSON; see `told.told`."""
        return told(self)

    # inside

    def _at_first(self, flag: Flag) -> Collection[str]:
        """The names with a flag before anything was changed."""
        if self.viewer != self.base.persona:
            return ()
        sets: dict[Flag, Collection[str]] = {
            "member": self.base.joined, "saved": self.base.saved, "hidden": (), "follow": self.base.follows,
            "block": self.base.blocks,
        }  # fmt: skip
        return sets[flag]

    @property
    def _me(self) -> str:
        if self.viewer is None:
            msg = "nobody is signed in"
            raise PermissionError(msg)
        return self.viewer

    def _did(self, kind: str, target: str) -> bool:
        self.log.append(Effect(kind, self._me, target))
        return True

    def _replace(self, kind: str, before: Thread, after: Thread, *, same: bool = False) -> bool:
        if same or after == before:
            return False
        self.changed[before.id] = after
        return self._did(kind, before.target)

    def _exchange(self, kind: str, thread: Thread, comment: Comment, *, same: bool = False) -> bool:
        if same:
            return False
        comments = tuple(comment if other.id == comment.id else other for other in thread.comments)
        self.changed[thread.id] = replace(thread, comments=comments)
        return self._did(kind, comment.target)
