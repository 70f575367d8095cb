"""The flights of a world: a pure function of its seed, the route and the day, computed when somebody asks."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.flights.catalog import (
    AIRCRAFT,
    AIRLINES,
    AIRPORTS,
    ALWAYS,
    SEAT_KINDS,
    TERMINALS,
)
from plan_and_act.sites.flights.model import Airline, Airport, Fare, Flight, Rules, Seat, Stop

NOW = datetime(2026, 5, 12, 9, 30)
"""The site's clock stands still, so that a page looks the same tomorrow."""
DAYS = 60
"""How many days ahead flights can be booked."""
LAST_DAY = NOW.date() + timedelta(days=DAYS)
GATE_HOURS = 24
"""How long before departure the gate is known."""
_NEAR = 2_600
"""Kilometres up to which there mostly are direct flights."""


@dataclass(frozen=True, slots=True)
class Network:
    """The airports and airlines of a world."""

    seed: int
    airports: Mapping[str, Airport]
    airlines: Mapping[str, Airline]

    def flights(self, origin: str, destination: str, day: date) -> tuple[Flight, ...]:
        """The flights of a day in the order of departure; none between an airport and itself."""
        return _flights(self.seed, origin, destination, day)

    def flight(self, origin: str, destination: str, day: date, number: str) -> Flight | None:
        """A flight by its number, or None."""
        return next((f for f in self.flights(origin, destination, day) if f.number == number), None)

    def sold_out(self, flight: Flight, disturbances: Disturbances) -> bool:
        """Whether no seats are left, which happens to the cheapest flights of a day."""
        if not disturbances.sold_out:
            return False
        return flight.number in _sold_out(self.seed, flight.origin, flight.destination, flight.day)

    def open_flights(self, origin: str, destination: str, day: date, disturbances: Disturbances) -> list[Flight]:
        """The flights that can be booked, cheapest first."""
        found = self.flights(origin, destination, day)
        return sorted((f for f in found if not self.sold_out(f, disturbances)), key=lambda f: f.price)

    def old_price(self, flight: Flight) -> int:
        """What a flight cost some hours ago."""
        return max(19, round(flight.price * _rng(self.seed, f"old/{flight.path}").uniform(0.7, 1.3)))

    def seats(self, flight: Flight) -> list[list[Seat]]:
        """The seat map, row by row."""
        _, rows, letters, roomy = AIRCRAFT[flight.aircraft]
        rng = _rng(self.seed, f"seats/{flight.path}")
        extra = self.airlines[flight.airline].legroom_price
        return [
            [
                Seat(f"{row}{letter}", SEAT_KINDS[letter], rng.random() < 0.55, extra if row in roomy else 0)  # type: ignore[arg-type]
                for letter in letters
            ]
            for row in range(1, rows + 1)
        ]

    def seat(self, flight: Flight, name: str) -> Seat | None:
        """A seat by its name, or None."""
        return next((seat for row in self.seats(flight) for seat in row if seat.name == name), None)

    def terminal(self, flight: Flight) -> str:
        """The terminal it departs from: an airline has one at each airport."""
        return _rng(self.seed, f"terminal/{flight.airline}/{flight.origin}").choice(TERMINALS)

    def gate(self, flight: Flight) -> str | None:
        """The gate, or None as long as it is not known."""
        if flight.departs - NOW > timedelta(hours=GATE_HOURS):
            return None
        rng = _rng(self.seed, f"gate/{flight.path}")
        return f"{rng.choice('BCDEG')}{rng.randint(11, 68)}"


def _rng(seed: int, what: str) -> random.Random:
    """One source of randomness for each part, so that changing one part leaves the others as they were."""
    return random.Random(f"flights/{seed}/{what}")


@lru_cache(maxsize=4)
def network(seed: int) -> Network:
    """The airports and airlines of a world."""
    rng = _rng(seed, "network")
    rows = [row for row in AIRPORTS if row[0] in ALWAYS]
    rows += rng.sample([row for row in AIRPORTS if row[0] not in ALWAYS], 38)
    cities = [row[1] for row in rows]
    airports = {
        row[0]: Airport(*row, place=f"{row[1]} {row[2]}" if cities.count(row[1]) > 1 else row[1])
        for row in sorted(rows, key=lambda row: (row[1], row[0]))
    }
    airlines = {
        code: _airline(_rng(seed, f"airline/{code}"), code, name, rng.choice(list(airports)))
        for code, name in sorted(rng.sample(AIRLINES, 12), key=lambda pair: pair[1])
    }
    return Network(seed, airports, airlines)


def _airline(rng: random.Random, code: str, name: str, hub: str) -> Airline:
    kg = rng.choice((15, 20, 23, 25))
    small = rng.random() < 0.5
    bag = f"Cabin bag up to {rng.choice((7, 8, 10, 12))} kg"
    rules: dict[Fare, Rules] = {
        "Basic": Rules("Small bag under the seat only" if small else bag, 0, 0, None, None),
        "Classic": Rules(bag, 1, kg, rng.choice((25, 30, 35, 45, 55, 60)), rng.choice((None, 40, 50, 70, 80))),
        "Flex": Rules(bag, rng.choice((1, 2)), kg + rng.choice((0, 3, 7)), 0, 0),
    }
    return Airline(
        code, name, hub, rules,
        check_in_hours=rng.choice((24, 30, 36, 48)),
        bag_price=rng.randrange(24, 60),
        legroom_price=rng.randrange(12, 30),
        level=rng.uniform(0.85, 1.3),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Service:
    """A flight that recurs: the same number, time and way on its days of the week."""

    number: str
    airline: str
    departs: time
    days: frozenset[int]
    stops: tuple[Stop, ...]
    minutes: int
    price: float
    steps: tuple[int, int, int]
    aircraft: int


@lru_cache(maxsize=2_000)
def _services(seed: int, origin: str, destination: str) -> tuple[_Service, ...]:
    net = network(seed)
    rng = _rng(seed, f"route/{origin}-{destination}")
    start, end = net.airports[origin], net.airports[destination]
    straight = _kilometres(start, end)
    if {origin, destination} == set(ALWAYS):
        direct = 5
    elif straight < 120:
        direct = 0
    else:
        direct = rng.choice((0, 2, 3, 4, 5)) if straight < _NEAR else rng.choice((0, 0, 2, 3))
    connections = [way for _ in range(rng.randint(6, 9)) if (way := _stops(rng, net, start, end))]
    plans = [()] * direct + connections
    codes = [rng.choice(list(net.airlines)) for _ in plans]
    numbers = rng.sample(range(110, 990), len(plans))
    return tuple(
        _service(rng, net, [start, *(net.airports[stop.airport] for stop in stops), end], stops, code, number)
        for stops, code, number in zip(plans, codes, numbers, strict=True)
    )


def _stops(rng: random.Random, net: Network, start: Airport, end: Airport) -> tuple[Stop, ...]:
    """One or two airports on the way that are no great detour."""
    straight = _kilometres(start, end)
    others = [
        airport
        for airport in net.airports.values()
        if airport.city not in (start.city, end.city)
        and _kilometres(start, airport) > 150
        and _kilometres(airport, end) > 150
        and _kilometres(start, airport) + _kilometres(airport, end) < 1.6 * straight + 700
    ]
    count = 2 if rng.random() < 0.15 else 1
    if len(others) < count:
        return ()
    chosen = sorted(rng.sample(others, count), key=lambda airport: _kilometres(start, airport))
    return tuple(Stop(airport.code, rng.randrange(45, 260, 5)) for airport in chosen)


def _service(
    rng: random.Random, net: Network, places: list[Airport], stops: tuple[Stop, ...], code: str, number: int
) -> _Service:
    way = sum(_kilometres(one, other) for one, other in pairwise(places))
    minutes = round(way / 13 + 35 * (len(places) - 1)) + sum(stop.minutes for stop in stops) + rng.randrange(11)
    price = (32 + 0.055 * _kilometres(places[0], places[-1])) * net.airlines[code].level * rng.uniform(0.8, 1.35)
    classic = rng.randrange(18, 45)
    daily = rng.random() < 0.7
    return _Service(
        number=f"{code}{number}",
        airline=code,
        departs=time(rng.randrange(6, 21), rng.randrange(0, 60, 5)),
        days=frozenset(range(7) if daily else rng.sample(range(7), rng.randint(3, 5))),
        stops=stops,
        minutes=minutes,
        price=price * (0.9 if stops else 1.05),
        steps=(0, classic, classic + rng.randrange(30, 80)),
        aircraft=rng.randrange(len(AIRCRAFT)),
    )


@lru_cache(maxsize=20_000)
def _flights(seed: int, origin: str, destination: str, day: date) -> tuple[Flight, ...]:
    net = network(seed)
    if origin == destination:
        return ()
    ahead = net.airports[destination].offset - net.airports[origin].offset
    # Weekends and early summer cost more, for everybody alike.
    season = 1 + 0.15 * (day.weekday() in (4, 6)) + 0.004 * max(0, min((day - NOW.date()).days, DAYS))
    found: list[Flight] = []
    used: set[int] = set()
    for service in sorted(_services(seed, origin, destination), key=lambda service: service.departs):
        if day.weekday() not in service.days:
            continue
        rng = _rng(seed, f"{service.number}/{origin}-{destination}/{day}")
        price = round(service.price * season * rng.uniform(0.75, 1.25))
        while price in used:
            price += 1
        used.add(price)
        departs = datetime.combine(day, service.departs)
        found.append(
            Flight(
                number=service.number,
                airline=service.airline,
                origin=origin,
                destination=destination,
                departs=departs,
                arrives=departs + timedelta(minutes=service.minutes + ahead),
                minutes=service.minutes,
                stops=service.stops,
                price=price,
                steps=service.steps,
                aircraft=service.aircraft,
            )
        )
    return tuple(found)


@lru_cache(maxsize=20_000)
def _sold_out(seed: int, origin: str, destination: str, day: date) -> frozenset[str]:
    """The numbers of at most two flights: the cheapest, and the cheapest direct one when there are others."""
    rng = _rng(seed, f"sold-out/{origin}-{destination}/{day}")
    flights = sorted(_flights(seed, origin, destination, day), key=lambda flight: flight.price)
    gone = set()
    for some in (flights, [flight for flight in flights if flight.direct]):
        if rng.random() < 0.5 and len(some) > 2:
            gone.add(some[0].number)
    return frozenset(gone)


@lru_cache(maxsize=20_000)
def _kilometres(one: Airport, other: Airport) -> float:
    """The length of the great circle between two airports."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    turn = math.radians(other.longitude - one.longitude)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return 6_371 * math.acos(max(-1.0, min(1.0, cosine)))
