"""The nouns of the board. All of them are immutable: every session shares the same seeded objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ThreadKind = Literal["text", "link", "poll"]
Gone = Literal["", "deleted", "removed"]
"""Still there, deleted by its author, or removed by a moderator."""
Target = str
"""What is voted on, saved or reported: `thread:12` or `comment:1203`."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account."""

    username: str
    about: str
    joined: datetime
    post_karma: int
    comment_karma: int

    @property
    def karma(self) -> int:
        """Both kinds together."""
        return self.post_karma + self.comment_karma


@dataclass(frozen=True, slots=True)
class Community:
    """A place for threads on one subject."""

    slug: str
    name: str
    topic: str
    description: str
    created: datetime
    members: int
    gained: int
    """Members that came in the last hours, which lists that are not up to date do not know."""
    rules: tuple[tuple[str, str], ...]
    moderators: tuple[str, ...]
    flairs: tuple[str, ...]
    flair_needed: bool
    invite_only: bool
    """Whether new members are taken by invitation only."""


@dataclass(frozen=True, slots=True)
class Option:
    """An answer of a poll."""

    text: str
    votes: int


@dataclass(frozen=True, slots=True)
class Video:
    """What the embedded player shows."""

    channel: str
    seconds: int
    text: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a thread."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; its number is a hundred times its thread's number and a little more."""

    id: int
    parent: int | None
    author: str
    body: str
    created: datetime
    score: int
    edited: bool = False
    gone: Gone = ""

    @property
    def target(self) -> Target:
        """How votes and reports name it."""
        return f"comment:{self.id}"


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread with its comments, in the order in which they were written."""

    id: int
    community: str
    kind: ThreadKind
    title: str
    body: str
    author: str
    created: datetime
    score: int
    gained: int = 0
    """Votes of the last hours, which lists that are not up to date do not know."""
    flair: str = ""
    comments: tuple[Comment, ...] = ()
    pinned: bool = False
    locked: bool = False
    link: str = ""
    video: Video | None = None
    options: tuple[Option, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    edited: bool = False
    gone: Gone = ""

    @property
    def target(self) -> Target:
        """How votes and reports name it."""
        return f"thread:{self.id}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"/c/{self.community}/{self.id}"

    @property
    def shown(self) -> tuple[Comment, ...]:
        """The comments that are still there."""
        return tuple(comment for comment in self.comments if not comment.gone)


@dataclass(frozen=True, slots=True)
class Report:
    """What people have complained about in a community."""

    target: Target
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Ban:
    """Somebody who may not take part in a community; 0 days is for good."""

    username: str
    reason: str
    days: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message from one person to another."""

    id: int
    sender: str
    to: str
    subject: str
    body: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the notifications."""

    id: int
    text: str
    url: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Base:
    """The whole seeded board, before anybody has changed anything."""

    seed: int
    now: datetime
    persona: str
    """The account a new session is signed in with."""
    password: str
    people: Mapping[str, Person]
    communities: Mapping[str, Community]
    threads: Mapping[int, Thread]
    reports: Mapping[str, tuple[Report, ...]]
    """By community."""
    bans: Mapping[str, tuple[Ban, ...]]
    """By community."""
    messages: tuple[Message, ...]
    """Those the persona has received."""
    unread: frozenset[int]
    notices: tuple[Notice, ...]
    joined: frozenset[str]
    """The persona's communities."""
    votes: Mapping[Target, int]
    """The persona's votes: 1 or -1."""
    saved: frozenset[Target]
    follows: frozenset[str]
    """Whom the persona follows."""
    blocks: frozenset[str]

    @property
    def moderated(self) -> tuple[str, ...]:
        """The communities that the persona moderates."""
        return tuple(slug for slug, entry in self.communities.items() if self.persona in entry.moderators)
