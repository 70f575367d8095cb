"""What every page of this site needs: the session's state, who must be signed in, what the address names."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.flights import dates
from plan_and_act.sites.flights.data import CARD
from plan_and_act.sites.flights.model import Flight, Trip
from plan_and_act.sites.flights.offers import count_stops, times
from plan_and_act.sites.flights.schedule import LAST_DAY, NOW
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.web import SignInNeededError, render, session_of

FILTERS: dict[str, Callable[..., Any]] = {
    "day": dates.day,
    "long_day": dates.long_day,
    "short_day": dates.short_day,
    "clock": dates.clock,
    "span": dates.span,
    "stops": count_stops,
    "times": times,
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
        me=state.profile if state.viewer else None,
        net=state.base.network,
        today=NOW.date(),
        last_day=LAST_DAY,
        saved_card=CARD,
        **values,
    )


def need_person(request: Request) -> State:
    """The site as whoever is signed in sees it.

    Raises:
        SignInNeededError: When nobody is; the site answers with its sign-in page.
    """
    state = state_of(request)
    if state.viewer is None:
        raise SignInNeededError
    return state


def flight_of(request: Request) -> Flight:
    """The flight in the address.

    Raises:
        HTTPException: 404 when there is none, or it has left.
    """
    found = find_flight(state_of(request), request.path_params)
    if found is None or found.departs < NOW:
        raise HTTPException(404)
    return found


def find_flight(state: State, named: Mapping[str, str]) -> Flight | None:
    """A flight by `route` (TUN-FCO), `day` (2026-05-20) and `number`."""
    net = state.base.network
    origin, _, destination = named["route"].partition("-")
    try:
        day = date.fromisoformat(named["day"])
    except ValueError:
        return None
    if not {origin, destination} <= net.airports.keys() or day > LAST_DAY:
        return None
    return net.flight(origin, destination, day, named["number"])


def trip_of(request: Request) -> Trip:
    """The trip in the address.

    Raises:
        SignInNeededError: When nobody is signed in.
        HTTPException: 404 when there is none.
    """
    trip = need_person(request).trip(request.path_params["ref"])
    if trip is None:
        raise HTTPException(404)
    return trip
