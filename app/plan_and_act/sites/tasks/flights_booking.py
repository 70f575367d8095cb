"""Tasks on flights: bookings."""

import random
from datetime import date

from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.model import FARES, Flight, Traveller
from plan_and_act.sites.flights.state import bag_record
from plan_and_act.sites.flights.words import FIRST_NAMES, LAST_NAMES
from plan_and_act.sites.tasks.flights_search import numbers_of, search
from plan_and_act.sites.tasks.flights_ways import (
    SITE,
    NothingToDrawError,
    bags_words,
    booking,
    cheapest_first,
    draw_route,
    open_first,
    open_of_airline,
    pay,
    payment_words,
    refresh,
    route,
    search_flights,
)
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


def _stranger(world: World, rng: random.Random) -> Traveller:
    """Somebody who is not among the saved travellers."""
    known = {traveller.first for traveller in build(world.seed).travellers.values()}
    first = rng.choice([name for name in FIRST_NAMES if name not in known])
    return Traveller(
        first, rng.choice(LAST_NAMES), date(rng.randint(1950, 2004), rng.randint(1, 12), rng.randint(1, 28))
    )


async def _type_passenger(hand: Hand, person: Traveller) -> None:
    await hand.type("First name", person.first)
    await hand.type("Last name", person.last)
    await hand.type("Date of birth", day_words(person.born))
    await hand.click("Continue to seats")


class BookCheapestDirect(Template):
    """Search, filter, sort, fare, passenger, window seat, review."""

    name = "flights/book-cheapest-direct"
    kind = "change"
    sites = (SITE,)
    length = 19
    phrasings = (
        "Book the cheapest direct flight from {origin} to {destination} on {day} that is not sold out, in the {fare} "
        "fare, for {person}, with a window seat and nothing else. Pay {payment}.",
        "{person} (a saved traveller) has to go from {origin} to {destination} on {day}. Please book the cheapest "
        "non-stop flight that still has seats: {fare} fare, a seat at the window, no extras, paid {payment}.",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Show direct flights only and sort them by lowest price",
        "Open the cheapest one that is not sold out and book {fare}",
        "Choose {person} as the passenger",
        "Take a window seat and no extras",
        "Pay {payment} and confirm the booking",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        net = build(world.seed).network
        found = draw_route(world, rng, lambda route: len(route.direct) > 1, classic=0.1)
        flight = found.direct[0]
        person = rng.choice(list(build(world.seed).travellers.values()))
        fare, payment = rng.choice(FARES), rng.choice(("card", "airport"))
        seat = next(
            seat
            for row in net.seats(flight)
            for seat in row
            if seat.kind == "window" and not (seat.taken or seat.price)
        )
        record = booking([flight], fare, [person], payment, seat_kinds=["window"])
        return Draw(
            slots=found.slots | {"fare": fare, "person": person.name, "payment": payment_words(payment)},
            start="/",
            goal=Goal({SITE: {"booked": [record]}}),
            data={
                "route": found,
                "numbers": numbers_of([each for each in found.flights if each.direct]),
                "fare": fare,
                "person": person,
                "seat": f"Seat {seat.name}, window, free",
                "payment": payment,
            },
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await cheapest_first(hand, direct=True)
        hand.step(3)
        await open_first(hand, draw.data["numbers"])
        await hand.click(f"Book {draw.data['fare']}")
        hand.step(4)
        await hand.select("Saved traveller", draw.data["person"].name)
        await hand.click("Continue to seats")
        hand.step(5)
        await hand.click(draw.data["seat"], "button")
        await hand.click("Continue to extras")
        await hand.click("Continue to review")
        hand.step(6)
        await pay(hand, draw.data["payment"])


class BookWithBag(Template):
    """Somebody new is booked on a given flight, with a bag and insurance."""

    name = "flights/book-with-bag"
    kind = "change"
    sites = (SITE,)
    length = 21
    split = "test"
    phrasings = (
        "Book flight {number} from {origin} to {destination} on {day} in the {fare} fare for {person}, born on {born}. "
        "Add {bags} and travel insurance, skip the seat. Pay {payment}.",
        "I need a ticket for {person} (date of birth {born}): {origin} to {destination} on {day} with {number}, {fare} "
        "fare, {bags}, insured, without a seat reservation, paid {payment}.",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Open {number} and book it in the {fare} fare",
        "Enter {person}, born on {born}, as the passenger",
        "Skip the seat; add {bags} and travel insurance",
        "Pay {payment} and confirm the booking",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: len(route.open) > 3)
        flight, person = rng.choice(found.open), _stranger(world, rng)
        fare, payment, bags = rng.choice(FARES), rng.choice(("card", "airport")), rng.randint(1, 3)
        record = booking(
            [flight], fare, [person], payment, bags=[bag_record(person, bags)], extras=["Travel insurance"]
        )
        words = {"number": flight.number, "fare": fare, "person": person.name, "born": day_words(person.born)}
        return Draw(
            slots=found.slots | words | {"bags": bags_words(bags), "payment": payment_words(payment)},
            start="/",
            goal=Goal({SITE: {"booked": [record]}}),
            data={
                "route": found,
                "airline": build(world.seed).network.airlines[flight.airline].name,
                "number": flight.number,
                "fare": fare,
                "person": person,
                "bags": bags,
                "payment": payment,
            },
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        person: Traveller = draw.data["person"]
        await search(hand, draw)
        hand.step(2)
        await open_of_airline(hand, draw.data["airline"], draw.data["number"])
        await hand.click(f"Book {draw.data['fare']}")
        hand.step(3)
        await _type_passenger(hand, person)
        hand.step(4)
        await hand.click("Continue to extras")
        await hand.select(f"Extra bags for {person.name}", str(draw.data["bags"]))
        await hand.click("Travel insurance", "checkbox")
        await hand.click("Continue to review")
        hand.step(5)
        await pay(hand, draw.data["payment"])


class BookForTwo(Template):
    """Two saved travellers on one booking."""

    name = "flights/book-for-two"
    kind = "change"
    sites = (SITE,)
    length = 19
    phrasings = (
        "Book {number} from {origin} to {destination} on {day} for {one} and {two} in the {fare} fare, no seats and no "
        "extras. Pay {payment}.",
        "{one} and {two} travel together from {origin} to {destination} on {day}. Book both of them on {number}, "
        "{fare} fare, without seat reservations or extras, paid {payment}.",
    )
    plan = (
        "Search for two passengers from {origin} to {destination} on {day}",
        "Open {number} and book the {fare} fare",
        "Choose {one} and {two} as the passengers",
        "Continue without seats and extras",
        "Pay {payment} and confirm the booking",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: len(route.open) > 3)
        flight = rng.choice(found.open)
        people = rng.sample(list(build(world.seed).travellers.values()), 2)
        fare, payment = rng.choice(FARES), rng.choice(("card", "airport"))
        words = {"number": flight.number, "fare": fare, "one": people[0].name, "two": people[1].name}
        return Draw(
            slots=found.slots | words | {"payment": payment_words(payment)},
            start="/",
            goal=Goal({SITE: {"booked": [booking([flight], fare, people, payment)]}}),
            data={
                "route": found,
                "airline": build(world.seed).network.airlines[flight.airline].name,
                "number": flight.number,
                "fare": fare,
                "people": people,
                "payment": payment,
            },
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.select("Passengers", "2")
        await search(hand, draw)
        hand.step(2)
        await open_of_airline(hand, draw.data["airline"], draw.data["number"])
        await hand.click(f"Book {draw.data['fare']}")
        hand.step(3)
        for number, person in enumerate(draw.data["people"], 1):
            await hand.select(f"Saved traveller of passenger {number}", person.name)
        await hand.click("Continue to seats")
        hand.step(4)
        await hand.click("Continue to extras")
        await hand.click("Continue to review")
        hand.step(5)
        await pay(hand, draw.data["payment"])


class BookReturn(Template):
    """There and back, with dates from the calendar's field, for the account's own person."""

    name = "flights/book-return"
    kind = "change"
    sites = (SITE,)
    length = 23
    split = "test"
    phrasings = (
        "Book a return trip for Nora Keller: {number} from {origin} to {destination} on {day} and back with {back} on "
        "{other}, {fare} fare, no seats, no extras. Pay {payment}.",
        "Nora Keller flies from {origin} to {destination} on {day} with {number} and returns on {other} with {back}. "
        "Book both flights together in the {fare} fare, without seats or extras, paid {payment}.",
    )
    plan = (
        "Search for a return from {origin} to {destination}, {day} to {other}",
        "Book {number} in the {fare} fare for the way there",
        "Choose {back} for the way back",
        "Choose Nora Keller as the passenger, without seats or extras",
        "Pay {payment} and confirm the booking",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        for _ in range(200):
            found = draw_route(world, rng, lambda route: bool(route.direct))
            out = rng.choice(found.direct)
            day = date.fromordinal(found.day.toordinal() + rng.randint(2, 7))
            home = route(world, found.destination.code, found.origin.code, day)
            if home.direct:
                break
        else:
            raise NothingToDrawError(world)
        back = rng.choice(home.direct)
        fare, payment = rng.choice(FARES), rng.choice(("card", "airport"))
        words = {"number": out.number, "back": back.number, "other": day_words(day), "fare": fare}
        return Draw(
            slots=found.slots | words | {"payment": payment_words(payment)},
            start="/",
            goal=Goal({SITE: {"booked": [booking([out, back], fare, [base.travellers[1]], payment)]}}),
            data={"route": found, "out": out, "back": back, "day": day, "fare": fare, "payment": payment, "base": base},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        airlines = draw.data["base"].network.airlines

        def airline_of(flight: Flight) -> str:
            return str(airlines[flight.airline].name)

        out, back = draw.data["out"], draw.data["back"]
        await hand.click("Return", "radio")
        await hand.type("Return date", day_words(draw.data["day"]))
        await search_flights(hand, draw.data["route"].origin, draw.data["route"].destination, draw.data["route"].day)
        hand.step(2)
        await open_of_airline(hand, airline_of(out), out.number)
        await hand.click(f"Book {draw.data['fare']}")
        hand.step(3)
        await refresh(hand)
        await open_of_airline(hand, airline_of(back), back.number)
        await hand.click("Continue with this flight")
        hand.step(4)
        await hand.select("Saved traveller", "Nora Keller")
        await hand.click("Continue to seats")
        await hand.click("Continue to the return flight")
        await hand.click("Continue to extras")
        await hand.click("Continue to review")
        hand.step(5)
        await pay(hand, draw.data["payment"])


TEMPLATES: tuple[Template, ...] = (BookCheapestDirect(), BookWithBag(), BookForTwo(), BookReturn())
