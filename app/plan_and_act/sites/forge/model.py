"""The nouns of the code-hosting site. All of them are immutable: every session shares the same seeded objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

IssueState = Literal["open", "closed"]
MergeState = Literal["open", "merged", "closed"]
WatchLevel = Literal["participating", "all", "ignore"]
Role = Literal["guest", "reporter", "developer", "maintainer", "owner"]
Visibility = Literal["public", "internal", "private"]
TodoKind = Literal["mention", "assigned", "review"]


@dataclass(frozen=True, slots=True)
class Person:
    """An account."""

    username: str
    name: str
    bio: str
    location: str
    company: str
    website: str
    joined: datetime
    public_email: bool = True


@dataclass(frozen=True, slots=True)
class Owner:
    """A group of people that projects belong to."""

    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a project's default branch, with the commit that touched it last."""

    path: str
    text: str
    message: str
    author: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one person has committed to a project."""

    username: str
    commits: int
    additions: int
    deletions: int
    last_active: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """An entry of an issue's timeline: words, or the fact that somebody closed or reopened it."""

    id: int
    author: str
    when: datetime
    kind: Literal["comment", "closed", "reopened"] = "comment"
    body: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of a project; `project` is the project's path, `owner/slug`."""

    project: str
    number: int
    title: str
    body: str
    author: str
    created: datetime
    state: IssueState
    labels: tuple[str, ...] = ()
    assignee: str | None = None
    timeline: tuple[Comment, ...] = ()
    milestone: int | None = None
    due: date | None = None

    @property
    def updated(self) -> datetime:
        """When something last happened to it."""
        return self.timeline[-1].when if self.timeline else self.created

    @property
    def comments(self) -> int:
        """How many comments it has."""
        return sum(entry.kind == "comment" for entry in self.timeline)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a project's plan that issues belong to."""

    project: str
    number: int
    title: str
    description: str
    due: date | None
    state: IssueState = "open"


@dataclass(frozen=True, slots=True)
class Check:
    """A job that ran on a proposed change."""

    name: str
    passed: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a proposed change does to a file; `lines` is an excerpt, each with + or - or a space before it."""

    path: str
    additions: int
    deletions: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A proposed change."""

    project: str
    number: int
    title: str
    body: str
    author: str
    created: datetime
    state: MergeState
    branch: str
    additions: int
    deletions: int
    files: tuple[FileChange, ...] = ()
    checks: tuple[Check, ...] = ()
    conflicts: bool = False
    approvals: tuple[str, ...] = ()
    assignee: str | None = None
    comments: tuple[Comment, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether one of its checks failed."""
        return not all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that belongs to a release."""

    name: str
    kilobytes: int


@dataclass(frozen=True, slots=True)
class Release:
    """A published version."""

    version: str
    author: str
    when: datetime
    notes: tuple[str, ...]
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a project's activity."""

    kind: Literal["commit", "release", "merge"]
    author: str
    text: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A repository with everything that only visitors read."""

    owner: Owner
    slug: str
    name: str
    description: str
    language: str
    license: str
    topics: tuple[str, ...]
    version: str
    stars: int
    forks: int
    created: datetime
    updated: datetime
    readme: str
    files: tuple[File, ...]
    contributors: tuple[Contribution, ...]
    merge_requests: Mapping[int, MergeRequest]
    activity: tuple[Event, ...]
    releases: tuple[Release, ...] = ()
    """The newest first."""
    members: Mapping[str, Role] = field(default_factory=dict)
    visibility: Visibility = "public"
    archived: bool = False

    @property
    def path(self) -> str:
        """Where it is found: `owner/slug`."""
        return f"{self.owner.slug}/{self.slug}"

    @property
    def top_contributor(self) -> str:
        """The username with the most commits (there is always exactly one)."""
        return max(self.contributors, key=lambda entry: entry.commits).username


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for the persona: an issue or, for a review, a merge request."""

    id: int
    kind: TodoKind
    by: str
    project: str
    number: int
    title: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Base:
    """The whole seeded site, before anybody has changed anything."""

    seed: int
    now: datetime
    persona: str
    """The account a new session is signed in with."""
    password: str
    """The persona's password."""
    people: Mapping[str, Person]
    owners: Mapping[str, Owner]
    projects: Mapping[str, Project]
    issues: Mapping[str, Mapping[int, Issue]]
    milestones: Mapping[str, Mapping[int, Milestone]]
    todos: tuple[Todo, ...]
    """What waits for the persona."""
    follows: frozenset[tuple[str, str]]
    """Pairs of (follower, followed)."""
    starred: frozenset[tuple[str, str]]
    """Pairs of (username, project path)."""
