"""Tasks on the shop that cannot be done: what is asked for is not there, or not allowed any more."""

import random
from typing import Any

from plan_and_act.sites.shop.catalog import SERIES
from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World


class _Anything:
    """Equals everything: what is in the cart may be different when a task cannot be done."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def _refused(**changes: Any) -> Goal:
    return Goal({"shop": changes} if changes else {}, impossible=True)


class RefusedCoupon(ShopTemplate):
    """The coupon has expired, is disabled, or is for larger orders; this shows when it is applied."""

    name = "shop/refused-coupon"
    kind = "impossible"
    length = 7
    phrasings = (
        "Order one {product} with the coupon {coupon}. Without the discount I do not want it.",
        "Buy one {product} for me and use my coupon code {coupon}; if that does not work, do not order at all.",
    )
    plan = (
        "Put one {product} into the cart",
        "Apply the coupon {coupon} in the cart",
        "Give up without ordering if the coupon is refused",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        state = State.fresh(base)
        found = [
            (product, coupon)
            for product, variant in ways.buyable(world, base)
            if variant is product.variants[0]
            for coupon in base.coupons.values()
            if state.refusal(coupon, max(variant.price for variant in product.variants))
        ]
        product, coupon = rng.choice(found)
        slots = {"product": product.name, "coupon": coupon.code}
        return Draw(slots, "/", _refused(cart=_Anything()), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        await hand.click("Add to cart")
        hand.step(2)
        await hand.click("Cart", "link")
        await hand.type("Coupon code", draw.data["coupon"])
        await hand.click("Apply coupon")
        hand.step(3)


class NoSuchProduct(ShopTemplate):
    """A name that sounds as if it were in the shop."""

    name = "shop/no-such-product"
    kind = "impossible"
    split = "test"
    length = 3
    phrasings = (
        "Put the {product} on my wish list.",
        "Add two of the {product} to my cart, please.",
    )
    plan = (
        "Search the shop for the {product}",
        "Search once more with fewer words if it is not there",
        "Give up if the shop has no {product}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        nouns = sorted({product.name.partition(" ")[2] for product in base.products.values()})
        names = {product.name for product in base.products.values()}
        used = sorted({name.partition(" ")[0] for name in names} & set(SERIES))
        name = rng.choice([f"{series} {noun}" for series in used for noun in nouns if f"{series} {noun}" not in names])
        return Draw({"product": name}, "/", _refused(), {"words": name.split()})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        words = draw.data["words"]
        for number, query in enumerate((" ".join(words), words[0]), 1):
            hand.step(number)
            await hand.type("Search Fennimore", query, submit=True)
        hand.step(3)


class TooLateToCancel(ShopTemplate):
    """The order has left the house already."""

    name = "shop/too-late-to-cancel"
    kind = "impossible"
    length = 5
    phrasings = ("Cancel my order {number}.", "Please call off order {number} before it is delivered.")
    plan = (
        "Open order {number} in the account",
        "Look for a way to cancel it, and give up if it cannot be cancelled any more",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        gone = sorted(ways.mine(base, "Shipped", "Delivered"), key=lambda order: -order.number)[:8]
        number = rng.choice(gone).number
        return Draw({"number": str(number)}, "/", _refused(), {"number": number})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_order(hand, draw.data["number"])
        hand.step(2)


class TooLateToReturn(ShopTemplate):
    """The order was delivered too long ago."""

    name = "shop/too-late-to-return"
    kind = "impossible"
    split = "validation"
    length = 5
    phrasings = (
        "Send the {product} from my order {number} back; I have changed my mind.",
        "Register a return for the {product} that I bought with order {number}. It does not fit.",
    )
    plan = (
        "Find order {number} in the account and open it",
        "Look for a way to send the {product} back, and give up if it is too late for a return",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        state = State.fresh(base)
        order = rng.choice([order for order in ways.mine(base, "Delivered") if not state.can_return(order)])
        product = base.products[rng.choice(order.lines).product].name
        return Draw({"product": product, "number": str(order.number)}, "/", _refused(), {"number": order.number})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_order(hand, draw.data["number"])
        hand.step(2)


class SoldOutOption(ShopTemplate):
    """One option of a product is sold out, which shows when it is chosen."""

    name = "shop/sold-out-option"
    kind = "impossible"
    length = 5
    phrasings = (
        "Put the {product} in {option} into my cart. It has to be exactly this one.",
        "I need one {product}, {option}, nothing else. Add it to the cart.",
    )
    plan = (
        "Find the {product} and open it",
        "Choose {option}",
        "Give up if exactly this option is sold out",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = [(p, v) for p in base.products.values() if p.in_stock and p.sizes for v in p.variants if not v.stock]
        product, variant = rng.choice(found)
        slots = {"product": product.name, "option": variant.option}
        return Draw(slots, "/", _refused(), {"product": product.name, "variant": variant})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        hand.step(2)
        await ways.choose(hand, draw.data["variant"])
        hand.step(3)


TEMPLATES = (RefusedCoupon(), NoSuchProduct(), TooLateToCancel(), TooLateToReturn(), SoldOutOption())
