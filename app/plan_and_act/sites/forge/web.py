"""What every page of this site needs: the session's state, who must be signed in, what the address names."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.forge import prose
from plan_and_act.sites.forge.model import Person, Project, Role, WatchLevel
from plan_and_act.sites.forge.stale import hours
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.web import SignInNeededError, render, session_of, text, url_with

FILTERS: dict[str, Callable[..., Any]] = {
    "ago": prose.ago,
    "day": prose.day,
    "prose": prose.prose,
    "number": prose.number,
    "initials": prose.initials,
    "hue": prose.hue,
    "plural": prose.plural,
}
WATCH_LEVELS: dict[WatchLevel, tuple[str, str]] = {
    "participating": ("Participating", "Only where you take part or are mentioned"),
    "all": ("All activity", "Everything that happens in the project"),
    "ignore": ("Ignore", "Nothing at all"),
}


def state_of(request: Request) -> State:
    """The site as the request's session sees it."""
    state: State = session_of(request)
    return state


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page."""
    state = state_of(request)
    return render(
        request,
        template,
        status=status,
        me=state.me,
        now=state.now,
        base=state.base,
        behind=hours(state.base),
        **values,
    )


def need_person(request: Request) -> Person:
    """Who is signed in.

    Raises:
        SignInNeededError: When nobody is; the site answers with its sign-in page.
    """
    person = state_of(request).me
    if person is None:
        raise SignInNeededError
    return person


def project_of(request: Request) -> Project:
    """The project in the address.

    Raises:
        HTTPException: 404 when there is none.
    """
    state = state_of(request)
    project = state.project(f"{request.path_params['owner']}/{request.path_params['project']}")
    if project is None or not state.sees(project):
        raise HTTPException(404)
    return project


def need_role(request: Request, role: Role, *, archived: bool = False) -> Project:
    """The project in the address, in which the viewer has a role, or a higher one.

    Args:
        request: The request.
        role: The role.
        archived: Whether the project may be archived; there is not much that can be done with such a one.

    Raises:
        SignInNeededError: When nobody is signed in.
        HTTPException: 404 when there is no such project, 403 when the viewer may not do this.
    """
    need_person(request)
    project = project_of(request)
    if not state_of(request).may(project, role) or (project.archived and not archived):
        raise HTTPException(403)
    return project


def project_page(request: Request, template: str, tab: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page of the project in the address; `tab` is what is marked in its navigation."""
    return page(
        request, template, status=status, project=project_of(request), tab=tab, watch_levels=WATCH_LEVELS, **values
    )


def refreshed(request: Request, name: str) -> Response | None:
    """Bring a list up to date whose link "Refresh" was followed, and go back to it; None when it was not."""
    if "refresh" not in request.query_params:
        return None
    state_of(request).refreshed.add(name)
    return RedirectResponse(url_with(request, refresh=None), 303)


def form_date(form: Mapping[str, Any], name: str) -> tuple[date | None, str | None]:
    """A date in a form, and what is wrong with it: both None when the field is empty."""
    written = text(form, name)
    try:
        return (date.fromisoformat(written) if written else None), None
    except ValueError:
        return None, "Write the date as YYYY-MM-DD, e.g. 2026-06-30."


def person_of(request: Request) -> Person:
    """The person in the address.

    Raises:
        HTTPException: 404 when there is none.
    """
    person = state_of(request).person(request.path_params["username"])
    if person is None:
        raise HTTPException(404)
    return person
