"""What one session has changed: an overlay over the seeded base, which stays as it is.

A session costs a few empty dictionaries until somebody changes something; a reset is a new overlay.
"""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from plan_and_act.sites.forge.model import Base, Comment, Issue, IssueState, Person, WatchLevel
from plan_and_act.sites.sessions import Visit

PROFILE_FIELDS: Final = tuple(entry.name for entry in fields(Person) if entry.name not in {"username", "joined"})


@dataclass(frozen=True, slots=True)
class Effect:
    """Something a session did that changed the site."""

    kind: str
    by: str
    target: str


@dataclass(slots=True)
class State:
    """The site as one session sees it.

    Every method that changes something returns whether it did, and then adds exactly one entry to `log`.
    """

    base: Base
    viewer: str | None = None
    log: list[Effect] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    _follows: dict[tuple[str, str], bool] = field(default_factory=dict)
    _stars: dict[tuple[str, str], bool] = field(default_factory=dict)
    _watches: dict[tuple[str, str], WatchLevel] = field(default_factory=dict)
    _issues: dict[tuple[str, int], Issue] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)
    _comment: int = 1_000_000

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
        return self._people.get(username) or self.base.people.get(username)

    def people(self) -> list[Person]:
        """Every account, ordered by name."""
        changed = (self._people.get(person.username, person) for person in self.base.people.values())
        return sorted(changed, key=lambda person: person.name)

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

    def issue(self, project: str, number: int) -> Issue | None:
        """An issue, or None."""
        return self._issues.get((project, number)) or self.base.issues[project].get(number)

    def issues(self, project: str | None = None) -> list[Issue]:
        """The issues of a project, or of all of them, newest first."""
        paths = [project] if project else list(self.base.issues)
        merged = {(path, number): issue for path in paths for number, issue in self.base.issues[path].items()}
        merged |= {key: issue for key, issue in self._issues.items() if project in (None, key[0])}
        return sorted(merged.values(), key=lambda issue: (issue.created, issue.project, issue.number), reverse=True)

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

    def create_issue(
        self, project: str, *, title: str, body: str, labels: tuple[str, ...], assignee: str | None
    ) -> Issue:
        """Open a new issue."""
        number = max(issue.number for issue in self.issues(project)) + 1
        issue = Issue(project, number, title, body, self._me, self.now, "open", labels, assignee)
        self._issues[project, number] = issue
        self._did("create_issue", f"{project}#{number}")
        return issue

    def comment(self, issue: Issue, body: str) -> bool:
        """Add a comment to an issue."""
        self._add(issue, Comment(self._next_comment(), self._me, self.now, body=body))
        self._did("comment", f"{issue.project}#{issue.number}")
        return True

    def delete_comment(self, issue: Issue, comment: int) -> bool:
        """Delete one of the viewer's own comments."""
        kept = tuple(
            entry
            for entry in issue.timeline
            if (entry.id, entry.author, entry.kind) != (comment, self.viewer, "comment")
        )
        if kept == issue.timeline:
            return False
        self._issues[issue.project, issue.number] = replace(issue, timeline=kept)
        self._did("delete_comment", f"{issue.project}#{issue.number}")
        return True

    def set_issue_state(self, issue: Issue, state: IssueState) -> bool:
        """Close or reopen an issue."""
        if issue.state == state:
            return False
        kind: Final = "closed" if state == "closed" else "reopened"
        self._add(replace(issue, state=state), Comment(self._next_comment(), self._me, self.now, kind))
        self._did("close_issue" if state == "closed" else "reopen_issue", f"{issue.project}#{issue.number}")
        return True

    def edit_issue(self, issue: Issue, *, labels: tuple[str, ...], assignee: str | None) -> bool:
        """Change an issue's labels and assignee."""
        changed = replace(issue, labels=labels, assignee=assignee)
        if changed == issue:
            return False
        self._issues[issue.project, issue.number] = changed
        self._did("edit_issue", f"{issue.project}#{issue.number}")
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

    # telling a checker

    def changes(self) -> dict[str, Any]:
        """What is different from the untouched site, in plain JSON; a change that was undone is none.

        `log` and `counts` tell every effect, undone or not: that is where "exactly once" shows.
        """
        follows = [(pair[1], on) for pair, on in self._follows.items() if on != (pair in self.base.follows)]
        stars = [(pair[1], on) for pair, on in self._stars.items() if on != (pair in self.base.starred)]
        counts: dict[str, int] = {}
        for effect in self.log:
            counts[effect.kind] = counts.get(effect.kind, 0) + 1
        return {
            "site": "forge",
            "seed": self.base.seed,
            "viewer": self.viewer,
            "changes": {
                "followed": sorted(name for name, on in follows if on),
                "unfollowed": sorted(name for name, on in follows if not on),
                "starred": sorted(path for path, on in stars if on),
                "unstarred": sorted(path for path, on in stars if not on),
                "watching": {pair[1]: level for pair, level in self._watches.items() if level != "participating"},
                "issues_created": [_plain(issue) for issue in self._new_issues()],
                "issues_changed": [change for issue in self._issues.values() if (change := self._change(issue))],
                "profile": self._profile_changes(),
            },
            "log": [asdict(effect) for effect in self.log],
            "counts": counts,
        }

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

    def _add(self, issue: Issue, entry: Comment) -> None:
        self._issues[issue.project, issue.number] = replace(issue, timeline=(*issue.timeline, entry))

    def _new_issues(self) -> list[Issue]:
        return [issue for (path, number), issue in self._issues.items() if number not in self.base.issues[path]]

    def _change(self, issue: Issue) -> dict[str, Any] | None:
        before = self.base.issues[issue.project].get(issue.number)
        if before is None or before == issue:
            return None
        old, new = _plain(before), _plain(issue)
        return {
            "project": issue.project,
            "number": issue.number,
            "comments_added": [entry for entry in new["comments"] if entry not in old["comments"]],
            "comments_removed": [entry for entry in old["comments"] if entry not in new["comments"]],
        } | {key: [old[key], new[key]] for key in ("state", "labels", "assignee") if old[key] != new[key]}

    def _profile_changes(self) -> dict[str, Any]:
        return {
            name: getattr(person, name)
            for username, person in self._people.items()
            for name in PROFILE_FIELDS
            if getattr(person, name) != getattr(self.base.people[username], name)
        }


def _plain(issue: Issue) -> dict[str, Any]:
    """An issue as a checker wants it: without times."""
    return {
        "project": issue.project,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "author": issue.author,
        "state": issue.state,
        "labels": list(issue.labels),
        "assignee": issue.assignee,
        "comments": [
            {"id": entry.id, "author": entry.author, "body": entry.body}
            for entry in issue.timeline
            if entry.kind == "comment"
        ],
    }
