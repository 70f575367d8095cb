"""Lists of threads: the start page, what is popular, and a community's own page."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.board.data import STALE_HOURS
from plan_and_act.sites.board.model import Thread
from plan_and_act.sites.board.ranking import RANGES, SORTS, Row, is_stale, ranked, rows
from plan_and_act.sites.board.web import choice, community_of, fragment, is_fresh, page, state_of
from plan_and_act.sites.web import Slice, paginate, url_with, wants_json

SIZE = 8
"""Threads that come at a time."""


async def home(request: Request) -> Response:
    """The viewer's communities; everything for who has joined none or is not signed in."""
    state = state_of(request)
    mine = [thread for thread in state.threads() if state.has("member", thread.community)]
    return _feed(request, "home.html", mine or state.threads(), title="Home" if mine else "Popular")


async def popular(request: Request) -> Response:
    """All communities."""
    return _feed(request, "home.html", state_of(request).threads(), title="Popular")


async def community(request: Request) -> Response:
    """A community with its threads, of one flair if that is asked for."""
    state, found = state_of(request), community_of(request)
    flair = choice(request, "flair", found.flairs, "")
    threads = [thread for thread in state.threads() if thread.community == found.slug and flair in ("", thread.flair)]
    return _feed(request, "community.html", threads, community=found, tab="threads", flair=flair, pins=True)


def _feed(request: Request, template: str, threads: Iterable[Thread], *, pins: bool = False, **values: Any) -> Response:
    """A page of a feed; for a script that scrolls on, the next rows and where the ones after them are."""
    state, fresh = state_of(request), is_fresh(request)
    sort, span = choice(request, "sort", SORTS, "hot"), choice(request, "t", RANGES, "day")
    after = request.query_params.get("after", "")
    # Kept although it may be hidden meanwhile: its place is where the feed goes on.
    ordered = ranked(state, rows(state, threads, fresh=fresh, kept=after), sort, span, pins=pins)
    begin = next((place for place, row in enumerate(ordered, 1) if str(row.thread.id) == after), 0)
    shown: Slice[Row] = paginate(request, ordered[begin:], SIZE)
    more = shown.number < shown.pages
    values |= {
        "rows": shown,
        # Not a page's number: what is hidden makes later threads move up to pages that were read.
        "more": url_with(request, after=shown.items[-1].thread.id, page=None) if more else None,
        "with_community": "community" not in values,
    }
    if wants_json(request):
        return JSONResponse({"html": fragment(request, "rows.html", **values), "more": values["more"]})
    hours = STALE_HOURS if is_stale(state, fresh=fresh) else None
    return page(
        request, template, sort=sort, span=span, sorts=SORTS, ranges=RANGES, hours=hours, **values
    )  # fmt: skip
