"""Tasks on flights: comparing days, places and fares."""

import random
from datetime import timedelta
from itertools import combinations

from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.model import FARES
from plan_and_act.sites.flights.offers import AROUND
from plan_and_act.sites.tasks.flights_search import search
from plan_and_act.sites.tasks.flights_ways import (
    SITE,
    NothingToDrawError,
    Route,
    cheapest_first,
    choose_airport,
    draw_route,
    first_price,
    numbers_in,
    open_of_airline,
    refresh,
    route,
    send_search,
)
from plan_and_act.sites.tasks.goals import Day, Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


def cheaper(one: Route, other: Route) -> Route | None:
    """The route whose cheapest direct flight costs less, sold out or not; None when that is not clear."""
    prices = [_lowest(found) for found in (one, other)]
    if not all(prices):
        return None
    signs = {(first > second) - (first < second) for first, second in zip(*prices, strict=True)}
    return {(-1,): one, (1,): other}.get(tuple(signs))


def _lowest(found: Route) -> tuple[int, ...]:
    """The lowest price of the direct flights, and of those that are not sold out."""
    direct = [flight.price for flight in found.flights if flight.direct]
    return (min(direct), found.direct[0].price) if found.direct else ()


class CheaperDate(Template):
    """Two searches, with the second day in the place of the first."""

    name = "flights/cheaper-date"
    kind = "compare"
    sites = (SITE,)
    length = 13
    phrasings = (
        "I want to fly direct from {origin} to {destination}, either on {day} or on {other}. On which of the two days "
        "is the cheapest direct flight cheaper? Answer with that date only.",
        "Compare the cheapest direct flights from {origin} to {destination} on {day} and on {other}: which day costs "
        "less? Tell me only that day.",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Note the price of the cheapest direct flight",
        "Search again for {other} and note the cheapest direct flight there",
        "Answer with the cheaper of the two days",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        for _ in range(200):
            one = draw_route(world, rng, lambda route: bool(route.direct))
            shift = timedelta(days=rng.choice((-2, -1, 1, 2, 3)))
            other = route(world, one.origin.code, one.destination.code, one.day + shift)
            if best := cheaper(one, other):
                return Draw(
                    slots=one.slots | {"other": day_words(other.day)},
                    start="/",
                    goal=Goal(answer=Day(best.day)),
                    data={"route": one, "other": other, "best": best},
                )
        raise NothingToDrawError(world)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await cheapest_first(hand, direct=True)
        await hand.note(f"Cheapest direct flight on {day_words(draw.data['route'].day)}", await first_price(hand))
        hand.step(3)
        await hand.type("Departure", day_words(draw.data["other"].day))
        await send_search(hand)
        await cheapest_first(hand, direct=True)
        await hand.note(f"Cheapest direct flight on {day_words(draw.data['other'].day)}", await first_price(hand))
        hand.step(4)
        return day_words(draw.data["best"].day)


class CheaperDestination(Template):
    """Two searches, with the second place in the place of the first."""

    name = "flights/cheaper-destination"
    kind = "compare"
    sites = (SITE,)
    length = 14
    split = "test"
    phrasings = (
        "From {origin} I could fly direct to {destination} or to {other} on {day}. Which of the two is cheaper? "
        "Answer with the place only.",
        "Is the cheapest direct flight from {origin} on {day} the one to {destination} or the one to {other}? Name "
        "only the cheaper destination.",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Note the price of the cheapest direct flight",
        "Change the destination to {other} and find its cheapest direct flight",
        "Answer with the place that costs less",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        places = build(world.seed).network.airports
        for _ in range(200):
            one = draw_route(world, rng, lambda route: bool(route.direct))
            place = rng.choice([p for p in places.values() if p.city not in (one.origin.city, one.destination.city)])
            other = route(world, one.origin.code, place.code, one.day)
            if best := cheaper(one, other):
                loser = other if best is one else one
                return Draw(
                    slots=one.slots | {"other": place.place},
                    start="/",
                    goal=Goal(answer=Says((best.destination.place,), (loser.destination.place,))),
                    data={"route": one, "other": other, "best": best},
                )
        raise NothingToDrawError(world)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await cheapest_first(hand, direct=True)
        await hand.note(f"Cheapest to {draw.data['route'].destination.place}", await first_price(hand))
        hand.step(3)
        await choose_airport(hand, "To", draw.data["other"].destination)
        await send_search(hand)
        await cheapest_first(hand, direct=True)
        await hand.note(f"Cheapest to {draw.data['other'].destination.place}", await first_price(hand))
        hand.step(4)
        return str(draw.data["best"].destination.place)


class CheapestDay(Template):
    """The search with flexible dates compares the days."""

    name = "flights/cheapest-day"
    kind = "compare"
    sites = (SITE,)
    length = 9
    split = "test"
    phrasings = (
        "On which day from {first} to {last} is flying from {origin} to {destination} cheapest, whatever the flight? "
        "Answer with that date only.",
        "I can go from {origin} to {destination} on any day between {first} and {last}. Which one is cheapest? "
        "Tell me only the date.",
    )
    plan = (
        "Search from {origin} to {destination} midway between {first} and {last}, with flexible dates",
        "Compare the prices of the days and answer with the cheapest day",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""

        def week(middle: Route) -> list[Route]:
            shifts = (timedelta(days=shift) for shift in range(-AROUND, AROUND + 1))
            return [route(world, middle.origin.code, middle.destination.code, middle.day + by) for by in shifts]

        def fits(middle: Route) -> bool:
            days = week(middle)
            if not all(day.open for day in days):
                return False
            best = _only_lowest([_first_price(day) for day in days])
            return best is not None and best == _only_lowest([day.open[0].price for day in days])

        found = draw_route(world, rng, fits)
        days = week(found)
        best = min(days, key=_first_price)
        slots = found.slots | {"first": day_words(days[0].day), "last": day_words(days[-1].day)}
        data = {"route": found, "best": best}
        return Draw(slots=slots, start="/", goal=Goal(answer=Day(best.day)), data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        if not await hand.sees(" from €"):
            await hand.click("Flexible dates", "checkbox")
            await hand.click("Search flights")
            await refresh(hand)
        hand.step(2)
        return day_words(draw.data["best"].day)


def _only_lowest(prices: list[int]) -> int | None:
    """The index of the lowest price, when there is only one."""
    lowest = min(prices)
    return prices.index(lowest) if prices.count(lowest) == 1 else None


def _first_price(found: Route) -> int:
    return min(flight.price for flight in found.flights)


class FareDifference(Template):
    """The fares of a flight stand on its own page."""

    name = "flights/fare-difference"
    kind = "compare"
    sites = (SITE,)
    length = 9
    phrasings = (
        "How many euros more does the {dear} fare cost than the {cheap} fare on flight {number} from {origin} to "
        "{destination} on {day}? Answer with the difference only.",
        "For {number} ({origin} to {destination}, {day}): what is the price difference between {cheap} and {dear}, per "
        "person in euros?",
    )
    plan = (
        "Search for flights from {origin} to {destination} on {day}",
        "Open {number} and note the prices of {cheap} and {dear}",
        "Answer with the difference between the two",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        found = draw_route(world, rng, lambda route: len(route.open) > 4)
        flight = rng.choice(found.open)
        repeated, cost = numbers_in(found.day), flight.cost
        cheap, dear = rng.choice(
            [
                (one, other)
                for one, other in combinations(FARES, 2)
                # An answer may repeat the day and the prices: they are not the difference too.
                if cost(other) - cost(one) not in (*repeated, cost(one), cost(other))
            ]
        )
        prices = (cost(cheap), cost(dear))
        more = prices[1] - prices[0]
        airline = build(world.seed).network.airlines[flight.airline].name
        return Draw(
            slots=found.slots | {"number": flight.number, "cheap": cheap, "dear": dear},
            start="/",
            goal=Goal(answer=Number(more, given=(*repeated, *prices))),
            data={
                "route": found,
                "airline": airline,
                "number": flight.number,
                "fares": {cheap: prices[0], dear: prices[1]},
                "more": more,
            },
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await search(hand, draw)
        hand.step(2)
        await open_of_airline(hand, draw.data["airline"], draw.data["number"])
        for fare, price in draw.data["fares"].items():
            await hand.note(fare, f"€{price}")
        hand.step(3)
        return f"€{draw.data['more']}"


TEMPLATES: tuple[Template, ...] = (CheaperDate(), CheaperDestination(), CheapestDay(), FareDifference())
