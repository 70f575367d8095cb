"""The shop in a real Chromium: what needs a mouse, a keyboard and scripts."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from phone import fits_a_phone
from plan_and_act.sites import Site, serve
from plan_and_act.sites.shop.app import shop_app
from plan_and_act.sites.shop.data import PERSONA, build

BASE = build(7)
SIZED = next(p for p in BASE.products.values() if p.sizes and all(v.stock > 5 for v in p.variants))
MIXED = next(p for p in BASE.products.values() if p.in_stock and not all(v.stock for v in p.variants))
MINE = [order for order in BASE.orders.values() if order.customer == PERSONA]


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(shop_app(seed=7, control=True)) as site:
        yield site


async def test_price_and_stock_follow_the_options(page: Page) -> None:
    await page.goto(f"/p/{SIZED.slug}")
    for variant in SIZED.variants:
        await page.get_by_role("radio", name=variant.size, exact=True).check()
        await page.get_by_role("radio", name=variant.colour, exact=True).check()
        await expect(page.locator("#price")).to_have_text(f"€{variant.price / 100:,.2f}")
        await expect(page.locator("#sku")).to_have_text(variant.sku)
    await page.goto(f"/p/{MIXED.slug}")
    gone = next(variant for variant in MIXED.variants if not variant.stock)
    for value in filter(None, (gone.size, gone.colour)):
        await page.get_by_role("radio", name=value, exact=True).check()
    await expect(page.locator("#availability")).to_have_text("Sold out")
    await expect(page.get_by_role("button", name="Add to cart")).to_be_disabled()


async def test_a_quantity_is_put_into_the_cart_in_place(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/p/{SIZED.slug}")
    await page.evaluate("window.stayed = true")
    for _ in range(2):
        await page.get_by_role("button", name="Increase quantity").click()
    await page.get_by_role("button", name="Decrease quantity").click()
    await expect(page.get_by_label("Quantity", exact=True)).to_have_value("2")
    await page.get_by_role("button", name="Add to cart").click()
    await expect(page.get_by_role("status")).to_contain_text("2 items put into your cart")
    await expect(page.locator("#in-cart")).to_have_text("2")
    assert await page.evaluate("window.stayed"), "no new page was loaded"
    (line,) = (await site.state(session))["changes"]["cart"]
    assert (line["product"], line["quantity"]) == (SIZED.name, 2)


async def test_a_list_grows_by_scrolling_and_by_a_button(page: Page) -> None:
    await page.goto("/c/garden")
    cards = page.locator(".product-card")
    await expect(cards).to_have_count(8)
    # A click that has to scroll to the button would make the list grow by scrolling, too: so tall that it is in view.
    screen = page.viewport_size
    assert screen
    await page.set_viewport_size({**screen, "height": 4_000})
    await page.get_by_role("link", name="Load more").click()
    await expect(cards).to_have_count(16)
    await page.set_viewport_size(screen)
    for _ in range(12):
        await page.mouse.wheel(0, 2_000)
        await page.wait_for_timeout(100)
    await expect(cards).to_have_count(56)
    await expect(page.get_by_role("link", name="Load more")).to_have_count(0)
    shown = await page.locator(".product-card h3").all_inner_texts()
    assert shown == sorted(shown)
    assert len(set(shown)) == 56


async def test_choosing_an_order_sends_the_filters_along(page: Page) -> None:
    await page.goto("/c/dining/mugs")
    await page.get_by_label("In stock only").check()
    await page.get_by_label("Sort by").select_option("Price: low to high")
    await expect(page).to_have_url(re.compile("sort=cheapest.*stock=1"))
    goods = [p for p in BASE.products.values() if p.subcategory == "mugs" and p.in_stock]
    first = page.locator(".product-card h3").first
    await expect(first).to_have_text(min(goods, key=lambda product: product.price).name)


async def test_suggestions_by_keyboard_and_mouse(page: Page) -> None:
    field = page.get_by_role("combobox", name="Search Fennimore")
    await field.press_sequentially(SIZED.name[:-1])
    options = page.get_by_role("option")
    await expect(options.first).to_have_text(SIZED.name)
    await field.press("Escape")
    await expect(options).to_have_count(0)
    await field.press_sequentially(SIZED.name[-1])
    await expect(options.first).to_be_visible()
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(page).to_have_url(re.compile(f"/p/{SIZED.slug}$"))
    await field.fill(SIZED.name)
    await field.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"Results for “{SIZED.name}”")


async def test_tabs_without_a_new_page(page: Page) -> None:
    await page.goto(f"/p/{SIZED.slug}")
    await page.get_by_role("tab", name="Specifications").click()
    await expect(page.get_by_role("tabpanel", name="Specifications")).to_contain_text("Material")
    await expect(page.get_by_role("tabpanel")).to_have_count(1)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Reviews")).to_have_attribute("aria-selected", "true")
    await page.get_by_label("Stars").select_option("5 stars")
    await page.get_by_role("button", name="Show reviews").click()
    five = sum(review.stars == 5 for review in SIZED.reviews)
    await expect(page.get_by_role("tabpanel", name="Reviews").locator("strong").first).to_contain_text(f"{five} review")


async def test_a_review_with_stars_from_the_component(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/p/{SIZED.slug}")
    await page.get_by_role("link", name="Write a review").click()
    await page.get_by_role("button", name="Send review").click()
    await expect(page.get_by_role("alert")).to_contain_text("Choose between 1 and 5 stars.")
    await page.get_by_role("radio", name="4 stars").check()
    await page.get_by_label("Headline").fill("Solid")
    await page.get_by_label("Your review").fill("It has been on our table every day since March.")
    await page.get_by_role("button", name="Send review").click()
    await expect(page.get_by_role("status")).to_contain_text("Thank you for your review.")
    (review,) = (await site.state(session))["changes"]["reviews"]
    assert review["stars"] == 4


async def test_cancelling_asks_first(page: Page, site: Site, session: str) -> None:
    order = next(order for order in MINE if order.status == "Processing")
    await page.goto(f"/account/orders/{order.number}")
    await page.get_by_role("button", name="Cancel order").click()
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert (await site.state(session))["log"] == []
    await page.get_by_role("button", name="Cancel order").click()
    await page.get_by_role("button", name="Yes, go on").click()
    await expect(page.get_by_role("status")).to_contain_text("is cancelled")
    assert (await site.state(session))["counts"] == {"cancel_order": 1}


async def test_papers_are_downloads(page: Page) -> None:
    await page.goto(f"/account/orders/{MINE[0].number}")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download invoice").click()
    assert (await download.value).suggested_filename == f"invoice-{MINE[0].number}.pdf"


async def test_a_report_sorts_by_every_column(page: Page) -> None:
    await page.goto("/admin/reports?group=category&from=2026-01-01&to=2026-04-30")
    rows = page.locator("tbody tr")

    async def column(number: int) -> list[float]:
        texts = await rows.locator("td").all_inner_texts()
        return [float(re.sub(r"[€,]", "", text)) for text in texts[number::3]]

    for number, name in enumerate(("Orders", "Units", "Sales")):
        await page.get_by_role("button", name=name).click()
        assert await column(number) == sorted(await column(number), reverse=True)
        await page.get_by_role("button", name=name).click()
        assert await column(number) == sorted(await column(number))
    await page.get_by_role("button", name="Category").click()
    names = await rows.locator("th").all_inner_texts()
    assert names == sorted(names)


async def test_a_whole_order_without_scripts(browser: Browser, site: Site, session: str) -> None:
    context = await browser.new_context(base_url=site.url, java_script_enabled=False)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"/p/{SIZED.slug}?session={session}")
    await page.get_by_role("button", name="Add to cart").click()
    await page.get_by_role("link", name="Cart", exact=True).click()
    await page.get_by_role("link", name="Go to checkout").click()
    await page.get_by_role("button", name="Continue to delivery").click()
    await page.get_by_role("radio", name="Express delivery").check()
    await page.get_by_role("button", name="Continue to payment").click()
    await page.get_by_role("radio", name="Invoice").check()
    await page.get_by_role("button", name="Continue to review").click()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Place order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    assert len((await site.state(session))["changes"]["orders_placed"]) == 1
    await context.close()


PAGES = ("/", "/c/kitchen/kettles", f"/p/{SIZED.slug}", "/search?q=mug", "/account/addresses", "/account/settings",
         f"/account/orders/{MINE[0].number}", "/admin", "/admin/products", f"/admin/products/{SIZED.slug}",
         "/admin/orders", "/admin/reports", "/admin/coupons/new")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_pages_fit_a_phone_and_name_their_controls(page: Page, path: str) -> None:
    await fits_a_phone(page, path)
