"""The tasks on the shop: what is drawn can be done, and nothing but the goal passes for it."""

from typing import Any

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.model import STATUSES
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.tasks import WORLDS, Draw, Episode, Number
from plan_and_act.sites.tasks.shop import TEMPLATES
from plan_and_act.sites.tasks.template import Template, World

BY_NAME = {template.name.removeprefix("shop/"): template for template in TEMPLATES}
WORLD = WORLDS["train"]


def drawn(name: str, seed: int = 1, disturbances: Disturbances | None = None) -> Draw:
    template = BY_NAME[name]
    return Episode(template.name, WORLD, seed, disturbances or Disturbances()).draw(template)[0]


def problems(draw: Draw, state: State, answer: str | None = None) -> tuple[str, ...]:
    return draw.goal.verdict({"shop": state.changes()}, answer, gave_up=False).problems


@pytest.fixture
def state() -> State:
    return State.fresh(build(WORLD))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
@pytest.mark.parametrize("disturbances", [Disturbances(), Disturbances.all_on()], ids=["calm", "disturbed"])
def test_there_are_enough_tasks_and_their_words_are_filled(template: Template, disturbances: Disturbances) -> None:
    for world in WORLDS.values():
        draws = [Episode(template.name, world, seed, disturbances).draw(template)[0] for seed in range(30)]
        texts = {phrasing.format(**draw.slots) for draw in draws for phrasing in template.phrasings}
        assert len({tuple(draw.slots.items()) for draw in draws}) >= 5
        assert not any("{" in text or "  " in text for text in texts)
        untouched = State.fresh(build(world))
        assert all(problems(draw, untouched, "Done.") for draw in draws)


def test_the_templates_are_split_and_differ_in_kind_and_length() -> None:
    splits = [template.split for template in TEMPLATES]
    assert len(TEMPLATES) == len(BY_NAME) >= 30
    assert 0.6 < splits.count("train") / len(TEMPLATES) < 0.8
    assert {template.kind for template in TEMPLATES} == {"look_up", "change", "compare", "impossible"}
    lengths = [template.length for template in TEMPLATES]
    assert min(lengths) <= 4
    assert max(lengths) >= 18


@pytest.mark.parametrize("name", ["cheapest-of-brand", "best-rated-under"])
def test_what_is_sold_out_is_not_the_answer(name: str) -> None:
    base, disturbances, differ = build(WORLD), Disturbances(sold_out=True), 0
    for seed in range(40):
        draw = drawn(name, seed, disturbances)
        right = base.product_named(draw.goal.answer.texts[0])  # type: ignore[union-attr]
        assert right.slug not in base.sold_out
        assert right.in_stock
        differ += draw.data["names"][0] != right.name
    assert differ > 5


def order(state: State, draw: Draw, **other: Any) -> None:
    """Do what `buy-with-coupon` asks for, but for what is said otherwise."""
    choice = draw.data["choice"] | other
    state.put(draw.data["variant"].sku, other.get("quantity", 1))
    if code := other.get("coupon", draw.data["coupon"]):
        state.use_coupon(code)
    address = next(address for address in state.addresses() if address.label == choice["address"])
    keys = {"Standard delivery": "standard", "Express delivery": "express", "Parcel locker": "locker"}
    state.place_order(address=address, delivery=keys[choice["delivery"]], payment=choice["payment"])


def test_an_order_has_to_be_right_in_everything(state: State) -> None:
    draw = drawn("buy-with-coupon")
    order(state, draw)
    assert problems(draw, state) == ()
    choice = draw.data["choice"]
    addresses = [address.label for address in state.addresses() if address.label != choice["address"]]
    for wrong in (
        {"quantity": 2},
        {"coupon": ""},
        {"address": addresses[0]},
        {"delivery": "Parcel locker" if choice["delivery"] != "Parcel locker" else "Express delivery"},
        {"payment": "Invoice" if choice["payment"] != "Invoice" else "Visa ending in 4417"},
    ):
        other = State.fresh(state.base)
        order(other, draw, **wrong)
        assert problems(draw, other), wrong
    order(state, draw)
    assert problems(draw, state), "ordered twice"


def test_a_thing_left_in_the_cart_is_a_side_damage(state: State) -> None:
    draw = drawn("add-wish")
    product = state.base.product_named(draw.data["product"])
    state.wish(product, True)
    assert problems(draw, state) == ()
    state.put(next(v.sku for p in state.products() for v in p.variants if v.stock), 1)
    assert problems(draw, state)


def test_a_refused_coupon_may_leave_the_cart_filled_but_not_lead_to_an_order(state: State) -> None:
    draw = drawn("refused-coupon")
    product = state.base.product_named(draw.data["product"])
    state.put(product.variants[0].sku, 1)
    assert state.use_coupon(draw.data["coupon"])
    assert draw.goal.verdict({"shop": state.changes()}, None, gave_up=True).passed
    assert problems(draw, state, "The coupon cannot be used.") == ()
    assert problems(draw, state, "I have ordered it.")
    state.place_order(address=state.addresses()[0], delivery="standard", payment="Invoice")
    assert problems(draw, state, "The coupon cannot be used.")


def test_prices_may_be_told_with_the_words_of_the_task() -> None:
    for seed in range(20):
        draw = drawn("option-price", seed)
        price, size = draw.data["price"] / 100, draw.data["size"]
        answer = draw.goal.answer
        assert isinstance(answer, Number)
        assert answer.problems(f"The {size} one costs €{price:,.2f}.") == []
        assert answer.problems(f"The {size} one costs €{price + 1:,.2f}.")
        assert answer.problems(f"€{price:,.2f} or €{price + 10:,.2f}")


def test_a_draw_depends_on_the_world_and_what_is_sold_out_alone() -> None:
    template = BY_NAME["buy-cheapest"]
    one, two = (Episode(template.name, WORLD, 3).draw(template) for _ in range(2))
    assert one[0].slots == two[0].slots
    assert World(WORLD).disturbances == Disturbances()


def test_an_order_that_is_too_late_to_cancel_cannot_be_cancelled_in_any_way() -> None:
    for seed in range(40):
        state, number = State.fresh(build(WORLD)), drawn("too-late-to-cancel", seed).data["number"]
        for status in STATUSES:
            state.set_status(next(order for order in state.my_orders() if order.number == number), status)
        order = next(order for order in state.my_orders() if order.number == number)
        assert not state.cancel(order)
        assert order.status == "Delivered"


def test_an_order_can_be_marked_as_shipped(state: State) -> None:
    draw = drawn("mark-shipped")
    order = state.base.orders[int(draw.data["number"])]
    assert state.set_status(order, "Shipped")
    state.add_note(state.order(order.number) or order, draw.data["note"])
    assert problems(draw, state) == ()


def test_to_repeat_the_stars_is_not_to_count_reviews() -> None:
    for world in WORLDS.values():
        for seed in range(100):
            draw, phrasing = Episode("shop/count-reviews", world, seed).draw(BY_NAME["count-reviews"])
            assert draw.goal.answer
            assert draw.goal.answer.problems(phrasing.format(**draw.slots)), (world, draw.slots)
            assert draw.goal.answer.problems(f"{draw.data['count']} {draw.slots['stars']} reviews") == []
