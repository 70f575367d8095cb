"""The nouns of the shop. All of them are immutable: every session shares the same seeded objects. Money is in cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, Literal, get_args

OrderStatus = Literal["Processing", "Shipped", "Delivered", "Cancelled"]
STATUSES: Final[tuple[OrderStatus, ...]] = get_args(OrderStatus)


@dataclass(frozen=True, slots=True)
class Subcategory:
    """A kind of goods."""

    slug: str
    name: str
    category: str
    category_name: str

    @property
    def path(self) -> str:
        """Its address."""
        return f"/c/{self.category}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Category:
    """A department of the shop."""

    slug: str
    name: str
    text: str
    subcategories: tuple[Subcategory, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """What can be bought of a product: one size in one colour."""

    sku: str
    size: str
    colour: str
    price: int
    stock: int

    @property
    def option(self) -> str:
        """Size and colour, as they are called where there is no room for labels."""
        return ", ".join(filter(None, (self.size, self.colour)))


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer says of a product."""

    id: int
    author: str
    stars: int
    title: str
    text: str
    when: date
    helpful: int = 0


@dataclass(frozen=True)
class Product:
    """Something the shop sells; its variants are in the order of sizes, then colours.

    `former` says what its price was when the lists were last made, in percent of today's.
    """

    slug: str
    name: str
    brand: str
    subcategory: str
    description: str
    specs: tuple[tuple[str, str], ...]
    variants: tuple[Variant, ...]
    reviews: tuple[Review, ...]
    added: date
    former: int = 100
    visible: bool = True

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """What sizes there are; none when there is only one."""
        return tuple(dict.fromkeys(variant.size for variant in self.variants if variant.size))

    @cached_property
    def colours(self) -> tuple[str, ...]:
        """What colours there are."""
        return tuple(dict.fromkeys(variant.colour for variant in self.variants if variant.colour))

    @cached_property
    def price(self) -> int:
        """Of the cheapest variant."""
        return min(variant.price for variant in self.variants)

    @cached_property
    def has_one_price(self) -> bool:
        """Whether all variants cost the same."""
        return len({variant.price for variant in self.variants}) == 1

    @cached_property
    def in_stock(self) -> bool:
        """Whether any variant is in stock."""
        return any(variant.stock for variant in self.variants)

    @cached_property
    def rating(self) -> float:
        """Mean of the stars; 0 without reviews."""
        return sum(review.stars for review in self.reviews) / len(self.reviews) if self.reviews else 0.0

    def variant(self, size: str, colour: str) -> Variant | None:
        """The variant of a size and colour."""
        return next((v for v in self.variants if (v.size, v.colour) == (size, colour)), None)


@dataclass(frozen=True, slots=True)
class Address:
    """Where parcels go; `label` is what its owner calls it."""

    id: int
    label: str
    name: str
    street: str
    postcode: str
    city: str
    phone: str

    @property
    def line(self) -> str:
        """On one line."""
        return f"{self.name}, {self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who buys here."""

    id: str
    name: str
    email: str
    city: str
    since: date


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, with the price that was paid for one."""

    sku: str
    product: str
    option: str
    quantity: int
    price: int

    @property
    def total(self) -> int:
        """Price of all of them."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Order:
    """Something that was bought; `address` is on one line."""

    number: int
    customer: str
    placed: datetime
    status: OrderStatus
    lines: tuple[Line, ...]
    address: str
    delivery: str
    shipping: int
    payment: str
    coupon: str = ""
    discount: int = 0
    delivered: date | None = None
    notes: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    """The articles that are sent back, by SKU."""

    @property
    def may_become(self) -> tuple[OrderStatus, ...]:
        """What its status can be: what is on its way, or was delivered, is not called back."""
        match self.status:
            case "Shipped":
                return ("Shipped", "Delivered")
            case "Delivered":
                return ("Delivered",)
            case _:
                return STATUSES

    @property
    def goods(self) -> int:
        """What the goods cost, before discount and delivery."""
        return sum(line.total for line in self.lines)

    @property
    def total(self) -> int:
        """What was paid."""
        return self.goods - self.discount + self.shipping


@dataclass(frozen=True, slots=True)
class Return:
    """Goods of an order that are sent back."""

    order: int
    skus: tuple[str, ...]
    reason: str
    comment: str


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that makes an order cheaper: by a percentage or by an amount."""

    code: str
    percent: int
    amount: int
    minimum: int
    expires: date
    active: bool = True

    @property
    def value(self) -> str:
        """What it takes off, in words."""
        return f"{self.percent} %" if self.percent else f"€{self.amount / 100:.2f}"

    def discount(self, goods: int) -> int:
        """What it takes off an order."""
        return min(goods, self.amount or round(goods * self.percent / 100))


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the shop may write to a customer."""

    newsletter: bool = True
    frequency: str = "weekly"
    order_updates: bool = True
    text_messages: bool = False
    review_reminders: bool = True


@dataclass(frozen=True, slots=True)
class Base:
    """The whole seeded shop, before anybody has changed anything."""

    seed: int
    now: datetime
    persona: str
    """The customer a new session is signed in as; works here too."""
    password: str
    categories: Mapping[str, Category]
    subcategories: Mapping[str, Subcategory]
    products: Mapping[str, Product]
    by_sku: Mapping[str, tuple[Product, Variant]]
    customers: Mapping[str, Customer]
    orders: Mapping[int, Order]
    coupons: Mapping[str, Coupon]
    addresses: Mapping[int, Address]
    """The persona's; the first one is the default."""
    cards: tuple[str, ...]
    wishes: tuple[str, ...]
    """Products on the persona's wish list."""
    sold_out: frozenset[str]
    """Products that are sold out under that disturbance."""

    def product_named(self, name: str) -> Product:
        """The product with a name; every name is there once."""
        return next(product for product in self.products.values() if product.name == name)
