"""Milestones: the steps of a project's plan, and how far they are."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import IssueState, Milestone
from plan_and_act.sites.forge.web import form_date, need_role, project_of, project_page, state_of
from plan_and_act.sites.web import back, paginate, text


async def index(request: Request) -> Response:
    """A project's milestones by state, with their progress."""
    state, project = state_of(request), project_of(request)
    wanted = "closed" if request.query_params.get("state") == "closed" else "open"
    every = state.milestones(project.path)
    counts = {name: sum(step.state == name for step in every) for name in ("open", "closed")}
    shown = [(step, _progress(request, step)) for step in every if step.state == wanted]
    return project_page(request, "milestones.html", "milestones", steps=shown, wanted=wanted, counts=counts)


def _progress(request: Request, step: Milestone) -> tuple[int, int]:
    """How many issues of a milestone are closed, and how many it has."""
    states = [issue.state for issue in state_of(request).issues(step.project) if issue.milestone == step.number]
    return states.count("closed"), len(states)


async def detail(request: Request) -> Response:
    """One milestone with its issues."""
    step = _milestone_of(request)
    issues = [issue for issue in state_of(request).issues(step.project) if issue.milestone == step.number]
    return project_page(
        request,
        "milestone.html",
        "milestones",
        step=step,
        progress=_progress(request, step),
        issues=paginate(request, issues, 15),
    )


def _milestone_of(request: Request) -> Milestone:
    step = state_of(request).milestone(project_of(request).path, request.path_params["number"])
    if step is None:
        raise HTTPException(404)
    return step


async def new(request: Request) -> Response:
    """The form for a new milestone; for maintainers."""
    project = need_role(request, "maintainer")
    values, errors = {"title": "", "description": "", "due": ""}, {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in values}
        due, wrong = form_date(form, "due")
        if not 1 <= len(values["title"]) <= 80:
            errors["title"] = "A title needs 1 to 80 characters."
        elif values["title"] in {step.title for step in state_of(request).milestones(project.path)}:
            errors["title"] = "There is a milestone with this title."
        if wrong:
            errors["due"] = wrong
        elif due and due < state_of(request).today:
            errors["due"] = "This day has passed."
        if not errors:
            step = state_of(request).create_milestone(
                project.path, title=values["title"], description=values["description"][:1_000], due=due
            )
            return back(request, f"/{project.path}/milestones/{step.number}", "Milestone created.")
    status = 422 if errors else 200
    return project_page(request, "milestone_new.html", "milestones", status=status, values=values, errors=errors)


async def close(request: Request) -> Response:
    """Close a milestone."""
    return _set_state(request, "closed")


async def reopen(request: Request) -> Response:
    """Reopen a milestone."""
    return _set_state(request, "open")


def _set_state(request: Request, wanted: IssueState) -> Response:
    need_role(request, "maintainer")
    step = _milestone_of(request)
    state_of(request).set_milestone_state(step, wanted)
    words = f"Milestone {'closed' if wanted == 'closed' else 'reopened'}."
    return back(request, f"/{step.project}/milestones/{step.number}", words)
