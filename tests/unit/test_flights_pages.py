"""The travel site's pages over HTTP, without a browser."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.flights.app import SYNONYMS, flights_app
from plan_and_act.sites.flights.data import PASSWORD, PERSONA, build
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.flights.model import Flight, Trip
from plan_and_act.sites.flights.schedule import NOW

BASE = build(7)
NET = BASE.network
DAY = NOW.date() + timedelta(days=8)
QUERY = {"from": "Tunis (TUN)", "to": "Rome (FCO)", "date": DAY.isoformat()}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=flights_app(seed=7, control=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://flights", follow_redirects=True) as client:
        await client.get("/?session=me")
        yield client


async def changes(client: httpx.AsyncClient) -> dict:
    return (await client.get("/_control/me/state")).json()["changes"]


async def disturb(client: httpx.AsyncClient, name: str) -> None:
    await client.post(f"/_control/me/reset?disturb={name}")


async def listed(client: httpx.AsyncClient, **wishes: str) -> dict:
    return (await client.get("/api/flights", params=QUERY | {"limit": "50"} | wishes)).json()


def numbers(found: dict) -> list[str]:
    return [flight["number"] for flight in found["shown"]]


def upcoming(*fares: str) -> list[Trip]:
    trips = [trip for trip in BASE.trips.values() if trip.flights[0].departs > NOW]
    return [trip for trip in trips if not fares or trip.fare in fares]


@pytest.mark.parametrize("seed", [7, 11, 23, 37])
async def test_every_link_leads_somewhere(seed: int) -> None:
    transport = httpx.ASGITransport(app=flights_app(seed=seed))
    async with httpx.AsyncClient(transport=transport, base_url="http://flights", follow_redirects=True) as client:
        todo, seen = ["/", "/flights?from=TUN&to=FCO&date=2026-05-20", "/search?q=e"], set()
        for _ in range(3):
            found: list[str] = []
            for url in todo:
                response = await client.get(url)
                assert response.status_code == 200, url
                assert not re.search(r'(?:href|src)="https?:', response.text), "no page loads anything elsewhere"
                assert not re.search(r"<script(?! src)|<style| style=| on\w+=", response.text), "the policy forbids it"
                found += [html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', response.text)]
            seen |= set(todo)
            todo = [link for link in dict.fromkeys(found) if link not in seen]
        assert len(seen) > 80


async def test_a_search_that_is_wrong_says_why(client: httpx.AsyncClient) -> None:
    wrong = [
        ({"to": "Rome"}, "Choose the airport you fly from"),
        (QUERY | {"to": "Tunis"}, "Choose two different airports"),
        (QUERY | {"date": "soon"}, "Enter a date such as"),
        (QUERY | {"date": "2027-01-01"}, "Flights can be booked from"),
        (QUERY | {"trip": "return", "return": "2026-05-14"}, "cannot be before"),
        (QUERY | {"passengers": "99"}, "1 to 6 passengers"),
        (QUERY | {"cabin": "Hold"}, "Economy or Business"),
    ]
    for query, message in wrong:
        answer = await client.get("/flights", params=query)
        assert answer.status_code == 422, query
        assert message in html.unescape(answer.text), query
    assert (await client.get("/flights", params=QUERY)).status_code == 200
    assert (await client.get("/api/flights", params=QUERY | {"date": ""})).status_code == 422


async def test_filters_and_sorting(client: httpx.AsyncClient) -> None:
    every = NET.flights("TUN", "FCO", DAY)
    assert set(numbers(await listed(client))) == {flight.number for flight in every}
    cases = {
        "price": lambda flight: flight.price,
        "duration": lambda flight: flight.minutes,
        "departure": lambda flight: flight.departs,
        "arrival": lambda flight: flight.arrives,
    }
    for sort, key in cases.items():
        by_number = {flight.number: key(flight) for flight in every}
        order = [by_number[number] for number in numbers(await listed(client, sort=sort))]
        assert order == sorted(order), sort
    direct = {flight.number for flight in every if flight.direct}
    assert set(numbers(await listed(client, stops="direct"))) == direct
    airline = every[0].airline
    assert set(numbers(await listed(client, airline=airline))) == {f.number for f in every if f.airline == airline}
    most = sorted(flight.price for flight in every)[2]
    assert len(numbers(await listed(client, most=str(most)))) == 3
    early = {flight.number for flight in every if flight.departs.hour < 12}
    assert set(numbers(await listed(client, time="morning"))) == early
    few = (await client.get("/api/flights", params=QUERY)).json()
    assert (len(few["shown"]), few["total"]) == (5, len(every))
    business = await listed(client, cabin="Business", sort="price")
    assert business["shown"][0]["price"] == f"€{min(flight.cost('Basic', 'Business') for flight in every)}"


async def test_a_highest_price_is_understood_as_people_write_it_or_refused(client: httpx.AsyncClient) -> None:
    prices = sorted(flight.price for flight in NET.flights("TUN", "FCO", DAY))
    few = len([price for price in prices if price <= prices[2]])
    for typed in ("{}", "€{}", " {} € ", "{}.50", "{},50", "{}.00 EUR", "0,{:03}"):
        found = await listed(client, most=typed.format(prices[2]))
        assert (found["total"], found["errors"]) == (few, {}), typed
    for typed in ("", "1,000,000", "99999"):
        found = await listed(client, most=typed)
        assert (found["total"], found["errors"]) == (len(prices), {}), typed
    for typed in ("cheap", "-5", "1.2.3", "9" * 5_000):
        found = await listed(client, most=typed)
        assert (found["total"], list(found["errors"])) == (len(prices), ["most"]), typed
    await disturb(client, "search")
    assert (await listed(client, most="cheap"))["errors"]
    assert 'id="most-error" hidden' in (await client.get("/flights", params=QUERY)).text, "where the page tells it"


async def test_flexible_dates_compare_the_days_around(client: httpx.AsyncClient) -> None:
    assert (await listed(client))["around"] == []
    around = (await listed(client, flexible="yes"))["around"]
    lowest = [min(flight.price for flight in NET.flights("TUN", "FCO", DAY + timedelta(days=s))) for s in range(-3, 4)]
    assert [day["price"] for day in around] == [f"€{price}" for price in lowest]


async def test_the_first_search_may_find_nothing_until_it_is_changed(client: httpx.AsyncClient) -> None:
    await disturb(client, "search")
    assert (await listed(client))["total"] == 0
    assert (await listed(client, stops="direct"))["total"] == 0, "filters are no other search"
    assert (await listed(client, flexible="yes"))["total"] > 0
    await disturb(client, "search")
    topic = next(iter(BASE.topics.values()))
    assert "No results" in (await client.get("/search", params={"q": topic.title})).text
    assert topic.title in (await client.get("/search", params={"q": topic.title.split()[-1]})).text


async def test_prices_may_be_old_until_they_are_refreshed(client: httpx.AsyncClient) -> None:
    current = {flight["number"]: flight["price"] for flight in (await listed(client))["shown"]}
    await disturb(client, "stale")
    old = await listed(client)
    assert old["hours"]
    assert {flight["number"]: flight["price"] for flight in old["shown"]} != current
    fresh = await listed(client, fresh="yes")
    assert fresh["hours"] is None
    assert {flight["number"]: flight["price"] for flight in fresh["shown"]} == current
    assert (await listed(client))["hours"] is None, "it stays refreshed"
    flight = NET.flights("TUN", "FCO", DAY)[0]
    assert f"€{flight.price}" in (await client.get(flight.path)).text, "a flight's own page is up to date"


async def test_what_is_sold_out_shows_on_its_own_page_only(client: httpx.AsyncClient) -> None:
    await disturb(client, "sold_out")
    on = Disturbances(sold_out=True)
    days = (DAY + timedelta(days=shift) for shift in range(30))
    gone = next(f for day in days for f in NET.flights("TUN", "FCO", day) if NET.sold_out(f, on))
    assert gone.number in numbers(await listed(client, date=gone.day.isoformat()))
    assert "Sold out" in (await client.get(gone.path)).text
    refused = await client.post(f"{gone.path}/book", data={"fare": "Basic"})
    assert refused.status_code == 409
    assert (await client.get("/book/passengers")).status_code == 404


async def book(client: httpx.AsyncClient, flight: Flight, **more: str) -> httpx.Response:
    await client.post(f"{flight.path}/book", data={"fare": "Classic", "passengers": "1"} | more)
    person = {"first-0": "Ada", "last-0": "Quill", "born-0": "7 March 1990"}
    await client.post("/book/passengers", data=person)
    seat = next(s.name for row in NET.seats(flight) for s in row if not s.taken and not s.price)
    await client.post("/book/seats", data={"seat-0": seat})
    await client.post("/book/extras", data={"bags-0": "1", "Priority boarding": "on"})
    return await client.post("/book/review", data={"payment": "card", "accept": "on"})


async def test_a_booking_from_fare_to_confirmation(client: httpx.AsyncClient) -> None:
    flight = NET.flights("TUN", "FCO", DAY)[0]
    done = await book(client, flight)
    assert "Your booking is confirmed" in done.text
    (record,) = (await changes(client))["booked"]
    assert record["flights"] == [flight.id]
    assert record["passengers"] == ["Ada Quill"]
    assert (record["fare"], record["bags"], record["extras"]) == ("Classic", ["1 for Ada Quill"], ["Priority boarding"])
    ref = done.url.path.rsplit("/", 1)[1]
    assert ref in (await client.get("/search", params={"q": "Quill"})).text


async def test_steps_of_a_booking_cannot_be_skipped_or_filled_in_wrongly(client: httpx.AsyncClient) -> None:
    flight = NET.flights("TUN", "FCO", DAY)[0]
    assert (await client.get("/book/review")).status_code == 404
    await client.post(f"{flight.path}/book", data={"fare": "Basic", "passengers": "2"})
    assert (await client.get("/book/review")).url.path == "/book/passengers"
    wrong = await client.post("/book/passengers", data={"first-0": "A1", "last-0": "", "born-0": "soon"})
    assert wrong.status_code == 422
    for message in ("first name", "last name", "date of birth"):
        assert message in wrong.text
    person = {"first": "Al", "last": "Bo", "born": "1990-01-01"}
    same = {f"{field}-{index}": value for index in "01" for field, value in person.items()}
    assert "entered only once" in (await client.post("/book/passengers", data=same)).text
    await client.post("/book/passengers", data=same | {"first-1": "Cy"})
    taken = next(s.name for row in NET.seats(flight) for s in row if s.taken)
    free = next(s.name for row in NET.seats(flight) for s in row if not s.taken)
    for seats in ({"seat-0": taken}, {"seat-0": free, "seat-1": free}, {"seat-0": "77Q"}):
        assert (await client.post("/book/seats", data=seats)).status_code == 422, seats
    await client.post("/book/seats", data={})
    await client.post("/book/extras", data={"bags-0": "400"})
    unsure = await client.post("/book/review", data={})
    assert "Choose how you want to pay" in unsure.text
    assert "accept the fare rules" in unsure.text
    assert not any((await changes(client)).values())


async def test_a_return_booking_asks_for_the_way_back(client: httpx.AsyncClient) -> None:
    back_day = DAY + timedelta(days=4)
    out, back = NET.flights("TUN", "FCO", DAY)[0], NET.flights("FCO", "TUN", back_day)[0]
    form = {"fare": "Flex", "passengers": "1", "return": back_day.isoformat()}
    chosen = await client.post(f"{out.path}/book", data=form)
    assert "Choose your return flight: Rome to Tunis" in chosen.text
    page = await client.get(f"{back.path}?leg=back")
    assert "Continue with this flight" in page.text
    await client.post(f"{back.path}/book", data={"leg": "back"})
    await client.post("/book/passengers", data={"first-0": "Ada", "last-0": "Quill", "born-0": "1990-03-07"})
    assert (await client.post("/book/seats", data={})).url.query == b"flight=2"
    await client.post("/book/seats?flight=2", data={})
    await client.post("/book/extras", data={})
    await client.post("/book/review", data={"payment": "airport", "accept": "on"})
    (record,) = (await changes(client))["booked"]
    assert record["flights"] == [out.id, back.id]


async def test_who_goes_back_to_the_list_takes_another_way_back(client: httpx.AsyncClient) -> None:
    back_day = DAY + timedelta(days=4)
    out, (first, other, *_) = NET.flights("TUN", "FCO", DAY)[0], NET.flights("FCO", "TUN", back_day)
    form = {"fare": "Flex", "passengers": "1", "cabin": "Business", "return": back_day.isoformat()}
    await client.post(f"{out.path}/book", data=form)
    await client.post(f"{first.path}/book", data={"leg": "back"})
    await client.post("/book/passengers", data={"first-0": "Ada", "last-0": "Quill", "born-0": "1990-03-07"})
    seats = [
        next(s.name for row in NET.seats(flight) for s in row if not s.taken and not s.price) for flight in (out, first)
    ]
    await client.post("/book/seats", data={"seat-0": seats[0]})
    await client.post("/book/seats?flight=2", data={"seat-0": seats[1]})
    page = await client.get(f"{other.path}?passengers=1&cabin=Business&leg=back")
    assert "Continue with this flight" in page.text
    assert "Choose your fare" not in page.text
    assert (await client.post(f"{other.path}/book", data={"leg": "back"})).url.path == "/book/passengers"
    assert (await client.get("/book/extras")).url.path == "/book/seats", "the new flight has other seats"
    await client.post("/book/seats?flight=2", data={})
    await client.post("/book/extras", data={})
    await client.post("/book/review", data={"payment": "airport", "accept": "on"})
    (record,) = (await changes(client))["booked"]
    assert record["flights"] == [out.id, other.id]
    assert record["seats"] == [f"Ada Quill in {seats[0]} on {out.id}"]


async def test_a_flight_that_is_refused_keeps_what_was_searched_for(client: httpx.AsyncClient) -> None:
    out, early = NET.flights("TUN", "FCO", DAY)[-1], NET.flights("FCO", "TUN", DAY)[0]
    query = {"passengers": "2", "cabin": "Business", "return": DAY.isoformat()}
    unfit = await client.post(f"{out.path}/book", data=query | {"fare": "Gold"})
    assert "Choose a fare." in unfit.text
    assert dict(unfit.url.params) == query
    await client.post(f"{out.path}/book", data=query | {"fare": "Flex"})
    page = await client.get(f"{early.path}?passengers=2&cabin=Business&leg=back")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    refused = await client.post(f"{early.path}/book", data=fields)
    assert "has to depart after you have arrived" in refused.text
    assert dict(refused.url.params) == {"passengers": "2", "cabin": "Business", "leg": "back"}
    assert "Continue with this flight" in refused.text


async def test_cancelling_says_what_one_gets_back(client: httpx.AsyncClient) -> None:
    basic, flex = upcoming("Basic")[0], upcoming("Flex")[0]
    assert "No refund." in (await client.get(f"/trips/{basic.ref}/cancel")).text
    assert f"You get €{flex.paid} back." in (await client.get(f"/trips/{flex.ref}/cancel")).text
    done = await client.post(f"/trips/{flex.ref}/cancel")
    assert "Your trip is cancelled." in done.text
    assert (await changes(client))["trips_changed"] == [{"ref": flex.ref, "cancelled": True}]
    assert (await client.post(f"/trips/{flex.ref}/cancel")).status_code == 403
    assert flex.ref in (await client.get("/trips?show=cancelled")).text


async def test_changing_a_date_follows_the_fare(client: httpx.AsyncClient) -> None:
    basic = upcoming("Basic")[0]
    assert "cannot be changed" in (await client.get(f"/trips/{basic.ref}/change")).text
    trip = next(trip for trip in upcoming("Flex", "Classic") if len(trip.flights) == 1)
    old = trip.flights[0]
    days = (old.day + timedelta(days=shift) for shift in range(1, 15))
    new = next(f for day in days if (f := NET.flight(old.origin, old.destination, day, old.number)))
    offers = await client.get(f"/trips/{trip.ref}/change", params={"date": day_words(new.day)})
    assert new.number in offers.text
    assert (await client.get(f"/trips/{trip.ref}/change", params={"date": "never"})).status_code == 422
    elsewhere = await client.post(f"/trips/{trip.ref}/change", data={"flight": f"{new.day.isoformat()} XX000"})
    assert "Choose one of the flights." in elsewhere.text
    await client.post(f"/trips/{trip.ref}/change", data={"flight": f"{new.day.isoformat()} {new.number}"})
    (record,) = (await changes(client))["trips_changed"]
    assert record["flights"] == [new.id]


async def test_bags_seats_and_check_in_of_a_trip(client: httpx.AsyncClient) -> None:
    trip = upcoming()[0]
    url = f"/trips/{trip.ref}"
    await client.post(f"{url}/bags", data={"bags-0": "3"})
    assert "3 bags at most" in (await client.post(f"{url}/bags", data={"bags-0": "1"})).text
    own = {seat for names in trip.seats for seat in names}
    flight = trip.flights[0]
    free = next(s.name for row in NET.seats(flight) for s in row if not s.taken and s.name not in own)
    await client.post(f"{url}/seats", data={"seat-0": free})
    refused = await client.post(f"{url}/check-in", data={"passenger-0": "on"})
    assert "dangerous goods" in refused.text
    assert (await client.get(f"{url}/boarding-pass.txt")).status_code == 404
    await client.post(f"{url}/check-in", data={"passenger-0": "on", "safe": "on"})
    (record,) = (await changes(client))["trips_changed"]
    assert record["bags"] == [f"3 for {trip.passengers[0].name}"]
    assert record["checked_in"] == [trip.passengers[0].name]
    paper = await client.get(f"{url}/boarding-pass.txt")
    assert "attachment" in paper.headers["content-disposition"]
    assert f"{trip.passengers[0].name}: seat {free}" in paper.text
    later = upcoming()[-1]
    assert "not open yet" in (await client.get(f"/trips/{later.ref}/check-in")).text
    assert (
        await client.post(f"/trips/{later.ref}/check-in", data={"passenger-0": "on", "safe": "on"})
    ).status_code == 403
    assert flight.number in (await client.get(f"{url}/itinerary.txt")).text


async def test_profile_travellers_and_alerts_are_checked(client: httpx.AsyncClient) -> None:
    wrong = await client.post(
        "/account", data={"name": "N", "email": "x", "phone": "1", "meal": "Cake", "seat": "Wing"}
    )
    assert wrong.status_code == 422
    assert wrong.text.count('class="field-error"') == 3, "the two lists cannot be wrong by hand"
    assert (await client.post("/account/travellers", data={"first-0": "Ada"})).status_code == 422
    assert (await client.post("/account/travellers/1/remove")).status_code == 404
    assert (await client.post("/alerts", data={"from": "Tunis", "to": "Tunis", "below": "cheap"})).status_code == 422
    await client.post("/alerts", data={"from": "Tunis", "to": "Rome", "below": "€90"})
    assert (await changes(client))["alerts_added"] == [{"from": "TUN", "to": "FCO", "below": 90}]


async def test_the_price_of_an_alert_is_whole_euros_up_to_a_limit(client: httpx.AsyncClient) -> None:
    for wrong in ("", "0", "5001", "90.50", "-90", "9" * 5_000):
        answer = await client.post("/alerts", data={"from": "Tunis", "to": "Rome", "below": wrong})
        assert (answer.status_code, "from 1 to 5000 euros" in answer.text) == (422, True), wrong[:9]
    await client.post("/alerts", data={"from": "Tunis", "to": "Rome", "below": "€1,200.00"})
    assert [alert["below"] for alert in (await changes(client))["alerts_added"]] == [1200]


async def test_a_date_of_birth_has_a_year(client: httpx.AsyncClient) -> None:
    person = {"first-0": "Ada", "last-0": "Quill"}
    refused = await client.post("/account/travellers", data=person | {"born-0": "7 March"})
    assert refused.status_code == 422
    assert "Enter the date of birth, for example 7 March 1990." in refused.text
    await client.post("/account/travellers", data=person | {"born-0": "7 March 1990"})
    assert (await changes(client))["travellers_added"] == [{"name": "Ada Quill", "born": "1990-03-07"}]


async def test_signed_out_visitors_search_but_do_not_book(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?as=nobody")
    assert (await listed(client))["total"] > 0
    flight = NET.flights("TUN", "FCO", DAY)[0]
    asked = await client.post(f"{flight.path}/book", data={"fare": "Basic"})
    assert asked.url.path == "/sign-in"
    assert (await client.get("/trips")).url.path == "/sign-in"
    assert (await client.post("/sign-in", data={"username": PERSONA, "password": "no"})).status_code == 422
    form = {"username": PERSONA, "password": PASSWORD, "next": "/trips"}
    assert (await client.post("/sign-in", data=form)).url.path == "/trips"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/trips/ABCDEF",
        "/airlines/QQ",
        "/help/how",
        "/flights/TUN-XXX/2026-05-20/AB1",
        "/flights/TUN-FCO/soon/AB1",
    ],
)
async def test_what_does_not_exist_is_a_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "This page does not exist" in answer.text


def test_other_words_for_controls_collide_with_nothing() -> None:
    assert len(set(SYNONYMS.values())) == len(SYNONYMS)
    assert not set(SYNONYMS.values()) & set(SYNONYMS)
