"""What one session has changed: an overlay over the seeded base, which stays as it is.

A session costs a few empty dictionaries until somebody changes something; a reset is a new overlay.
"""

from dataclasses import dataclass, replace
from typing import Any

from plan_and_act.sites.forge.model import Base, Issue, Person, Todo, WatchLevel
from plan_and_act.sites.forge.overlay import Picture
from plan_and_act.sites.forge.stale import older_issues, older_stars
from plan_and_act.sites.forge.steering import Steering
from plan_and_act.sites.forge.telling import Telling
from plan_and_act.sites.forge.tracking import Tracking


@dataclass(slots=True)
class State(Tracking, Steering, Telling):
    """The site as one session sees it; here, what is about people and what they like."""

    @classmethod
    def fresh(cls, base: Base) -> "State":
        """The untouched site, signed in as the persona."""
        return cls(base, viewer=base.persona)

    # reading

    def follows(self, follower: str | None, followed: str) -> bool:
        """Whether one person follows another."""
        pair = (follower or "", followed)
        return self._follows.get(pair, pair in self.base.follows)

    def followers(self, username: str) -> list[Person]:
        """Who follows a person, ordered by name."""
        return [person for person in self.people() if self.follows(person.username, username)]

    def following(self, username: str) -> list[Person]:
        """Whom a person follows, ordered by name."""
        return [person for person in self.people() if self.follows(username, person.username)]

    def has_starred(self, username: str | None, project: str) -> bool:
        """Whether a person has starred a project."""
        pair = (username or "", project)
        return self._stars.get(pair, pair in self.base.starred)

    def stars(self, project: str) -> int:
        """How many stars a project has."""
        delta = sum(value - (pair in self.base.starred) for pair, value in self._stars.items() if pair[1] == project)
        return self.base.projects[project].stars + delta

    def watching(self, username: str | None, project: str) -> WatchLevel:
        """What a person is told about a project."""
        return self._watches.get((username or "", project), "participating")

    def todos(self, *, done: bool = False) -> list[Todo]:
        """What waits for the viewer, or what was done, newest first."""
        mine = self.base.todos if self.viewer == self.base.persona else ()
        return [todo for todo in mine if (todo.id in self._todos) == done]

    # lists, which may be behind

    def behind(self, name: str) -> bool:
        """Whether a list shows an older state."""
        return self.visit.disturbances.stale and name not in self.refreshed

    def listed_issues(self, project: str) -> list[Issue]:
        """The issues of a project as its list shows them."""
        return older_issues(self.base, project) if self.behind(project) else self.issues(project)

    def listed_stars(self, project: str) -> int:
        """The stars of a project as the list of projects shows them."""
        return older_stars(self.base, project) if self.behind("projects") else self.stars(project)

    # changing

    def sign_in(self, username: str, password: str) -> bool:
        """Sign in with a password; only the persona has one."""
        if (username, password) != (self.base.persona, self.base.password) or self.viewer == username:
            return False
        self.viewer = username
        self._did("sign_in", username)
        return True

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

    def follow(self, username: str, on: bool) -> bool:
        """Follow a person, or stop following; nobody follows themselves."""
        if username == self.viewer or self.follows(self.viewer, username) == on:
            return False
        self._follows[self._me, username] = on
        self._did("follow" if on else "unfollow", username)
        return True

    def star(self, project: str, on: bool) -> bool:
        """Star a project, or take the star back."""
        if self.has_starred(self.viewer, project) == on:
            return False
        self._stars[self._me, project] = on
        self._did("star" if on else "unstar", project)
        return True

    def watch(self, project: str, level: WatchLevel) -> bool:
        """Choose what to be told about a project."""
        if self.watching(self.viewer, project) == level:
            return False
        self._watches[self._me, project] = level
        self._did("watch", project)
        return True

    def edit_profile(self, **values: Any) -> bool:
        """Change the viewer's profile."""
        person = self.me
        changed = person and replace(person, **values)
        if person is None or changed is None or changed == person:
            return False
        self._people[person.username] = changed
        self._did("edit_profile", person.username)
        return True

    def set_picture(self, picture: Picture | None) -> bool:
        """Give the viewer a picture, or take it away."""
        if self._pictures.get(self._me) == picture:
            return False
        if picture:
            self._pictures[self._me] = picture
        else:
            del self._pictures[self._me]
        self._did("set_picture", picture.name if picture else "none")
        return True

    def finish_todo(self, todo: Todo, done: bool) -> bool:
        """Tick something off, or put it back on the list."""
        if (todo.id in self._todos) == done:
            return False
        self._todos ^= {todo.id}
        self._did("finish_todo" if done else "restore_todo", str(todo.id))
        return True
