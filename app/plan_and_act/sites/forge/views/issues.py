"""Issues: lists with filters, one issue, and what can be done with it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import Issue, IssueState, Project
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.web import (
    form_date,
    need_person,
    page,
    project_of,
    project_page,
    refreshed,
    state_of,
)
from plan_and_act.sites.forge.words import LABELS
from plan_and_act.sites.web import back, matches, paginate, text

_NO_DATE = date(9999, 1, 1)
SORTS: dict[str, tuple[str, Callable[[Issue], Any], bool]] = {
    "newest": ("Newest", lambda issue: (issue.created, issue.number), True),
    "oldest": ("Oldest", lambda issue: (issue.created, issue.number), False),
    "comments": ("Most commented", lambda issue: issue.comments, True),
    "updated": ("Recently updated", lambda issue: issue.updated, True),
    "due": ("Due first", lambda issue: (issue.due or _NO_DATE, issue.number), False),
}
STATES = ("open", "closed", "all")
TITLE_LIMIT = 120
TEXT_LIMIT = 5_000


async def index(request: Request) -> Response:
    """A project's issues, filtered by state, labels, assignee, author, milestone and words."""
    state, project = state_of(request), project_of(request)
    if again := refreshed(request, project.path):
        return again
    names = ("state", "assignee", "author", "milestone", "q", "sort")
    asked = {name: request.query_params.get(name, "").strip()[:200] for name in names}
    labels = {label for label in request.query_params.getlist("label") if label}
    wanted = asked["state"] if asked["state"] in STATES else "open"
    sort = asked["sort"] if asked["sort"] in SORTS else "newest"
    every = state.listed_issues(project.path)
    fitting = [issue for issue in every if labels <= set(issue.labels) and _fits(issue, asked)]
    if not state.visit.finds(asked["q"]):
        fitting = []
    counts = {name: sum(issue.state == name for issue in fitting) for name in ("open", "closed")}
    _, key, descending = SORTS[sort]
    shown = sorted((issue for issue in fitting if wanted in ("all", issue.state)), key=key, reverse=descending)
    return project_page(
        request,
        "issues.html",
        "issues",
        issues=paginate(request, shown, 10),
        asked=asked | {"state": wanted, "sort": sort},
        chosen=sorted(labels),
        counts=counts,
        labels=LABELS,
        authors=_names(state, {issue.author for issue in every}),
        assignees=_names(state, {issue.assignee for issue in every if issue.assignee}),
        steps=_steps(state, project),
        sorts={name: label for name, (label, _, _) in SORTS.items()},
    )


def _fits(issue: Issue, asked: Mapping[str, str]) -> bool:
    return (
        (not asked["author"] or asked["author"] == issue.author)
        and (not asked["assignee"] or asked["assignee"] == (issue.assignee or "none"))
        and (not asked["milestone"] or asked["milestone"] == str(issue.milestone or "none"))
        and matches(asked["q"], issue.title, issue.body, f"#{issue.number}")
    )


def _steps(state: State, project: Project) -> list[tuple[str, str]]:
    """The milestones of a project as pairs of (number, title)."""
    return [(str(step.number), step.title) for step in state.milestones(project.path)]


def _names(state: State, usernames: set[str]) -> list[tuple[str, str]]:
    """Pairs of (username, name), ordered by name."""
    return [(person.username, person.name) for person in state.people() if person.username in usernames]


async def mine(request: Request) -> Response:
    """The viewer's own issues over all projects."""
    viewer = need_person(request)
    scope = "created" if request.query_params.get("scope") == "created" else "assigned"
    every = state_of(request).issues()
    lists = {
        "assigned": [issue for issue in every if issue.assignee == viewer.username and issue.state == "open"],
        "created": [issue for issue in every if issue.author == viewer.username],
    }
    counts = {name: len(issues) for name, issues in lists.items()}
    return page(request, "my_issues.html", scope=scope, counts=counts, issues=paginate(request, lists[scope], 10))


def _crew(state: State, project: Project) -> list[tuple[str, str]]:
    """Who can be given an issue: the contributors, and the viewer."""
    return _names(
        state, {entry.username for entry in project.contributors} | ({state.viewer} if state.viewer else set())
    )


async def new(request: Request) -> Response:
    """The form for a new issue."""
    need_person(request)
    state, project = state_of(request), project_of(request)
    if project.archived:
        raise HTTPException(403)
    crew, steps = _crew(state, project), _steps(state, project)
    values: dict[str, Any] = {"title": "", "body": "", "labels": (), "assignee": "", "milestone": "", "due": ""}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {"title": text(form, "title"), "body": text(form, "body"), **_facts(form)}
        errors = _issue_errors(values, crew, steps)
        if not errors:
            issue = state.create_issue(project.path, title=values["title"], body=values["body"], **_parsed(values))
            return back(request, f"/{project.path}/issues/{issue.number}", f"Issue #{issue.number} created.")
    return project_page(
        request,
        "issue_new.html",
        "issues",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        labels=LABELS,
        crew=crew,
        steps=steps,
    )


def _facts(form: FormData) -> dict[str, Any]:
    """Labels, assignee, milestone and due date as they were written."""
    chosen = {value for value in form.getlist("labels") if isinstance(value, str)}
    return {"labels": tuple(sorted(chosen))} | {name: text(form, name) for name in ("assignee", "milestone", "due")}


def _facts_of(issue: Issue) -> dict[str, Any]:
    """The same of an issue, as they would be written."""
    return {
        "labels": issue.labels,
        "assignee": issue.assignee or "",
        "milestone": str(issue.milestone or ""),
        "due": issue.due.isoformat() if issue.due else "",
    }


def _parsed(values: Mapping[str, Any]) -> dict[str, Any]:
    """What `_facts` has read, once `_issue_errors` has found nothing wrong with it."""
    return {
        "labels": values["labels"],
        "assignee": values["assignee"] or None,
        "milestone": int(values["milestone"]) if values["milestone"] else None,
        "due": form_date(values, "due")[0],
    }


def _issue_errors(
    values: Mapping[str, Any], crew: list[tuple[str, str]], steps: list[tuple[str, str]]
) -> dict[str, str]:
    errors = {}
    if "title" in values and not values["title"]:
        errors["title"] = "Give the issue a title."
    elif len(values.get("title", "")) > TITLE_LIMIT:
        errors["title"] = f"A title can have {TITLE_LIMIT} characters; this one has {len(values['title'])}."
    if "body" in values and len(values["body"]) < 10:
        errors["body"] = "Describe the issue in at least 10 characters."
    elif len(values.get("body", "")) > TEXT_LIMIT:
        errors["body"] = f"A description can have {TEXT_LIMIT:,} characters; this one has {len(values['body']):,}."
    if not set(values["labels"]) <= set(LABELS):
        errors["labels"] = "Choose labels from the list."
    if values["assignee"] and values["assignee"] not in dict(crew):
        errors["assignee"] = "Choose one of the project's contributors."
    if values["milestone"] and values["milestone"] not in dict(steps):
        errors["milestone"] = "Choose a milestone from the list."
    if wrong := form_date(values, "due")[1]:
        errors["due"] = wrong
    return errors


def _issue_of(request: Request) -> tuple[State, Project, Issue]:
    state, project = state_of(request), project_of(request)
    issue = state.issue(project.path, request.path_params["number"])
    if issue is None:
        raise HTTPException(404)
    return state, project, issue


def _to_change(request: Request) -> tuple[State, Project, Issue]:
    """The issue in the address, for who may change it: whoever is signed in, unless the project is archived."""
    need_person(request)
    found = _issue_of(request)
    if found[1].archived:
        raise HTTPException(403)
    return found


def _url(issue: Issue) -> str:
    return f"/{issue.project}/issues/{issue.number}"


def _detail(
    request: Request,
    *,
    draft: str = "",
    error: str | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The page of an issue.

    Args:
        request: The request.
        draft: The comment as it was written.
        error: What is wrong with it.
        values: The facts as they were written.
        errors: What is wrong with them.
    """
    state, project, issue = _issue_of(request)
    return project_page(
        request,
        "issue.html",
        "issues",
        status=422 if error or errors else 200,
        issue=issue,
        labels=LABELS,
        crew=_crew(state, project),
        steps=_steps(state, project),
        draft=draft,
        error=error,
        values=values or _facts_of(issue),
        errors=errors or {},
    )


async def detail(request: Request) -> Response:
    """One issue with its timeline."""
    return _detail(request)


async def comment(request: Request) -> Response:
    """Add a comment."""
    state, _, issue = _to_change(request)
    body = text(await request.form(), "body")
    if not body:
        return _detail(request, error="Write something before you send it.")
    if len(body) > TEXT_LIMIT:
        return _detail(request, draft=body, error=f"A comment can have {TEXT_LIMIT:,} characters.")
    state.comment(issue, body)
    return back(request, _url(issue), "Comment added.")


async def delete_comment(request: Request) -> Response:
    """Delete one of the viewer's own comments."""
    state, _, issue = _to_change(request)
    if not state.delete_comment(issue, request.path_params["comment"]):
        raise HTTPException(403)
    return back(request, _url(issue), "Comment deleted.")


async def close(request: Request) -> Response:
    """Close an issue."""
    return _set_state(request, "closed")


async def reopen(request: Request) -> Response:
    """Reopen an issue."""
    return _set_state(request, "open")


def _set_state(request: Request, wanted: IssueState) -> Response:
    state, _, issue = _to_change(request)
    state.set_issue_state(issue, wanted)
    return back(request, _url(issue), f"Issue #{issue.number} {'closed' if wanted == 'closed' else 'reopened'}.")


async def edit(request: Request) -> Response:
    """Change labels, assignee, milestone and due date."""
    state, project, issue = _to_change(request)
    values = _facts(await request.form())
    errors = _issue_errors(values, _crew(state, project), _steps(state, project))
    if errors:
        return _detail(request, values=values, errors=errors)
    changed = state.edit_issue(issue, **_parsed(values))
    return back(request, _url(issue), "Issue updated." if changed else "Nothing to change.")
