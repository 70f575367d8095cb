"""Projects and merge requests as a session sees and changes them."""

from dataclasses import replace
from typing import Any, Final

from plan_and_act.sites.forge.model import Comment, File, MergeRequest, MergeState, Project, Role
from plan_and_act.sites.forge.overlay import Overlay

SETTINGS: Final = ("description", "topics", "visibility", "archived")
"""What the settings of a project change."""
_EFFECTS: Final[dict[MergeState, str]] = {
    "merged": "merge",
    "closed": "close_merge_request",
    "open": "reopen_merge_request",
}


class Steering(Overlay):
    """The part of the state that is about projects, their members, their files and merge requests."""

    __slots__ = ()

    def edit_project(self, project: Project, **values: Any) -> bool:
        """Change a project's description, topics, visibility, or archive it."""
        changed = replace(project, **values)
        if changed == project:
            return False
        self._projects[project.path] = changed
        self._did("edit_project", project.path)
        return True

    def set_member(self, project: Project, username: str, role: Role | None) -> bool:
        """Add a member, give one another role, or with None remove one."""
        if project.members.get(username) == role:
            return False
        members = dict(project.members)
        if role:
            members[username] = role
        else:
            del members[username]
        self._projects[project.path] = replace(project, members=members)
        self._did("set_member" if role else "remove_member", f"{project.path} {username}")
        return True

    def add_file(self, project: Project, path: str, text: str, message: str) -> bool:
        """Put a file into a project, or another text into one that is there."""
        file = File(path, text, message, self._me, self.now)
        kept = [entry for entry in project.files if entry.path != path]
        files = tuple(sorted([*kept, file], key=lambda entry: entry.path))
        self._projects[project.path] = replace(project, files=files)
        self._did("add_file", f"{project.path} {path}")
        return True

    def download(self, project: Project, version: str, name: str) -> bool:
        """Note that a file of a release was downloaded."""
        self._downloads.add(f"{project.path}/{version}/{name}")
        self._did("download", f"{project.path}/{version}/{name}")
        return True

    def merge_request(self, project: str, number: int) -> MergeRequest | None:
        """A merge request, or None."""
        return self._merges.get((project, number)) or self.base.projects[project].merge_requests.get(number)

    def merge_requests(self, project: str) -> list[MergeRequest]:
        """The merge requests of a project, newest first."""
        numbers = sorted(self.base.projects[project].merge_requests, reverse=True)
        return [entry for number in numbers if (entry := self.merge_request(project, number))]

    def obstacles(self, project: Project, request: MergeRequest) -> list[str]:
        """Why the viewer cannot merge a merge request, a sentence each; none when it can be merged."""
        reasons = (
            (project.archived, "This project is archived."),
            (not self.may(project, "maintainer"), "Only maintainers of this project can merge."),
            (request.conflicts, "There are conflicts with main that have to be resolved by its author first."),
            (request.failed, "A check has failed."),
            (not request.approvals, "At least one approval is needed."),
        )
        return [reason for applies, reason in reasons if applies]

    def can_approve(self, project: Project, request: MergeRequest) -> bool:
        """Whether the viewer may say that a merge request is good: developers may, but not to their own."""
        return (
            request.state == "open"
            and request.author != self.viewer
            and not project.archived
            and self.may(project, "developer")
        )

    def approve(self, request: MergeRequest, on: bool) -> bool:
        """Approve a merge request, or take the approval back."""
        if (self._me in request.approvals) == on:
            return False
        others = tuple(name for name in request.approvals if name != self._me)
        self._put(replace(request, approvals=(*others, self._me) if on else others))
        self._did("approve" if on else "unapprove", f"{request.project}!{request.number}")
        return True

    def merge(self, request: MergeRequest) -> bool:
        """Merge a merge request."""
        return self._set_merge_state(request, "merged")

    def close_merge_request(self, request: MergeRequest) -> bool:
        """Close a merge request without merging it."""
        return self._set_merge_state(request, "closed")

    def reopen_merge_request(self, request: MergeRequest) -> bool:
        """Open a merge request again that was closed."""
        return self._set_merge_state(request, "open")

    def assign_merge_request(self, request: MergeRequest, username: str | None) -> bool:
        """Give a merge request to somebody, or to nobody."""
        if request.assignee == username:
            return False
        self._put(replace(request, assignee=username))
        self._did("assign_merge_request", f"{request.project}!{request.number}")
        return True

    def comment_merge_request(self, request: MergeRequest, body: str) -> bool:
        """Add a comment to a merge request."""
        entry = Comment(self._next_comment(), self._me, self.now, body=body)
        self._put(replace(request, comments=(*request.comments, entry)))
        self._did("comment_merge_request", f"{request.project}!{request.number}")
        return True

    def _set_merge_state(self, request: MergeRequest, state: MergeState) -> bool:
        if request.state in (state, "merged"):
            return False
        self._put(replace(request, state=state))
        self._did(_EFFECTS[state], f"{request.project}!{request.number}")
        return True

    def _put(self, request: MergeRequest) -> None:
        self._merges[request.project, request.number] = request
