"""Tasks on flights: what is to be read of the account's trips."""

import random

from plan_and_act.sites.flights.catalog import TERMINALS
from plan_and_act.sites.flights.data import build
from plan_and_act.sites.tasks.flights_ways import SITE, open_trip, pick, place_of, title_of, upcoming
from plan_and_act.sites.tasks.goals import Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class BookingReference(Template):
    """Stands on the trip's own page."""

    name = "flights/booking-reference"
    kind = "look_up"
    sites = (SITE,)
    length = 3
    phrasings = (
        "What is the booking reference of my upcoming trip to {place}?",
        "I need the booking code of my flight to {place}. What is it?",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Answer with its booking reference",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, upcoming(base))
        goal = Goal(answer=Says((trip.ref,), tuple(ref for ref in base.trips if ref != trip.ref)))
        data = {"title": title_of(base, trip), "answer": trip.ref}
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=goal, data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        return str(draw.data["answer"])


class Terminal(Template):
    """Of the way there; the way back has a terminal of its own."""

    name = "flights/terminal"
    kind = "look_up"
    sites = (SITE,)
    length = 3
    phrasings = (
        "Which terminal does my flight to {place} depart from?",
        "Where do I have to go at the airport for my flight to {place}? Tell me the terminal.",
    )
    plan = (
        "Find the trip to {place} under My trips and open it",
        "Answer with the terminal that the outbound flight departs from",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, upcoming(base))
        terminal = base.network.terminal(trip.flights[0])
        goal = Goal(answer=Says((terminal,), tuple(other for other in TERMINALS if other != terminal)))
        data = {"title": title_of(base, trip), "answer": terminal}
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=goal, data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        return f"Terminal {draw.data['answer']}"


class PastPrice(Template):
    """Past trips are behind a tab."""

    name = "flights/past-price"
    kind = "look_up"
    sites = (SITE,)
    length = 4
    phrasings = (
        "How many euros did I pay for my past trip to {place}?",
        "I am doing my accounts: what did the trip to {place} earlier this year cost in total?",
    )
    plan = (
        "Open the past trips under My trips",
        "Open the trip to {place}",
        "Answer with the price that was paid for it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        coming = upcoming(base)
        trip = pick(world, rng, [trip for trip in base.trips.values() if trip not in coming])
        data = {"title": title_of(base, trip), "paid": trip.paid}
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=Goal(answer=Number(trip.paid)), data=data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("My trips")
        await hand.click("Past", "link")
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        hand.step(3)
        return f"€{draw.data['paid']}"


TEMPLATES: tuple[Template, ...] = (BookingReference(), Terminal(), PastPrice())
