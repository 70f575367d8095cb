"""The shop as one session sees it: what the session has changed lies over the seeded base, which stays as it is.

A session costs a few empty dictionaries until somebody changes something; a reset is a new overlay.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from plan_and_act.sites.sessions import Effect, Visit
from plan_and_act.sites.shop.history import DELIVERY, shipping
from plan_and_act.sites.shop.model import (
    Address,
    Base,
    Coupon,
    Customer,
    Line,
    Order,
    Preferences,
    Product,
    Return,
    Review,
    Variant,
)


@dataclass(frozen=True, slots=True)
class Basket:
    """What is in the cart, and what it costs."""

    lines: tuple[Line, ...]
    coupon: Coupon | None

    @property
    def goods(self) -> int:
        """What the goods cost."""
        return sum(line.total for line in self.lines)

    @property
    def discount(self) -> int:
        """What the coupon takes off."""
        return self.coupon.discount(self.goods) if self.coupon else 0

    @property
    def count(self) -> int:
        """How many things are in it."""
        return sum(line.quantity for line in self.lines)

    def shipping(self, delivery: str) -> int:
        """What a delivery costs."""
        return shipping(delivery, self.goods)

    def total(self, delivery: str = "") -> int:
        """What is to be paid; without delivery as long as none is chosen."""
        return self.goods - self.discount + (self.shipping(delivery) if delivery in DELIVERY else 0)


@dataclass(slots=True)
class Overlay:
    """What a session has changed, and how the shop reads with it."""

    base: Base
    viewer: str | None = None
    log: list[Effect] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    cart: dict[str, int] = field(default_factory=dict)
    """Quantities by SKU."""
    cart_coupon: str = ""
    checkout: dict[str, str] = field(default_factory=dict)
    """What was chosen in the checkout so far: address, delivery, payment."""
    refreshed: set[str] = field(default_factory=set)
    """Paths of the lists that were refreshed."""
    images: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    """Uploaded pictures by product: name of the file, media type, bytes."""
    _products: dict[str, Product] = field(default_factory=dict)
    _reviews: list[tuple[str, Review]] = field(default_factory=list)
    _wishes: dict[str, bool] = field(default_factory=dict)
    _addresses: dict[int, Address | None] = field(default_factory=dict)
    _default_address: int | None = None
    _orders: dict[int, Order] = field(default_factory=dict)
    _returns: list[Return] = field(default_factory=list)
    _coupons: dict[str, Coupon] = field(default_factory=dict)
    _preferences: Preferences = field(default_factory=Preferences)

    # who and when

    @property
    def me(self) -> Customer | None:
        """The customer who is signed in."""
        return self.base.customers[self.viewer] if self.viewer else None

    @property
    def now(self) -> datetime:
        """The shop's clock: it moves on by a minute with every change."""
        return self.base.now + timedelta(minutes=len(self.log))

    # goods

    def product(self, slug: str) -> Product | None:
        """A product, or None."""
        return self._products.get(slug) or self.base.products.get(slug)

    def products(self) -> list[Product]:
        """All products, hidden ones too, ordered by name."""
        if not self._products:
            return list(self.base.products.values())
        merged = {**self.base.products, **self._products}
        return sorted(merged.values(), key=lambda product: product.name)

    def variant(self, sku: str) -> tuple[Product, Variant] | None:
        """What a SKU stands for, or None."""
        found = self.base.by_sku.get(sku)
        slug = found[0].slug if found else next((p.slug for p in self._products.values() if _has(p, sku)), "")
        product = self.product(slug)
        return next(((product, v) for v in product.variants if v.sku == sku), None) if product else None

    def stock(self, product: Product, variant: Variant) -> int:
        """How many of a variant can be bought; what the pages of products tell, and lists do not."""
        if self.visit.disturbances.sold_out and product.slug in self.base.sold_out:
            return 0
        bought = sum(
            line.quantity
            for order in self._orders.values()
            if order.number not in self.base.orders and order.status != "Cancelled"
            for line in order.lines
            if line.sku == variant.sku
        )
        return max(0, variant.stock - bought)

    def shows_former(self, path: str) -> bool:
        """Whether the list at a path shows former prices, because nobody has refreshed it."""
        return self.visit.disturbances.stale and path not in self.refreshed

    def reviews(self, product: Product) -> list[Review]:
        """What is said of a product, newest first."""
        return [*(review for slug, review in reversed(self._reviews) if slug == product.slug), *product.reviews]

    def rating(self, product: Product) -> float:
        """Mean of the stars of a product; 0 without reviews."""
        reviews = self.reviews(product)
        return sum(review.stars for review in reviews) / len(reviews) if reviews else 0.0

    # the customer's own

    def wishes(self, slug: str) -> bool:
        """Whether a product is on the viewer's wish list."""
        return self._wishes.get(slug, slug in self.base.wishes)

    def wish_list(self) -> list[Product]:
        """The viewer's wish list, ordered by name."""
        return [product for product in self.products() if product.visible and self.wishes(product.slug)]

    def addresses(self) -> list[Address]:
        """The viewer's addresses."""
        merged = {**self.base.addresses, **self._addresses}
        return [address for address in merged.values() if address]

    def address(self, number: int) -> Address | None:
        """One of the viewer's addresses, or None."""
        return next((address for address in self.addresses() if address.id == number), None)

    @property
    def default_address(self) -> int:
        """The address that is suggested first; 0 when there is none at all."""
        numbers = [address.id for address in self.addresses()]
        return self._default_address if self._default_address in numbers else next(iter(numbers), 0)

    @property
    def preferences(self) -> Preferences:
        """What the shop may write to the viewer."""
        return self._preferences

    def basket(self) -> Basket:
        """What is in the cart; what cannot be bought any more has left it."""
        lines = []
        for sku, quantity in self.cart.items():
            found = self.variant(sku)
            if found and found[0].visible and (there := self.stock(*found)):
                product, variant = found
                lines.append(Line(sku, product.slug, variant.option, min(quantity, there), variant.price))
        basket = Basket(tuple(lines), None)
        coupon = self.coupon(self.cart_coupon)
        return replace(basket, coupon=coupon) if coupon and not self.refusal(coupon, basket.goods) else basket

    # orders and coupons

    def order(self, number: int) -> Order | None:
        """An order, or None."""
        return self._orders.get(number) or self.base.orders.get(number)

    def orders(self) -> list[Order]:
        """All orders, newest first."""
        merged = {**self.base.orders, **self._orders} if self._orders else self.base.orders
        return sorted(merged.values(), key=lambda order: order.number, reverse=True)

    def my_orders(self) -> list[Order]:
        """The viewer's orders, newest first."""
        return [order for order in self.orders() if order.customer == self.viewer]

    def coupon(self, code: str) -> Coupon | None:
        """A coupon by its code, however it is written, or None."""
        key = code.strip().upper()
        return self._coupons.get(key) or self.base.coupons.get(key)

    def coupons(self) -> list[Coupon]:
        """All coupons, ordered by code."""
        return sorted({**self.base.coupons, **self._coupons}.values(), key=lambda coupon: coupon.code)

    def refusal(self, coupon: Coupon, goods: int) -> str:
        """Why a coupon cannot be used for goods of a value; nothing when it can."""
        if coupon.expires < self.base.now.date():
            return f"The coupon {coupon.code} expired on {coupon.expires.day} {coupon.expires:%B %Y}."
        if not coupon.active:
            return f"The coupon {coupon.code} is no longer accepted."
        if goods < coupon.minimum:
            return f"The coupon {coupon.code} is for orders of at least €{coupon.minimum / 100:.2f}."
        return ""

    # telling what was done

    @property
    def _me(self) -> str:
        if self.viewer is None:
            msg = "nobody is signed in"
            raise PermissionError(msg)
        return self.viewer

    def _did(self, kind: str, target: object) -> None:
        self.log.append(Effect(kind, self._me, str(target)))


def _has(product: Product, sku: str) -> bool:
    return any(variant.sku == sku for variant in product.variants)
