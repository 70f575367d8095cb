"""The start page, the search for flights, and what scripts ask for: airports and results."""

from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.flights.dates import day
from plan_and_act.sites.flights.model import CABINS, Flight
from plan_and_act.sites.flights.offers import (
    MOST,
    SORTS,
    STOPS,
    TIMES,
    Query,
    around,
    card,
    choose,
    read_query,
    suggest,
)
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.flights.web import page, state_of
from plan_and_act.sites.money import cents

_SHOWN = 5
"""How many flights a list shows before one asks for more."""
_STALE_HOURS = 6


async def home(request: Request) -> Response:
    """The start page with the search form."""
    net, base = state_of(request).base.network, state_of(request).base
    places = [airport for airport in net.airports.values() if airport.city != net.airports[base.home].city]
    form = {"from": net.airports[base.home].label}
    return page(request, "home.html", **_form(form, {}), home=net.airports[base.home], places=places[3::5][:6])


def _form(values: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """What the search form is rendered with."""
    return {"form": values, "errors": errors, "cabins": CABINS, "most": MOST}


async def flights(request: Request) -> Response:
    """The page of results; a script fills the list."""
    net = state_of(request).base.network
    given = dict(request.query_params)
    query, errors = read_query(net, given)
    if query is None:
        return page(request, "search.html", status=422, **_form(given, errors))
    listed = net.flights(query.origin.code, query.destination.code, query.day)
    shown = given | {"from": query.origin.label, "to": query.destination.label, "date": day(query.day)}
    airlines = {flight.airline: net.airlines[flight.airline].name for flight in listed}
    return page(
        request,
        "results.html",
        **_form(shown, errors),
        query=query,
        source=f"/api/flights?{query.parameters()}",
        airlines=sorted(airlines.items(), key=lambda pair: pair[1]),
        sorts={name: label for name, (label, _) in SORTS.items()},
        times={name: label for name, (label, _) in TIMES.items()},
        stops=STOPS,
    )


async def airports(request: Request) -> Response:
    """Suggestions for a field that takes an airport."""
    found = suggest(state_of(request).base.network, request.query_params.get("q", "")[:60])
    return JSONResponse([{"label": airport.label, "option": airport.option} for airport in found])


async def results(request: Request) -> Response:
    """The flights of a search, filtered and sorted, and how old their prices are."""
    state = state_of(request)
    net, given = state.base.network, request.query_params
    query, errors = read_query(net, given)
    if query is None:
        return JSONResponse({"errors": errors}, 422)
    place = (query.origin.code, query.destination.code, query.day)
    if "fresh" in given:
        state.refreshed.add(place)
    stale = state.visit.disturbances.stale and place not in state.refreshed

    def price(flight: Flight) -> int:
        current = flight.cost("Basic", query.cabin)
        return current * net.old_price(flight) // flight.price if stale else current

    wishes = _wishes(given, errors)
    found = choose(net, query, wishes, price=price) if _finds(state, query) else []
    asked = given.get("limit", "")
    limit = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else _SHOWN
    return JSONResponse(
        {
            "total": len(found),
            "shown": [card(net, flight, query, price(flight)) for flight in found[:limit]],
            "errors": errors,
            "hours": _STALE_HOURS if stale else None,
            "around": around(net, query, price=price) if query.flexible else [],
        }
    )


def _finds(state: State, query: Query) -> bool:
    return state.visit.finds(query.words)


def _wishes(given: QueryParams, errors: dict[str, str]) -> dict[str, Any]:
    """What the list is filtered and sorted by; says in `errors` what is wrong with it."""
    typed = given.get("most", "").strip()
    most = cents(typed)
    if typed and most is None:
        errors["most"] = "Enter an amount in euros, for example 200. This filter is not applied."
    return {
        "stops": given.get("stops", ""),
        "airlines": given.getlist("airline"),
        "most": None if most is None else most / 100,
        "time": given.get("time", ""),
        "sort": given.get("sort", ""),
    }
