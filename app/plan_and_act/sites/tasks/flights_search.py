"""Tasks on flights: questions that a search for flights answers."""

import random
from datetime import time

from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.dates import clock
from plan_and_act.sites.flights.model import Flight
from plan_and_act.sites.flights.offers import TIMES
from plan_and_act.sites.tasks.flights_ways import (
    SITE,
    Route,
    cheapest_first,
    draw_route,
    numbers_in,
    open_first,
    open_of_airline,
    search_flights,
)
from plan_and_act.sites.tasks.goals import Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


async def search(hand: Hand, draw: Draw) -> None:
    """Search for the route that was drawn."""
    found: Route = draw.data["route"]
    await search_flights(hand, found.origin, found.destination, found.day)


def numbers_of(flights: tuple[Flight, ...] | list[Flight]) -> list[str]:
    """The flight numbers, cheapest first."""
    return [flight.number for flight in sorted(flights, key=lambda flight: flight.price)]


class CheapestDirectPrice(Template):
    """The question everybody asks: the cheapest direct flight, e.g. from Tunis to Rome."""

    name = "flights/cheapest-direct-price"
    kind = "look_up"
    sites = (SITE,)
    length = 10
    phrasings = (
        "What does the cheapest direct flight from {origin} to {destination} on {day} cost, among those that are not "
        "sold out? Answer with the price for one person in euros.",
        "Find the cheapest direct flight from {origin} to {destination} on {day} that still has seats. How many euros "
        "is it?",
        "How much is the cheapest non-stop flight I can still get from {origin} to {destination} on {day}?",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Show direct flights only, the lowest price first",
        "Open the cheapest one that is not sold out",
        "Answer with its price for one person",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: len(route.direct) > 1, classic=0.25)
        return Draw(
            slots=found.slots,
            start="/",
            goal=Goal(answer=Number(found.direct[0].price, given=numbers_in(found.day))),
            data={"route": found, "numbers": numbers_of([flight for flight in found.flights if flight.direct])},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await cheapest_first(hand, direct=True)
        hand.step(3)
        await open_first(hand, draw.data["numbers"])
        hand.step(4)
        return f"€{draw.data['route'].direct[0].price}"


class FastestAirline(Template):
    """The list has to be sorted by duration."""

    name = "flights/fastest-airline"
    kind = "look_up"
    sites = (SITE,)
    length = 8
    phrasings = (
        "Which airline has the fastest flight from {origin} to {destination} on {day}?",
        "I want to spend as little time as possible travelling from {origin} to {destination} on {day}. Which airline "
        "has the shortest flight?",
    )
    plan = (
        "Look for flights from {origin} to {destination} on {day}",
        "Sort the results by shortest duration",
        "Answer with the airline of the first flight",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""

        def fits(route: Route) -> bool:
            times = sorted(flight.minutes for flight in route.flights)
            return len(times) > 5 and times[0] < times[1]

        found = draw_route(world, rng, fits)
        airlines = build(world.seed).network.airlines
        fastest = min(found.flights, key=lambda flight: flight.minutes)
        others = {airlines[flight.airline].name for flight in found.flights}
        name = airlines[fastest.airline].name
        goal = Goal(answer=Says((name,), tuple(sorted(others - {name}))))
        return Draw(slots=found.slots, start="/", goal=goal, data={"route": found, "airline": name})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await hand.select("Sort by", "Shortest duration")
        hand.step(3)
        return str(draw.data["airline"])


class EarliestArrival(Template):
    """The list has to be sorted by arrival, which is not the order of departure."""

    name = "flights/earliest-arrival"
    kind = "look_up"
    sites = (SITE,)
    length = 8
    phrasings = (
        "Which flight from {origin} gets to {destination} first on {day}? Give me its flight number.",
        "I have to be in {destination} as early as possible. What is the number of the flight from {origin} on {day} "
        "that arrives first?",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Sort them by earliest arrival",
        "Answer with the number of the flight that arrives first",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""

        def fits(route: Route) -> bool:
            arrivals = sorted(flight.arrives for flight in route.flights)
            return len(arrivals) > 5 and arrivals[0] < arrivals[1]

        found = draw_route(world, rng, fits)
        first = min(found.flights, key=lambda flight: flight.arrives)
        others = tuple(flight.number for flight in found.flights if flight != first)
        goal = Goal(answer=Says((first.number,), others))
        return Draw(slots=found.slots, start="/", goal=goal, data={"route": found, "number": first.number})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await hand.select("Sort by", "Earliest arrival")
        hand.step(3)
        return str(draw.data["number"])


class EveningFlight(Template):
    """The filter of departure times has to be used."""

    name = "flights/cheapest-in-the-evening"
    kind = "look_up"
    sites = (SITE,)
    length = 10
    split = "validation"
    phrasings = (
        "I can leave {origin} only after 18:00 on {day}. Which is the cheapest flight to {destination} then that "
        "is not sold out? Answer with the flight number.",
        "Give me the number of the cheapest evening flight (departure after 18:00) from {origin} to {destination} on "
        "{day} that still has seats.",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Keep departures in the evening and sort by lowest price",
        "Open the cheapest one that still has seats",
        "Answer with its flight number",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""

        def fits(route: Route) -> bool:
            # "After 18:00" leaves open whether a flight at 18:00 counts.
            return len(_evening(route.open)) > 1 and all(flight.departs.time() != time(18) for flight in route.flights)

        found = draw_route(world, rng, fits)
        first = _evening(found.open)[0]
        goal = Goal(answer=Says((first.number,), tuple(flight.number for flight in found.flights if flight != first)))
        every = numbers_of(_evening(found.flights))
        return Draw(slots=found.slots, start="/", goal=goal, data={"route": found, "numbers": every, "first": first})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await hand.select("Departure time", TIMES["evening"][0])
        await cheapest_first(hand, direct=False)
        hand.step(3)
        await open_first(hand, draw.data["numbers"])
        hand.step(4)
        return str(draw.data["first"].number)


def _evening(flights: tuple[Flight, ...]) -> list[Flight]:
    return [flight for flight in flights if flight.departs.hour in TIMES["evening"][1]]


class Layover(Template):
    """Where a flight stops stands in the list and on its own page."""

    name = "flights/layover"
    kind = "look_up"
    sites = (SITE,)
    length = 9
    phrasings = (
        "In which city does flight {number} from {origin} to {destination} on {day} stop on the way?",
        "I am looking at {number}, {origin} to {destination}, on {day}. Where would I have to change planes?",
    )
    plan = (
        "Find the flights from {origin} to {destination} on {day}",
        "Open {number} among them",
        "Answer with the city where it stops",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        net = build(world.seed).network
        found = draw_route(world, rng, lambda route: any(len(flight.stops) == 1 for flight in route.open))
        flight = rng.choice([flight for flight in found.open if len(flight.stops) == 1])
        city = net.airports[flight.stops[0].airport].city
        others = {net.airports[stop.airport].city for each in found.flights for stop in each.stops} - {city}
        goal = Goal(answer=Says((city,), tuple(sorted(others))))
        data = {"route": found, "airline": net.airlines[flight.airline].name, "number": flight.number, "city": city}
        return Draw(slots=found.slots | {"number": flight.number}, start="/", goal=goal, data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await open_of_airline(hand, draw.data["airline"], draw.data["number"])
        hand.step(3)
        return str(draw.data["city"])


class ArrivalTime(Template):
    """A flight is found among others by its number."""

    name = "flights/arrival-time"
    kind = "look_up"
    sites = (SITE,)
    length = 9
    phrasings = (
        "At what local time does flight {number} from {origin} land in {destination} on {day}?",
        "My sister takes {number} from {origin} to {destination} on {day}. When does she arrive?",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Find {number} in the results and open it",
        "Answer with its local time of arrival",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: len(route.open) > 5)
        flight = rng.choice(found.open)
        airline = build(world.seed).network.airlines[flight.airline].name
        time = clock(flight.arrives)
        others = tuple(sorted({clock(each.arrives) for each in found.flights} - {time}))
        data = {"route": found, "airline": airline, "number": flight.number, "time": time}
        goal = Goal(answer=Says((time,), others))
        return Draw(slots=found.slots | {"number": flight.number}, start="/", goal=goal, data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await open_of_airline(hand, draw.data["airline"], draw.data["number"])
        hand.step(3)
        return str(draw.data["time"])


class NoDirectFlight(Template):
    """There are flights, but none of them is direct."""

    name = "flights/no-direct-flight"
    kind = "impossible"
    sites = (SITE,)
    length = 8
    phrasings = (
        "Book the cheapest direct flight from {origin} to {destination} on {day} for Nora Keller in the Basic fare, "
        "and pay at the airport. I do not want to change planes.",
        "What is the price of the cheapest direct flight from {origin} to {destination} on {day}?",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Show direct flights only",
        "Give up if there is no direct flight",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: not any(flight.direct for flight in route.flights))
        return Draw(slots=found.slots, start="/", goal=Goal(impossible=True), data={"route": found})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await hand.click("Direct only", "radio")
        hand.step(3)


TEMPLATES: tuple[Template, ...] = (
    CheapestDirectPrice(),
    FastestAirline(),
    EarliestArrival(),
    EveningFlight(),
    Layover(),
    ArrivalTime(),
    NoDirectFlight(),
)
