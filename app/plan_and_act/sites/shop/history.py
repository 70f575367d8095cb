"""What was bought in the last year: the shop's orders, and those of the persona."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from plan_and_act.sites.shop.model import Address, Customer, Line, Order, OrderStatus, Product
from plan_and_act.sites.shop.words import NOTES, STREETS

DELIVERY = {
    "standard": ("Standard delivery", "3 to 5 working days", 490),
    "express": ("Express delivery", "the next working day", 990),
    "locker": ("Parcel locker", "2 to 4 working days", 290),
}
"""Name, how long it takes, and what it costs."""
FREE_FROM = 6_000
"""From this value of goods on, standard delivery costs nothing."""
FIRST_NUMBER = 104_211
_DAYS = 345
_ORDERS = 640
_RECENT = 40
"""Orders of the last days, beside those of the year: there is something to do in the back office."""
_MINE = (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 13, 15, 18, 21, 24, 27, 38, 52, 96, 133, 171, 230, 289)
"""Days since the persona's orders were placed."""
_PROCESSED, _ARRIVED = 4, 8
"""Up to so many days an order is being processed, or under way."""


def shipping(delivery: str, goods: int) -> int:
    """What a delivery of goods costs."""
    return 0 if delivery == "standard" and goods >= FREE_FROM else DELIVERY[delivery][2]


def orders_of(
    rng: random.Random,
    now: datetime,
    persona: str,
    products: list[Product],
    customers: dict[str, Customer],
    coupons: list[str],
    addresses: dict[int, Address],
) -> dict[int, Order]:
    """All orders by number; numbers rise with the time of the order."""
    others = [customer for customer in customers.values() if customer.id != persona]
    # Some buy more often, and some things sell better: tops of lists should be tops.
    shoppers = list(accumulate(rng.random() ** 2 + 0.08 for _ in others))
    liked = list(accumulate(rng.random() ** 2 + 0.05 for _ in products))
    hits = rng.sample(products, 13)
    moments = [now - timedelta(minutes=rng.randint(60, _DAYS * 1_440)) for _ in range(_ORDERS)]
    moments += [now - timedelta(minutes=rng.randint(60, _ARRIVED * 1_440)) for _ in range(_RECENT)]
    wanted: list[tuple[datetime, str]] = [
        (moment, rng.choices(others, cum_weights=shoppers)[0].id) for moment in moments
    ]
    wanted += [(now - timedelta(days=days, minutes=rng.randint(5, 900)), persona) for days in _MINE]
    found = {}
    for number, (moment, who) in enumerate(sorted(wanted), FIRST_NUMBER):
        chosen = rng.choices(products, cum_weights=liked, k=rng.randint(1, 3))
        if who != persona and rng.random() < 0.3:
            chosen.append(hits[(now - moment).days // 30])
        lines = tuple(_lines(rng, list(dict.fromkeys(product.slug for product in chosen)), products))
        goods = sum(line.total for line in lines)
        delivery = rng.choice(("standard", "standard", "express", "locker"))
        coupon = rng.choice(coupons) if rng.random() < 0.08 else ""
        customer = customers[who]
        status, delivered = _status(rng, now, moment)
        where = rng.choice(list(addresses.values())).line if who == persona else (
            f"{customer.name}, {rng.randint(2, 98)} {rng.choice(STREETS)}, {customer.city}"
        )  # fmt: skip
        found[number] = Order(
            number=number,
            customer=who,
            placed=moment,
            status=status,
            lines=lines,
            address=where,
            delivery=DELIVERY[delivery][0],
            shipping=shipping(delivery, goods),
            payment=rng.choice(("Visa ending in 4417", "Invoice"))
            if who == persona
            else rng.choice(("Card", "Invoice")),
            coupon=coupon,
            discount=goods // 10 if coupon else 0,
            delivered=delivered.date() if delivered else None,
            notes=(rng.choice(NOTES),) if rng.random() < 0.15 else (),
        )
    return found


def _lines(rng: random.Random, slugs: list[str], products: list[Product]) -> Iterator[Line]:
    by_slug = {product.slug: product for product in products}
    for slug in slugs:
        variant = rng.choice(by_slug[slug].variants)
        yield Line(variant.sku, slug, variant.option, rng.choice((1, 1, 1, 2, 2, 4)), variant.price)


def _status(rng: random.Random, now: datetime, placed: datetime) -> tuple[OrderStatus, datetime | None]:
    """What has become of an order by now, and when it was delivered."""
    age = (now - placed).days
    if age <= _PROCESSED:
        return "Processing", None
    if rng.random() < 0.05:
        return "Cancelled", None
    if age <= _ARRIVED:
        return "Shipped", None
    return "Delivered", placed + timedelta(days=rng.randint(3, 6))
