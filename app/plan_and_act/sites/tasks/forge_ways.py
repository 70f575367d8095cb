"""Ways through forge that its solvers share, and what forge tells of changes."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from plan_and_act.sites.forge.model import Base, Issue, MergeRequest, Project
from plan_and_act.sites.forge.telling import PROFILE_FIELDS
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Template


class ForgeTemplate(Template):
    """A kind of task on forge alone."""

    sites = ("forge",)


async def open_project(hand: Hand, name: str) -> None:
    """Find a project by its name and open it."""
    await hand.search("Search Emberforge", name)
    await hand.click(name, "link")


async def refresh(hand: Hand) -> None:
    """Bring the list on the page up to date, when it is behind."""
    if await hand.has("Refresh"):
        await hand.click("Refresh")


async def open_issues(hand: Hand, project: str) -> None:
    """Find a project and open the list of its issues."""
    await open_project(hand, project)
    await to_issues(hand)


async def to_issues(hand: Hand) -> None:
    """From any page of a project to the list of its issues, as it is now."""
    await hand.click("Issues", "link")
    await refresh(hand)


async def start_issue(hand: Hand, project: str) -> None:
    """Find a project and open the form for a new issue."""
    await open_project(hand, project)
    await hand.click("Issues", "link")
    await hand.click("New issue", "link")


async def pick_issue(hand: Hand, title: str) -> None:
    """Find an issue in the list of a project's issues and open it."""
    await hand.search("Search issues", title)
    await hand.click(title, "link")


async def pick_topmost(hand: Hand, titles: list[str]) -> str:
    """Open the first of some issues in the list on the page, and say which it was."""
    text = await hand.text()
    places = {title: text.find(title) for title in titles}
    title = min(titles, key=lambda title: (places[title] < 0, places[title]))
    await hand.click(title, "link")
    return title


async def open_issue(hand: Hand, project: str, title: str) -> None:
    """Find a project, and an open issue of it."""
    await open_issues(hand, project)
    await pick_issue(hand, title)


async def filter_by_label(hand: Hand, label: str) -> None:
    """Show only the issues with a label."""
    await hand.click("Labels")
    await hand.click(label, "checkbox")
    await hand.click("Apply")


async def list_merge_requests(hand: Hand, project: str) -> None:
    """Find a project and open the list of its open merge requests."""
    await open_project(hand, project)
    await hand.click("Merge requests", "link")


async def open_settings(hand: Hand) -> None:
    """Open the settings of the viewer's own account."""
    await hand.click("Account menu, Robin Hale")
    await hand.click("Settings", "menuitem")


def alive(base: Base) -> list[Project]:
    """The projects in which things can be changed."""
    return [project for project in base.projects.values() if not project.archived]


def maintained(base: Base) -> list[Project]:
    """The projects that the persona maintains."""
    return [project for project in alive(base) if project.members.get(base.persona) == "maintainer"]


def open_issues_of(base: Base, project: Project) -> list[Issue]:
    """The open issues of a project."""
    return [issue for issue in base.issues[project.path].values() if issue.state == "open"]


def labels_of(base: Base, project: Project) -> Counter[str]:
    """How many open issues of a project have which label."""
    return Counter(label for issue in open_issues_of(base, project) for label in issue.labels)


def open_merge_requests(base: Base, projects: Iterable[Project]) -> list[tuple[Project, MergeRequest]]:
    """The open merge requests of projects that others have made."""
    return [
        (project, request)
        for project in projects
        for request in project.merge_requests.values()
        if request.state == "open" and request.author != base.persona
    ]


def issue_change(issue: Issue, **changes: Any) -> dict[str, Any]:
    """A change of an issue, and nothing but this change of it."""
    untouched = dict.fromkeys(("state", "labels", "assignee", "milestone", "due"))
    quiet: dict[str, Any] = {"comments_added": [], "comments_removed": []}
    return {"project": issue.project, "number": issue.number, **untouched, **quiet, **changes}


def profile_change(**changes: object) -> dict[str, Any]:
    """A change of the profile, and of nothing else in it."""
    return dict.fromkeys((*PROFILE_FIELDS, "picture")) | changes


def watching(base: Base, project: Project, level: str) -> dict[str, Any]:
    """A change of what the persona is told about a project, and about no other."""
    return dict.fromkeys(base.projects) | {project.path: level}
