"""Ways through the shop that its solvers share, and what can be bought there."""

from collections.abc import Iterable, Sequence

from plan_and_act.sites.shop.history import DELIVERY
from plan_and_act.sites.shop.model import Address, Base, Order, OrderStatus, Product, Subcategory, Variant
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Template, World

DELIVERIES = tuple(name for name, _, _ in DELIVERY.values())


class ShopTemplate(Template):
    """A kind of task on the shop alone."""

    sites = ("shop",)


# what can be bought, and said of it


def sold_out(world: World, base: Base, product: Product) -> bool:
    """Whether a product turns out to be sold out on its own page, though lists say that it is in stock."""
    return world.disturbances.sold_out and product.slug in base.sold_out


def buyable(world: World, base: Base, *, least: int = 1, sizes: bool | None = None) -> list[tuple[Product, Variant]]:
    """What can be bought, so many of it at least.

    Args:
        world: Decides what is sold out.
        base: Its shop.
        least: How many of a variant there have to be.
        sizes: Whether products have sizes; None when it does not matter.
    """
    return [
        (product, variant)
        for product in base.products.values()
        if sizes in (None, bool(product.sizes)) and not sold_out(world, base, product)
        for variant in product.variants
        if variant.stock >= least
    ]


def shelf(base: Base, subcategory: Subcategory) -> list[Product]:
    """The goods of a subcategory."""
    return [product for product in base.products.values() if product.subcategory == subcategory.slug]


def order_line(product: Product, variant: Variant, quantity: int = 1) -> dict[str, object]:
    """A line of a cart or an order, as the shop tells of it."""
    return {"product": product.name, "option": variant.option, "quantity": quantity}


def placed(items: Sequence[object], *, address: Address, delivery: str, payment: str, coupon: str | None) -> object:
    """An order, as the shop tells of it."""
    chosen = {"address": address.line, "delivery": delivery, "payment": payment, "coupon": coupon}
    return {"items": items, "status": "Processing", "notes": [], **chosen}


def mine(base: Base, *statuses: OrderStatus) -> list[Order]:
    """The persona's orders with one of the statuses."""
    return [order for order in base.orders.values() if order.customer == base.persona and order.status in statuses]


# finding things


async def open_product(hand: Hand, name: str) -> None:
    """Find a product by its name and open it."""
    await hand.search("Search Fennimore", name)
    await hand.click(name, "link")


async def open_shelf(hand: Hand, subcategory: Subcategory) -> None:
    """Open a subcategory by way of its department, and bring it up to date when it is behind."""
    await hand.click(subcategory.category_name, "link")
    await hand.click(subcategory.name, "link")
    if await hand.has("Refresh"):
        await hand.click("Refresh")


async def open_first_that_is_there(hand: Hand, names: Iterable[str]) -> str | None:
    """From a list, open the first of some products that is not sold out; None when all of them are."""
    for name in names:
        await hand.click(name, "link")
        if not await hand.sees("Sold out"):
            return name
        await hand.back()
    return None


async def choose(hand: Hand, variant: Variant) -> None:
    """Choose size and colour on a product's page."""
    for value in filter(None, (variant.size, variant.colour)):
        await hand.click(value, "radio")


async def check_out(hand: Hand, address: str, delivery: str) -> None:
    """Begin to order what is in the cart, from the cart's page on: say where it goes, and how."""
    await hand.click("Go to checkout")
    await hand.click(address, "radio")
    await hand.click("Continue to delivery")
    await hand.click(delivery, "radio")


async def pay(hand: Hand, payment: str) -> None:
    """Order what is being checked out, once it is said where it goes."""
    await hand.click("Continue to payment")
    await hand.click(payment, "radio")
    await hand.click("Continue to review")
    await hand.click("I agree to the terms of sale")
    await hand.click("Place order")


async def open_account(hand: Hand, tab: str) -> None:
    """Open a page of the account."""
    await hand.click("Account", "link")
    await hand.click(tab, "link")


async def open_order(hand: Hand, number: int) -> None:
    """Open one of the persona's orders by its number."""
    await find_order(hand, str(number), number)


async def find_order(hand: Hand, words: str, number: int) -> None:
    """Search the persona's orders for a number or a product, and open one of them."""
    await open_account(hand, "Your orders")
    await hand.search("Number or product", words)
    await hand.click(f"Order {number}", "link")


async def leaf_to_order(hand: Hand, number: int) -> None:
    """Open one of the persona's orders, on whichever page of the list it is, from the first one on."""
    name = f"Order {number}"
    while not await hand.has(name, "link") and await hand.has("Next", "link"):
        await hand.click("Next", "link")
    await hand.click(name, "link")


async def open_office(hand: Hand, tab: str) -> None:
    """Open a page of the back office."""
    await hand.click("Back office", "link")
    await hand.click(tab, "link")


async def open_office_product(hand: Hand, name: str) -> None:
    """Open the form of a product in the back office."""
    await open_office(hand, "Products")
    await hand.search("Name or brand", name)
    await hand.click(name, "link")
