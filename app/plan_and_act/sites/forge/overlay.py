"""What a session lays over the seeded base, and how the parts that others change are read through it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from plan_and_act.sites.forge.model import Base, Issue, MergeRequest, Milestone, Person, Project, Role, WatchLevel
from plan_and_act.sites.sessions import Effect, Visit

ROLES: tuple[Role, ...] = ("guest", "reporter", "developer", "maintainer", "owner")
"""What a member may be, the least first."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was uploaded for a profile."""

    name: str
    type: str
    content: bytes


@dataclass(slots=True)
class Overlay:
    """The site as one session sees it.

    Every method of its subclasses that changes something returns whether it did, and then adds exactly one entry to
    `log`.
    """

    base: Base
    viewer: str | None = None
    log: list[Effect] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    refreshed: set[str] = field(default_factory=set)
    """The lists that were refreshed, where lists show an older state."""
    _follows: dict[tuple[str, str], bool] = field(default_factory=dict)
    _stars: dict[tuple[str, str], bool] = field(default_factory=dict)
    _watches: dict[tuple[str, str], WatchLevel] = field(default_factory=dict)
    _issues: dict[tuple[str, int], Issue] = field(default_factory=dict)
    _milestones: dict[tuple[str, int], Milestone] = field(default_factory=dict)
    _merges: dict[tuple[str, int], MergeRequest] = field(default_factory=dict)
    _projects: dict[str, Project] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)
    _pictures: dict[str, Picture] = field(default_factory=dict)
    _todos: set[int] = field(default_factory=set)
    _downloads: set[str] = field(default_factory=set)
    _comment: int = 1_000_000

    @property
    def me(self) -> Person | None:
        """The person who is signed in."""
        return self.person(self.viewer) if self.viewer else None

    @property
    def now(self) -> datetime:
        """The site's clock: it moves on by a minute with every change."""
        return self.base.now + timedelta(minutes=len(self.log))

    @property
    def today(self) -> date:
        """The day on the site's clock."""
        return self.now.date()

    def person(self, username: str) -> Person | None:
        """An account, or None."""
        return self._people.get(username) or self.base.people.get(username)

    def people(self) -> list[Person]:
        """Every account, ordered by name."""
        changed = (self._people.get(person.username, person) for person in self.base.people.values())
        return sorted(changed, key=lambda person: person.name)

    def picture(self, username: str) -> Picture | None:
        """The picture a person has uploaded, or None."""
        return self._pictures.get(username)

    def project(self, path: str) -> Project | None:
        """A project, or None."""
        return self._projects.get(path) or self.base.projects.get(path)

    def projects(self) -> list[Project]:
        """Every project that the viewer may see, ordered by name."""
        every = (self._projects.get(path, project) for path, project in self.base.projects.items())
        return [project for project in every if self.sees(project)]

    def sees(self, project: Project) -> bool:
        """Whether the viewer may see a project."""
        if project.visibility == "private":
            return self.role(project) is not None
        return project.visibility == "public" or self.viewer is not None

    def role(self, project: Project) -> Role | None:
        """What the viewer is in a project; None for who is no member."""
        return project.members.get(self.viewer or "")

    def may(self, project: Project, role: Role) -> bool:
        """Whether the viewer has a role in a project, or a higher one."""
        mine = self.role(project)
        return mine is not None and ROLES.index(mine) >= ROLES.index(role)

    @property
    def _me(self) -> str:
        if self.viewer is None:
            msg = "nobody is signed in"
            raise PermissionError(msg)
        return self.viewer

    def _did(self, kind: str, target: str) -> None:
        self.log.append(Effect(kind, self._me, target))

    def _next_comment(self) -> int:
        self._comment += 1
        return self._comment
