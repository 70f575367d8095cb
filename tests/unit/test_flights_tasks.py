"""What tasks on flights are drawn from: enough of them in every world, and none that is done or in doubt."""

from datetime import time

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.flights.catalog import TERMINALS
from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.tasks import WORLDS, Episode
from plan_and_act.sites.tasks.flights import TEMPLATES
from plan_and_act.sites.tasks.flights_booking import BookCheapestDirect
from plan_and_act.sites.tasks.flights_look_ups import Terminal
from plan_and_act.sites.tasks.flights_search import CheapestDirectPrice, EveningFlight, Layover
from plan_and_act.sites.tasks.flights_trips import AddBag
from plan_and_act.sites.tasks.flights_ways import changed, route
from plan_and_act.sites.tasks.template import Draw, Template, World

FEW = {"flights/refund-refused": 3, "flights/check-in-too-early": 4}
"""Templates that speak of few trips; refunds are refused for few of them."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
@pytest.mark.parametrize("world", WORLDS.values())
def test_every_world_has_enough_tasks_that_can_be_worded(template, world: int) -> None:
    found = set()
    for seed in range(30):
        draw, phrasing = Episode(template.name, world, seed).draw(template)
        assert "{" not in phrasing.format(**draw.slots)
        found.add(str(sorted(draw.slots.items())))
    assert len(found) >= FEW.get(template.name, 6)
    assert len(set(template.phrasings)) >= 2


def draws(template: Template) -> list[tuple[int, Draw]]:
    """Many tasks of a template, each with its world."""
    return [
        (world, Episode(template.name, world, seed).draw(template)[0])
        for world in WORLDS.values()
        for seed in range(100)
    ]


def test_the_same_episode_is_the_same_task() -> None:
    for template in TEMPLATES:
        episode = Episode(template.name, 11, 4, Disturbances.all_on())
        one, other = (episode.draw(template) for _ in range(2))
        assert (one[0].goal, one[0].slots, one[1]) == (other[0].goal, other[0].slots, other[1])


def test_no_task_is_done_before_it_has_begun() -> None:
    for world in WORLDS.values():
        untouched = State.fresh(build(world)).changes()
        for template in TEMPLATES:
            draw, _ = Episode(template.name, world, 3).draw(template)
            assert not draw.goal.verdict({"flights": untouched}, "It is done.", gave_up=False).passed, template.name


def test_a_sold_out_flight_is_never_the_target() -> None:
    on, targets = Disturbances(sold_out=True), []
    for template in (CheapestDirectPrice(), BookCheapestDirect()):
        for seed in range(40):
            plain, _ = Episode(template.name, 37, seed).draw(template)
            disturbed, _ = Episode(template.name, 37, seed, on).draw(template)
            found = disturbed.data["route"]
            assert found.direct[0] not in [f for f in found.flights if build(37).network.sold_out(f, on)]
            targets.append(plain.goal == disturbed.goal)
    assert 10 < sum(targets) < 75, "the disturbance changes some of the answers"


def test_the_classic_question_is_asked() -> None:
    draws = [Episode("flights/cheapest-direct-price", 11, seed).draw(CheapestDirectPrice())[0] for seed in range(20)]
    classic = [draw for draw in draws if (draw.slots["origin"], draw.slots["destination"]) == ("Tunis", "Rome")]
    assert classic
    for draw in classic:
        found = draw.data["route"]
        every = route(World(11), "TUN", "FCO", found.day).flights
        price = min(flight.price for flight in every if flight.direct)
        assert draw.goal.verdict({}, f"It costs €{price}.", gave_up=False).passed
        assert not draw.goal.verdict({}, f"It costs €{price + 1}.", gave_up=False).passed


def test_what_else_is_changed_of_a_trip_is_a_damage() -> None:
    base = build(7)
    trip = next(t for t in base.trips.values() if t.flights[0].departs > NOW and len(t.passengers) == 1)
    template = next(template for template in TEMPLATES if template.name == "flights/add-bag")
    draw, _ = Episode(template.name, 7, 1).draw(template)
    goal = type(draw.goal)({"flights": {"trips_changed": [changed(trip, bags=[f"2 for {trip.passengers[0].name}"])]}})
    state = State.fresh(base)
    state.add_bags(trip, (2,))
    assert goal.verdict({"flights": state.changes()}, None, gave_up=False).passed
    state.cancel(state.trip(trip.ref) or trip)
    assert not goal.verdict({"flights": state.changes()}, None, gave_up=False).passed


def test_bags_are_for_the_passenger_who_was_named() -> None:
    two = 0
    for world, draw in draws(AddBag()):
        base = build(world)
        (record,) = draw.goal.changes["flights"]["trips_changed"]
        trip = base.trips[record["ref"]]
        two += len(trip.passengers) == 2
        for person in trip.passengers:
            state = State.fresh(base)
            state.add_bags(trip, tuple(int(draw.data["count"]) * (each == person) for each in trip.passengers))
            verdict = draw.goal.verdict({"flights": state.changes()}, None, gave_up=False)
            assert verdict.passed == (person.name == draw.data["person"]), (world, draw.slots)
    assert two > 50


def test_a_layover_is_in_a_city_whatever_its_airport() -> None:
    several = 0
    for world, draw in draws(Layover()):
        airports = build(world).network.airports
        flights = draw.data["route"].flights
        stops = {flight.number: [airports[stop.airport] for stop in flight.stops] for flight in flights}
        (right,) = stops[draw.slots["number"]]
        several += right.place != right.city
        for airport in (right, *(stop for some in stops.values() for stop in some)):
            for said in (airport.city, airport.place):
                verdict = draw.goal.verdict({}, f"In {said}.", gave_up=False)
                assert verdict.passed == (airport.city == right.city), (world, draw.slots, said)
    assert several


def test_no_flight_leaves_at_the_hour_after_which_it_is_to_leave() -> None:
    for world, draw in draws(EveningFlight()):
        assert time(18) not in {flight.departs.time() for flight in draw.data["route"].flights}, (world, draw.slots)


def test_an_answer_that_lists_every_terminal_names_none() -> None:
    for world, draw in draws(Terminal()):
        right = draw.data["answer"]
        assert draw.goal.verdict({}, f"Terminal {right}", gave_up=False).passed
        for other in set(TERMINALS) - {right}:
            said = f"Terminal {right} or {other}"
            assert not draw.goal.verdict({}, said, gave_up=False).passed, (world, draw.slots, said)
