"""Merge requests: lists, the conversation, the changes, the checks, and what can be done with them."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import MergeRequest, Project
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.web import need_person, need_role, page, project_of, project_page, state_of
from plan_and_act.sites.forge.workshop import log_of
from plan_and_act.sites.web import back, text

STATES = ("open", "merged", "closed")
TEXT_LIMIT = 5_000


async def index(request: Request) -> Response:
    """Proposed changes by state."""
    every = state_of(request).merge_requests(project_of(request).path)
    asked = request.query_params.get("state", "open")
    wanted = asked if asked in STATES else "open"
    counts = {name: sum(entry.state == name for entry in every) for name in STATES}
    shown = [entry for entry in every if entry.state == wanted]
    return project_page(request, "merge_requests.html", "merge-requests", requests=shown, wanted=wanted, counts=counts)


async def conversation(request: Request) -> Response:
    """What was said about a merge request, and whether it can be merged."""
    return _conversation(request)


def _conversation(request: Request, *, draft: str = "", error: str | None = None) -> Response:
    state, project, entry = _of(request)
    crew = [(person.username, person.name) for person in state.people() if person.username in project.members]
    return project_page(
        request,
        "merge_request.html",
        "merge-requests",
        status=422 if error else 200,
        entry=entry,
        section="conversation",
        obstacles=state.obstacles(project, entry),
        crew=crew,
        draft=draft,
        error=error,
    )


async def changes(request: Request) -> Response:
    """The files a merge request changes."""
    _, _, entry = _of(request)
    return project_page(request, "merge_request_changes.html", "merge-requests", entry=entry, section="changes")


async def checks(request: Request) -> Response:
    """The checks that ran on a merge request; their logs are shown in a frame."""
    _, _, entry = _of(request)
    return project_page(request, "merge_request_checks.html", "merge-requests", entry=entry, section="checks")


async def log(request: Request) -> Response:
    """What a check has written: the page inside the frame."""
    _, _, entry = _of(request)
    number = request.path_params["check"]
    if number >= len(entry.checks):
        raise HTTPException(404)
    check = entry.checks[number]
    return page(request, "log.html", entry=entry, check=check, lines=log_of(entry, check))


def _of(request: Request) -> tuple[State, Project, MergeRequest]:
    state, project = state_of(request), project_of(request)
    entry = state.merge_request(project.path, request.path_params["number"])
    if entry is None:
        raise HTTPException(404)
    return state, project, entry


def _back(request: Request, entry: MergeRequest, words: str) -> Response:
    return back(request, f"/{entry.project}/merge-requests/{entry.number}", words)


async def comment(request: Request) -> Response:
    """Add a comment."""
    need_person(request)
    state, project, entry = _of(request)
    if project.archived:
        raise HTTPException(403)
    body = text(await request.form(), "body")
    if not body:
        return _conversation(request, error="Write something before you send it.")
    if len(body) > TEXT_LIMIT:
        return _conversation(request, draft=body, error=f"A comment can have {TEXT_LIMIT:,} characters.")
    state.comment_merge_request(entry, body)
    return _back(request, entry, "Comment added.")


async def approve(request: Request) -> Response:
    """Say that a merge request is good."""
    return _approve(request, on=True)


async def unapprove(request: Request) -> Response:
    """Take that back."""
    return _approve(request, on=False)


def _approve(request: Request, *, on: bool) -> Response:
    need_person(request)
    state, project, entry = _of(request)
    if not state.can_approve(project, entry):
        raise HTTPException(403)
    state.approve(entry, on)
    return _back(request, entry, "You approved this merge request." if on else "Your approval is gone.")


async def merge(request: Request) -> Response:
    """Merge, when nothing stands against it."""
    need_person(request)
    state, project, entry = _of(request)
    if entry.state != "open" or state.obstacles(project, entry):
        raise HTTPException(403)
    state.merge(entry)
    return _back(request, entry, f"Merged !{entry.number} into main.")


async def close(request: Request) -> Response:
    """Close without merging."""
    need_role(request, "maintainer")
    state, _, entry = _of(request)
    state.close_merge_request(entry)
    return _back(request, entry, f"Merge request !{entry.number} closed.")


async def reopen(request: Request) -> Response:
    """Open again what was closed."""
    need_role(request, "maintainer")
    state, _, entry = _of(request)
    state.reopen_merge_request(entry)
    return _back(request, entry, f"Merge request !{entry.number} reopened.")


async def assign(request: Request) -> Response:
    """Give a merge request to a member."""
    project = need_role(request, "developer")
    username = text(await request.form(), "assignee")
    state, _, entry = _of(request)
    if username and username not in project.members:
        return _conversation(request, error="Choose one of the project's members.")
    changed = state.assign_merge_request(entry, username or None)
    return _back(request, entry, "Assignee changed." if changed else "Nothing to change.")
