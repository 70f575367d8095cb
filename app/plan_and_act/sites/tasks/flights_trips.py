"""Tasks on flights: the trips of the account, changed."""

import random
from datetime import timedelta

from plan_and_act.sites.flights.data import Base, build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.draft import fee
from plan_and_act.sites.flights.model import Flight, Seat, Trip
from plan_and_act.sites.flights.offers import times
from plan_and_act.sites.flights.schedule import LAST_DAY, NOW
from plan_and_act.sites.flights.state import bag_record, seat_record
from plan_and_act.sites.tasks.flights_ways import (
    SITE,
    bags_words,
    changed,
    open_trip,
    pick,
    place_of,
    title_of,
    upcoming,
)
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


def _soon(trip: Trip) -> bool:
    """Whether it departs so soon that one can check in, whatever the airline."""
    return trip.flights[0].departs - NOW < timedelta(hours=24)


def _free(base: Base, flight: Flight) -> list[Seat]:
    """The seats that can be had for nothing, from front to back."""
    return [seat for row in base.network.seats(flight) for seat in row if not seat.taken and not seat.price]


def _seats(trip: Trip, seat: Seat) -> list[str]:
    """Who sits where once the first passenger has this seat on the first flight."""
    names = [[seat.name, *trip.seats[0][1:]], *trip.seats[1:]]
    return [
        seat_record(person, flight, name)
        for flight, some in zip(trip.flights, names, strict=True)
        for person, name in zip(trip.passengers, some, strict=True)
        if name
    ]


class CancelTrip(Template):
    """A dialog asks whether one is sure."""

    name = "flights/cancel-trip"
    kind = "change"
    sites = (SITE,)
    length = 6
    phrasings = (
        "Cancel my trip to {place}, whatever I get back.",
        "The trip to {place} is off. Please cancel the booking, I know the fare rules.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Cancel the trip and confirm it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, upcoming(base))
        goal = Goal({SITE: {"trips_changed": [changed(trip, cancelled=True)]}})
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=goal, data={"title": title_of(base, trip)})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Cancel trip", "link")
        await hand.click("Cancel this trip", "button")
        await hand.click("Yes, cancel", "button")


class ChangeDate(Template):
    """The same flight on another day; the fare allows it."""

    name = "flights/change-date"
    kind = "change"
    sites = (SITE,)
    length = 8
    phrasings = (
        "Move my flight to {place} to {day}, with the same flight number {number}.",
        "I cannot go to {place} as planned. Change the outbound flight to {number} on {day}.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Change the outbound flight and find those on {day}",
        "Choose {number} and confirm the change",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip, flight = pick(world, rng, list(_alternatives(base, world)))
        goal = Goal({SITE: {"trips_changed": [changed(trip, flights=[f.id for f in (flight, *trip.flights[1:])])]}})
        return Draw(
            slots={"place": place_of(base, trip), "day": day_words(flight.day), "number": flight.number},
            start="/",
            goal=goal,
            data={"title": title_of(base, trip), "flight": flight},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        flight: Flight = draw.data["flight"]
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Change flight", "link")
        await hand.type("New date", day_words(flight.day))
        await hand.click("Find flights")
        hand.step(3)
        await hand.click(f"{flight.number}, {times(flight)}", "radio")
        await hand.click("Confirm change")


def _alternatives(base: Base, world: World) -> list[tuple[Trip, Flight]]:
    """Trips whose first flight can be changed, each with the same flight on another day before the way back."""
    found = []
    for trip in upcoming(base):
        first = trip.flights[0]
        if _soon(trip) or fee(base.network, (first,), trip.fare, refund=False) is None:
            continue
        last = trip.flights[1].day - timedelta(days=1) if len(trip.flights) > 1 else LAST_DAY
        for shift in range(-6, 12):
            day = first.day + timedelta(days=shift)
            flight = base.network.flight(first.origin, first.destination, day, first.number)
            inside = NOW.date() + timedelta(days=2) < day < last
            if flight and shift and inside and not base.network.sold_out(flight, world.disturbances):
                found.append((trip, flight))
    return found


class ChooseSeat(Template):
    """A seat by its name."""

    name = "flights/choose-seat"
    kind = "change"
    sites = (SITE,)
    length = 6
    phrasings = (
        "Put {person} in seat {seat} on the flight to {place}.",
        "On my trip to {place}, reserve seat {seat} for {person} on the outbound flight.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Choose seat {seat} for {person} on the outbound flight",
        "Save the seat",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, [trip for trip in upcoming(base) if len(trip.passengers) == 1])
        seat = rng.choice([seat for seat in _free(base, trip.flights[0]) if seat.name not in trip.seats[0]])
        return Draw(
            slots={"place": place_of(base, trip), "person": trip.passengers[0].name, "seat": seat.name},
            start="/",
            goal=Goal({SITE: {"trips_changed": [changed(trip, seats=_seats(trip, seat))]}}),
            data={"title": title_of(base, trip), "seat": f"Seat {seat.name}, {seat.kind}, free"},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Choose seats", "link")
        await hand.click(draw.data["seat"], "button")
        hand.step(3)
        await hand.click("Save seats")


class FrontSeat(Template):
    """The seat has to be found on the map."""

    name = "flights/front-seat"
    kind = "change"
    sites = (SITE,)
    length = 6
    split = "validation"
    phrasings = (
        "On my flight to {place}, give {person} the {kind} seat that is furthest to the front and costs nothing extra.",
        "{person} wants to get off the plane quickly in {place}: reserve the first free {kind} seat from the front "
        "that is free of charge.",
    )
    plan = (
        "Open the trip to {place} and choose seats",
        "Give {person} the free {kind} seat furthest to the front that costs nothing",
        "Save the seats",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        fitting = []
        for trip in upcoming(base):
            for kind in ("window", "aisle", "middle"):
                seats = [seat for seat in _free(base, trip.flights[0]) if seat.kind == kind]
                alone = len(seats) > 1 and seats[0].name[:-1] != seats[1].name[:-1]
                if alone and len(trip.passengers) == 1 and not _before(trip.seats[0][0], seats[0]):
                    fitting.append((trip, seats[0]))
        trip, seat = pick(world, rng, fitting)
        return Draw(
            slots={"place": place_of(base, trip), "person": trip.passengers[0].name, "kind": seat.kind},
            start="/",
            goal=Goal({SITE: {"trips_changed": [changed(trip, seats=_seats(trip, seat))]}}),
            data={"title": title_of(base, trip), "seat": f"Seat {seat.name}, {seat.kind}, free"},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        await hand.click("Choose seats", "link")
        hand.step(2)
        await hand.click(draw.data["seat"], "button")
        hand.step(3)
        await hand.click("Save seats")


def _before(name: str | None, seat: Seat) -> bool:
    """Whether somebody's own seat is as far to the front as another one already."""
    return name is not None and int(name[:-1]) <= int(seat.name[:-1])


class AddBag(Template):
    """Bags are added for one of the passengers."""

    name = "flights/add-bag"
    kind = "change"
    sites = (SITE,)
    length = 6
    phrasings = (
        "Add {bags} for {person} to the trip to {place}.",
        "{person} takes {bags} to {place}. Add that to the booking.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Add {bags} for {person}",
        "Pay for the bags",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, upcoming(base))
        person, count = rng.choice(trip.passengers), rng.randint(1, 3)
        return Draw(
            slots={"place": place_of(base, trip), "person": person.name, "bags": bags_words(count)},
            start="/",
            goal=Goal({SITE: {"trips_changed": [changed(trip, bags=[bag_record(person, count)])]}}),
            data={"title": title_of(base, trip), "person": person.name, "count": str(count)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Add bags", "link")
        await hand.select(f"Extra bags for {draw.data['person']}", draw.data["count"])
        hand.step(3)
        await hand.click("Pay and add")


class CheckIn(Template):
    """First a seat, then the check-in of everybody."""

    name = "flights/check-in"
    kind = "change"
    sites = (SITE,)
    length = 10
    phrasings = (
        "Reserve seat {seat} for {person} on the flight to {place} and then check in everybody on that booking.",
        "Check all passengers in for the trip to {place}. Before that, {person} should get seat {seat}.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Put {person} in seat {seat} and save it",
        "Check in all passengers of the booking",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, [trip for trip in upcoming(base) if _soon(trip)])
        seat = rng.choice([seat for seat in _free(base, trip.flights[0]) if seat.name not in trip.seats[0]])
        people = [person.name for person in trip.passengers]
        record = changed(trip, seats=_seats(trip, seat), checked_in=people)
        return Draw(
            slots={"place": place_of(base, trip), "person": people[0], "seat": seat.name},
            start="/",
            goal=Goal({SITE: {"trips_changed": [record]}}),
            data={"title": title_of(base, trip), "seat": f"Seat {seat.name}, {seat.kind}, free", "people": people},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Choose seats", "link")
        await hand.click(draw.data["seat"], "button")
        await hand.click("Save seats")
        hand.step(3)
        await hand.click("Check in", "link")
        for person in draw.data["people"]:
            await hand.click(person, "checkbox")
        await hand.click("I carry no dangerous goods", "checkbox")
        await hand.click("Get boarding pass")


TEMPLATES: tuple[Template, ...] = (
    CancelTrip(),
    ChangeDate(),
    ChooseSeat(),
    FrontSeat(),
    AddBag(),
    CheckIn(),
)
