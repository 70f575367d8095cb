"""What every page of this site needs: the session's state, who must be signed in, what the address names."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge import prose
from plan_and_act.sites.forge.model import Person, Project
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.web import SignInNeededError, render, session_of

FILTERS: dict[str, Callable[..., Any]] = {
    "ago": prose.ago,
    "day": prose.day,
    "prose": prose.prose,
    "number": prose.number,
    "initials": prose.initials,
    "hue": prose.hue,
    "plural": prose.plural,
}


def state_of(request: Request) -> State:
    """The site as the request's session sees it."""
    state: State = session_of(request)
    return state


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page."""
    state = state_of(request)
    return render(request, template, status=status, me=state.me, now=state.now, base=state.base, **values)


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
    project = state_of(request).base.projects.get(f"{request.path_params['owner']}/{request.path_params['project']}")
    if project is None:
        raise HTTPException(404)
    return project


def person_of(request: Request) -> Person:
    """The person in the address.

    Raises:
        HTTPException: 404 when there is none.
    """
    person = state_of(request).person(request.path_params["username"])
    if person is None:
        raise HTTPException(404)
    return person
