"""Tasks on what a customer of the shop calls their own: orders, addresses, wishes, reviews, settings."""

import random
from typing import ClassVar

from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.model import Preferences
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.shop.views.account import FREQUENCIES, SWITCHES
from plan_and_act.sites.shop.views.orders import REASONS
from plan_and_act.sites.shop.words import STREETS
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World


class CancelOrder(ShopTemplate):
    """Told by what is in it; a dialog asks before it is done."""

    name = "shop/cancel-order"
    kind = "change"
    length = 7
    phrasings = (
        "Cancel my order with the {product}, please.",
        "I do not need the {product} any more that I have just ordered. Cancel the whole order.",
    )
    plan = (
        "Find the order with the {product} in the account and open it",
        "Cancel the order",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        orders = ways.mine(base, "Processing")
        ordered = [(order, line.product) for order in ways.mine(base, "Processing", "Shipped") for line in order.lines]
        found = [
            (order, line.product)
            for order in orders
            for line in order.lines
            if sum(slug == line.product for _, slug in ordered) == 1
        ]
        order, slug = rng.choice(found)
        goal = Goal({"shop": {"orders_changed": [{"order": order.number, "status": "Cancelled"}]}})
        return Draw({"product": base.products[slug].name}, "/", goal, {"number": order.number})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.find_order(hand, draw.slots["product"], draw.data["number"])
        hand.step(2)
        await hand.click("Cancel order")
        await hand.click("Yes, go on")


class ReturnItem(ShopTemplate):
    """One thing of an order goes back, for a reason."""

    name = "shop/return-item"
    kind = "change"
    split = "test"
    length = 9
    phrasings = (
        "Send the {product} from order {number} back. The reason: “{reason}”.",
        "I want to return the {product} that came with my order {number}; give “{reason}” as the reason.",
    )
    plan = (
        "Open order {number} in the account",
        "Choose the {product} to be sent back",
        "Give “{reason}” as the reason and register the return",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        state = State.fresh(base)
        order = rng.choice([order for order in ways.mine(base, "Delivered") if state.can_return(order)])
        line, reason = rng.choice(order.lines), rng.choice(REASONS)
        product = base.products[line.product].name
        entry = {"order": order.number, "items": [product], "reason": reason}
        slots = {"product": product, "number": str(order.number), "reason": reason}
        data = {"number": order.number, "item": f"{product}, {line.option}", "reason": reason}
        return Draw(slots, "/", Goal({"shop": {"returns": [entry]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_order(hand, draw.data["number"])
        hand.step(2)
        await hand.click("Send items back")
        await hand.click(draw.data["item"], "checkbox")
        hand.step(3)
        await hand.select("Reason", draw.data["reason"])
        await hand.click("Register return")


class EditAddress(ShopTemplate):
    """One field of a form, and the others as they were."""

    name = "shop/edit-address"
    kind = "change"
    length = 6
    phrasings = (
        "Change the {what} of my address “{address}” to {value}.",
        "My address “{address}” has a new {what}: {value}. Please update it in the shop.",
    )
    plan = (
        "Open the addresses in the account",
        "Edit “{address}”: set the {what} to {value}",
        "Save the address",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        address = rng.choice(list(base.addresses.values()))
        field, label, value = rng.choice(
            (
                ("phone", "Phone", f"+353 91 {rng.randint(100_000, 999_999)}"),
                ("street", "Street and number", f"{rng.randint(100, 199)} {rng.choice(STREETS)}"),
            )
        )
        change = {"address": address.label, "field": field, "value": value}
        slots = {"what": "phone number" if field == "phone" else label.lower(), "address": address.label}
        data = {"address": address.label, "label": label, "value": value}
        return Draw({**slots, "value": value}, "/", Goal({"shop": {"addresses_changed": [change]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_account(hand, "Addresses")
        hand.step(2)
        await hand.click(f"Edit {draw.data['address']}")
        await hand.type(draw.data["label"], draw.data["value"])
        hand.step(3)
        await hand.click("Save address")


class AddDefaultAddress(ShopTemplate):
    """A whole form, and then one thing more."""

    name = "shop/add-default-address"
    kind = "change"
    split = "validation"
    length = 11
    phrasings = (
        "Add the address “{label}” to my account: Robin Hale, {street}, {postcode} {city}, phone {phone}. Make it the "
        "default address.",
        "I have moved. New address, to be called “{label}”: Robin Hale, {street}, {postcode} {city}, phone {phone}. "
        "From now on it is my default.",
    )
    plan = (
        "Open the addresses in the account",
        "Add “{label}”: Robin Hale, {street}, {postcode} {city}, phone {phone}",
        "Save it and make it the default",
    )
    LABELS: ClassVar = ("New flat", "Studio", "Workshop", "Seaside", "Grandma", "Attic")

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        address = {
            "label": rng.choice(self.LABELS),
            "street": f"{rng.randint(2, 98)} {rng.choice(STREETS)}",
            "postcode": f"F{rng.randint(10, 99)} P{rng.randint(100, 999)}",
            "city": rng.choice(("Roscommon", "Carlow", "Naas", "Navan", "Longford")),
            "phone": f"+353 86 {rng.randint(100_000, 999_999)}",
        }
        added = {**address, "name": "Robin Hale"}
        goal = Goal({"shop": {"addresses_added": [added], "default_address": address["label"]}})
        return Draw(address, "/", goal, {"address": address})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        address = draw.data["address"]
        await ways.open_account(hand, "Addresses")
        hand.step(2)
        await hand.click("Add address")
        await hand.type("Name of this address", address["label"])
        await hand.type("Street and number", address["street"])
        await hand.type("Postcode", address["postcode"])
        await hand.type("City", address["city"])
        await hand.type("Phone", address["phone"])
        hand.step(3)
        await hand.click("Save address")
        await hand.click(f"Make {address['label']} the default")


class WriteReview(ShopTemplate):
    """Stars in a component of its own, and two texts."""

    name = "shop/write-review"
    kind = "change"
    length = 8
    phrasings = (
        "Write a review of the {product}: {stars}, headline “{title}”, text “{text}”",
        "Rate the {product} with {stars}. The headline is “{title}”, and the review says: “{text}”",
    )
    plan = (
        "Open the {product} and start a review",
        "Rate it with {stars} and give it the headline “{title}”",
        "Enter the text of the review and send it",
    )
    WORDS: ClassVar = (
        ("Does its work", "After three months of daily use I have nothing to complain about."),
        ("Smaller than I thought", "Please look at the measures before you buy. It is well made, though."),
        ("A present that fitted", "My sister has asked me twice where I found it, so I tell it to everybody."),
        ("Not for our kitchen", "It is heavier than the one before, and the colour is darker than in the picture."),
        ("Would buy it again", "It was packed with care and arrived on the day that was promised."),
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        product, stars = rng.choice(list(base.products.values())), rng.randint(1, 5)
        title, text = rng.choice(self.WORDS)
        review = {"product": product.name, "stars": stars, "title": Like(title), "text": Like(text)}
        slots = {
            "product": product.name,
            "stars": "1 star" if stars == 1 else f"{stars} stars",
            "title": title,
            "text": text,
        }
        return Draw(slots, "/", Goal({"shop": {"reviews": [review]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        await hand.click("Write a review")
        hand.step(2)
        await hand.click(draw.data["stars"], "radio")
        await hand.type("Headline", draw.data["title"])
        hand.step(3)
        await hand.type("Your review", draw.data["text"])
        await hand.click("Send review")


class AddWish(ShopTemplate):
    """A short one."""

    name = "shop/add-wish"
    kind = "change"
    length = 4
    phrasings = ("Put the {product} on my wish list.", "Remember the {product} for me: add it to my wish list.")
    plan = (
        "Search for the {product} and open it",
        "Add it to the wish list",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        product = rng.choice([entry for entry in base.products.values() if entry.slug not in base.wishes])
        slots = {"product": product.name}
        return Draw(slots, "/", Goal({"shop": {"wished": [product.name]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        hand.step(2)
        await hand.click("Add to wish list")


class RemoveWish(ShopTemplate):
    """One row of a list, among rows that look alike."""

    name = "shop/remove-wish"
    kind = "change"
    length = 4
    phrasings = (
        "Take the {product} off my wish list.",
        "Somebody gave me the {product}, so it can leave my wish list.",
    )
    plan = (
        "Open the wish list in the account",
        "Remove the {product}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        slots = {"product": base.products[rng.choice(base.wishes)].name}
        return Draw(slots, "/", Goal({"shop": {"unwished": [slots["product"]]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_account(hand, "Wish list")
        hand.step(2)
        await hand.click(f"Remove {draw.data['product']}")


class ChangePreferences(ShopTemplate):
    """A check box and a list, saved together."""

    name = "shop/change-preferences"
    kind = "change"
    length = 6
    phrasings = (
        "In my communication settings, switch “{switch}” {state} and set how often the shop writes to “{frequency}”.",
        "I want “{switch}” to be {state}, and mail from the shop {frequency_words}. Change my communication settings.",
    )
    plan = (
        "Open the communication settings in the account",
        "Switch “{switch}” {state} and set how often to “{frequency}”",
        "Save the settings",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        before = Preferences()
        field = rng.choice(list(SWITCHES))
        on = not getattr(before, field)
        frequency = rng.choice([name for name in FREQUENCIES if name != before.frequency])
        changes = [{"field": field, "value": on}, {"field": "frequency", "value": frequency}]
        slots = {
            "switch": SWITCHES[field][0],
            "state": "on" if on else "off",
            "frequency": FREQUENCIES[frequency],
            "frequency_words": FREQUENCIES[frequency].lower(),
        }
        return Draw(slots, "/", Goal({"shop": {"preferences": changes}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_account(hand, "Communication")
        hand.step(2)
        await hand.click(draw.data["switch"], "checkbox")
        await hand.select("How often", draw.data["frequency"])
        hand.step(3)
        await hand.click("Save settings")


TEMPLATES = (
    CancelOrder(),
    ReturnItem(),
    EditAddress(),
    AddDefaultAddress(),
    WriteReview(),
    AddWish(),
    RemoveWish(),
    ChangePreferences(),
)
