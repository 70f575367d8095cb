"""The shop's pages over HTTP, without a browser."""

import html
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from plan_and_act.sites.shop.app import SYNONYMS, shop_app
from plan_and_act.sites.shop.data import PASSWORD, PERSONA, build
from plan_and_act.sites.shop.model import Product

BASE = build(7)
MINE = [order for order in BASE.orders.values() if order.customer == PERSONA]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SCRIPT = {"accept": "application/json"}
PAGE = {"accept": "text/html"}


def sized() -> Product:
    """A product with sizes at different prices, all in stock."""
    return next(p for p in BASE.products.values() if p.sizes and all(v.stock > 5 for v in p.variants))


def visitor(seed: int = 7) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=shop_app(seed=seed, control=True))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://shop", follow_redirects=True)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visitor() as client:
        await client.get("/?session=me")
        yield client


async def disturbed(client: httpx.AsyncClient, *names: str) -> None:
    await client.post(f"/_control/me/reset?disturb={','.join(names)}")


async def changes(client: httpx.AsyncClient) -> dict:
    return (await client.get("/_control/me/state")).json()["changes"]


def names(response: httpx.Response) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<h3><a href="/p/[^"]+">([^<]+)</a>', response.text)]


@pytest.mark.parametrize("seed", [7, 11, 37])
async def test_every_link_leads_somewhere(seed: int) -> None:
    async with visitor(seed) as client:
        await client.get("/?session=me")
        todo, seen, texts = ["/"], {"/"}, 0
        while todo and texts < 160:
            url = todo.pop(0)
            response = await client.get(url)
            assert response.status_code == 200, url
            texts += 1
            assert not re.search(r'(?:href|src)="https?:', response.text), "no page loads or links anything elsewhere"
            assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=", response.text), "nothing that CSP would block"
            for link in map(html.unescape, re.findall(r'(?:href|src)="(/[^"]*)"', response.text)):
                kind = re.sub(r"(/p/|/products/|/orders/|/customers/)[\w-]+", r"\1", link.partition("?")[0])
                if kind not in seen:
                    seen.add(kind)
                    todo.append(link)
        assert texts > 55


def test_renamed_controls_do_not_meet_others_of_that_name() -> None:
    assert not set(SYNONYMS) & set(SYNONYMS.values())
    assert len(set(SYNONYMS.values())) == len(SYNONYMS)


async def test_facets_and_sorting(client: httpx.AsyncClient) -> None:
    goods = [product for product in BASE.products.values() if product.subcategory == "mugs"]
    colour = goods[0].colours[0]
    brand = goods[0].brand
    cases = {
        "": lambda p: True,
        f"colour={colour}&stock=1": lambda p: any(v.colour == colour and v.stock for v in p.variants),
        f"brand={brand}": lambda p: p.brand == brand,
        "max=12": lambda p: p.price <= 1200,
        "min=12,00&rating=3": lambda p: p.price >= 1200 and p.rating >= 3,
        "max=nonsense&sort=nonsense&rating=9": lambda p: True,
        "min=1,000": lambda p: False,
        "min=20000": lambda p: False,
        "max=€12.00": lambda p: p.price <= 1200,
    }
    for query, fits in cases.items():
        shown = names(await client.get(f"/c/dining/mugs?{query}&page=9"))
        assert shown == sorted(p.name for p in goods if fits(p)), query
    cheap = names(await client.get("/c/dining/mugs?sort=cheapest&page=2"))
    assert cheap == [product.name for product in sorted(goods, key=lambda p: p.price)]
    best = names(await client.get("/c/dining/mugs?sort=rating"))
    assert best[0] == max(goods, key=lambda p: p.rating).name
    assert "No results" in (await client.get("/c/dining/mugs?max=1")).text


async def test_a_price_that_cannot_be_read_is_told_beside_its_field(client: httpx.AsyncClient) -> None:
    wrong = await client.get("/c/dining/mugs", params={"min": "cheap", "max": "12", "stock": "1"})
    for name, value, error in (("min", "cheap", True), ("max", "12.00", False)):
        field = re.search(rf'<input name="{name}"[^>]*>', wrong.text)[0]  # type: ignore[index]
        assert f'value="{value}"' in field
        assert (f'aria-describedby="{name}-error"' in field, f'id="{name}-error"' in wrong.text) == (error, error)
    assert "This filter is not applied." in wrong.text
    assert names(wrong) == names(await client.get("/c/dining/mugs?max=12&stock=1")), "the others are"
    assert "field-error" not in (await client.get("/c/dining/mugs?min=&max=12&stock=1")).text


async def test_a_list_grows_part_by_part(client: httpx.AsyncClient) -> None:
    first = await client.get("/c/garden?sort=newest")
    link = html.unescape(re.search(r'href="([^"]+)" id="more"', first.text)[1])  # type: ignore[index]
    shown = names(first)
    assert len(shown) == 8
    while link:
        part = (await client.get(link, headers=SCRIPT)).json()
        shown += [html.unescape(name) for name in re.findall(r'<h3><a href="/p/[^"]+">([^<]+)<', part["html"])]
        link = part["more"]
    assert len(shown) == len(set(shown)) == 4 * 14
    assert names(await client.get("/c/garden?sort=newest&page=99")) == shown


async def test_search_finds_parts_of_words_and_suggests(client: httpx.AsyncClient) -> None:
    product = sized()
    assert product.name in names(await client.get("/search", params={"q": product.name[1:-1].upper()}))
    found = (await client.get("/suggest", params={"q": product.name})).json()
    assert {"name": product.name, "url": f"/p/{product.slug}"} in found
    assert (await client.get("/suggest?q=x")).json() == []
    assert "No results" in (await client.get("/search?q=submarine")).text
    assert "No results" in (await client.get("/search?q=")).text


async def test_the_first_search_finds_nothing_under_that_disturbance(client: httpx.AsyncClient) -> None:
    await disturbed(client, "search")
    name = sized().name
    assert (await client.get("/suggest", params={"q": name})).json() == []
    for _ in range(2):
        assert "No results" in (await client.get("/search", params={"q": name})).text
    assert name in names(await client.get("/search", params={"q": name.split()[0]}))


async def test_stale_lists_show_former_prices_until_they_are_refreshed(client: httpx.AsyncClient) -> None:
    await disturbed(client, "stale")
    goods = [product for product in BASE.products.values() if product.subcategory == "rugs"]
    right = [product.name for product in sorted(goods, key=lambda p: p.price)]
    url = "/c/living/rugs?sort=cheapest&page=2"
    stale = await client.get(url)
    assert "Updated 9 hours ago" in stale.text
    assert names(stale) != right
    link = html.unescape(re.search(r'href="(/refresh[^"]+)"', stale.text)[1])  # type: ignore[index]
    fresh = await client.get(link)
    assert str(fresh.url).endswith(url)
    assert names(fresh) == right
    assert "Refresh" not in fresh.text
    assert "Refresh" in (await client.get("/admin/products")).text
    product = next(product for product in goods if product.former != 100)
    assert f"€{product.price / 100:.2f}" in (await client.get(f"/p/{product.slug}")).text
    assert "http" not in str((await client.get("/refresh?next=https://elsewhere.example")).url)[4:]


async def test_the_start_page_says_that_its_prices_are_old(client: httpx.AsyncClient) -> None:
    assert "Refresh" not in (await client.get("/")).text
    await disturbed(client, "stale")
    stale = await client.get("/")
    assert "Updated 9 hours ago" in stale.text
    fresh = await client.get(html.unescape(re.search(r'href="(/refresh[^"]+)"', stale.text)[1]))  # type: ignore[index]
    assert fresh.url.path == "/"
    assert "Refresh" not in fresh.text
    assert "Refresh" in (await client.get("/c/garden")).text, "that one was not made anew"


async def test_a_product_page_has_an_offer_for_every_option(client: httpx.AsyncClient) -> None:
    product = sized()
    last = product.variants[-1]
    page = await client.get(f"/p/{product.slug}", params={"size": last.size, "colour": last.colour})
    assert f'<span id="price">€{last.price / 100:,.2f}</span>' in page.text
    offers = json.loads(html.unescape(re.search(r'data-offers="([^"]+)"', page.text)[1]))  # type: ignore[index]
    assert [offer["sku"] for offer in offers] == [variant.sku for variant in product.variants]
    assert all(value in html.unescape(page.text) for pair in product.specs for value in pair)
    await disturbed(client, "sold_out")
    gone = await client.get(f"/p/{min(BASE.sold_out)}")
    assert "Sold out" in gone.text
    assert 'id="add" disabled' in gone.text


async def test_reviews_are_filtered_and_written(client: httpx.AsyncClient) -> None:
    product = max(BASE.products.values(), key=lambda p: len(p.reviews))
    url = f"/p/{product.slug}"
    bad = [review for review in product.reviews if review.stars == 1]
    page = await client.get(url, params={"tab": "reviews", "stars": "1"})
    assert f"<strong>{len(bad)} review" in page.text
    assert "No results" in (await client.get(url, params={"tab": "reviews", "words": "zeppelin"})).text
    good = {"stars": "4", "title": "<i>Fine</i>", "text": "It is what it says, and no more."}
    for wrong in ({"stars": "9"}, {"stars": ""}, {"title": "x"}, {"text": "short"}, {"text": "x" * 2_001}):
        answer = await client.post(f"{url}/review", data=good | wrong)
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text
    answer = await client.post(f"{url}/review", data=good)
    assert "&lt;i&gt;Fine&lt;/i&gt;" in answer.text
    assert f"{len(product.reviews) + 1} reviews" in answer.text
    assert "already" in (await client.post(f"{url}/review", data=good)).text
    (told,) = (await changes(client))["reviews"]
    assert (told["product"], told["stars"]) == (product.name, 4)


async def buy(client: httpx.AsyncClient, product: Product, quantity: int = 2) -> httpx.Response:
    variant = product.variants[-1]
    form = {"size": variant.size, "colour": variant.colour, "quantity": str(quantity)}
    return await client.post(f"/p/{product.slug}/cart", data=form, headers=SCRIPT)


async def test_the_cart_takes_what_there_is(client: httpx.AsyncClient) -> None:
    product = sized()
    variant = product.variants[-1]
    assert (await buy(client, product)).json()["count"] == 2
    assert "Only" in (await buy(client, product, quantity=99)).json()["message"]
    assert "Choose an option" in (await buy(client, product, quantity=0)).json()["message"]
    assert (await client.post(f"/p/{product.slug}/cart", data={"size": "Huge", "quantity": "1"})).status_code == 200
    for wrong in ("x", "-1", "", "98", "9" * 5_000):
        answer = await client.post("/cart/quantity", data={"sku": variant.sku, "quantity": wrong})
        assert answer.status_code == 422, wrong
    assert (await client.post("/cart/quantity", data={"sku": "NO-1", "quantity": "1"})).status_code == 404
    await client.post("/cart/quantity", data={"sku": variant.sku, "quantity": "3"})
    assert (await changes(client))["cart"] == [{"product": product.name, "option": variant.option, "quantity": 3}]
    await client.post("/cart/quantity", data={"sku": variant.sku, "quantity": "0"})
    assert "Your cart is empty" in (await client.get("/cart")).text


async def test_the_checkout_goes_step_by_step(client: httpx.AsyncClient) -> None:
    assert (await client.get("/checkout/review")).url.path == "/cart", "nothing to buy"
    await buy(client, sized())
    expired = next(c.code for c in BASE.coupons.values() if c.expires < BASE.now.date())
    answer = await client.post("/cart/coupon", data={"code": expired})
    assert (answer.status_code, "expired on" in answer.text) == (422, True)
    assert (await client.get("/checkout/review")).url.path == "/checkout/address"
    assert (await client.post("/checkout/address", data={"address": "77"})).status_code == 422
    answer = await client.post("/checkout/address", data={"address": "2"})
    assert answer.url.path == "/checkout/delivery"
    assert (await client.get("/checkout/review")).url.path == "/checkout/delivery"
    assert (await client.post("/checkout/delivery", data={})).status_code == 422
    await client.post("/checkout/delivery", data={"delivery": "locker"})
    answer = await client.post("/checkout/payment", data={"payment": "Invoice"})
    assert html.escape(BASE.addresses[2].line, quote=True).replace("&#x27;", "&#39;") in answer.text
    assert (await client.post("/checkout/review", data={})).status_code == 422
    answer = await client.post("/checkout/review", data={"terms": "yes"})
    assert "Thank you for your order" in answer.text
    (placed,) = (await changes(client))["orders_placed"]
    assert (placed["delivery"], placed["payment"], placed["coupon"]) == ("Parcel locker", "Invoice", None)
    assert (await client.get(f"/checkout/done/{MINE[0].number}")).status_code == 200
    other = next(order for order in BASE.orders.values() if order.customer != PERSONA)
    assert (await client.get(f"/checkout/done/{other.number}")).status_code == 404


async def test_orders_with_their_papers(client: httpx.AsyncClient) -> None:
    order = next(order for order in reversed(MINE) if order.status == "Delivered")
    url = f"/account/orders/{order.number}"
    invoice = await client.get(f"{url}/invoice")
    assert invoice.content.startswith(b"%PDF-1.4")
    assert f"invoice-{order.number}.pdf" in invoice.headers["content-disposition"]
    assert (await client.get(f"{url}/label")).status_code == 404, "nothing goes back yet"
    good = {"items": [order.lines[0].sku], "reason": "Changed my mind"}
    for wrong in ({"items": []}, {"reason": "Because"}):
        assert (await client.post(f"{url}/return", data=good | wrong)).status_code == 422
    assert (await client.post(f"{url}/return", data=good | {"items": ["X-1"]})).status_code == 400
    answer = await client.post(f"{url}/return", data=good)
    assert "Download return label" in answer.text
    assert (await client.get(f"{url}/label")).content.startswith(b"%PDF")
    waiting = next(order for order in MINE if order.status == "Processing")
    assert "is cancelled" in (await client.post(f"/account/orders/{waiting.number}/cancel")).text
    assert "no longer be cancelled" in (await client.post(f"{url}/cancel")).text
    found = await client.get("/account/orders", params={"q": str(order.number)})
    assert f"Order {order.number}" in found.text
    assert "No results" in (await client.get("/account/orders?q=submarine")).text
    other = next(order for order in BASE.orders.values() if order.customer != PERSONA)
    assert (await client.get(f"/account/orders/{other.number}")).status_code == 404


async def test_addresses_are_checked(client: httpx.AsyncClient) -> None:
    good = {
        "label": "Boat",
        "name": "Robin Hale",
        "street": "1 Quay",
        "postcode": "H1",
        "city": "Cork",
        "phone": "091 555 12",
    }
    for wrong in ({"label": "home"}, {"city": ""}, {"phone": "call me"}, {"street": "x" * 61}):
        answer = await client.post("/account/addresses/new", data=good | wrong)
        assert answer.status_code == 422, wrong
    answer = await client.post("/account/addresses/new?next=/checkout/address", data=good)
    assert answer.url.path == "/cart", "the checkout sends back who has nothing to buy"
    assert "cannot be deleted" in (await client.post("/account/addresses/1/delete")).text
    await client.post("/account/addresses/5/default")
    await client.post("/account/addresses/1/delete")
    told = await changes(client)
    assert told["addresses_removed"] == ["Home"]
    assert (told["default_address"], told["addresses_added"][0]["city"]) == ("Boat", "Cork")
    assert (await client.get("/account/addresses/1")).status_code == 404


async def test_settings_and_wishes(client: httpx.AsyncClient) -> None:
    await client.post("/account/settings", data={"frequency": "daily", "newsletter": "on", "order_updates": "on"})
    assert (await changes(client))["preferences"] == [
        {"field": "frequency", "value": "daily"},
        {"field": "review_reminders", "value": False},
    ]
    assert (await client.post("/account/settings", data={"frequency": "hourly"})).status_code == 400
    slug = BASE.wishes[0]
    answer = await client.post(f"/p/{slug}/unwish", data={"from": "wish-list"})
    assert answer.url.path == "/account/wish-list"
    assert (await changes(client))["unwished"] == [BASE.products[slug].name]


async def test_the_office_changes_products(client: httpx.AsyncClient) -> None:
    product = sized()
    url = f"/admin/products/{product.slug}"
    form = {f"price-{v.sku}": f"{v.price / 100:.2f}" for v in product.variants}
    form |= {f"stock-{v.sku}": str(v.stock) for v in product.variants}
    first = product.variants[0].sku
    for wrong in (
        {f"price-{first}": "dear"},
        {f"price-{first}": "0"},
        {f"stock-{first}": "-2"},
        {f"stock-{first}": ""},
        {f"price-{first}": "9" * 5_000},
        {f"price-{first}": "10,000.01"},
        {f"stock-{first}": "9" * 5_000},
    ):
        assert (await client.post(url, data=form | {"visible": "on"} | wrong)).status_code == 422, wrong
    assert "Nothing to save" in (await client.post(url, data=form | {"visible": "on"})).text
    await client.post(url, data=form | {f"price-{first}": "€ 12,5"})
    told = (await changes(client))["products_changed"]
    assert [(change["field"], change["value"]) for change in told] == [("visible", False), ("price", 1250)]
    assert (await client.get(f"/p/{product.slug}")).status_code == 404, "hidden"
    assert product.name not in names(await client.get("/search", params={"q": product.name}))
    table = await client.get("/admin/products?sort=-price&shown=hidden")
    assert product.name in table.text


async def test_the_office_adds_a_product_with_a_picture(client: httpx.AsyncClient) -> None:
    good = {
        "name": "Beacon Mug",
        "brand": "Oxbow",
        "subcategory": "mugs",
        "price": "9.50",
        "stock": "8",
        "visible": "on",
    }
    url = "/admin/products/new"
    for wrong in (
        {"name": "x"},
        {"name": sized().name},
        {"brand": ""},
        {"subcategory": "boats"},
        {"price": ""},
        {"stock": "x"},
    ):
        assert (await client.post(url, data=good | wrong)).status_code == 422, wrong
    unchecked = {name: value for name, value in good.items() if name != "visible"}
    for sent in (good, unchecked):
        answer = await client.post(url, data=sent | {"price": "dear"})
        assert ('aria-label="Visible in the shop" checked' in answer.text) == (sent is good), "as it was sent"
    for content in (b"GIF89a", PNG + b"\0" * 1_000_001):
        answer = await client.post(url, data=good, files={"picture": ("a.png", content)})
        assert "PNG or JPEG" in answer.text
    answer = await client.post(url, data=good, files={"picture": ("a.png", PNG)})
    assert answer.url.path == "/admin/products/beacon-mug"
    (made,) = (await changes(client))["products_created"]
    assert (made["price"], made["stock"], made["image"], made["image_bytes"]) == (950, 8, "a.png", len(PNG))
    assert 'src="/picture/beacon-mug"' in (await client.get("/p/beacon-mug")).text
    picture = await client.get("/picture/beacon-mug")
    assert (picture.headers["content-type"], picture.content) == ("image/png", PNG)
    form = {"size": "", "colour": "", "quantity": "2"}
    assert (await client.post("/p/beacon-mug/cart", data=form, headers=SCRIPT)).json()["count"] == 2


async def test_the_office_handles_orders_and_coupons(client: httpx.AsyncClient) -> None:
    order = next(order for order in BASE.orders.values() if order.status == "Processing")
    url = f"/admin/orders/{order.number}"
    assert (await client.post(f"{url}/status", data={"status": "Lost"})).status_code == 400
    assert "is shipped now" in (await client.post(f"{url}/status", data={"status": "Shipped"})).text
    assert (await client.post(f"{url}/notes", data={"note": ""})).status_code == 422
    assert "By bike." in (await client.post(f"{url}/notes", data={"note": "By bike."})).text
    good = {"code": "sun10", "kind": "percent", "value": "10", "minimum": "", "expires": "2026-07-01"}
    for wrong in ({"code": "x"}, {"value": "95"}, {"value": ""}, {"minimum": "much"}, {"expires": "soon"},
                  {"code": next(iter(BASE.coupons))}):  # fmt: skip
        assert (await client.post("/admin/coupons/new", data=good | wrong)).status_code == 422, wrong
    assert "SUN10 was created" in (await client.post("/admin/coupons/new", data=good)).text
    await client.post("/admin/coupons/SUN10/disable")
    assert (await changes(client))["coupons_created"][0]["active"] is False
    assert (await client.post("/admin/coupons/NOPE/disable")).status_code == 404
    assert "after the last one" in (await client.get("/admin/reports?from=2026-05-02&to=2026-05-01")).text
    by_product = await client.get("/admin/reports?group=product&from=2026-03-01&to=2026-03-31")
    assert "1 March 2026 to 31 March 2026" in by_product.text
    customers = await client.get("/admin/customers?sort=-spent")
    assert customers.text.count('href="/admin/customers/') > 10


async def test_the_office_does_not_cancel_what_is_on_its_way(client: httpx.AsyncClient) -> None:
    for status, offered in (("Processing", ["Processing", "Shipped", "Delivered", "Cancelled"]),
                            ("Shipped", ["Shipped", "Delivered"]), ("Delivered", ["Delivered"])):  # fmt: skip
        url = f"/admin/orders/{next(order.number for order in MINE if order.status == status)}"
        assert re.findall(r"<option[^>]*>(\w+)", (await client.get(url)).text) == offered
        answer = await client.post(f"{url}/status", data={"status": "Cancelled"})
        assert answer.status_code == (200 if "Cancelled" in offered else 422)
        assert (f"is {status}: it cannot be Cancelled any more" in answer.text) == ("Cancelled" not in offered)
    assert [change["status"] for change in (await changes(client))["orders_changed"]] == ["Cancelled"]


async def test_signing_out_and_in_again(client: httpx.AsyncClient) -> None:
    await client.post("/sign-out")
    for url in ("/account", "/admin", "/checkout", "/admin/reports"):
        assert (await client.get(url)).url.path == "/sign-in", url
    assert (await buy(client, sized())).status_code == 401
    email = BASE.customers[PERSONA].email
    for wrong in ({"email": email, "password": "guess"}, {"email": "x@y.example", "password": PASSWORD}, {}):
        assert (await client.post("/sign-in", data=wrong)).status_code == 422
    good = {"email": email.upper(), "password": PASSWORD}
    assert (await client.post("/sign-in", data=good | {"next": "/account"})).url.path == "/account"
    await client.post("/sign-out")
    answer = await client.post("/sign-in", data=good | {"next": "//elsewhere.example"}, follow_redirects=False)
    assert answer.headers["location"] == "/"
    untouched = await client.post("/_control/other/reset")
    assert (await changes(client)) == untouched.json()["changes"]
    assert (await client.post("/_control/me/reset?as=whoever")).status_code == 400
    assert (await client.post("/_control/me/reset?as=nobody")).json()["viewer"] is None


async def test_what_does_not_exist_is_a_page_of_its_own(client: httpx.AsyncClient) -> None:
    shop = ("/nothing", "/c/boats", "/c/kitchen/mugs", "/p/nothing", "/account/orders/1", "/checkout/gift")
    office = ("/admin/products/nothing", "/admin/orders/1", "/admin/customers/nobody", "/picture/nothing")
    for url in (*shop, *office):
        answer = await client.get(url, headers=PAGE)
        assert answer.status_code == 404, url
        assert "This page does not exist" in answer.text
    assert (await client.post("/account")).status_code == 405


async def test_odd_bodies_do_not_break_the_site(client: httpx.AsyncClient) -> None:
    await buy(client, sized())
    kinds = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
    )
    urls = ("/admin/products/new", "/cart/coupon", "/account/addresses/new", f"/p/{sized().slug}/review",
            "/admin/coupons/new", "/checkout/address")  # fmt: skip
    for url in urls:
        for kind in kinds:
            for body in (b"", b"name=%ff%fe&stock=%00&code=%00", b"\xff\xfe" * 50, b"--x\r\nbroken"):
                answer = await client.post(url, content=body, headers={"content-type": kind})
                assert answer.status_code in (400, 422), (url, kind, body[:20])
