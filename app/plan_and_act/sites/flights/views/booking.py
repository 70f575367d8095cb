"""Booking: the flight with its fares, passengers, seats, extras, review, and the trip that comes of it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.flights.dates import day, read_day
from plan_and_act.sites.flights.draft import EXTRAS, MOST_BAGS, Draft, bag_price, to_fare
from plan_and_act.sites.flights.model import CABINS, FARES, Cabin, Flight, Traveller
from plan_and_act.sites.flights.offers import MOST, Query, read_date
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.flights.seating import chosen_seats
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.flights.web import flight_of, need_person, page, state_of
from plan_and_act.sites.web import back, text

_NAME = re.compile(r"[^\W\d_][^\d_<>]{0,39}")


def _wanted(form: Mapping[str, Any]) -> tuple[int, Cabin, date | None]:
    """Passengers, cabin and the day of the way back, as an address or a form has them; what is odd becomes usual."""
    count = text(form, "passengers")
    cabin: Cabin = "Business" if text(form, "cabin") == CABINS[1] else "Economy"
    return int(count) if count in map(str, range(1, MOST + 1)) else 1, cabin, read_date(text(form, "return"), "", {})


def _returning(state: State, given: Mapping[str, Any]) -> Draft | None:
    """The booking whose way back is being chosen, for the first time or anew; None when none is."""
    draft = state.draft
    return draft if draft and draft.back and given.get("leg") == "back" else None


def _again(request: Request, found: Flight, form: Mapping[str, Any], toast: str) -> Response:
    """Back to a flight's page, with what its form knows of the search, to say why the flight is not taken."""
    kept = {name: text(form, name) for name in ("passengers", "cabin", "return", "leg")}
    query = urlencode({name: value for name, value in kept.items() if value})
    return back(request, found.path + (f"?{query}" if query else ""), toast)


async def flight(request: Request) -> Response:
    """A flight with its fares."""
    return _flight(request)


def _flight(request: Request, *, status: int = 200) -> Response:
    state, found = state_of(request), flight_of(request)
    count, cabin, returning = _wanted(request.query_params)
    draft = _returning(state, request.query_params)
    return page(
        request,
        "flight.html",
        status=status,
        flight=found,
        airline=state.base.network.airlines[found.airline],
        fares=FARES,
        count=count,
        cabin=draft.cabin if draft else cabin,
        returning=returning,
        draft=draft,
        sold_out=state.sold_out(found),
    )


async def start(request: Request) -> Response:
    """Take a flight: the way there begins a booking, the way back goes on with it."""
    state = need_person(request)
    found = flight_of(request)
    form = await request.form()
    if state.sold_out(found):
        return _flight(request, status=409)
    if draft := _returning(state, form):
        if found.departs <= draft.flights[0].arrives:
            return _again(request, found, form, "The way back has to depart after you have arrived.")
        draft.flights[1:] = [found]
        del draft.seats[1:]
        return back(request, "/book/passengers")
    fare = to_fare(text(form, "fare"))
    if fare is None:
        return _again(request, found, form, "Choose a fare.")
    count, cabin, returning = _wanted(form)
    state.draft = Draft([found], fare, cabin, count, returning)
    return back(request, _way_back(state, found, returning) if returning else "/book/passengers")


def _way_back(state: State, found: Flight, returning: date) -> str:
    airports, draft = state.base.network.airports, state.draft
    query = Query(
        airports[found.destination],
        airports[found.origin],
        returning,
        passengers=draft.count if draft else 1,
        cabin=draft.cabin if draft else "Economy",
        leg="back",
    )
    return f"/flights?{query.parameters()}"


def _draft(request: Request) -> tuple[State, Draft]:
    """The booking that is being made.

    Raises:
        SignInNeededError: When nobody is signed in.
        HTTPException: 404 when none is being made.
    """
    state = need_person(request)
    if state.draft is None:
        raise HTTPException(404)
    return state, state.draft


async def passengers(request: Request) -> Response:
    """Who flies."""
    state, draft = _draft(request)
    values: dict[str, str] = {}
    for index, person in enumerate(draft.passengers):
        values |= {f"first-{index}": person.first, f"last-{index}": person.last, f"born-{index}": day(person.born)}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in form}
        people = [_traveller(values, index, errors) for index in range(draft.count)]
        found = [person for person in people if person]
        if len(set(found)) < len(found):
            errors[f"last-{draft.count - 1}"] = "Every passenger can be entered only once."
        if not errors:
            draft.passengers = found
            return back(request, "/book/seats")
    status = 422 if errors else 200
    return page(
        request, "passengers.html", status=status, draft=draft, values=values, errors=errors, saved=state.travellers
    )


def _traveller(values: Mapping[str, str], index: int, errors: dict[str, str]) -> Traveller | None:
    """A passenger from a form; says in `errors` what is wrong."""
    first, last = values.get(f"first-{index}", ""), values.get(f"last-{index}", "")
    born = read_day(values.get(f"born-{index}", ""))
    if not _NAME.fullmatch(first):
        errors[f"first-{index}"] = "Enter the first name as it is in the passport."
    if not _NAME.fullmatch(last):
        errors[f"last-{index}"] = "Enter the last name as it is in the passport."
    if born is None or not date(1900, 1, 1) < born < NOW.date():
        errors[f"born-{index}"] = "Enter the date of birth, for example 7 March 1990."
        return None
    return Traveller(first, last, born)


def read_traveller(values: Mapping[str, str]) -> tuple[Traveller | None, dict[str, str]]:
    """One person from the fields `first-0`, `last-0` and `born-0`, or what is wrong with them by field."""
    errors: dict[str, str] = {}
    person = _traveller(values, 0, errors)
    return (None if errors else person), errors


async def seats(request: Request) -> Response:
    """Seats on each of the flights; none have to be chosen."""
    state, draft = _draft(request)
    if len(draft.passengers) != draft.count:
        return RedirectResponse("/book/passengers", 303)
    leg = 1 if request.query_params.get("flight") == "2" and len(draft.flights) > 1 else 0
    error = None
    names = draft.seats[leg] if leg < len(draft.seats) else (None,) * draft.count
    if request.method == "POST":
        chosen = chosen_seats(state.base.network, draft.flights[leg], await request.form(), draft.count)
        if chosen is None:
            error = "One of these seats cannot be had. Please choose again."
        else:
            draft.seats[leg : leg + 1] = [chosen]
            more = leg + 1 < len(draft.flights)
            return back(request, "/book/seats?flight=2" if more else "/book/extras")
    return page(
        request,
        "seats.html",
        status=422 if error else 200,
        trip=None,
        draft=draft,
        flight=draft.flights[leg],
        passengers=draft.passengers,
        names=names,
        taken=(),
        rows=state.base.network.seats(draft.flights[leg]),
        error=error,
    )


async def extras(request: Request) -> Response:
    """Bags, insurance and the like."""
    state, draft = _draft(request)
    if len(draft.seats) < len(draft.flights):
        return RedirectResponse("/book/seats", 303)
    if request.method == "POST":
        form = await request.form()
        draft.bags = read_bags(form, draft.count)
        draft.extras = tuple(name for name in EXTRAS if name in form)
        return back(request, "/book/review")
    return page(
        request,
        "extras.html",
        draft=draft,
        bags=draft.bags or (0,) * draft.count,
        most=MOST_BAGS,
        price=bag_price(state.base.network, draft.flights),
        extras=EXTRAS,
    )


def read_bags(form: Mapping[str, Any], count: int) -> tuple[int, ...]:
    """How many bags each passenger adds; what is no such number counts as none."""
    given = [text(form, f"bags-{index}") for index in range(count)]
    return tuple(int(some) if some in map(str, range(MOST_BAGS + 1)) else 0 for some in given)


async def review(request: Request) -> Response:
    """Everything once more, how to pay, and the button that books."""
    state, draft = _draft(request)
    if len(draft.bags) != draft.count or len(draft.seats) < len(draft.flights):
        return RedirectResponse("/book/extras", 303)
    errors: dict[str, str] = {}
    payment = ""
    if request.method == "POST":
        form = await request.form()
        payment = text(form, "payment")
        if payment not in ("card", "airport"):
            errors["payment-card"] = "Choose how you want to pay."
        if "accept" not in form:
            errors["accept"] = "Please accept the fare rules."
        if not errors:
            trip = state.book(draft, "card" if payment == "card" else "airport")
            return back(request, f"/trips/{trip.ref}?booked=yes")
    status = 422 if errors else 200
    return page(request, "review.html", status=status, draft=draft, errors=errors, payment=payment)
