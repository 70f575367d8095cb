"""Tasks on the shop that ask for something, and change nothing."""

import random
import re
from typing import ClassVar

from plan_and_act.sites.shop.catalog import CATEGORIES
from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.model import Product
from plan_and_act.sites.shop.web import day
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal, Number, Says, numbers
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World


class OptionPrice(ShopTemplate):
    """A price that shows only when the size is chosen."""

    name = "shop/option-price"
    kind = "look_up"
    length = 4
    phrasings = (
        "How much does the {product} cost in the size {size}?",
        "I am thinking of buying the {product}. What is the price of the {size} one, in euros?",
    )
    plan = (
        "Search for the {product} and open it",
        "Choose the size {size}",
        "Answer with the price that it has now",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        product = rng.choice([entry for entry in base.products.values() if entry.sizes])
        variant = rng.choice([entry for entry in product.variants if entry.price != product.price])
        goal = Goal(answer=Number(variant.price / 100, given=numbers(variant.size)))
        slots = {"product": product.name, "size": variant.size}
        return Draw(slots, "/", goal, {**slots, "price": variant.price})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        hand.step(2)
        await hand.click(draw.data["size"], "radio")
        hand.step(3)
        return f"{draw.data['price'] / 100:.2f}"


class CheapestOfBrand(ShopTemplate):
    """Facets and sorting; what is cheapest may be sold out."""

    name = "shop/cheapest-of-brand"
    kind = "compare"
    length = 8
    phrasings = (
        "What is the cheapest product of the brand {brand} among the {kind} that are in stock?",
        "I like {brand}. Tell me the name of the cheapest of their {kind} that I can buy right now.",
    )
    plan = (
        "Open the {kind}",
        "Filter by the brand {brand} and by what is in stock",
        "Sort by price and open the cheapest that is not sold out",
        "Answer with its name",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = []
        for sub in base.subcategories.values():
            goods = ways.shelf(base, sub)
            for brand in sorted({product.brand for product in goods}):
                listed = sorted((p for p in goods if p.brand == brand and p.in_stock), key=lambda p: p.price)
                there = [product for product in listed if not ways.sold_out(world, base, product)]
                if len(listed) > 1 and there:
                    found.append((sub, brand, [product.name for product in listed], there[0].name, goods))
        sub, brand, names, right, goods = rng.choice(found)
        others = tuple(product.name for product in goods if product.name != right)
        data = {"subcategory": sub, "brand": brand, "names": names}
        slots = {"brand": brand, "kind": sub.name.lower()}
        return Draw(slots, "/", Goal(answer=Says((right,), others)), data)

    async def solve(self, hand: Hand, draw: Draw) -> str | None:
        """See `Template`."""
        await ways.open_shelf(hand, draw.data["subcategory"])
        hand.step(2)
        await hand.click("In stock only")
        await hand.click(draw.data["brand"], "checkbox")
        await hand.click("Apply filters")
        hand.step(3)
        await hand.select("Sort by", "Price: low to high")
        name = await ways.open_first_that_is_there(hand, draw.data["names"])
        hand.step(4)
        return name


class BestRatedUnder(ShopTemplate):
    """A price limit and an order by rating; what is best may be sold out."""

    name = "shop/best-rated-under"
    kind = "compare"
    split = "test"
    length = 8
    phrasings = (
        "Of the {kind} that are in stock and cost no more than {limit} euros, which one is rated best?",
        "I want to spend at most €{limit} on {kind}. What is the best rated one that is in stock? The name will do.",
    )
    plan = (
        "Go to the {kind}",
        "Keep those in stock that cost up to {limit} euros",
        "Sort by rating and open the best that is not sold out",
        "Answer with its name",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = []
        for sub in base.subcategories.values():
            goods = ways.shelf(base, sub)
            prices = sorted(product.price for product in goods)
            for limit in (prices[5] // 100 + 1, prices[9] // 100 + 1):
                fitting = [product for product in goods if product.in_stock and product.price <= limit * 100]
                listed = sorted(fitting, key=lambda product: (-product.rating, product.name))
                there = [product for product in listed if not ways.sold_out(world, base, product)]
                if len(there) > 2 and round(there[0].rating, 1) > round(there[1].rating, 1):
                    found.append((sub, limit, [product.name for product in listed], there[0].name, goods))
        sub, limit, names, right, goods = rng.choice(found)
        others = tuple(product.name for product in goods if product.name != right)
        data = {"subcategory": sub, "limit": str(limit), "names": names}
        slots = {"kind": sub.name.lower(), "limit": str(limit)}
        return Draw(slots, "/", Goal(answer=Says((right,), others)), data)

    async def solve(self, hand: Hand, draw: Draw) -> str | None:
        """See `Template`."""
        await ways.open_shelf(hand, draw.data["subcategory"])
        hand.step(2)
        await hand.click("In stock only")
        await hand.type("Price up to", draw.data["limit"])
        await hand.click("Apply filters")
        hand.step(3)
        await hand.select("Sort by", "Best rated")
        name = await ways.open_first_that_is_there(hand, draw.data["names"])
        hand.step(4)
        return name


class CompareSpecification(ShopTemplate):
    """Two pages, and what was read on the first one has to be remembered."""

    name = "shop/compare-specification"
    kind = "compare"
    length = 7
    phrasings = (
        "Which of the two has the higher {trait}, the {one} or the {other}? Answer with its name only.",
        "Compare the {one} with the {other}: name the one whose {trait} is greater, and only that one.",
    )
    plan = (
        "Find the {one} and note its {trait} in the specifications",
        "Look up the {trait} of the {other} too",
        "Answer with the name of the one whose {trait} is higher",
    )
    TRAITS: ClassVar = frozenset(
        {
            "Weight", "Power", "Capacity", "Volume", "Thread count", "Fabric weight", "Load", "Brightness", "Filling",
            "Pile height", "Lamp height", "Seat height", "Burning time", "Hardness", "Cable length",
        }
    )  # fmt: skip

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        while True:
            goods = ways.shelf(base, rng.choice(list(base.subcategories.values())))
            one, other = rng.sample(goods, 2)
            traits = [name for name, _ in one.specs if name in self.TRAITS]
            trait = rng.choice(traits) if traits else ""
            if traits and _measure(one, trait) != _measure(other, trait):
                break
        right, wrong = sorted((one, other), key=lambda product: -_measure(product, trait))
        slots = {"trait": trait.lower(), "one": one.name, "other": other.name}
        return Draw(slots, "/", Goal(answer=Says((right.name,), (wrong.name,))), {**slots, "right": right.name})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        for number, name in enumerate((draw.data["one"], draw.data["other"]), 1):
            hand.step(number)
            await ways.open_product(hand, name)
            await hand.click("Specifications", "tab")
            measure = await hand.read(rf"(?i)\*?{draw.data['trait']} \| (.+)")
            await hand.note(f"{draw.data['trait'].capitalize()} of the {name}", measure)
        hand.step(3)
        return str(draw.data["right"])


def _measure(product: Product, trait: str) -> float:
    return float(dict(product.specs)[trait].split()[0])


class CountReviews(ShopTemplate):
    """A tab, a list and a word."""

    name = "shop/count-reviews"
    kind = "look_up"
    length = 7
    phrasings = (
        "How many {stars} reviews of the {product} mention the word “{word}”?",
        "Count the reviews that give the {product} exactly {exactly} and speak of the {word}. How many are there?",
    )
    plan = (
        "Open the reviews of the {product}",
        "Show the {stars} reviews that contain the word “{word}”",
        "Answer with the number of reviews found",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        parts = {kind.slug: kind.parts for _, _, _, kinds in CATEGORIES for kind in kinds}
        while True:
            product = rng.choice(list(base.products.values()))
            stars = rng.randint(1, 5)
            given = [f"{review.title} {review.text}".lower() for review in product.reviews if review.stars == stars]
            word = rng.choice(parts[product.subcategory])
            count = sum(word in text for text in given)
            # The shop also finds parts of words: only a word that is no part of others has one count.
            alone = count == sum(word in re.findall(r"[a-z]+", text) for text in given)
            # An answer may repeat the stars: they are not the count too.
            if alone and 1 < count < len(given) and count != stars:
                break
        exactly = "1 star" if stars == 1 else f"{stars} stars"
        slots = {"product": product.name, "stars": f"{stars}-star", "word": word, "exactly": exactly}
        return Draw(slots, "/", Goal(answer=Number(count, given=(stars,))), {**slots, "count": count})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_product(hand, draw.data["product"])
        await hand.click("Reviews", "tab")
        hand.step(2)
        await hand.select("Stars", draw.data["exactly"])
        await hand.type("Words in reviews", draw.data["word"])
        await hand.click("Show reviews")
        hand.step(3)
        return str(draw.data["count"])


class OrderTotal(ShopTemplate):
    """The persona's own orders, over several pages."""

    name = "shop/order-total"
    kind = "look_up"
    split = "validation"
    length = 6
    phrasings = (
        "How much did I pay in total for the order that I placed on {day}?",
        "I need the total of my order of {day} for my taxes. What was it, delivery included?",
    )
    plan = (
        "Open Your orders in the account",
        "Find the order placed on {day} and open it",
        "Answer with its total, delivery included",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        every = ways.mine(base, "Processing", "Shipped", "Delivered")
        dates = [order.placed.date() for order in every]
        order = rng.choice([order for order in every if dates.count(order.placed.date()) == 1])
        data = {"number": order.number, "total": order.total}
        slots = {"day": day(order.placed)}
        goal = Goal(answer=Number(order.total / 100, given=numbers(slots["day"])))
        return Draw(slots, "/", goal, data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_account(hand, "Your orders")
        hand.step(2)
        await ways.leaf_to_order(hand, draw.data["number"])
        hand.step(3)
        return f"{draw.data['total'] / 100:.2f}"


TEMPLATES = (
    OptionPrice(),
    CheapestOfBrand(),
    BestRatedUnder(),
    CompareSpecification(),
    CountReviews(),
    OrderTotal(),
)
