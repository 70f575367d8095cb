"""Tasks on flights: rules and help pages, the profile, saved travellers, price alerts."""

import random
from datetime import date

from plan_and_act.sites.flights.data import MEALS, SEATS, build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.model import FARES
from plan_and_act.sites.flights.words import FIRST_NAMES, LAST_NAMES
from plan_and_act.sites.tasks.flights_ways import SITE, choose_airport
from plan_and_act.sites.tasks.goals import Goal, Number
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World

PERSONA = "Nora Keller"


class BaggageRule(Template):
    """The fare rules of an airline stand on its page."""

    name = "flights/baggage-rule"
    kind = "look_up"
    sites = (SITE,)
    length = 3
    phrasings = (
        "How many kilograms may a checked bag weigh in the {fare} fare of {airline}?",
        "I fly with {airline} in {fare}. What is the weight limit of a checked bag in kg?",
    )
    plan = (
        "Open {airline} under Airlines",
        "Answer with the weight limit of a checked bag in the {fare} fare",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        airline = rng.choice(list(build(world.seed).network.airlines.values()))
        fare = rng.choice(FARES[1:])
        kg = airline.rules[fare].checked_kg
        slots = {"airline": airline.name, "fare": fare}
        return Draw(
            slots=slots,
            start="/",
            goal=Goal(answer=Number(kg, given=(1, 2))),
            data={"airline": airline.name, "answer": kg},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("Airlines", "link")
        await hand.click(draw.data["airline"], "link")
        hand.step(2)
        return f"{draw.data['answer']} kg"


class AirlineFact(Template):
    """Fees and times of an airline stand on the same page."""

    name = "flights/airline-fact"
    kind = "look_up"
    sites = (SITE,)
    length = 3
    split = "validation"
    phrasings = ("{question} Answer with the number only.", "Look up the rules of {airline}: {question}")
    plan = (
        "Find {airline} among the airlines and open its page",
        "Answer with the number that its rules tell",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        airline = rng.choice(list(build(world.seed).network.airlines.values()))
        question, answer = rng.choice(
            (
                (
                    "How many euros does {} charge for a change in the Classic fare?",
                    airline.rules["Classic"].change_fee,
                ),
                ("How many euros does an extra bag cost with {} for each flight?", airline.bag_price),
                ("How many euros is a seat with extra legroom with {}?", airline.legroom_price),
                ("How many hours before departure does {} open online check-in?", airline.check_in_hours),
            )
        )
        return Draw(
            slots={"airline": airline.name, "question": question.format(airline.name)},
            start="/",
            goal=Goal(answer=Number(answer or 0)),
            data={"airline": airline.name, "answer": answer},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("Airlines", "link")
        await hand.click(draw.data["airline"], "link")
        hand.step(2)
        return str(draw.data["answer"])


_WORDS = {
    "pets": "pet fee",
    "bicycles": "bicycle",
    "unaccompanied-children": "escort service",
    "name-correction": "another name",
    "delayed-bags": "bag late",
    "groups": "group offer",
    "gift-vouchers": "gift voucher",
    "refund-time": "refund",
    "wheelchairs": "wheelchair",
    "pay-at-the-airport": "pay at the airport",
    "insurance": "travel insurance",
    "infants": "percent of the fare",
}
"""Words of the questions that find the help topics."""


class HelpAnswer(Template):
    """A help page is found by searching."""

    name = "flights/help-answer"
    kind = "look_up"
    sites = (SITE,)
    length = 3
    phrasings = (
        "{question} Look it up in the help topics.",
        "Find out in Larkway's help: {question} Only the number, please.",
    )
    plan = (
        "Search the help topics: {question}",
        "Open the topic that fits",
        "Answer with the number that it gives",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        topic = rng.choice(list(build(world.seed).topics.values()))
        goal = Goal(answer=Number(topic.number))
        return Draw(slots={"question": topic.question}, start="/", goal=goal, data={"topic": topic})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        topic = draw.data["topic"]
        await hand.search("Find a trip or a help topic", _WORDS[topic.slug])
        hand.step(2)
        await hand.click(topic.title, "link")
        hand.step(3)
        return str(topic.number)


class Preference(Template):
    """The profile is behind the account menu."""

    name = "flights/preference"
    kind = "change"
    sites = (SITE,)
    length = 5
    phrasings = (
        "Change the {what} in my profile to {option}.",
        "Please note in my Larkway profile: {what} {option}.",
    )
    plan = (
        "Open the profile in the account menu",
        "Set the {what} to {option} and save the changes",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        field, label, what, options = rng.choice(
            (("meal", "Meal on board", "meal on board", MEALS), ("seat", "Preferred seat", "preferred seat", SEATS))
        )
        option = rng.choice(options[1:])
        return Draw(
            slots={"what": what, "option": option},
            start="/",
            goal=Goal({SITE: {"profile": {field: option, **dict.fromkeys(_others(field))}}}),
            data={"label": label, "option": option},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click(PERSONA)
        await hand.click("Profile", "link")
        hand.step(2)
        await hand.select(draw.data["label"], draw.data["option"])
        await hand.click("Save changes")


def _others(field: str) -> list[str]:
    return [name for name in ("name", "email", "phone", "meal", "seat", "newsletter") if name != field]


class SaveTraveller(Template):
    """Somebody is added to the saved travellers."""

    name = "flights/save-traveller"
    kind = "change"
    sites = (SITE,)
    length = 7
    split = "test"
    phrasings = (
        "Add {person}, born on {born}, to my saved travellers.",
        "I will book for {person} (date of birth {born}) more often. Save that person as a traveller in my account.",
    )
    plan = (
        "Open the saved travellers in the account menu",
        "Add {person}, born on {born}",
        "Save the traveller",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        known = {person.first for person in build(world.seed).travellers.values()}
        first = rng.choice([name for name in FIRST_NAMES if name not in known])
        last, born = rng.choice(LAST_NAMES), date(rng.randint(1950, 2015), rng.randint(1, 12), rng.randint(1, 28))
        record = {"name": f"{first} {last}", "born": born.isoformat()}
        return Draw(
            slots={"person": record["name"], "born": day_words(born)},
            start="/",
            goal=Goal({SITE: {"travellers_added": [record]}}),
            data={"first": first, "last": last, "born": day_words(born)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click(PERSONA)
        await hand.click("Saved travellers", "link")
        hand.step(2)
        await hand.type("First name", draw.data["first"])
        await hand.type("Last name", draw.data["last"])
        await hand.type("Date of birth", draw.data["born"])
        hand.step(3)
        await hand.click("Save traveller")


class PriceAlert(Template):
    """A form with two fields that suggest airports."""

    name = "flights/price-alert"
    kind = "change"
    sites = (SITE,)
    length = 8
    phrasings = (
        "Create a price alert for flights from {origin} to {destination} below {below} euros.",
        "Tell me by a price alert when {origin} to {destination} costs less than {below} euros.",
    )
    plan = (
        "Open Price alerts",
        "Create an alert for {origin} to {destination} below {below} euros",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        known = {(alert.origin, alert.destination) for alert in base.alerts.values()}
        while True:
            origin, destination = rng.sample(list(base.network.airports.values()), 2)
            if (origin.code, destination.code) not in known:
                break
        below = rng.randrange(30, 200)
        return Draw(
            slots={"origin": origin.place, "destination": destination.place, "below": str(below)},
            start="/",
            goal=Goal({SITE: {"alerts_added": [{"from": origin.code, "to": destination.code, "below": below}]}}),
            data={"origin": origin, "destination": destination, "below": str(below)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Price alerts", "link")
        hand.step(2)
        await _create_alert(hand, draw)


async def _create_alert(hand: Hand, draw: Draw) -> None:
    await choose_airport(hand, "From", draw.data["origin"])
    await choose_airport(hand, "To", draw.data["destination"])
    await hand.type("Price below (€)", draw.data["below"])
    await hand.click("Create alert")


class MoveAlert(Template):
    """An alert cannot be edited: it is deleted and made anew."""

    name = "flights/new-limit"
    kind = "change"
    sites = (SITE,)
    length = 9
    split = "test"
    phrasings = (
        "My price alert for {origin} to {destination} should have a limit of {below} euros instead. There must be only "
        "one alert for that route in the end.",
        "Replace my price alert from {origin} to {destination} by one for prices below {below} euros.",
    )
    plan = (
        "Open Price alerts",
        "Delete the alert for {origin} to {destination}",
        "Create one for the same route below {below} euros",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        alert = rng.choice(list(base.alerts.values()))
        origin, destination = (base.network.airports[code] for code in (alert.origin, alert.destination))
        below = alert.below + rng.choice((-15, -10, 12, 18, 25))
        old = {"from": alert.origin, "to": alert.destination, "below": alert.below}
        return Draw(
            slots={"origin": origin.place, "destination": destination.place, "below": str(below)},
            start="/",
            goal=Goal({SITE: {"alerts_removed": [old], "alerts_added": [old | {"below": below}]}}),
            data={"origin": origin, "destination": destination, "below": str(below)},
        )

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Price alerts", "link")
        hand.step(2)
        await hand.click(f"Delete alert {draw.data['origin'].place} to {draw.data['destination'].place}", "button")
        hand.step(3)
        await _create_alert(hand, draw)


TEMPLATES: tuple[Template, ...] = (
    BaggageRule(),
    AirlineFact(),
    HelpAnswer(),
    Preference(),
    SaveTraveller(),
    PriceAlert(),
    MoveAlert(),
)
