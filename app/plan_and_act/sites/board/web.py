"""What every page of this site needs: the session's state, who must be signed in, what the address names."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.board.model import Comment, Community, Person, Thread
from plan_and_act.sites.board.state import State
from plan_and_act.sites.forge import prose
from plan_and_act.sites.web import (
    SignInNeededError,
    back,
    here,
    render,
    safe_next,
    session_of,
    text,
    url_with,
    wants_json,
)


def moment(when: datetime) -> str:
    """A point in time in full, as it is shown when the mouse rests on it."""
    return f"{when.day} {when:%B %Y, %H:%M}"


def clock(seconds: int) -> str:
    """A length of time, e.g. `12:07`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def paragraphs(words: str) -> Markup:
    """What somebody wrote, with its paragraphs and lines."""
    blocks = (Markup("<br>").join(block.split("\n")) for block in re.split(r"\n{2,}", words.strip()))
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in blocks)


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": prose.ago,
    "day": prose.day,
    "moment": moment,
    "clock": clock,
    "paragraphs": paragraphs,
    "number": prose.number,
    "plural": prose.plural,
    "hue": prose.hue,
}


def state_of(request: Request) -> State:
    """The site as the request's session sees it."""
    state: State = session_of(request)
    return state


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page."""
    return render(request, template, status=status, **_common(request), **values)


def fragment(request: Request, template: str, **values: Any) -> str:
    """Render a part of a page, for a script that puts it in place."""
    html: str = request.app.state.templates.get_template(template).render(
        request=request,
        state=state_of(request),
        here=here(request),
        url_with=lambda **changes: url_with(request, **changes),
        **_common(request),
        **values,
    )
    return html


def _common(request: Request) -> dict[str, Any]:
    state = state_of(request)
    return {"me": state.me, "now": state.now, "base": state.base, "fresh": is_fresh(request)}


def is_fresh(request: Request) -> bool:
    """Whether the list was asked for anew."""
    return request.query_params.get("fresh") == "1"


def choice(request: Request, name: str, known: Any, default: str) -> str:
    """A value of the query that is one of those known, else the default."""
    value = request.query_params.get(name, default)
    return value if value in known else default


def done(request: Request, message: str, *, url: str = "/", **values: Any) -> Response:
    """What follows a change: JSON for a script, else the page where one was, with a toast."""
    if wants_json(request):
        return JSONResponse({"message": message, **values})
    return back(request, url, message)


async def came_from(request: Request) -> str:
    """Where a form wants to go back to."""
    return safe_next(text(await request.form(), "next") or "/")


def need_person(request: Request) -> Person:
    """Who is signed in.

    Raises:
        SignInNeededError: When nobody is; the site answers with its sign-in page.
    """
    person = state_of(request).me
    if person is None:
        raise SignInNeededError
    return person


def community_of(request: Request) -> Community:
    """The community in the address.

    Raises:
        HTTPException: 404 when there is none.
    """
    community = state_of(request).base.communities.get(request.path_params["community"])
    if community is None:
        raise HTTPException(404)
    return community


def moderated_of(request: Request) -> Community:
    """The community in the address, for its moderators.

    Raises:
        SignInNeededError: When nobody is signed in.
        HTTPException: 404 when there is none, 403 for who is not its moderator.
    """
    need_person(request)
    community = community_of(request)
    if not state_of(request).moderates(community.slug):
        raise HTTPException(403)
    return community


def thread_of(request: Request) -> Thread:
    """The thread in the address; one that was removed is there for moderators only.

    Raises:
        HTTPException: 404 when there is none.
    """
    state, community = state_of(request), community_of(request)
    thread = state.thread(request.path_params["thread"])
    if thread is None or thread.community != community.slug:
        raise HTTPException(404)
    if thread.gone and not state.moderates(community.slug):
        raise HTTPException(404)
    return thread


def comment_of(request: Request) -> tuple[Thread, Comment]:
    """The comment in the address, with its thread.

    Raises:
        HTTPException: 404 when there is none.
    """
    thread = thread_of(request)
    for comment in thread.shown:
        if comment.id == request.path_params["comment"]:
            return thread, comment
    raise HTTPException(404)


def person_of(request: Request) -> Person:
    """The person in the address.

    Raises:
        HTTPException: 404 when there is none.
    """
    person = state_of(request).person(request.path_params["username"])
    if person is None:
        raise HTTPException(404)
    return person
