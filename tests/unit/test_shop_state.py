"""The seeded data of the shop, and what a session keeps of its own."""

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.money import cents
from plan_and_act.sites.sessions import Sessions
from plan_and_act.sites.shop.data import NOW, PER_KIND, PERSONA, build
from plan_and_act.sites.shop.model import STATUSES, Base, Coupon, Preferences, Product, Variant
from plan_and_act.sites.shop.sales import report
from plan_and_act.sites.shop.state import State

SEED = 7
APP = Path(__file__).parents[2] / "app"


@pytest.fixture
def base() -> Base:
    return build(SEED)


@pytest.fixture
def state(base: Base) -> State:
    return State.fresh(base)


def offer(state: State, least: int = 5) -> tuple[Product, Variant]:
    return next((p, v) for p in state.products() for v in p.variants if v.stock >= least)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("24.95", 2495), ("24,9", 2490), ("7", 700), ("7.", 700), ("€ 12", 1200), ("12 €", 1200), ("1,000", 100_000),
        ("1 000.50 euros", 100_050), ("EUR 20000", 2_000_000), ("1,234,567", 123_456_700), ("9" * 9, 99_999_999_900),
        ("", None), ("€", None), (".5", None), ("-5", None), ("abc", None), ("1.000", None), ("1,0000", None),
        ("1.234,5", None), ("9" * 10, None), ("9" * 5_000, None),
    ],
)  # fmt: skip
def test_money_is_read_as_people_write_it(typed: str, amount: int | None) -> None:
    assert cents(typed) == amount


def test_the_same_seed_gives_the_same_site_in_every_process() -> None:
    script = (
        "import hashlib; from plan_and_act.sites.shop.data import build; b = build(7);"
        "parts = (b.products, b.customers, b.orders, b.coupons, b.addresses, b.wishes, sorted(b.sold_out));"
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


def test_another_seed_gives_another_site(base: Base) -> None:
    other = build(SEED + 1)
    assert set(other.products) != set(base.products)
    assert set(other.coupons) != set(base.coupons)
    assert base.addresses[1] != other.addresses[1]


@pytest.mark.alone  # it measures time
@pytest.mark.parametrize("seed", range(12))
def test_the_data_is_made_in_less_than_a_second(seed: int) -> None:
    start = time.process_time()
    build.__wrapped__(seed)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("seed", range(12))
def test_the_data_hangs_together(seed: int) -> None:
    base = build.__wrapped__(seed)
    assert len(base.products) == 24 * PER_KIND
    assert len({product.name for product in base.products.values()}) == len(base.products)
    assert len(base.by_sku) == sum(len(product.variants) for product in base.products.values())
    for sub in base.subcategories:
        goods = [product for product in base.products.values() if product.subcategory == sub]
        assert len({product.price for product in goods}) == len(goods) == PER_KIND, "one is the cheapest"
        for product in goods:
            assert not product.in_stock or product.variants[0].stock, "the price that lists show can be paid"
            assert product.variants[0].price == product.price
            assert product.reviews == tuple(sorted(product.reviews, key=lambda r: (r.when, r.id), reverse=True))
    assert all(base.products[slug].in_stock for slug in base.sold_out)
    assert len(base.sold_out) > 10
    orders = list(base.orders.values())
    assert [order.number for order in orders] == sorted(base.orders)
    assert all(one.placed <= next_.placed for one, next_ in pairwise(orders))
    assert all(order.placed < NOW and order.customer in base.customers for order in orders)
    assert all(NOW.date() >= order.delivered > order.placed.date() for order in orders if order.delivered)
    mine = Counter(order.status for order in orders if order.customer == PERSONA)
    assert mine["Processing"] >= 4
    assert mine["Delivered"] >= 8
    today = NOW.date()
    valid = [coupon for coupon in base.coupons.values() if coupon.active and coupon.expires > today]
    assert Counter(bool(coupon.minimum) for coupon in valid) == {False: 3, True: 3}


def test_what_was_undone_is_no_change_but_stays_in_the_log(state: State) -> None:
    untouched = State.fresh(state.base).changes()
    product, variant = offer(state)
    wished = state.wishes(product.slug)
    assert state.wish(product, not wished)
    assert not state.wish(product, not wished)
    state.wish(product, wished)
    address = state.addresses()[1]
    state.save_address(replace(address, city="Elsewhere"))
    state.save_address(address)
    state.make_default(address.id)
    state.make_default(1)
    state.prefer(Preferences(newsletter=False))
    state.prefer(Preferences())
    state.save_product(replace(product, visible=False))
    state.save_product(product)
    state.put(variant.sku, 2)
    state.set_quantity(variant.sku, 0)
    coupon = state.coupons()[0]
    state.set_coupon_active(coupon, not coupon.active)
    changed = state.coupon(coupon.code)
    assert changed
    state.set_coupon_active(changed, coupon.active)
    told = state.changes()
    assert told["changes"] == untouched["changes"]
    assert told["counts"]["cart"] == told["counts"]["address"] == told["counts"]["edit_product"] == 2


def test_an_order_empties_the_cart_and_takes_from_the_stock(state: State) -> None:
    product, variant = offer(state)
    code = next(c.code for c in state.coupons() if c.percent and not state.refusal(c, 0))
    assert state.put(variant.sku, 3)
    assert not state.put(variant.sku, variant.stock), "no more than there is"
    assert state.use_coupon(code.lower()) == ""
    address = state.addresses()[2]
    order = state.place_order(address=address, delivery="express", payment="Invoice")
    assert order.number == max(state.base.orders) + 1
    assert order.total == 3 * variant.price - order.discount + 990
    assert order.discount > 0
    assert state.stock(product, variant) == variant.stock - 3
    changes = state.changes()["changes"]
    assert changes["cart"] == []
    (placed,) = changes["orders_placed"]
    assert placed["items"] == [{"product": product.name, "option": variant.option, "quantity": 3}]
    assert (placed["address"], placed["delivery"], placed["coupon"]) == (address.line, "Express delivery", code)
    assert state.my_orders()[0] == order
    assert state.cancel(order)
    assert state.stock(product, variant) == variant.stock


def test_a_coupon_in_the_cart_is_told_as_long_as_it_takes_something_off(state: State) -> None:
    product, variant = offer(state)
    code = next(c.code for c in state.coupons() if c.percent and not state.refusal(c, 0))
    line = {"product": product.name, "option": variant.option, "quantity": 1}
    state.put(variant.sku, 1)
    state.use_coupon(code)
    state.use_coupon(code.lower())
    assert state.changes()["changes"]["cart"] == [line, {"coupon": code}]
    assert state.changes()["counts"] == {"cart": 1, "use_coupon": 1}, "once more is no change"
    state.use_coupon("")
    assert state.changes()["changes"]["cart"] == [line]
    assert [(effect.kind, effect.target) for effect in state.log[1:]] == [("use_coupon", code), ("remove_coupon", code)]
    state.use_coupon(code)
    state.set_quantity(variant.sku, 0)
    assert state.changes()["changes"] == State.fresh(state.base).changes()["changes"], "nothing to take it off"


def test_coupons_are_refused_for_a_reason(state: State) -> None:
    product, variant = min(
        ((p, v) for p in state.products() for v in p.variants if v.stock), key=lambda pair: pair[1].price
    )
    state.put(variant.sku, 1)
    today = state.base.now.date()
    expired = next(c for c in state.coupons() if c.expires < today)
    large = next(c for c in state.coupons() if c.minimum)
    disabled = next(c for c in state.coupons() if not c.active)
    assert "expired on" in state.use_coupon(expired.code)
    assert "at least" in state.use_coupon(large.code)
    assert "no longer accepted" in state.use_coupon(disabled.code)
    assert "There is no coupon NOPE" in state.use_coupon("nope")
    assert state.cart_coupon == ""
    assert product.name


def test_a_coupon_falls_away_when_the_cart_gets_too_small(state: State) -> None:
    large = min((c for c in state.coupons() if c.minimum), key=lambda c: c.minimum)
    _, variant = next(
        (p, v) for p, v in state.base.by_sku.values() if v.stock > 5 and v.price * 5 > large.minimum > v.price
    )
    state.put(variant.sku, 5)
    assert state.use_coupon(large.code) == ""
    assert state.basket().coupon == large
    state.set_quantity(variant.sku, 1)
    assert state.basket().coupon is None
    assert state.basket().total() == variant.price


def test_only_what_was_delivered_lately_can_be_sent_back(state: State) -> None:
    mine = state.my_orders()
    recent = next(order for order in mine if state.can_return(order))
    old = next(order for order in mine if order.status == "Delivered" and not state.can_return(order))
    skus = tuple(line.sku for line in recent.lines)
    assert not state.send_back(recent, skus=("OTHER-1",), reason="Changed my mind", comment="")
    assert not state.send_back(old, skus=(old.lines[0].sku,), reason="Changed my mind", comment="")
    assert state.send_back(recent, skus=skus, reason="Changed my mind", comment="")
    after = state.order(recent.number)
    assert after
    assert not state.can_return(after), "everything is on its way back"
    (told,) = state.changes()["changes"]["returns"]
    assert told["order"] == recent.number
    assert state.changes()["changes"]["orders_changed"] == []


def test_orders_on_their_way_cannot_be_cancelled(state: State) -> None:
    orders = {order.status: order for order in state.my_orders()}
    assert not state.cancel(orders["Delivered"])
    assert state.cancel(orders["Processing"])
    assert state.changes()["changes"]["orders_changed"] == [
        {"order": orders["Processing"].number, "status": "Cancelled"}
    ]


def test_an_order_that_has_left_the_house_does_not_come_back_in_the_office(state: State) -> None:
    orders = {order.status: order for order in state.my_orders()}
    onwards = {"Processing": {"Shipped", "Delivered", "Cancelled"}, "Shipped": {"Delivered"}, "Delivered": set()}
    for status, some in onwards.items():
        for wanted in STATUSES:
            other = State.fresh(state.base)
            assert other.set_status(orders[status], wanted) == (wanted in some), (status, wanted)
            assert bool(other.log) == (wanted in some)


def test_sold_out_shows_in_stock_only_where_it_matters(base: Base, state: State) -> None:
    state.visit.disturbances = Disturbances(sold_out=True)
    product = base.products[min(base.sold_out)]
    assert product.in_stock
    assert {state.stock(product, variant) for variant in product.variants} == {0}
    assert not state.put(product.variants[0].sku, 1)
    assert state.changes()["changes"]["cart"] == []


def test_the_office_tells_every_field_it_changed(state: State) -> None:
    product = next(product for product in state.products() if len(product.variants) > 2)
    first, second, *rest = product.variants
    state.save_product(
        replace(product, visible=False, variants=(replace(first, price=123), replace(second, stock=777), *rest))
    )
    told = state.changes()["changes"]["products_changed"]
    assert sorted((change["field"], change["option"], change["value"]) for change in told) == [
        ("price", first.option, 123),
        ("stock", second.option, 777),
        ("visible", "", False),
    ]
    coupon = Coupon("NEWONE", 10, 0, 0, date(2026, 9, 1))
    assert state.create_coupon(coupon)
    assert not state.create_coupon(coupon)
    assert state.changes()["changes"]["coupons_created"][0]["expires"] == "2026-09-01"
    order = state.orders()[0]
    state.set_status(order, "Shipped")
    shipped = state.order(order.number)
    assert shipped
    state.add_note(shipped, "Done")
    changes = state.changes()["changes"]
    assert changes["orders_changed"] == [{"order": order.number, "status": "Shipped"}]
    assert changes["order_notes"] == [{"order": order.number, "text": "Done"}]


def test_reports_add_up_whatever_they_are_grouped_by(state: State) -> None:
    first, last = date(2025, 7, 1), date(2026, 5, 11)
    sums = {group: report(state, group, first, last) for group in ("month", "category", "product", "customer")}
    assert len({sum(row.sales for row in rows) for rows in sums.values()}) == 1
    assert [row.name for row in sums["month"]][:2] == ["July 2025", "August 2025"]
    assert len(sums["category"]) == 6
    order = next(order for order in state.orders() if order.status == "Processing" and order.placed.date() < last)
    state.set_status(order, "Cancelled")
    after = sum(row.sales for row in report(state, "month", first, last))
    assert after == sum(row.sales for row in sums["month"]) - order.goods


def test_sessions_are_apart_and_share_the_base(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    one, two = sessions.open("one"), sessions.open("two")
    product, variant = offer(one)
    one.put(variant.sku, 1)
    one.wish(product, not one.wishes(product.slug))
    assert two.changes() == State.fresh(base).changes()
    assert one.base is two.base


def test_a_reset_takes_less_than_five_milliseconds(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    times = []
    for number in range(300):
        start = time.perf_counter()
        sessions.reset(f"s{number}")
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005
