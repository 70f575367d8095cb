"""Profiles: what somebody has written, and for oneself what was saved."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.data import STALE_HOURS
from plan_and_act.sites.board.model import Comment, Person, Thread
from plan_and_act.sites.board.ranking import is_stale, ranked, rows
from plan_and_act.sites.board.state import Flag, State
from plan_and_act.sites.board.web import choice, is_fresh, need_person, page, person_of, state_of
from plan_and_act.sites.web import back, paginate

SORTS = {"new": "New", "top": "Top"}


async def posts(request: Request) -> Response:
    """The threads of a person."""
    state, person, fresh = state_of(request), person_of(request), is_fresh(request)
    mine = [thread for thread in state.threads() if thread.author == person.username]
    sort = choice(request, "sort", SORTS, "new")
    shown = ranked(state, rows(state, mine, fresh=fresh), sort, "all")
    hours = STALE_HOURS if is_stale(state, fresh=fresh) else None
    values = {"rows": paginate(request, shown, 8), "sort": sort, "sorts": SORTS, "hours": hours}
    return _profile(request, person, "posts", **values)


async def comments(request: Request) -> Response:
    """The comments of a person, newest first."""
    state, person = state_of(request), person_of(request)
    found = [
        (thread, comment) for thread in state.threads() for comment in thread.shown if comment.author == person.username
    ]
    found.sort(key=lambda pair: (pair[1].created, pair[1].id), reverse=True)
    return _profile(request, person, "comments", comments=paginate(request, found, 10))


async def saved(request: Request) -> Response:
    """What one has saved; nobody else sees it."""
    viewer, person = need_person(request), person_of(request)
    if viewer.username != person.username:
        raise HTTPException(403)
    state = state_of(request)
    names = {*state.base.saved, *(name for flag, name in state.flags if flag == "saved")}
    kept = [_with_thread(state, name) for name in sorted(names) if state.has("saved", name)]
    found = [pair for pair in kept if pair is not None]
    found.sort(key=lambda pair: pair[1].created, reverse=True)
    return _profile(request, person, "saved", saved=found)


def _with_thread(state: State, target: str) -> tuple[Thread, Thread | Comment] | None:
    item, thread = state.item(target), state.thread_of(target)
    return None if item is None or thread is None or item.gone or thread.gone else (thread, item)


def _profile(request: Request, person: Person, tab: str, **values: Any) -> Response:
    return page(request, f"profile_{tab}.html", person=person, tab=tab, **values)


async def follow(request: Request) -> Response:
    """Follow a person."""
    return _mark(request, "follow", on=True, words="You follow {} now.")


async def unfollow(request: Request) -> Response:
    """Stop following a person."""
    return _mark(request, "follow", on=False, words="You do not follow {} any more.")


async def block(request: Request) -> Response:
    """Hide what a person writes."""
    return _mark(request, "block", on=True, words="You will not see what {} writes.")


async def unblock(request: Request) -> Response:
    """Show again what a person writes."""
    return _mark(request, "block", on=False, words="You see again what {} writes.")


def _mark(request: Request, flag: Flag, *, on: bool, words: str) -> Response:
    viewer, person = need_person(request), person_of(request)
    if person.username == viewer.username:
        raise HTTPException(400)
    state_of(request).mark(flag, person.username, on)
    return back(request, f"/u/{person.username}", words.format(person.username))
