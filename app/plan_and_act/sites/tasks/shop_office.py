"""Tasks in the shop's back office that change something."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import ClassVar

from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.web import day
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World

PICTURE = "lighthouse.png"
"""A file of the folder of uploads."""


class ChangePrice(ShopTemplate):
    """One field in a table of fields."""

    name = "shop/change-price"
    kind = "change"
    length = 7
    phrasings = (
        "In the back office, set the price of the {product} ({option}) to {price} euros.",
        "As of today the {product} in {option} costs €{price}. Change only that option in the back office.",
    )
    plan = (
        "Open the {product} in the back office",
        "Set the price of {option} to {price} euros",
        "Save the product",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        product = rng.choice(list(base.products.values()))
        variant = rng.choice(product.variants)
        price = variant.price + rng.choice((-150, 145, 255, 405))
        change = {"product": product.name, "option": variant.option, "field": "price", "value": price}
        slots = {"product": product.name, "option": variant.option, "price": f"{price / 100:.2f}"}
        return Draw(slots, "/", Goal({"shop": {"products_changed": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office_product(hand, draw.data["product"])
        hand.step(2)
        await hand.type(f"Price of {draw.data['option']}", draw.data["price"])
        hand.step(3)
        await hand.click("Save product")


class Restock(ShopTemplate):
    """Which fields are to be changed has to be read first."""

    name = "shop/restock"
    kind = "change"
    split = "validation"
    length = 8
    phrasings = (
        "The {product} has arrived again: {stock} of every option that is sold out. Enter that in the back office.",
        "In the back office, set the stock of each option of the {product} that has none left to {stock}.",
    )
    plan = (
        "Open the {product} in the back office",
        "Set the stock of every option that has none to {stock}",
        "Save the product",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        empty = {p.slug: [v for v in p.variants if not v.stock] for p in base.products.values() if p.in_stock}
        slug = rng.choice([slug for slug, variants in empty.items() if 2 <= len(variants) <= 3])
        name, stock = base.products[slug].name, rng.randint(10, 90)
        changes = [{"product": name, "option": v.option, "field": "stock", "value": stock} for v in empty[slug]]
        slots = {"product": name, "stock": str(stock)}
        data = {**slots, "options": [variant.option for variant in empty[slug]]}
        return Draw(slots, "/", Goal({"shop": {"products_changed": changes}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office_product(hand, draw.data["product"])
        hand.step(2)
        for option in draw.data["options"]:
            await hand.type(f"Stock of {option}", draw.data["stock"])
        hand.step(3)
        await hand.click("Save product")


class HideProduct(ShopTemplate):
    """A check box at the end of a form."""

    name = "shop/hide-product"
    kind = "change"
    length = 7
    phrasings = (
        "Take the {product} out of the shop: hide it in the back office.",
        "There is a fault in the {product}. Make sure that customers do not see it any more.",
    )
    plan = (
        "Find the {product} among the back office's products",
        "Make it invisible in the shop and save",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        slots = {"product": rng.choice(list(build(world.seed).products.values())).name}
        change = {"product": slots["product"], "field": "visible", "value": False}
        return Draw(slots, "/", Goal({"shop": {"products_changed": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office_product(hand, draw.data["product"])
        hand.step(2)
        await hand.click("Visible in the shop")
        await hand.click("Save product")


class MarkShipped(ShopTemplate):
    """An order is found by its customer, and two things are done with it."""

    name = "shop/mark-shipped"
    kind = "change"
    length = 9
    phrasings = (
        "The order of {customer} that was being processed has left the house. Mark it as shipped in the back office "
        "and add the note “{note}”",
        "Back office: {customer} has one order in processing. Set it to Shipped, and leave the note “{note}” for the "
        "colleagues.",
    )
    plan = (
        "Find the order of {customer} in processing in the back office",
        "Set its status to Shipped",
        "Add the note “{note}”",
    )
    NOTES: ClassVar = (
        "Handed to the carrier at noon.", "Goes in two parcels.", "Tracking number follows by email.",
        "Neighbour may take it.",
    )  # fmt: skip

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        waiting = [order for order in base.orders.values() if order.status == "Processing"]
        count = Counter(order.customer for order in waiting)
        order = rng.choice([o for o in waiting if count[o.customer] == 1 and o.customer != base.persona])
        slots = {"customer": base.customers[order.customer].name, "note": rng.choice(self.NOTES)}
        goal = Goal(
            {
                "shop": {
                    "orders_changed": [{"order": order.number, "status": "Shipped"}],
                    "order_notes": [{"order": order.number, "text": Like(slots["note"])}],
                }
            }
        )
        return Draw(slots, "/", goal, {**slots, "number": str(order.number)})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office(hand, "Orders")
        await hand.search("Number or customer", draw.data["customer"])
        await hand.click(draw.data["number"], "link")
        hand.step(2)
        await hand.select("Order status", "Shipped")
        await hand.click("Save status")
        hand.step(3)
        await hand.type("New note", draw.data["note"])
        await hand.click("Add note")


class CreateCoupon(ShopTemplate):
    """A form with a kind, two numbers and a day."""

    name = "shop/create-coupon"
    kind = "change"
    split = "test"
    length = 10
    phrasings = (
        "Create the coupon {code} in the back office: {value} off orders of at least {minimum} euros, until {day}.",
        "We need a new coupon code, {code}. It takes {value} off, from an order value of €{minimum} on, up to and "
        "including {day}.",
    )
    plan = (
        "Open the coupons in the back office and start a new one",
        "Enter {code}: {value} off, orders from {minimum} euros, until {day}",
        "Create the coupon",
    )
    WORDS: ClassVar = ("SUMMER", "ROOFTOP", "LAZYDAY", "BALCONY", "SEASIDE", "PICKME", "FRIENDS")

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        percent = rng.random() < 0.5
        value, minimum = rng.choice((5, 8, 12, 18)), rng.choice((30, 50, 75, 120))
        last = date(2026, 6, 1) + timedelta(days=rng.randint(0, 120))
        code = f"{rng.choice(self.WORDS)}{value}"
        coupon = {
            "code": code,
            "percent": value if percent else 0,
            "amount": 0 if percent else value * 100,
            "minimum": minimum * 100,
            "expires": last.isoformat(),
        }
        slots = {
            "code": code,
            "value": f"{value} percent" if percent else f"{value} euros",
            "minimum": str(minimum),
            "day": day(last),
        }
        data = {**slots, "kind": "Percent" if percent else "Euros", "number": str(value), "expires": last.isoformat()}
        return Draw(slots, "/", Goal({"shop": {"coupons_created": [coupon]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office(hand, "Coupons")
        await hand.click("New coupon")
        hand.step(2)
        await hand.type("Code", draw.data["code"])
        await hand.click(draw.data["kind"], "radio")
        await hand.type("Discount", draw.data["number"])
        await hand.type("Least order value in euros (optional)", draw.data["minimum"])
        await hand.type("Valid until", draw.data["expires"])
        hand.step(3)
        await hand.click("Create coupon")


class DisableCoupon(ShopTemplate):
    """A button in a row of a table."""

    name = "shop/disable-coupon"
    kind = "change"
    length = 4
    phrasings = (
        "Disable the coupon {code} in the back office.",
        "Somebody has put our code {code} on the web. Make sure that the shop does not accept it any more.",
    )
    plan = (
        "Open the coupons in the back office",
        "Disable {code}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        today = base.now.date()
        slots = {"code": rng.choice([c.code for c in base.coupons.values() if c.active and c.expires > today])}
        change = {"code": slots["code"], "active": False}
        return Draw(slots, "/", Goal({"shop": {"coupons_changed": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office(hand, "Coupons")
        hand.step(2)
        await hand.click(f"Disable {draw.data['code']}")


class NewProduct(ShopTemplate):
    """A long form with a file."""

    name = "shop/new-product"
    kind = "change"
    split = "test"
    length = 11
    phrasings = (
        "Add a product to the shop: {product} by {brand}, in {kind}, {price} euros, {stock} in stock, with the picture "
        f"{PICTURE} from the folder of uploads.",
        f"New to the range: {{product}} ({{brand}}). Enter it under {{kind}} at €{{price}} with {{stock}} in stock. "
        f"Its picture is the file {PICTURE}.",
    )
    plan = (
        "Open the products in the back office and start a new one",
        "Enter {product} by {brand} in {kind}, {price} euros, {stock} in stock",
        f"Upload the picture {PICTURE} and add the product",
    )
    NAMES: ClassVar = ("Beacon", "Captain", "Drift", "Estuary", "Foghorn", "Gannet", "Headland", "Inlet")

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        sub = rng.choice(list(base.subcategories.values()))
        noun = next(product.name.partition(" ")[2] for product in ways.shelf(base, sub))
        price, stock = rng.randint(9, 140) * 100 + 50, rng.randint(5, 80)
        slots = {
            "product": f"{rng.choice(self.NAMES)} {noun}",
            "brand": rng.choice(sorted({product.brand for product in base.products.values()})),
            "kind": sub.name,
            "price": f"{price / 100:.2f}",
            "stock": str(stock),
        }
        made = {
            "name": slots["product"],
            "brand": slots["brand"],
            "subcategory": sub.slug,
            "price": price,
            "stock": stock,
            "visible": True,
            "image": PICTURE,
        }
        return Draw(slots, "/", Goal({"shop": {"products_created": [made]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_office(hand, "Products")
        await hand.click("New product")
        hand.step(2)
        await hand.type("Product name", draw.data["product"])
        await hand.type("Brand", draw.data["brand"])
        await hand.select("Subcategory", draw.data["kind"])
        await hand.type("Price in euros", draw.data["price"])
        await hand.type("Stock", draw.data["stock"])
        hand.step(3)
        await hand.upload("Picture (PNG or JPEG)", PICTURE)
        await hand.click("Add product")


TEMPLATES = (
    ChangePrice(),
    Restock(),
    HideProduct(),
    MarkShipped(),
    CreateCoupon(),
    DisableCoupon(),
    NewProduct(),
)
