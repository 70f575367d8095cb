"""The trips of the account: the list, one trip, and what can be done with it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from plan_and_act.sites.flights.dates import clock, long_day
from plan_and_act.sites.flights.draft import MOST_BAGS, bag_price, fee
from plan_and_act.sites.flights.model import Flight, Trip
from plan_and_act.sites.flights.offers import read_date
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.flights.seating import chosen_seats
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.flights.views.booking import read_bags
from plan_and_act.sites.flights.web import find_flight, need_person, page, state_of, trip_of
from plan_and_act.sites.web import back, text

_TABS = ("upcoming", "past", "cancelled")


def _tab_of(state: State, trip: Trip) -> str:
    return "cancelled" if trip.cancelled else "past" if state.is_past(trip) else "upcoming"


async def index(request: Request) -> Response:
    """The trips to come, those of the past, and those that were cancelled."""
    state = need_person(request)
    asked = request.query_params.get("show", "")
    tab = asked if asked in _TABS else _TABS[0]
    lists = {name: [trip for trip in state.trips if _tab_of(state, trip) == name] for name in _TABS}
    if tab == "past":
        lists[tab].reverse()
    counts = {name: len(trips) for name, trips in lists.items()}
    return page(request, "trips.html", tab=tab, counts=counts, trips=lists[tab])


async def detail(request: Request) -> Response:
    """One trip."""
    state, trip = state_of(request), trip_of(request)
    return page(
        request,
        "trip.html",
        trip=trip,
        status_word=_tab_of(state, trip),
        can_check_in=state.can_check_in(trip),
        new="booked" in request.query_params,
    )


def _open_trip(request: Request) -> Trip:
    """A trip that can still be changed.

    Raises:
        HTTPException: 404 when there is no such trip, 403 when it is over or cancelled.
    """
    trip = trip_of(request)
    if _tab_of(state_of(request), trip) != "upcoming":
        raise HTTPException(403)
    return trip


def _leg(request: Request, trip: Trip) -> int:
    """Which of the flights is meant: 0, or 1 for the second one."""
    return 1 if request.query_params.get("flight") == "2" and len(trip.flights) > 1 else 0


async def cancel(request: Request) -> Response:
    """What one gets back, and the button that cancels."""
    state, trip = state_of(request), _open_trip(request)
    if request.method == "POST":
        state.cancel(trip)
        return back(request, f"/trips/{trip.ref}", "Your trip is cancelled.")
    kept = fee(state.base.network, trip.flights, trip.fare, refund=True)
    refund = None if kept is None else max(0, trip.paid - kept * len(trip.passengers))
    return page(request, "cancel.html", trip=trip, kept=kept, refund=refund)


async def seats(request: Request) -> Response:
    """Seats on one of the flights."""
    state, trip = state_of(request), _open_trip(request)
    leg = _leg(request, trip)
    flight, names = trip.flights[leg], trip.seats[leg]
    error = None
    if request.method == "POST":
        form = await request.form()
        chosen = chosen_seats(state.base.network, flight, form, len(trip.passengers), own=names)
        if chosen is not None:
            changed = state.choose_seats(trip, leg, chosen)
            return back(request, f"/trips/{trip.ref}", "Seats saved." if changed else "Nothing to change.")
        error = "One of these seats cannot be had. Please choose again."
    return page(
        request,
        "seats.html",
        status=422 if error else 200,
        trip=trip,
        draft=None,
        flight=flight,
        passengers=trip.passengers,
        names=names,
        rows=state.base.network.seats(flight),
        error=error,
    )


async def bags(request: Request) -> Response:
    """Add bags."""
    state, trip = state_of(request), _open_trip(request)
    if request.method == "POST":
        added = read_bags(await request.form(), len(trip.passengers))
        if any(one + more > MOST_BAGS for one, more in zip(trip.bags, added, strict=True)):
            return back(request, f"/trips/{trip.ref}/bags", f"A passenger can add {MOST_BAGS} bags at most.")
        changed = state.add_bags(trip, added)
        return back(request, f"/trips/{trip.ref}", "Bags added." if changed else "Nothing to add.")
    price = bag_price(state.base.network, trip.flights)
    return page(request, "bags.html", trip=trip, price=price, most=MOST_BAGS)


async def change(request: Request) -> Response:
    """Another flight of the same airline: choose a day, then the flight."""
    state, trip = state_of(request), _open_trip(request)
    leg = _leg(request, trip)
    if request.method == "POST":
        return await _changed(request, state, trip, leg)
    errors: dict[str, str] = {}
    asked = request.query_params.get("date")
    day = read_date(asked, "date", errors) if asked is not None else None
    old = trip.flights[leg]
    found = state.base.network.flights(old.origin, old.destination, day) if day else ()
    offers = [
        (flight, state.change_price(trip, leg, flight))
        for flight in found
        if flight.airline == old.airline and flight.departs > NOW and flight != old and not state.sold_out(flight)
    ]
    return page(
        request,
        "change.html",
        status=422 if errors else 200,
        trip=trip,
        leg=leg,
        old=old,
        fee=fee(state.base.network, (old,), trip.fare, refund=False),
        asked=asked or "",
        day=day,
        offers=offers,
        errors=errors,
    )


async def _changed(request: Request, state: State, trip: Trip, leg: int) -> Response:
    old = trip.flights[leg]
    day, _, number = text(await request.form(), "flight").partition(" ")
    flight = find_flight(state, {"route": f"{old.origin}-{old.destination}", "day": day, "number": number})
    here = f"/trips/{trip.ref}/change?flight={leg + 1}"
    if flight is None or flight.airline != old.airline or flight.departs < NOW or state.sold_out(flight):
        return back(request, here, "Choose one of the flights.")
    order = [*trip.flights[:leg], flight, *trip.flights[leg + 1 :]]
    if len(order) > 1 and order[0].arrives >= order[1].departs:
        return back(request, here, "The way back would depart before you arrive. Nothing was changed.")
    if not state.change_flight(trip, leg, flight):
        raise HTTPException(403)
    return back(request, f"/trips/{trip.ref}", f"Your flight is now {flight.number} on {long_day(flight.day)}.")


async def check_in(request: Request) -> Response:
    """Check passengers in for the first flight."""
    state, trip = state_of(request), _open_trip(request)
    hours = state.base.network.airlines[trip.flights[0].airline].check_in_hours
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        chosen = {index for index in range(len(trip.passengers)) if f"passenger-{index}" in form}
        if not state.can_check_in(trip):
            raise HTTPException(403)
        if not chosen:
            errors["passenger-0"] = "Choose who is to be checked in."
        if "safe" not in form:
            errors["safe"] = "Please confirm that you carry no dangerous goods."
        if not errors:
            state.check_in(trip, chosen)
            return back(request, f"/trips/{trip.ref}", "You are checked in. Your boarding pass is ready.")
    return page(
        request,
        "check_in.html",
        status=422 if errors else 200,
        trip=trip,
        hours=hours,
        open=state.can_check_in(trip),
        errors=errors,
    )


async def itinerary(request: Request) -> Response:
    """The trip as a text file."""
    state, trip = state_of(request), trip_of(request)
    names = ", ".join(person.name for person in trip.passengers)
    head = [f"LARKWAY ITINERARY   {trip.ref}", f"Passengers: {names}", f"Fare: {trip.fare}, {trip.cabin}", ""]
    return _file(f"itinerary-{trip.ref}.txt", head + [_flight_line(state, flight) for flight in trip.flights])


async def boarding_pass(request: Request) -> Response:
    """The boarding passes of those who are checked in, as a text file."""
    state, trip = state_of(request), trip_of(request)
    if not trip.checked_in:
        raise HTTPException(404)
    lines = [f"LARKWAY BOARDING PASS   {trip.ref}", _flight_line(state, trip.flights[0]), ""]
    lines += [
        f"{trip.passengers[index].name}: seat {trip.seats[0][index] or 'given at the gate'}"
        for index in trip.checked_in
    ]
    return _file(f"boarding-pass-{trip.ref}.txt", lines)


def _flight_line(state: State, flight: Flight) -> str:
    net = state.base.network
    gate = f", gate {net.gate(flight)}" if net.gate(flight) else ""
    return (
        f"{flight.number} {net.airports[flight.origin].label} to {net.airports[flight.destination].label}, "
        f"{long_day(flight.day)}, {clock(flight.departs)} - {clock(flight.arrives)}, "
        f"terminal {net.terminal(flight)}{gate}"
    )


def _file(name: str, lines: list[str]) -> Response:
    return PlainTextResponse("\n".join(lines) + "\n", headers={"content-disposition": f'attachment; filename="{name}"'})
