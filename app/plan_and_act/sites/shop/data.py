"""The seeded base of the shop: the same seed gives the same goods, reviews, customers and coupons."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import product as pairs

from plan_and_act.sites.forge.words import FIRST_NAMES, LAST_NAMES
from plan_and_act.sites.shop.catalog import BRANDS, CATEGORIES, SERIES, Kind, Trait
from plan_and_act.sites.shop.history import orders_of
from plan_and_act.sites.shop.model import (
    Address,
    Base,
    Category,
    Coupon,
    Customer,
    Product,
    Review,
    Subcategory,
    Variant,
)
from plan_and_act.sites.shop.words import CITIES, COUPON_WORDS, DESCRIPTIONS, SENTENCES, STREETS, TITLES

NOW = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
"""The site's clock stands still, so that a page looks the same tomorrow."""
PERSONA = "robin-hale"
PASSWORD = "linen-lantern-61"
PER_KIND = 14
"""Products of a subcategory."""
_BIGGER = 1.45
"""What the next size costs, as a factor, about."""


@lru_cache(maxsize=4)
def build(seed: int) -> Base:
    """The shop as it is before anybody has changed anything; kept, because every session shares it."""
    categories = {
        slug: Category(slug, name, text, tuple(Subcategory(kind.slug, kind.name, slug, name) for kind in kinds))
        for slug, name, text, kinds in CATEGORIES
    }
    brands = _rng(seed, "brands").sample(BRANDS, 12)
    customers = _customers(_rng(seed, "customers"))
    authors = [f"{customer.name.split()[0]} {customer.name.split()[1][0]}." for customer in customers.values()]
    products = {
        product.slug: product
        for shelf, kind in enumerate(kind for _, _, _, kinds in CATEGORIES for kind in kinds)
        for product in _products(_rng(seed, kind.slug), kind, shelf + 10, brands, authors)
    }
    coupons = _coupons(_rng(seed, "coupons"))
    addresses = _addresses(_rng(seed, "addresses"))
    orders = orders_of(_rng(seed, "orders"), NOW, PERSONA, list(products.values()), customers, list(coupons), addresses)
    return Base(
        seed=seed,
        now=NOW,
        persona=PERSONA,
        password=PASSWORD,
        categories=categories,
        subcategories={sub.slug: sub for category in categories.values() for sub in category.subcategories},
        products=products,
        by_sku={variant.sku: (product, variant) for product in products.values() for variant in product.variants},
        customers=customers,
        orders=orders,
        coupons=coupons,
        addresses=addresses,
        cards=("Visa ending in 4417", "Mastercard ending in 0926"),
        wishes=tuple(_rng(seed, "wishes").sample(sorted(products), 8)),
        sold_out=_sold_out(_rng(seed, "sold out"), products),
    )


def _rng(seed: int, what: str) -> random.Random:
    """One source of randomness for each part, so that changing one part leaves the others as they were."""
    return random.Random(f"shop/{seed}/{what}")


def _products(rng: random.Random, kind: Kind, shelf: int, brands: list[str], authors: list[str]) -> list[Product]:
    # No two products of a kind cost the same: there is one cheapest, whatever the filters.
    prices = _apart(sorted(rng.uniform(*kind.prices) for _ in range(PER_KIND)))
    rng.shuffle(prices)
    made = []
    for number, (series, price) in enumerate(zip(rng.sample(SERIES, PER_KIND), prices, strict=True)):
        name = f"{series} {kind.noun}"
        made.append(
            Product(
                slug=name.lower().replace(" ", "-"),
                name=name,
                brand=rng.choice(brands[:7] if number % 2 else brands),
                subcategory=kind.slug,
                description=rng.choice(DESCRIPTIONS).format(part=rng.choice(kind.parts)),
                specs=_specs(rng, kind),
                variants=_variants(rng, kind, f"{kind.slug[:2].upper()}{shelf}{number + 10}", price),
                reviews=_reviews(rng, kind, 1_000 * number, authors),
                added=(NOW - timedelta(days=rng.randint(3, 700))).date(),
                former=rng.choice((100, 100, 100, 78, 84, 91, 112, 121)),
            )
        )
    return sorted(made, key=lambda product: product.name)


def _apart(prices: list[float]) -> list[int]:
    """Prices as shops write them, each at least a euro above the one before."""
    found: list[int] = []
    for price in prices:
        cents = int(price) * 100 + 95
        found.append(max(cents, found[-1] + 100) if found else cents)
    return found


def _specs(rng: random.Random, kind: Kind) -> tuple[tuple[str, str], ...]:
    def measure(trait: Trait) -> str:
        steps = round((trait.high - trait.low) / trait.step)
        value = trait.low + trait.step * rng.randint(0, steps)
        return f"{value:.{0 if float(trait.step).is_integer() else 1}f} {trait.unit}"

    return (
        ("Material", rng.choice(kind.materials)),
        *((trait.name, measure(trait)) for trait in kind.traits),
        ("Made in", rng.choice(("Portugal", "Ireland", "Poland", "Italy", "Denmark"))),
    )


def _variants(rng: random.Random, kind: Kind, code: str, price: int) -> tuple[Variant, ...]:
    sizes = kind.sizes or ("",)
    colours = sorted(rng.sample(kind.colours, rng.randint(2, min(4, len(kind.colours)))))
    prices = [price]
    for _ in sizes[1:]:
        prices.append(int(prices[-1] * rng.uniform(_BIGGER - 0.2, _BIGGER + 0.2) / 100) * 100 + 95)
    none_left = rng.random() < 0.14
    found = []
    for number, (place, colour) in enumerate(pairs(range(len(sizes)), colours)):
        stock = 0 if none_left or rng.random() < 0.18 else rng.randint(2, 60)
        # Where anything is in stock, the cheapest size is: "from" is a price that can be paid.
        if number == 0 and not none_left:
            stock = stock or rng.randint(2, 20)
        found.append(Variant(f"{code}-{number + 1}", sizes[place], colour, prices[place], stock))
    return tuple(found)


def _reviews(rng: random.Random, kind: Kind, first: int, authors: list[str]) -> tuple[Review, ...]:
    leaning = rng.choice(((1, 1, 2, 5, 9), (1, 1, 3, 6, 5), (2, 3, 4, 4, 3), (1, 1, 1, 3, 12), (4, 4, 3, 3, 2)))
    found = []
    for number, author in enumerate(rng.sample(authors, rng.randint(6, 34)), 1):
        (stars,) = rng.choices((1, 2, 3, 4, 5), leaning)
        said = rng.sample(SENTENCES[stars], rng.randint(1, 3))
        found.append(
            Review(
                id=first + number,
                author=author,
                stars=stars,
                title=rng.choice(TITLES[stars]),
                text=" ".join(sentence.format(part=rng.choice(kind.parts)) for sentence in said),
                when=(NOW - timedelta(days=rng.randint(1, 600))).date(),
                helpful=rng.randint(0, 30),
            )
        )
    return tuple(sorted(found, key=lambda review: (review.when, review.id), reverse=True))


def _customers(rng: random.Random) -> dict[str, Customer]:
    persona = Customer(PERSONA, "Robin Hale", "robin.hale@mail.example", "Galway", date(2023, 3, 4))
    found = {PERSONA: persona}
    # No first name twice, and no last name twice: a customer is told apart by either.
    count = min(len(FIRST_NAMES), len(LAST_NAMES))
    for first, last in zip(rng.sample(FIRST_NAMES, count), rng.sample(LAST_NAMES, count), strict=True):
        slug = f"{first}-{last}".lower()
        since = (NOW - timedelta(days=rng.randint(380, 2_000))).date()
        email = f"{slug.replace('-', '.')}@mail.example"
        found[slug] = Customer(slug, f"{first} {last}", email, rng.choice(CITIES), since)
    return dict(sorted(found.items(), key=lambda item: item[1].name))


def _coupons(rng: random.Random) -> dict[str, Coupon]:
    words = iter(rng.sample(COUPON_WORDS, 10))
    found = []
    later = [date(2026, month, day) for month, day in ((5, 31), (6, 15), (6, 30), (7, 31), (8, 31), (12, 31))]
    gone = [date(2025, 11, 30), date(2026, 1, 6), date(2026, 3, 31), date(2026, 4, 30)]
    for percent in rng.sample((5, 10, 15, 20), 3):
        found.append(Coupon(f"{next(words)}{percent}", percent, 0, 0, rng.choice(later)))
    for amount, minimum in ((1_000, 25_000), (2_500, 40_000), (4_000, 60_000)):
        found.append(Coupon(f"{next(words)}{amount // 100}", 0, amount, minimum, rng.choice(later)))
    for expired in rng.sample(gone, 3):
        percent = rng.choice((10, 15, 25, 30))
        found.append(Coupon(f"{next(words)}{percent}", percent, 0, 0, expired))
    found.append(Coupon(f"{next(words)}50", 50, 0, 0, rng.choice(later), active=False))
    return {coupon.code: coupon for coupon in sorted(found, key=lambda coupon: coupon.code)}


def _addresses(rng: random.Random) -> dict[int, Address]:
    owners = (
        ("Home", "Robin Hale"),
        ("Office", "Robin Hale"),
        ("Parents", "Maeve Hale"),
        ("Garden house", "Robin Hale"),
    )
    streets, cities = rng.sample(STREETS, 4), ["Galway", *rng.sample(CITIES[1:], 3)]
    return {
        number: Address(
            id=number,
            label=label,
            name=name,
            street=f"{rng.randint(2, 98)} {street}",
            postcode=f"H{rng.randint(10, 99)} {rng.choice('KXRT')}{rng.randint(100, 999)}",
            city=city,
            phone=f"+353 91 {rng.randint(100_000, 999_999)}",
        )
        for number, ((label, name), street, city) in enumerate(zip(owners, streets, cities, strict=True), 1)
    }


def _sold_out(rng: random.Random, products: dict[str, Product]) -> frozenset[str]:
    """About half of what is best in its subcategory, or cheapest there or of its brand."""
    found: set[str] = set()
    for _, _, _, kinds in CATEGORIES:
        for kind in kinds:
            there = [entry for entry in products.values() if entry.subcategory == kind.slug and entry.in_stock]
            cheapest = sorted(there, key=lambda entry: entry.price)
            best = sorted(there, key=lambda entry: -entry.rating)
            count = Counter(entry.brand for entry in there)
            brands = [brand for brand in sorted(count) if count[brand] > 1]
            tops = [cheapest[0], best[0], *(next(e for e in cheapest if e.brand == brand) for brand in brands)]
            found |= {entry.slug for entry in tops if rng.random() < 0.5}
    return frozenset(found)
