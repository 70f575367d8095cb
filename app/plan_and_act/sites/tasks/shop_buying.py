"""Tasks on the shop that end with something in the cart, or bought."""

import random

from plan_and_act.sites.shop.data import build
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World

PAYMENTS = ("Visa ending in 4417", "Mastercard ending in 0926", "Invoice")


class FillCart(ShopTemplate):
    """Two things in a colour and a number each; the checkout is somebody else's."""

    name = "shop/fill-cart"
    kind = "change"
    length = 11
    phrasings = (
        "Put {first} of the {one} in {one_colour} and {second} of the {other} in {other_colour} into my cart, but do "
        "not order yet.",
        "Fill my cart: {first} x {one} ({one_colour}), {second} x {other} ({other_colour}). I will check out later.",
    )
    plan = (
        "Find the {one}, choose {one_colour} and add {first} to the cart",
        "Find the {other}, choose {other_colour} and add {second} to the cart",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        there = ways.buyable(world, base, least=4, sizes=False)
        while True:
            one, other = rng.sample(there, 2)
            if one[0] != other[0]:
                break
        numbers = (rng.randint(2, 4), rng.randint(2, 4))
        items = [(product, variant, count) for (product, variant), count in zip((one, other), numbers, strict=True)]
        slots = {
            "first": str(numbers[0]),
            "second": str(numbers[1]),
            "one": one[0].name,
            "other": other[0].name,
            "one_colour": one[1].colour,
            "other_colour": other[1].colour,
        }
        goal = Goal({"shop": {"cart": [ways.order_line(*item) for item in items]}})
        return Draw(slots, "/", goal, {"items": items})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        for number, (product, variant, count) in enumerate(draw.data["items"], 1):
            hand.step(number)
            await ways.open_product(hand, product.name)
            await ways.choose(hand, variant)
            await hand.type("Quantity", str(count))
            await hand.click("Add to cart")


class BuyWithCoupon(ShopTemplate):
    """The whole way from a product's name to the order, with everything that can be chosen."""

    name = "shop/buy-with-coupon"
    kind = "change"
    length = 18
    phrasings = (
        "Order one {product} ({option}) with the coupon {coupon}. It goes to the address “{address}” by {delivery}, "
        "and {payment} pays for it.",
        "Please buy one {product}, {option}. Use the code {coupon}, have it sent to my address {address} ({delivery}) "
        "and pay with {payment}.",
    )
    plan = (
        "Find the {product}, choose {option} and add one to the cart",
        "Apply the coupon {coupon} in the cart",
        "Check out: address “{address}”, {delivery}",
        "Pay with {payment} and place the order",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        product, variant = rng.choice(ways.buyable(world, base, sizes=True))
        today = base.now.date()
        coupons = [c for c in base.coupons.values() if c.active and not c.minimum and c.expires > today]
        coupon, address = rng.choice(coupons), rng.choice(list(base.addresses.values()))
        delivery, payment = rng.choice(ways.DELIVERIES), rng.choice(PAYMENTS)
        order = ways.placed(
            [ways.order_line(product, variant)],
            address=address,
            delivery=delivery,
            payment=payment,
            coupon=coupon.code,
        )
        slots = {
            "product": product.name,
            "option": variant.option,
            "coupon": coupon.code,
            "address": address.label,
            "delivery": delivery.lower(),
            "payment": payment if payment != "Invoice" else "an invoice",
        }
        data = {
            "product": product.name,
            "variant": variant,
            "coupon": coupon.code,
            "choice": {"address": address.label, "delivery": delivery, "payment": payment},
        }
        return Draw(slots, "/", Goal({"shop": {"orders_placed": [order]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        await ways.choose(hand, draw.data["variant"])
        await hand.click("Add to cart")
        hand.step(2)
        await hand.click("Cart", "link")
        await hand.type("Coupon code", draw.data["coupon"])
        await hand.click("Apply coupon")
        hand.step(3)
        await ways.check_out(hand, draw.data["choice"]["address"], draw.data["choice"]["delivery"])
        hand.step(4)
        await ways.pay(hand, draw.data["choice"]["payment"])


class BuyCheapest(ShopTemplate):
    """Find it first, then buy it; the cheapest may turn out to be sold out."""

    name = "shop/buy-cheapest"
    kind = "change"
    split = "test"
    length = 20
    phrasings = (
        "Order the cheapest of the {kind} that is in stock in {colour}, one piece in that colour, to be sent to the "
        "address “{address}” by {delivery} and paid by invoice.",
        "Find the least expensive product among the {kind} available in {colour} and buy one in {colour}: address "
        "{address}, {delivery}, payment by invoice.",
    )
    plan = (
        "Open the {kind} and filter by {colour} and by what is in stock",
        "Sort by price, open the cheapest and choose {colour}; go on to the next if it is sold out",
        "Add one to the cart",
        "Check out: address “{address}”, {delivery}",
        "Pay by invoice and place the order",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = []
        for sub in base.subcategories.values():
            goods = [product for product in ways.shelf(base, sub) if not product.sizes]
            for colour in sorted({variant.colour for product in goods for variant in product.variants}):
                offered = [(p, v) for p in goods for v in p.variants if v.colour == colour and v.stock]
                offered.sort(key=lambda offer: offer[0].price)
                there = [offer for offer in offered if not ways.sold_out(world, base, offer[0])]
                if len(there) > 1:
                    found.append((sub, colour, [product.name for product, _ in offered], there[0]))
        sub, colour, names, (product, variant) = rng.choice(found)
        address, delivery = rng.choice(list(base.addresses.values())), rng.choice(ways.DELIVERIES)
        order = ways.placed(
            [ways.order_line(product, variant)], address=address, delivery=delivery, payment="Invoice", coupon=None
        )
        slots = {
            "kind": sub.name.lower(),
            "colour": colour.lower(),
            "address": address.label,
            "delivery": delivery.lower(),
        }
        data = {
            "subcategory": sub,
            "colour": colour,
            "names": names,
            "choice": {"address": address.label, "delivery": delivery, "payment": "Invoice"},
        }
        return Draw(slots, "/", Goal({"shop": {"orders_placed": [order]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_shelf(hand, draw.data["subcategory"])
        await hand.click("In stock only")
        await hand.click(draw.data["colour"], "checkbox")
        await hand.click("Apply filters")
        hand.step(2)
        await hand.select("Sort by", "Price: low to high")
        for name in draw.data["names"]:
            await hand.click(name, "link")
            await hand.click(draw.data["colour"], "radio")
            if not await hand.sees("Sold out"):
                break
            await hand.back()
        hand.step(3)
        await hand.click("Add to cart")
        hand.step(4)
        await hand.click("Cart", "link")
        await ways.check_out(hand, draw.data["choice"]["address"], draw.data["choice"]["delivery"])
        hand.step(5)
        await ways.pay(hand, draw.data["choice"]["payment"])


class Reorder(ShopTemplate):
    """The same things again, sent elsewhere."""

    name = "shop/reorder"
    kind = "change"
    length = 15
    phrasings = (
        "Order everything from my order {number} once more. Send it to “{address}” by {delivery} and use {payment}.",
        "I want the same things as in order {number} again: to my address {address}, {delivery}, paid with {payment}.",
    )
    plan = (
        "Open order {number} in the account",
        "Buy everything in it again",
        "Check out: address “{address}”, {delivery}",
        "Pay with {payment} and place the order",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        stock = {variant.sku: variant.stock for _, variant in ways.buyable(world, base)}
        orders = [
            order
            for order in ways.mine(base, "Delivered", "Shipped", "Processing")
            if all(stock.get(line.sku, 0) >= line.quantity for line in order.lines)
        ]
        order, address = rng.choice(orders), rng.choice(list(base.addresses.values()))
        delivery, payment = rng.choice(ways.DELIVERIES), rng.choice(PAYMENTS[:2])
        items = [
            {"product": base.products[line.product].name, "option": line.option, "quantity": line.quantity}
            for line in order.lines
        ]
        wanted = ways.placed(items, address=address, delivery=delivery, payment=payment, coupon=None)
        slots = {
            "number": str(order.number),
            "address": address.label,
            "delivery": delivery.lower(),
            "payment": f"the {payment}",
        }
        data = {
            "number": order.number,
            "choice": {"address": address.label, "delivery": delivery, "payment": payment},
        }
        return Draw(slots, "/", Goal({"shop": {"orders_placed": [wanted]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_order(hand, draw.data["number"])
        hand.step(2)
        await hand.click("Buy again")
        hand.step(3)
        await ways.check_out(hand, draw.data["choice"]["address"], draw.data["choice"]["delivery"])
        hand.step(4)
        await ways.pay(hand, draw.data["choice"]["payment"])


TEMPLATES = (FillCart(), BuyWithCoupon(), BuyCheapest(), Reorder())
