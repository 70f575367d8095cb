"""Lists of products: what fits the filters, in which order, and at which price it is shown."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from plan_and_act.sites.money import cents
from plan_and_act.sites.shop.model import Product
from plan_and_act.sites.shop.overlay import Overlay

FORMER_HOURS = 9
"""How old a list is that nobody has refreshed."""


@dataclass(frozen=True, slots=True)
class Card:
    """A product as a list shows it."""

    product: Product
    price: int
    rating: float
    reviews: int


SORTS: dict[str, tuple[str, Callable[[Card], Any]]] = {
    "name": ("Name", lambda card: card.product.name),
    "cheapest": ("Price: low to high", lambda card: (card.price, card.product.name)),
    "dearest": ("Price: high to low", lambda card: (-card.price, card.product.name)),
    "rating": ("Best rated", lambda card: (-card.rating, card.product.name)),
    "newest": ("Newest", lambda card: (-card.product.added.toordinal(), card.product.name)),
}
RATINGS = (4, 3)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor filters by."""

    brands: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    rating: int = 0
    in_stock: bool = False
    sort: str = "name"

    @classmethod
    def of(cls, query: QueryParams) -> "Asked":
        """Read from an address; what makes no sense is left out."""
        rating, sort = query.get("rating", ""), query.get("sort", "")
        return cls(
            brands=tuple(query.getlist("brand")),
            colours=tuple(query.getlist("colour")),
            low=cents(query.get("min", "")),
            high=cents(query.get("max", "")),
            rating=int(rating) if rating in map(str, RATINGS) else 0,
            in_stock=query.get("stock") == "1",
            sort=sort if sort in SORTS else "name",
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.brands or self.colours or self.rating or self.in_stock) or (self.low, self.high) != (
            None,
            None,
        )

    def fits(self, card: Card) -> bool:
        """Whether a product is shown; colour and stock are asked of the same variant."""
        fitting = [v for v in card.product.variants if not self.colours or v.colour in self.colours]
        return (
            (not self.brands or card.product.brand in self.brands)
            and any(variant.stock or not self.in_stock for variant in fitting)
            and (self.low is None or card.price >= self.low)
            and (self.high is None or card.price <= self.high)
            and card.rating >= self.rating
        )


def price_errors(query: QueryParams) -> dict[str, str]:
    """What is wrong with the prices that a visitor filters by, by field."""
    typed = {name: query.get(name, "").strip() for name in ("min", "max")}
    return {
        name: "Enter an amount in euros, e.g. 24.95. This filter is not applied."
        for name, amount in typed.items()
        if amount and cents(amount) is None
    }


def cards(state: Overlay, products: Sequence[Product], path: str) -> list[Card]:
    """Products as the list at a path shows them."""
    former = state.shows_former(path)
    return [
        Card(
            product,
            former_price(product) if former else product.price,
            state.rating(product),
            len(state.reviews(product)),
        )
        for product in products
        if product.visible
    ]


def hours_old(state: Overlay, path: str) -> int:
    """How old the list at a path is; 0 when it is up to date."""
    return FORMER_HOURS if state.shows_former(path) else 0


def former_price(product: Product) -> int:
    """What a product cost when the lists were last made, as shops write prices."""
    return product.price if product.former == 100 else product.price * product.former // 10_000 * 100 + 95


def choose(shown: Sequence[Card], asked: Asked) -> list[Card]:
    """Those that fit, in order."""
    return sorted((card for card in shown if asked.fits(card)), key=SORTS[asked.sort][1])


def facets(shown: Sequence[Card]) -> Mapping[str, list[tuple[str, int]]]:
    """What can be filtered by, with how many products there are."""
    brands = Counter(card.product.brand for card in shown)
    colours = Counter(colour for card in shown for colour in card.product.colours)
    return {"brands": sorted(brands.items()), "colours": sorted(colours.items())}
