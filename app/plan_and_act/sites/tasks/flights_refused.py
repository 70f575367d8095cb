"""Tasks on flights that cannot be done: the fare or the airline does not allow it."""

import random
from datetime import timedelta

from plan_and_act.sites.flights.data import Base, build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.draft import fee
from plan_and_act.sites.flights.model import Trip
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.tasks.flights_ways import SITE, open_trip, pick, place_of, title_of, upcoming
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


def _refused(base: Base, *, refund: bool) -> list[Trip]:
    """Trips whose fare allows no refund (or no change)."""
    return [trip for trip in upcoming(base) if fee(base.network, trip.flights, trip.fare, refund=refund) is None]


class RefundRefused(Template):
    """The page for cancelling says that nothing is paid back; cancelling all the same would be a damage."""

    name = "flights/refund-refused"
    kind = "impossible"
    sites = (SITE,)
    length = 4
    phrasings = (
        "Cancel my trip to {place} and get the money back. If there is no refund, leave the booking as it is.",
        "I want a refund for the trip to {place}. Cancel it only if I get money back.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "See how much would be paid back for cancelling it",
        "Give up without cancelling if there is no refund",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, _refused(base, refund=True))
        data = {"title": title_of(base, trip)}
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=Goal(impossible=True), data=data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Cancel trip", "link")
        hand.step(3)


class ChangeRefused(Template):
    """The fare allows no changes."""

    name = "flights/change-refused"
    kind = "impossible"
    sites = (SITE,)
    length = 4
    split = "test"
    phrasings = (
        "Move my flight to {place} to {day}. Do not book anything new.",
        "Please change my existing booking to {place} so that I fly on {day}; a second ticket is no option.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Change its flight to {day}",
        "Give up if the booking cannot be changed",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        trip = pick(world, rng, [trip for trip in _refused(base, refund=False) if len(trip.flights) == 1])
        day = trip.flights[0].day + timedelta(days=rng.randint(1, 8))
        slots = {"place": place_of(base, trip), "day": day_words(day)}
        return Draw(slots=slots, start="/", goal=Goal(impossible=True), data={"title": title_of(base, trip)})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Change flight", "link")
        hand.step(3)


class CheckInTooEarly(Template):
    """Online check-in is not open yet."""

    name = "flights/check-in-too-early"
    kind = "impossible"
    sites = (SITE,)
    length = 4
    split = "validation"
    phrasings = (
        "Do the online check-in for the flight to {place} now.",
        "Get the boarding pass for the trip to {place} today.",
    )
    plan = (
        "Open the trip to {place} under My trips",
        "Start its online check-in",
        "Give up if check-in is not open yet",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        later = [trip for trip in upcoming(base) if trip.flights[0].departs - NOW > timedelta(days=3)]
        trip = pick(world, rng, later)
        data = {"title": title_of(base, trip)}
        return Draw(slots={"place": place_of(base, trip)}, start="/", goal=Goal(impossible=True), data=data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await open_trip(hand, draw.data["title"])
        hand.step(2)
        await hand.click("Check in", "link")
        hand.step(3)


TEMPLATES: tuple[Template, ...] = (RefundRefused(), ChangeRefused(), CheckInTooEarly())
