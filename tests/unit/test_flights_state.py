"""What a session of the travel site keeps of its own, and what it tells a checker."""

import statistics
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.draft import Draft, bag_price, fee
from plan_and_act.sites.flights.model import Traveller, Trip
from plan_and_act.sites.flights.schedule import NOW
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.sessions import Sessions

BASE = build(7)
NOTHING = State.fresh(BASE).changes()["changes"]


@pytest.fixture
def state() -> State:
    return State.fresh(BASE)


def coming(fare: str = "Flex") -> Trip:
    return next(trip for trip in BASE.trips.values() if trip.fare == fare and trip.flights[0].departs > NOW)


def test_an_untouched_session_has_changed_nothing(state: State) -> None:
    assert not any(NOTHING.values())
    assert state.changes()["log"] == []
    assert state.changes()["viewer"] == BASE.persona


def test_a_booking_is_told_with_everything_that_belongs_to_it(state: State) -> None:
    flight = BASE.network.flights("TUN", "FCO", NOW.date() + timedelta(days=9))[0]
    person = BASE.travellers[1]
    legroom = next(s for row in BASE.network.seats(flight) for s in row if s.price and not s.taken)
    draft = Draft([flight], "Classic", "Economy", 1, None, [person], [(legroom.name,)], (2,), ("Travel insurance",))
    state.draft = draft
    assert state.changes()["changes"] == NOTHING, "a draft is no change"
    trip = state.book(draft, "airport")
    extra = bag_price(BASE.network, [flight])
    assert trip.paid == flight.cost("Classic") + legroom.price + 2 * extra + 19
    (record,) = state.changes()["changes"]["booked"]
    assert record == {
        "flights": [flight.id],
        "fare": "Classic",
        "cabin": "Economy",
        "passengers": [person.name],
        "born": [person.born.isoformat()],
        "seats": [f"{person.name} in {legroom.name} on {flight.id}"],
        "seat_kinds": [legroom.kind],
        "bags": [f"2 for {person.name}"],
        "extras": ["Travel insurance"],
        "payment": "airport",
        "cancelled": False,
        "checked_in": [],
    }
    assert state.trip(trip.ref) == trip
    assert state.draft is None
    assert state.changes()["counts"] == {"book": 1}


def test_only_what_differs_of_a_trip_is_told(state: State) -> None:
    trip = coming()
    assert state.add_bags(trip, (1,) + (0,) * (len(trip.passengers) - 1))
    (record,) = state.changes()["changes"]["trips_changed"]
    assert record == {"ref": trip.ref, "bags": [f"1 for {trip.passengers[0].name}"]}
    assert not state.add_bags(trip, (0,) * len(trip.passengers))
    assert state.changes()["counts"] == {"add_bags": 1}


def test_a_seat_that_is_given_back_is_no_change_but_stays_in_the_log(state: State) -> None:
    trip = coming()
    free = [seat.name for row in BASE.network.seats(trip.flights[0]) for seat in row if not seat.taken]
    new = next(name for name in free if name not in trip.seats[0])
    assert state.choose_seats(trip, 0, (new, *trip.seats[0][1:]))
    told = state.changes()["changes"]["trips_changed"]
    assert f"{trip.passengers[0].name} in {new} on {trip.flights[0].id}" in told[0]["seats"]
    now = state.trip(trip.ref)
    assert now is not None
    assert state.choose_seats(now, 0, trip.seats[0])
    assert state.changes()["changes"] == NOTHING
    assert state.changes()["counts"] == {"choose_seats": 2}


def test_changing_a_flight_costs_what_the_fare_says_and_loses_the_seats(state: State) -> None:
    trip = coming("Classic")
    old = trip.flights[0]
    days = (old.day + timedelta(days=shift) for shift in range(1, 15))
    new = next(flight for day in days if (flight := BASE.network.flight(old.origin, old.destination, day, old.number)))
    fees = fee(BASE.network, (old,), "Classic", refund=False)
    assert fees is not None
    more = max(0, new.cost("Classic") - old.cost("Classic"))
    assert state.change_price(trip, 0, new) == (fees + more) * len(trip.passengers)
    assert state.change_flight(trip, 0, new)
    changed = state.trip(trip.ref)
    assert changed is not None
    assert changed.flights[0] == new
    assert changed.seats[0] == (None,) * len(trip.passengers)
    basic = coming("Basic")
    assert state.change_price(basic, 0, new) is None
    assert not state.change_flight(basic, 0, new)


def test_check_in_opens_some_hours_before_departure(state: State) -> None:
    trips = [trip for trip in BASE.trips.values() if trip.flights[0].departs > NOW]
    assert [state.can_check_in(trip) for trip in trips[:3]] == [True] * 3
    assert not state.can_check_in(trips[-1])
    assert not state.can_check_in(replace(trips[0], cancelled=True))
    state.check_in(trips[0], {0})
    assert not state.check_in(state.trip(trips[0].ref) or trips[0], {0}), "already"
    (record,) = state.changes()["changes"]["trips_changed"]
    assert record["checked_in"] == [trips[0].passengers[0].name]


def test_travellers_and_alerts_that_come_and_go_leave_no_change(state: State) -> None:
    person = Traveller("Ada", "Quill", date(1990, 3, 7))
    assert state.save_traveller(person)
    assert not state.save_traveller(person)
    assert state.changes()["changes"]["travellers_added"] == [{"name": "Ada Quill", "born": "1990-03-07"}]
    assert state.remove_traveller(max(state.travellers))
    assert not state.remove_traveller(1), "the account's own person stays"
    alert = BASE.alerts[1]
    assert state.remove_alert(1)
    record = {"from": alert.origin, "to": alert.destination, "below": alert.below}
    assert state.changes()["changes"]["alerts_removed"] == [record]
    state.add_alert(alert.origin, alert.destination, alert.below)
    assert state.changes()["changes"] == NOTHING
    assert sum(state.changes()["counts"].values()) == 4


def test_equal_alerts_are_told_each(state: State) -> None:
    first = BASE.alerts[1]
    record = {"from": first.origin, "to": first.destination, "below": first.below}
    new = record | {"below": first.below + 1}
    for below in (first.below, first.below + 1, first.below + 1):
        state.add_alert(first.origin, first.destination, below)
    assert state.changes()["changes"]["alerts_added"] == [record, new, new]
    assert state.remove_alert(1)
    assert state.changes()["changes"] == NOTHING | {"alerts_added": [new, new]}, "an equal one is still there"


def test_the_profile_tells_what_was_edited(state: State) -> None:
    assert not state.edit_profile(meal=BASE.profile.meal)
    assert state.edit_profile(meal="Vegan")
    assert state.changes()["changes"]["profile"] == {"meal": "Vegan"}
    assert BASE.profile.meal != "Vegan"


def test_signing_in_and_out_is_no_change(state: State) -> None:
    assert state.sign_out()
    assert not state.sign_in(BASE.persona, "wrong")
    assert state.sign_in(BASE.persona, BASE.password)
    assert state.changes()["changes"] == NOTHING
    state.enter(None)
    assert state.viewer is None
    with pytest.raises(ValueError, match="no account"):
        state.enter("somebody-else")


def test_sessions_are_apart_and_a_reset_takes_less_than_five_milliseconds() -> None:
    sessions = Sessions(lambda _: State.fresh(BASE), seed=7)
    one, two = sessions.open("one"), sessions.open("two")
    one.cancel(coming())
    assert two.changes()["changes"] == NOTHING
    assert one.base is two.base
    times = []
    for number in range(300):
        start = time.perf_counter()
        sessions.reset(f"s{number}")
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005
