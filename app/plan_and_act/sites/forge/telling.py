"""What a checker is told: what is different from the untouched site."""

from dataclasses import asdict, fields
from typing import Any, Final

from plan_and_act.sites.forge.model import Issue, Milestone, Person
from plan_and_act.sites.forge.overlay import Overlay
from plan_and_act.sites.forge.steering import SETTINGS

PROFILE_FIELDS: Final = tuple(entry.name for entry in fields(Person) if entry.name not in {"username", "joined"})


class Telling(Overlay):
    """The part of the state that a checker asks."""

    __slots__ = ()

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
                "issues_created": [_issue(issue) for issue in self._new_issues()],
                "issues_changed": [change for issue in self._issues.values() if (change := self._issue_change(issue))],
                "milestones_created": [_milestone(step) for step in self._milestones.values() if self._is_new(step)],
                "milestones_changed": [_milestone(step) for step in self._milestones.values() if self._differs(step)],
                "merge_requests": self._merge_request_changes(),
                "settings": self._settings(),
                "members": self._members(),
                "files_added": self._files(),
                "downloads": sorted(self._downloads),
                "todos_done": sorted(self._todos),
                "profile": self._profile(),
            },
            "log": [asdict(effect) for effect in self.log],
            "counts": counts,
        }

    def _new_issues(self) -> list[Issue]:
        return [issue for (path, number), issue in self._issues.items() if number not in self.base.issues[path]]

    def _issue_change(self, issue: Issue) -> dict[str, Any] | None:
        before = self.base.issues[issue.project].get(issue.number)
        if before is None:
            return None
        old, new = _issue(before), _issue(issue)
        if old == new:  # though it may have been closed and reopened
            return None
        return {
            "project": issue.project,
            "number": issue.number,
            "comments_added": [entry for entry in new["comments"] if entry not in old["comments"]],
            "comments_removed": [entry for entry in old["comments"] if entry not in new["comments"]],
        } | {key: [old[key], new[key]] for key in _EDITED if old[key] != new[key]}

    def _is_new(self, step: Milestone) -> bool:
        return step.number not in self.base.milestones[step.project]

    def _differs(self, step: Milestone) -> bool:
        return not self._is_new(step) and step != self.base.milestones[step.project][step.number]

    def _merge_request_changes(self) -> list[dict[str, Any]]:
        """One record for each change of a merge request, so that none of them hides in another."""
        found = []
        for (path, number), new in self._merges.items():
            old = self.base.projects[path].merge_requests[number]
            changes: list[tuple[str, Any]] = [("comment", entry.body) for entry in new.comments[len(old.comments) :]]
            if new.state != old.state:
                changes.append(("state", new.state))
            if new.assignee != old.assignee:
                changes.append(("assignee", new.assignee or "nobody"))
            if set(new.approvals) != set(old.approvals):
                changes.append(("approved", len(new.approvals) > len(old.approvals)))
            found += [{"project": path, "number": number, "what": what, "to": to} for what, to in changes]
        return found

    def _settings(self) -> list[dict[str, Any]]:
        return [
            {"project": path, "setting": name, "to": list(value) if isinstance(value, tuple) else value}
            for path, project in self._projects.items()
            for name in SETTINGS
            if (value := getattr(project, name)) != getattr(self.base.projects[path], name)
        ]

    def _members(self) -> list[dict[str, Any]]:
        found = []
        for path, project in self._projects.items():
            before = self.base.projects[path].members
            found += [
                {"project": path, "person": name, "role": project.members.get(name, "removed")}
                for name in sorted({*before, *project.members})
                if before.get(name) != project.members.get(name)
            ]
        return found

    def _files(self) -> list[dict[str, Any]]:
        return [
            {"project": path, "path": file.path, "message": file.message}
            for path, project in self._projects.items()
            for file in project.files
            if file not in self.base.projects[path].files
        ]

    def _profile(self) -> dict[str, Any]:
        found = {
            name: getattr(person, name)
            for username, person in self._people.items()
            for name in PROFILE_FIELDS
            if getattr(person, name) != getattr(self.base.people[username], name)
        }
        for picture in self._pictures.values():
            found["picture"] = picture.name
        return found


_EDITED = ("state", "labels", "assignee", "milestone", "due")


def _issue(issue: Issue) -> dict[str, Any]:
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
        "milestone": issue.milestone,
        "due": issue.due.isoformat() if issue.due else None,
        "comments": [
            {"id": entry.id, "author": entry.author, "body": entry.body}
            for entry in issue.timeline
            if entry.kind == "comment"
        ],
    }


def _milestone(step: Milestone) -> dict[str, Any]:
    return {
        "project": step.project,
        "title": step.title,
        "description": step.description,
        "due": step.due.isoformat() if step.due else None,
        "state": step.state,
    }
