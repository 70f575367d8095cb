"""The seeded world of flights: airports, airlines, schedules, prices, what is sold out, dates as people type them."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.dates import read_day
from plan_and_act.sites.flights.model import CABINS, FARES
from plan_and_act.sites.flights.offers import find_airport, suggest
from plan_and_act.sites.flights.schedule import NOW, network

APP = Path(__file__).parents[2] / "app"
SOME_DAY = NOW.date() + timedelta(days=8)


def test_the_same_seed_gives_the_same_site_in_every_process() -> None:
    script = (
        "import hashlib; from datetime import date; from plan_and_act.sites.flights.data import build; b = build(7);"
        "flights = b.network.flights('TUN', 'FCO', date(2026, 6, 3));"
        "parts = (b.profile, b.travellers, b.trips, b.alerts, b.topics, b.network.airlines, flights,"
        " b.network.seats(flights[0]), b.network.gate(flights[0]));"
        "print(hashlib.sha256(repr(parts).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(APP)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_another_site() -> None:
    one, other = build(7), build(8)
    assert set(one.trips) != set(other.trips)
    assert set(one.network.airports) != set(other.network.airports)
    assert one.network.flights("TUN", "FCO", SOME_DAY) != other.network.flights("TUN", "FCO", SOME_DAY)


@pytest.mark.parametrize("seed", range(12))
def test_the_data_hangs_together(seed: int) -> None:
    base = build.__wrapped__(seed)
    net = base.network
    assert (len(net.airports), len(net.airlines)) == (40, 12)
    assert len({airport.place for airport in net.airports.values()}) == 40, "no place is ambiguous"
    destinations = [trip.flights[0].destination for trip in base.trips.values()]
    assert len(set(destinations)) == len(destinations), "a trip is told apart by its place"
    soon = [trip for trip in base.trips.values() if timedelta() < trip.flights[0].departs - NOW < timedelta(hours=24)]
    assert len(soon) == 3
    assert {trip.fare for trip in base.trips.values() if trip.flights[0].departs > NOW} == set(FARES)
    for trip in base.trips.values():
        for flight, seats in zip(trip.flights, trip.seats, strict=True):
            assert net.flight(flight.origin, flight.destination, flight.day, flight.number) == flight
            assert len(seats) == len(trip.passengers) == len(trip.bags)
        if len(trip.flights) > 1:
            assert trip.flights[0].arrives < trip.flights[1].departs
    assert len(base.alerts) == 3


@pytest.mark.parametrize("seed", [7, 11, 23, 37])
def test_flights_of_a_day_have_different_prices_and_consistent_times(seed: int) -> None:
    net = network(seed)
    assert sum(flight.direct for flight in net.flights("TUN", "FCO", SOME_DAY)) >= 2, "the example everybody knows"
    places = list(net.airports)
    for origin, destination in zip(places, places[1:] + places[:1], strict=True):
        flights = net.flights(origin, destination, SOME_DAY)
        assert len({flight.price for flight in flights}) == len(flights)
        assert len({flight.number for flight in flights}) == len(flights)
        assert [flight.departs for flight in flights] == sorted(flight.departs for flight in flights)
        ahead = timedelta(minutes=net.airports[destination].offset - net.airports[origin].offset)
        for flight in flights:
            assert flight.arrives - flight.departs - ahead == timedelta(minutes=flight.minutes)
            assert flight.minutes > sum(stop.minutes for stop in flight.stops)
            for cabin in CABINS:
                basic, classic, flex = (flight.cost(fare, cabin) for fare in FARES)
                assert 0 < basic < classic < flex
    assert net.flights("TUN", "TUN", SOME_DAY) == ()


def test_a_number_flies_the_same_way_on_other_days() -> None:
    net = network(7)
    week = [net.flights("TUN", "FCO", SOME_DAY + timedelta(days=shift)) for shift in range(7)]
    times: dict[str, set[object]] = {}
    for flight in (flight for flights in week for flight in flights):
        times.setdefault(flight.number, set()).add((flight.departs.time(), flight.minutes, flight.stops))
    assert all(len(ways) == 1 for ways in times.values())
    assert any(len({f.price for flights in week for f in flights if f.number == number}) > 1 for number in times)


def test_what_is_sold_out_follows_from_seed_and_disturbances() -> None:
    net, on = network(7), Disturbances(sold_out=True)
    gone = 0
    for shift in range(30):
        flights = net.flights("TUN", "FCO", SOME_DAY + timedelta(days=shift))
        assert not any(net.sold_out(flight, Disturbances()) for flight in flights)
        closed = [flight for flight in flights if net.sold_out(flight, on)]
        open_ones = net.open_flights("TUN", "FCO", flights[0].day, on)
        assert len(closed) <= 2
        assert [f.number for f in closed] == [f.number for f in flights if net.sold_out(f, on)]
        assert not set(closed) & set(open_ones)
        assert any(flight.direct for flight in open_ones), "the next best direct flight can be had"
        gone += bool(closed)
    assert 5 < gone < 30


def test_seat_maps_have_free_and_taken_seats_of_every_kind() -> None:
    net = network(7)
    flight = net.flights("TUN", "FCO", SOME_DAY)[0]
    seats = [seat for row in net.seats(flight) for seat in row]
    assert len({seat.name for seat in seats}) == len(seats)
    assert {seat.taken for seat in seats} == {True, False}
    assert {"window", "aisle"} <= {seat.kind for seat in seats if not seat.taken and not seat.price}
    assert net.seat(flight, "99Z") is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-20",
        "20 May 2026",
        "20 may",
        "May 20",
        "20/05/2026",
        "20.05.2026",
        " Wednesday, 20 May 2026 ",
        "20th May",
    ],
)
def test_dates_are_read_as_people_type_them(text: str) -> None:
    assert read_day(text, year=2026) == date(2026, 5, 20)


@pytest.mark.parametrize("text", ["", "tomorrow", "31 June 2026", "2026-13-01", "20 Mayonnaise 2026", "0/0/2026"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_day(text, year=2026) is None


def test_a_day_without_a_year_needs_to_be_given_one() -> None:
    assert read_day("7 March") is None
    assert read_day("7 March 1990") == date(1990, 3, 7)


def test_airports_are_found_by_label_code_and_place() -> None:
    net = next(network(seed) for seed in range(20) if {"LHR", "LGW"} <= network(seed).airports.keys())
    rome = net.airports["FCO"]
    for text in ("FCO", "fco", "Rome", "Rome (FCO)", rome.option):
        assert find_airport(net, text) == rome, text
    assert find_airport(net, "London") is None, "there are two"
    assert find_airport(net, "London Gatwick") == net.airports["LGW"]
    assert find_airport(net, "") is None
    assert {airport.code for airport in suggest(net, "lon")} == {"LHR", "LGW"}
    assert suggest(net, "fco")[0] == rome
    assert rome in suggest(net, "fiumi")
    assert rome in suggest(net, "ital")
    assert suggest(net, "xyzzy") == []
