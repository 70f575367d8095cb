"""Fields that suggest while one types: a late answer changes nothing for who has chosen, or is choosing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, Page, Route, expect
from starlette.applications import Starlette

from plan_and_act.sites import Site, forge_app, serve
from plan_and_act.sites.flights.app import flights_app
from plan_and_act.sites.forge.data import PERSONA
from plan_and_act.sites.forge.data import build as forge
from plan_and_act.sites.shop.app import shop_app
from plan_and_act.sites.shop.data import build as shop

MINE = next(project for project in forge(7).projects.values() if project.members.get(PERSONA) == "maintainer")
PERSON = next(person for name, person in forge(7).people.items() if name not in MINE.members)
PRODUCT = next(product for product in shop(7).products.values() if product.in_stock)


@dataclass(frozen=True)
class Suggests:
    """A field of a site: what is typed, the option wanted, whom the page asks, and what the field holds once chosen."""

    app: Callable[..., Starlette]
    path: str
    name: str
    typed: str
    option: str
    asks: str
    value: str | None
    """None where a choice leads to another page."""


FIELDS = {
    "forge": Suggests(
        forge_app, f"/{MINE.path}/members", "Person", PERSON.name, PERSON.name, "**/suggest?*", PERSON.username
    ),
    "flights": Suggests(flights_app, "/", "To", "Rome", "Rome (FCO)", "**/api/airports?*", "Rome (FCO)"),
    "shop": Suggests(shop_app, "/", "Search Fennimore", PRODUCT.name, PRODUCT.name, "**/suggest?*", None),
}


@pytest.fixture(scope="module", params=FIELDS.values(), ids=FIELDS)
def suggests(request: pytest.FixtureRequest) -> Suggests:
    field: Suggests = request.param
    return field


@pytest.fixture(scope="module")
async def site(suggests: Suggests) -> AsyncIterator[Site]:
    async with serve(suggests.app(seed=7)) as site:
        yield site


@asynccontextmanager
async def answered_late(page: Page, suggests: Suggests) -> AsyncIterator[Locator]:
    """All but the last letter is typed and answered; the last one's answer comes when the block ends."""
    await page.goto(suggests.path)
    field = page.get_by_role("combobox", name=suggests.name, exact=True)
    await field.press_sequentially(suggests.typed[:-1])
    await expect(page.get_by_role("option", name=suggests.option).first).to_be_visible()
    asked, awaited = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await awaited.wait()
        await route.continue_()

    await page.route(suggests.asks, late)
    await field.press("End")
    await field.press_sequentially(suggests.typed[-1])
    await asked.wait()
    yield field
    async with asyncio.timeout(20), page.expect_response(suggests.asks) as answer:
        awaited.set()
        await (await answer.value).finished()
    # One more round trip to the page: what the script does with the answer has been done by then.
    await page.evaluate("() => new Promise(requestAnimationFrame)")


async def test_what_was_closed_stays_closed(page: Page, suggests: Suggests) -> None:
    async with answered_late(page, suggests) as field:
        await field.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await expect(field).to_have_value(suggests.typed)


STAYS = {name: field for name, field in FIELDS.items() if field.value is not None}


@pytest.mark.parametrize("suggests", STAYS.values(), ids=STAYS, indirect=True)
async def test_what_was_chosen_stays_chosen(page: Page, suggests: Suggests) -> None:
    async with answered_late(page, suggests) as field:
        await page.get_by_role("option", name=suggests.option).first.click()
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await expect(field).to_have_value(str(suggests.value))


async def test_what_was_marked_stays_marked(page: Page, suggests: Suggests) -> None:
    marked = page.get_by_role("listbox").get_by_role("option", selected=True)
    async with answered_late(page, suggests) as field:
        await field.press("ArrowDown")
        option = await marked.inner_text()
    await expect(marked).to_have_text(option)
    await field.press("Enter")
    await expect(page.get_by_role("listbox")).to_be_hidden()
