"""The travel site in a real Chromium: what needs a mouse, a keyboard and scripts."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from phone import fits_a_phone
from plan_and_act.sites import Disturbances, Site, serve
from plan_and_act.sites.flights.app import flights_app
from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.schedule import NOW

BASE = build(7)
NET = BASE.network
DAY = NOW.date() + timedelta(days=8)
SEARCH = f"/flights?from=TUN&to=FCO&date={DAY.isoformat()}"
TRIP = next(trip for trip in BASE.trips.values() if trip.flights[0].departs > NOW and len(trip.passengers) == 2)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(flights_app(seed=7, control=True)) as site:
        yield site


async def numbers(page: Page) -> list[str]:
    links = page.get_by_role("link", name="Select")
    await expect(links.first).to_be_visible()
    return [text.removeprefix("Select ") for text in await links.all_inner_texts()]


async def test_airports_are_suggested_while_one_types(page: Page) -> None:
    field = page.get_by_label("To", exact=True)
    await field.press_sequentially("rom")
    option = page.get_by_role("option", name="Rome (FCO)")
    await expect(option).to_be_visible()
    await expect(field).to_have_attribute("aria-expanded", "true")
    await option.click()
    await expect(field).to_have_value("Rome (FCO)")
    await expect(option).to_be_hidden()
    await field.fill("tun")
    await expect(page.get_by_role("option", name="Tunis (TUN)")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", name="Tunis (TUN)")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Tunis (TUN)")
    await field.fill("ro")
    await expect(page.get_by_role("option", name="Rome (FCO)")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(field).to_have_attribute("aria-expanded", "false")


async def test_a_day_is_chosen_in_the_calendar_by_mouse_and_keyboard(page: Page) -> None:
    field = page.get_by_label("Departure", exact=True)
    opener = page.get_by_role("button", name="Open calendar for departure")
    await opener.click()
    calendar = page.get_by_role("dialog", name="Calendar for departure")
    await expect(calendar.get_by_role("button", name="Monday 11 May 2026")).to_be_disabled()
    await expect(calendar.get_by_role("button", name="Previous month")).to_be_disabled()
    await calendar.get_by_role("button", name="Next month").click()
    await calendar.get_by_role("button", name="Wednesday 3 June 2026").click()
    await expect(field).to_have_value("3 June 2026")
    await expect(calendar).to_be_hidden()
    await opener.press("Enter")
    await expect(calendar.get_by_role("button", name="Wednesday 3 June 2026")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(calendar.get_by_role("button", name="Wednesday 27 May 2026")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("28 May 2026")
    await opener.click()
    await page.keyboard.press("Escape")
    await expect(calendar).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_the_return_date_is_asked_for_when_there_is_a_way_back(page: Page) -> None:
    await expect(page.get_by_label("Return date", exact=True)).to_be_hidden()
    await page.get_by_label("Return", exact=True).check()
    await expect(page.get_by_label("Return date", exact=True)).to_be_visible()


async def test_the_list_is_filtered_sorted_lengthened_and_kept_when_one_goes_back(page: Page) -> None:
    every = NET.flights("TUN", "FCO", DAY)
    await page.goto(SEARCH)
    assert len(await numbers(page)) == 5
    await page.get_by_role("button", name="Show more flights").click()
    await expect(page.get_by_role("link", name="Select")).to_have_count(min(10, len(every)))
    direct = sorted((flight for flight in every if flight.direct), key=lambda flight: flight.price)
    await page.get_by_label("Direct only").check()
    await page.get_by_label("Sort by").select_option("Lowest price")
    await expect(page.get_by_text(f"{min(5, len(direct))} of {len(direct)} flights")).to_be_visible()
    await expect(page.get_by_role("link", name="Select").first).to_have_text(f"Select {direct[0].number}")
    await page.get_by_role("link", name="Select").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(direct[0].number)
    await page.go_back()
    await expect(page.get_by_label("Direct only")).to_be_checked()
    assert await numbers(page) == [flight.number for flight in direct[:5]]
    await page.get_by_label("Price up to (€)").fill("1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No flight fits your filters")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    assert len(await numbers(page)) == 5


async def test_nothing_is_found_until_dates_are_flexible(page: Page, site: Site, session: str) -> None:
    await site.reset(session, disturbances=Disturbances(search=True))
    await page.goto(SEARCH)
    await expect(page.get_by_role("heading", name="No results")).to_be_visible()
    await expect(page.get_by_text("Try again with flexible dates")).to_be_visible()
    await page.get_by_label("Flexible dates").check()
    await page.get_by_role("button", name="Search flights").click()
    assert len(await numbers(page)) == 5
    await expect(page.get_by_role("list", name="Other days").get_by_role("link")).to_have_count(7)


async def test_old_prices_are_refreshed(page: Page, site: Site, session: str) -> None:
    await site.reset(session, disturbances=Disturbances(stale=True))
    await page.goto(SEARCH)
    await expect(page.get_by_text("Prices updated 6 hours ago.")).to_be_visible()
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_text("Prices updated")).to_be_hidden()
    first = (await numbers(page))[0]
    price = next(flight.price for flight in NET.flights("TUN", "FCO", DAY) if flight.number == first)
    await expect(page.locator(".flight .price strong").first).to_have_text(f"€{price}")


async def test_other_words_reach_what_scripts_draw(page: Page, site: Site, session: str) -> None:
    await site.reset(session, disturbances=Disturbances(renamed=True))
    await page.goto(SEARCH)
    await expect(page.get_by_role("link", name=re.compile(r"View [A-Z]{2}\d+"))).to_have_count(5)
    await expect(page.get_by_role("button", name="Show flights")).to_be_visible()


async def test_a_list_that_cannot_be_loaded_says_so(page: Page) -> None:
    await page.route("**/api/flights*", lambda route: route.fulfill(status=500))
    await page.goto(SEARCH)
    await expect(page.get_by_text("The list could not be loaded")).to_be_visible()


async def test_seats_go_to_the_marked_passenger_and_then_to_the_next(page: Page, site: Site, session: str) -> None:
    flight = TRIP.flights[0]
    own = {seat for names in TRIP.seats for seat in names}
    free = [s for row in NET.seats(flight) for s in row if not s.taken and not s.price and s.name not in own][:3]
    taken = next(s for row in NET.seats(flight) for s in row if s.taken)
    await page.goto(f"/trips/{TRIP.ref}/seats")
    await expect(page.get_by_role("button", name=f"Seat {taken.name}, {taken.kind}, taken")).to_be_disabled()
    one, two = (person.name for person in TRIP.passengers)
    for person, seat in ((one, free[0]), (two, free[1]), (one, free[2])):
        await page.get_by_role("radio", name=person).check()
        await page.get_by_role("button", name=f"Seat {seat.name},").click()
    await expect(page.get_by_role("button", name=f"Seat {free[0].name},")).to_have_attribute("aria-pressed", "false")
    await expect(page.get_by_role("radio", name=f"{one}: {free[2].name}")).to_be_visible()
    await page.get_by_role("button", name="Save seats").click()
    await expect(page.get_by_role("status").filter(has_text="Seats saved.")).to_be_visible()
    (record,) = (await site.state(session))["changes"]["trips_changed"]
    assert f"{one} in {free[2].name} on {flight.id}" in record["seats"]
    assert f"{two} in {free[1].name} on {flight.id}" in record["seats"]


async def test_a_saved_traveller_fills_in_the_passenger(page: Page) -> None:
    await page.goto(NET.flights("TUN", "FCO", DAY)[0].path)
    await page.get_by_role("button", name="Book Classic").click()
    person = BASE.travellers[2]
    await page.get_by_label("Saved traveller").select_option(person.name)
    await expect(page.get_by_label("First name")).to_have_value(person.first)
    await expect(page.get_by_label("Last name")).to_have_value(person.last)
    await page.get_by_label("Saved traveller").select_option("Somebody else")
    await expect(page.get_by_label("First name")).to_have_value("")


async def test_cancelling_asks_first(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/trips/{TRIP.ref}/cancel")
    await page.get_by_role("button", name="Cancel this trip").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Keep the trip").click()
    await expect(dialog).to_be_hidden()
    assert (await site.state(session))["counts"] == {}
    await page.get_by_role("button", name="Cancel this trip").click()
    await dialog.get_by_role("button", name="Yes, cancel").click()
    await expect(page.get_by_text("Your trip is cancelled.")).to_be_visible()
    assert (await site.state(session))["counts"] == {"cancel": 1}


async def test_the_boarding_pass_is_downloaded(page: Page) -> None:
    trip = next(trip for trip in BASE.trips.values() if trip.flights[0].departs > NOW)
    await page.goto(f"/trips/{trip.ref}/check-in")
    for person in trip.passengers:
        await page.get_by_label(person.name).check()
    await page.get_by_label("I carry no dangerous goods").check()
    await page.get_by_role("button", name="Get boarding pass").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download boarding pass").click()
    assert (await download.value).suggested_filename == f"boarding-pass-{trip.ref}.txt"


@pytest.mark.parametrize(
    "path",
    ["/", SEARCH, NET.flights("TUN", "FCO", DAY)[0].path, "/trips", f"/trips/{TRIP.ref}", f"/trips/{TRIP.ref}/seats",
     "/alerts", "/account", "/account/travellers", "/airlines", f"/airlines/{next(iter(NET.airlines))}", "/help"],
)  # fmt: skip
async def test_pages_fit_a_phone_and_name_their_controls(page: Page, path: str) -> None:
    await fits_a_phone(page, path)
