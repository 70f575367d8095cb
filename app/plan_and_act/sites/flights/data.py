"""The seeded base of the site: the same seed gives the same account, travellers, trips, alerts and help pages."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from plan_and_act.sites.flights.model import (
    FARES,
    Alert,
    Fare,
    Flight,
    Profile,
    Topic,
    Traveller,
    Trip,
)
from plan_and_act.sites.flights.schedule import DAYS, NOW, Network, network
from plan_and_act.sites.flights.words import FIRST_NAMES, LAST_NAMES, TOPICS

PERSONA = "nora-keller"
NAME = "Nora Keller"
PASSWORD = "paper-plane-38"
SOON = 3
"""How many trips depart within a day, so that one can check in."""
UPCOMING = 9
PAST = 6
SAVED = 5
"""Saved travellers beside the persona."""
CARD = "Visa card ending in 4821"
MEALS = ("No preference", "Vegetarian", "Vegan", "Gluten-free", "Kosher", "Halal")
SEATS = ("No preference", "Window", "Aisle")


@dataclass(frozen=True, slots=True)
class Base:
    """The whole seeded site, before anybody has changed anything."""

    seed: int
    now: datetime
    network: Network
    persona: str
    password: str
    profile: Profile
    home: str
    """The airport the persona mostly departs from."""
    travellers: Mapping[int, Traveller]
    """The saved travellers by number; the persona is the first."""
    trips: Mapping[str, Trip]
    """By booking reference, the one that departs first first."""
    alerts: Mapping[int, Alert]
    topics: Mapping[str, Topic]


@lru_cache(maxsize=4)
def build(seed: int) -> Base:
    """The site as it is before anybody has changed anything; kept, because every session shares it."""
    net = network(seed)
    rng = _rng(seed, "account")
    home = rng.choice(list(net.airports))
    travellers = _travellers(rng)
    topics = [
        Topic(slug, title, text.format(n=number), question, number)
        for slug, title, text, question, numbers in TOPICS
        for number in (rng.choice(numbers),)
    ]
    return Base(
        seed=seed,
        now=NOW,
        network=net,
        persona=PERSONA,
        password=PASSWORD,
        profile=Profile(NAME, "nora.keller@post.example", "+41 44 555 01 72", MEALS[0], SEATS[0], newsletter=True),
        home=home,
        travellers=travellers,
        trips=_trips(_rng(seed, "trips"), net, home, list(travellers.values())),
        alerts=_alerts(_rng(seed, "alerts"), net, home),
        topics={topic.slug: topic for topic in topics},
    )


def _rng(seed: int, what: str) -> random.Random:
    return random.Random(f"flights/{seed}/{what}")


def _travellers(rng: random.Random) -> dict[int, Traveller]:
    first, last = NAME.split()
    people = [Traveller(first, last, date(1984, 9, 17))]
    # No first or last name twice: a person is told apart by either.
    names = zip(rng.sample(FIRST_NAMES, SAVED), rng.sample(LAST_NAMES, SAVED), strict=True)
    people += [
        Traveller(*name, date(rng.randint(1955, 2001), rng.randint(1, 12), rng.randint(1, 28))) for name in names
    ]
    return dict(enumerate(people, 1))


def reference(rng: random.Random) -> str:
    """A booking reference: six signs that cannot be mistaken for each other."""
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(6))


def _trips(rng: random.Random, net: Network, home: str, people: list[Traveller]) -> dict[str, Trip]:
    """Trips to places that differ, the fares in turn; the first ones depart within a day."""
    places = [code for code in net.airports if net.airports[code].city != net.airports[home].city]
    rng.shuffle(places)
    fares: list[Fare] = rng.sample(FARES * 3, k=9) + rng.sample(FARES * 2, k=PAST)
    trips = []
    for index in range(UPCOMING + PAST):
        while True:
            place = places.pop()
            flights = _soon(rng, net, home, place) if index < SOON else _journey(rng, net, home, place, index)
            if flights:
                break
        trips.append(_trip(rng, net, flights, people, fares[index]))
    trips.sort(key=lambda trip: trip.flights[0].departs)
    return {trip.ref: trip for trip in trips}


def _soon(rng: random.Random, net: Network, home: str, place: str) -> tuple[Flight, ...]:
    """A direct flight that departs within a day from now, or nothing."""
    found = [
        flight
        for day in (NOW.date(), NOW.date() + timedelta(days=1))
        for flight in net.flights(home, place, day)
        if flight.direct and timedelta(hours=4) < flight.departs - NOW < timedelta(hours=23)
    ]
    return (rng.choice(found),) if found else ()


def _journey(rng: random.Random, net: Network, home: str, place: str, index: int) -> tuple[Flight, ...]:
    """A direct flight in the weeks to come (or past), every other time with the way back, or nothing."""
    back = rng.randint(2, 6)
    ahead = rng.randint(4, DAYS - 20) if index < UPCOMING else -rng.randint(20, 120)
    day = NOW.date() + timedelta(days=ahead)
    out = [flight for flight in net.flights(home, place, day) if flight.direct]
    if not out:
        return ()
    first = rng.choice(out)
    if index % 2:
        return (first,)
    same = [
        flight
        for flight in net.flights(place, home, day + timedelta(days=back))
        if flight.direct or flight.airline == first.airline
    ]
    return (first, rng.choice(same)) if same else ()


def _trip(rng: random.Random, net: Network, flights: tuple[Flight, ...], people: list[Traveller], fare: Fare) -> Trip:
    colleague = rng.choice(people[1:])
    passengers = rng.choice(((people[0],), (colleague,), (people[0], colleague)))
    seats = []
    for flight in flights:
        free = [seat.name for row in net.seats(flight) for seat in row if not seat.taken and not seat.price]
        taken = rng.sample(free, len(passengers))
        seats.append(tuple(taken) if fare != "Basic" else (None,) * len(passengers))
    return Trip(
        ref=reference(rng),
        booked=min(flights[0].departs, NOW) - timedelta(minutes=rng.randint(3, 40) * 1_440 + rng.randint(0, 900)),
        flights=flights,
        passengers=passengers,
        fare=fare,
        cabin="Economy",
        seats=tuple(seats),
        bags=(0,) * len(passengers),
        extras=(),
        payment="card",
        paid=sum(flight.cost(fare) for flight in flights) * len(passengers),
    )


def _alerts(rng: random.Random, net: Network, home: str) -> dict[int, Alert]:
    places = rng.sample([code for code in net.airports if net.airports[code].city != net.airports[home].city], 3)
    return {number: Alert(number, home, place, rng.randrange(40, 140, 5)) for number, place in enumerate(places, 1)}
