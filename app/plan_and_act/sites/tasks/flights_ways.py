"""What tasks on flights share: routes that are drawn, ways through the site, records a checker compares."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plan_and_act.sites.flights.catalog import ALWAYS
from plan_and_act.sites.flights.data import CARD, Base, build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.model import Airport, Flight, Traveller, Trip
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.tasks.hand import Hand, LostError
from plan_and_act.sites.tasks.template import World

SITE = "flights"
_TRIES = 3_000
_TRIP = (
    "flights", "fare", "cabin", "passengers", "born", "seats", "seat_kinds", "bags", "extras", "payment", "cancelled",
    "checked_in",
)  # fmt: skip
"""What can differ in a trip."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where from, where to, and when; with the flights that can be booked, cheapest first."""

    origin: Airport
    destination: Airport
    day: date
    flights: tuple[Flight, ...]
    open: tuple[Flight, ...]

    @property
    def direct(self) -> list[Flight]:
        """The direct flights that can be booked, cheapest first."""
        return [flight for flight in self.open if flight.direct]

    @property
    def slots(self) -> dict[str, str]:
        """What phrasings call it."""
        return {"origin": self.origin.place, "destination": self.destination.place, "day": day_words(self.day)}


def route(world: World, origin: str, destination: str, day: date) -> Route:
    """The flights of a day between two airports."""
    net = build(world.seed).network
    return Route(
        net.airports[origin],
        net.airports[destination],
        day,
        net.flights(origin, destination, day),
        tuple(net.open_flights(origin, destination, day, world.disturbances)),
    )


def draw_route(world: World, rng: random.Random, fits: Callable[[Route], bool], *, classic: float = 0.0) -> Route:
    """Draw a route and a day.

    Args:
        world: The world.
        rng: The source of randomness.
        fits: Whether a task can be made of it.
        classic: How often it is the one from Tunis to Rome, if that fits.
    """
    places = list(build(world.seed).network.airports)
    for _ in range(_TRIES):
        origin, destination = ALWAYS if rng.random() < classic else rng.sample(places, 2)
        found = route(world, origin, destination, some_day(rng))
        if found.flights and fits(found):
            return found
    raise NothingToDrawError(world)


def numbers_in(day: date) -> tuple[int, ...]:
    """The numbers of a date, which an answer may repeat; and the one person whom a price is for."""
    return (day.day, day.year, 1)


def some_day(rng: random.Random, *, first: int = 3, last: int = 50) -> date:
    """A day in the weeks to come."""
    return NOW.date() + timedelta(days=rng.randint(first, last))


class NothingToDrawError(LostError):
    """No task of a template can be made in a world."""

    def __init__(self, world: World) -> None:
        super().__init__(f"no task of this template can be drawn in world {world.seed}; try another one")


def pick(world: World, rng: random.Random, fitting: Sequence[Any]) -> Any:
    """Draw one of what fits."""
    if not fitting:
        raise NothingToDrawError(world)
    return rng.choice(fitting)


def upcoming(base: Base) -> list[Trip]:
    """The trips to come."""
    return [trip for trip in base.trips.values() if trip.flights[0].departs > NOW]


def place_of(base: Base, trip: Trip) -> str:
    """Where a trip goes; every trip goes somewhere else."""
    return base.network.airports[trip.flights[0].destination].place


def title_of(base: Base, trip: Trip) -> str:
    """What a trip is called on the site."""
    origin = base.network.airports[trip.flights[0].origin].place
    return f"{origin} to {place_of(base, trip)}{' and back' if len(trip.flights) > 1 else ''}"


# what a checker compares


def changed(trip: Trip, **what: Any) -> dict[str, Any]:
    """The record of a trip in which this is different, and nothing else; what follows from a change may be."""
    follows = {"flights": ("seats", "seat_kinds"), "seats": ("seat_kinds",), "seat_kinds": ("seats",)}
    free = {name for key in what for name in follows.get(key, ())}
    return {"ref": trip.ref, **dict.fromkeys(name for name in _TRIP if name not in free), **what}


def booking(
    flights: Sequence[Flight], fare: str, people: Sequence[Traveller], payment: str, **what: Any
) -> dict[str, Any]:
    """The record of a new trip; without seats, bags and extras unless they are given."""
    record: dict[str, Any] = {
        "flights": [flight.id for flight in flights],
        "fare": fare,
        "cabin": "Economy",
        "passengers": [person.name for person in people],
        "born": [person.born.isoformat() for person in people],
        "seats": [],
        "bags": [],
        "extras": [],
        "payment": payment,
        "cancelled": False,
    } | what
    if "seat_kinds" in what:
        del record["seats"]
    return record


# ways through the site


async def choose_airport(hand: Hand, field: str, airport: Airport) -> None:
    """Type a city and take the suggestion."""
    await hand.type(field, airport.city)
    await hand.click(airport.option, "option")


async def search_flights(hand: Hand, origin: Airport, destination: Airport, day: date) -> None:
    """Search for flights from the start page; the departure airport may have to be replaced."""
    await choose_airport(hand, "From", origin)
    await choose_airport(hand, "To", destination)
    await hand.type("Departure", day_words(day))
    await send_search(hand)


async def send_search(hand: Hand) -> None:
    """Send the search that is filled in; with flexible dates when nothing is found, and with current prices."""
    await hand.click("Search flights")
    if await hand.sees("No results"):
        await hand.click("Flexible dates", "checkbox")
        await hand.click("Search flights")
    await refresh(hand)


async def refresh(hand: Hand) -> None:
    """Ask for current prices when those on the page are old."""
    if await hand.sees("Prices updated"):
        await hand.click("Refresh", "button")


async def cheapest_first(hand: Hand, *, direct: bool) -> None:
    """Sort the results by price, direct flights only if that is wanted."""
    if direct:
        await hand.click("Direct only", "radio")
    await hand.select("Sort by", "Lowest price")


async def first_price(hand: Hand) -> str:
    """What the first flight of the results costs."""
    return await hand.read(r'region "Results"[\s\S]*?(€[\d,]+)')


async def open_first(hand: Hand, numbers: Sequence[str]) -> None:
    """Open the first of these flights that is not sold out."""
    for number in numbers:
        await hand.click(f"Select {number}", "link")
        if not await hand.sees("Sold out"):
            return
        await hand.back()
    msg = f"all of {', '.join(numbers)} are sold out"
    raise LostError(msg)


async def open_of_airline(hand: Hand, airline: str, number: str) -> None:
    """Open a flight by its number, with the list filtered by its airline."""
    await hand.click(airline, "checkbox")
    await hand.click(f"Select {number}", "link")


async def open_trip(hand: Hand, title: str) -> None:
    """Open one of the account's trips to come."""
    await hand.click("My trips")
    await hand.click(title, "link")


async def pay(hand: Hand, payment: str) -> None:
    """Choose how to pay, accept the rules and book."""
    await hand.click(CARD if payment == "card" else "Pay at the airport", "radio")
    await hand.click("I accept the fare rules", "checkbox")
    await hand.click("Confirm booking")


def bags_words(count: int) -> str:
    """How a phrasing counts bags."""
    return f"{count} extra bag{'s' if count > 1 else ''}"


def payment_words(payment: str) -> str:
    """How a phrasing says how to pay."""
    return "with the saved Visa card" if payment == "card" else "at the airport"
