"""Issues and milestones as a session sees and changes them."""

from dataclasses import replace
from datetime import date
from typing import Final

from plan_and_act.sites.forge.model import Comment, Issue, IssueState, Milestone
from plan_and_act.sites.forge.overlay import Overlay


class Tracking(Overlay):
    """The part of the state that is about issues and milestones."""

    __slots__ = ()

    def issue(self, project: str, number: int) -> Issue | None:
        """An issue, or None."""
        return self._issues.get((project, number)) or self.base.issues[project].get(number)

    def issues(self, project: str | None = None) -> list[Issue]:
        """The issues of a project, or of all that the viewer may see, newest first."""
        paths = [project] if project else [entry.path for entry in self.projects()]
        merged = {(path, number): issue for path in paths for number, issue in self.base.issues[path].items()}
        merged |= {key: issue for key, issue in self._issues.items() if key[0] in paths}
        return sorted(merged.values(), key=lambda issue: (issue.created, issue.project, issue.number), reverse=True)

    def milestone(self, project: str, number: int) -> Milestone | None:
        """A milestone, or None."""
        return self._milestones.get((project, number)) or self.base.milestones[project].get(number)

    def milestones(self, project: str) -> list[Milestone]:
        """The milestones of a project, the next due first; those without a date come last."""
        merged = dict(self.base.milestones[project])
        merged |= {number: step for (path, number), step in self._milestones.items() if path == project}
        return sorted(merged.values(), key=lambda step: (step.due is None, step.due or self.today, step.number))

    def create_issue(
        self,
        project: str,
        *,
        title: str,
        body: str,
        labels: tuple[str, ...],
        assignee: str | None,
        milestone: int | None = None,
        due: date | None = None,
    ) -> Issue:
        """Open a new issue."""
        number = max(issue.number for issue in self.issues(project)) + 1
        issue = Issue(
            project, number, title, body, self._me, self.now, "open", labels, assignee, milestone=milestone, due=due
        )
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

    def edit_issue(
        self,
        issue: Issue,
        *,
        labels: tuple[str, ...],
        assignee: str | None,
        milestone: int | None,
        due: date | None,
    ) -> bool:
        """Change an issue's labels, assignee, milestone and due date."""
        changed = replace(issue, labels=labels, assignee=assignee, milestone=milestone, due=due)
        if changed == issue:
            return False
        self._issues[issue.project, issue.number] = changed
        self._did("edit_issue", f"{issue.project}#{issue.number}")
        return True

    def create_milestone(self, project: str, *, title: str, description: str, due: date | None) -> Milestone:
        """Add a step to a project's plan."""
        number = max(step.number for step in self.milestones(project)) + 1
        step = Milestone(project, number, title, description, due)
        self._milestones[project, number] = step
        self._did("create_milestone", f"{project}%{number}")
        return step

    def set_milestone_state(self, step: Milestone, state: IssueState) -> bool:
        """Close or reopen a milestone."""
        if step.state == state:
            return False
        self._milestones[step.project, step.number] = replace(step, state=state)
        self._did(f"{'close' if state == 'closed' else 'reopen'}_milestone", f"{step.project}%{step.number}")
        return True

    def _add(self, issue: Issue, entry: Comment) -> None:
        self._issues[issue.project, issue.number] = replace(issue, timeline=(*issue.timeline, entry))
