"""Searching for flights: what was asked for, what fits, in which order, and what the list says it costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from plan_and_act.sites.flights.dates import clock, read_day, short_day, span
from plan_and_act.sites.flights.model import CABINS, Airport, Cabin, Flight
from plan_and_act.sites.flights.schedule import LAST_DAY, NOW, Network

SORTS: dict[str, tuple[str, Callable[[Flight, int], Any]]] = {
    "recommended": ("Recommended", lambda flight, price: (price + flight.minutes / 3, flight.number)),
    "price": ("Lowest price", lambda flight, price: (price, flight.number)),
    "duration": ("Shortest duration", lambda flight, _: (flight.minutes, flight.number)),
    "departure": ("Earliest departure", lambda flight, _: (flight.departs, flight.number)),
    "arrival": ("Earliest arrival", lambda flight, _: (flight.arrives, flight.number)),
}
TIMES = {
    "morning": ("Morning, before 12:00", range(12)),
    "afternoon": ("Afternoon, 12:00 to 18:00", range(12, 18)),
    "evening": ("Evening, after 18:00", range(18, 24)),
}
STOPS = {"any": "Any", "direct": "Direct only", "one": "Up to one stop"}
MOST = 6
"""How many passengers one can search for."""
AROUND = 3
"""Days before and after that a search with flexible dates compares."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search for flights on one day; `back` is the day of the return flight that is chosen afterwards."""

    origin: Airport
    destination: Airport
    day: date
    back: date | None = None
    passengers: int = 1
    cabin: Cabin = "Economy"
    flexible: bool = False
    leg: str = "out"
    """`back` when the flight that is looked for is the way back of a booking that is being made."""

    @property
    def words(self) -> str:
        """The search in words, for the disturbance that finds nothing at first."""
        return f"{self.origin.code} {self.destination.code} {self.day} {'flexible' if self.flexible else ''}"

    def parameters(self, **changes: str | None) -> str:
        """The search as the query of an address."""
        given = {
            "from": self.origin.label,
            "to": self.destination.label,
            "date": self.day.isoformat(),
            "return": self.back.isoformat() if self.back else None,
            "passengers": self.passengers,
            "cabin": self.cabin,
            "flexible": "yes" if self.flexible else None,
            "leg": "back" if self.leg == "back" else None,
        } | changes
        return urlencode({name: value for name, value in given.items() if value is not None})


def find_airport(net: Network, text: str) -> Airport | None:
    """The airport that a text names: its label, its code, or the place when there is one of that name."""
    plain = text.strip().casefold()
    fitting = [
        airport
        for airport in net.airports.values()
        if plain in (airport.label.casefold(), airport.option.casefold(), airport.code.casefold())
    ] or [airport for airport in net.airports.values() if plain in (airport.place.casefold(), airport.city.casefold())]
    return fitting[0] if len(fitting) == 1 else None


def suggest(net: Network, text: str) -> list[Airport]:
    """The airports whose code, city, name or country begins with a text, in any word; codes first."""
    plain = text.strip().casefold().split(" (")[0]
    found = [
        airport
        for airport in net.airports.values()
        if plain == airport.code.casefold()
        or f" {plain}" in f" {airport.place} {airport.city} {airport.name} {airport.country}".casefold()
    ]
    return sorted(found, key=lambda airport: (airport.code.casefold() != plain, airport.label))[:8]


def read_query(net: Network, form: Mapping[str, str]) -> tuple[Query | None, dict[str, str]]:
    """The search that a form asks for, or what is wrong with the form by field."""
    errors: dict[str, str] = {}
    places = {}
    for name, words in (("from", "from"), ("to", "to")):
        places[name] = find_airport(net, form.get(name, ""))
        if places[name] is None:
            errors[name] = f"Choose the airport you fly {words} in the list of suggestions."
    if places["from"] and places["from"] == places["to"]:
        errors["to"] = "Choose two different airports."
    day = read_date(form.get("date", ""), "date", errors)
    back = None
    if form.get("trip") == "return" or form.get("return"):
        back = read_date(form.get("return", ""), "return", errors)
        if day and back and back < day:
            errors["return"] = "The way back cannot be before the way there."
    count = form.get("passengers", "1")
    if count not in map(str, range(1, MOST + 1)):
        errors["passengers"] = f"Choose 1 to {MOST} passengers."
    cabin = next((cabin for cabin in CABINS if cabin == form.get("cabin", "Economy")), None)
    if cabin is None:
        errors["cabin"] = "Choose Economy or Business."
    if errors or day is None or cabin is None or places["from"] is None or places["to"] is None:
        return None, errors
    leg = "back" if form.get("leg") == "back" else "out"
    return Query(
        places["from"], places["to"], day, back, int(count), cabin, flexible="flexible" in form, leg=leg
    ), errors  # fmt: skip


def read_date(text: str, name: str, errors: dict[str, str]) -> date | None:
    """A day on which one can fly; says in `errors` what is wrong with it."""
    day = read_day(text, year=NOW.year)
    if day is None:
        errors[name] = "Enter a date such as 20 May 2026."
    elif not NOW.date() <= day <= LAST_DAY:
        errors[name] = f"Flights can be booked from {short_day(NOW)} to {short_day(LAST_DAY)} {LAST_DAY.year}."
    else:
        return day
    return None


def choose(net: Network, query: Query, wishes: Mapping[str, Any], *, price: Callable[[Flight], int]) -> list[Flight]:
    """The flights of a search that fit the filters, sorted.

    Args:
        net: The world.
        query: The search.
        wishes: `stops`, `airlines` (codes), `most` (euros), `time`, `sort`; what is unknown or missing does not count.
        price: What the list says a flight costs.
    """
    airlines = wishes.get("airlines", ())
    hours = TIMES.get(wishes.get("time", ""), ("", range(24)))[1]
    stops = {"direct": 0, "one": 1}.get(wishes.get("stops", ""), 9)
    most = wishes.get("most")
    _, key = SORTS.get(wishes.get("sort", ""), SORTS["recommended"])
    fitting = [
        flight
        for flight in net.flights(query.origin.code, query.destination.code, query.day)
        if len(flight.stops) <= stops
        and (not airlines or flight.airline in airlines)
        and flight.departs.hour in hours
        and (most is None or price(flight) <= most)
        and flight.departs > NOW
    ]
    return sorted(fitting, key=lambda flight: key(flight, price(flight)))


def card(net: Network, flight: Flight, query: Query, price: int) -> dict[str, Any]:
    """A flight as the list of results shows it."""
    ways = [f"{net.airports[stop.airport].place}, {span(stop.minutes)}" for stop in flight.stops]
    return {
        "number": flight.number,
        "airline": net.airlines[flight.airline].name,
        "times": times(flight),
        "duration": span(flight.minutes),
        "stops": f"{count_stops(flight)}" + (f" ({'; '.join(ways)})" if ways else ""),
        "price": f"€{price}",
        "url": f"{flight.path}?{query.parameters(**{'from': None, 'to': None, 'date': None, 'flexible': None})}",
    }


def times(flight: Flight) -> str:
    """08:15 – 10:35; with (+1 day) when it arrives on the next day."""
    later = (flight.arrives.date() - flight.day).days
    return f"{clock(flight.departs)} – {clock(flight.arrives)}" + (f" (+{later} day)" if later else "")


def count_stops(flight: Flight) -> str:
    """Direct, 1 stop, 2 stops."""
    count = len(flight.stops)
    return "Direct" if not count else f"{count} stop{'s' if count > 1 else ''}"


def around(net: Network, query: Query, *, price: Callable[[Flight], int]) -> list[dict[str, str]]:
    """What the cheapest flight costs on the days around the one that was asked for."""
    found = []
    for shift in range(-AROUND, AROUND + 1):
        day = query.day + timedelta(days=shift)
        flights = [f for f in net.flights(query.origin.code, query.destination.code, day) if f.departs > NOW]
        if flights and day <= LAST_DAY:
            cheapest = f"€{min(map(price, flights))}"
            url = f"/flights?{query.parameters(date=day.isoformat())}"
            found.append({"day": f"{day:%a} {short_day(day)}", "price": cheapest, "url": url})
    return found
