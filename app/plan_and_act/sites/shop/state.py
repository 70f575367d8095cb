"""The state of a session: the shop with what the session has changed, and what a checker is told of it."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from plan_and_act.sites.shop.model import Address, Base, Coupon, Line, Order, Preferences, Product, Return
from plan_and_act.sites.shop.office import Office
from plan_and_act.sites.shop.shopping import Shopping


class State(Shopping, Office):
    """The shop as one session sees it."""

    __slots__ = ()

    @classmethod
    def fresh(cls, base: Base) -> "State":
        """The untouched shop, signed in as the persona."""
        return cls(base, viewer=base.persona)

    def sign_in(self, email: str, password: str) -> bool:
        """Sign in with a password; only the persona has one."""
        persona = self.base.customers[self.base.persona]
        if (email.casefold(), password) != (persona.email, self.base.password) or self.viewer:
            return False
        self.viewer = persona.id
        self._did("sign_in", persona.id)
        return True

    def sign_out(self) -> bool:
        """Sign out."""
        if self.viewer is None:
            return False
        self._did("sign_out", self.viewer)
        self.viewer = None
        return True

    def enter(self, username: str | None) -> None:
        """Let the session begin as the persona, or signed out; part of setting up, so it is no effect.

        Raises:
            ValueError: When there is no such account.
        """
        if username not in (None, self.base.persona):
            msg = f"there is no account {username!r}"
            raise ValueError(msg)
        self.viewer = username

    def changes(self) -> dict[str, Any]:
        """What is different from the untouched shop, in plain JSON; a change that was undone is none.

        `log` and `counts` tell every effect, undone or not: that is where "exactly once" shows.
        """
        counts: dict[str, int] = {}
        for effect in self.log:
            counts[effect.kind] = counts.get(effect.kind, 0) + 1
        return {
            "site": "shop",
            "seed": self.base.seed,
            "viewer": self.viewer,
            "changes": {
                "cart": self._cart(),
                "wished": sorted(self._name(slug) for slug, on in self._wish_changes() if on),
                "unwished": sorted(self._name(slug) for slug, on in self._wish_changes() if not on),
                **self._address_changes(),
                **self._order_changes(),
                "returns": [self._return(entry) for entry in self._returns],
                "reviews": [
                    {"product": self._name(slug), "stars": review.stars, "title": review.title, "text": review.text}
                    for slug, review in self._reviews
                ],
                "preferences": _fields(Preferences(), self._preferences),
                "products_changed": [
                    {"product": before.name, **change}
                    for slug, after in self._products.items()
                    if (before := self.base.products.get(slug))
                    for change in _product_changes(before, after)
                ],
                "products_created": [
                    self._created(p) for p in self._products.values() if p.slug not in self.base.products
                ],
                "coupons_created": [_coupon(c) for c in self._coupons.values() if c.code not in self.base.coupons],
                "coupons_changed": [
                    {"code": coupon.code, "active": coupon.active}
                    for code, coupon in self._coupons.items()
                    if code in self.base.coupons and coupon != self.base.coupons[code]
                ],
            },
            "log": [asdict(effect) for effect in self.log],
            "counts": counts,
        }

    def _name(self, slug: str) -> str:
        product = self.product(slug)
        return product.name if product else slug

    def _cart(self) -> list[dict[str, Any]]:
        """The lines, and a record for the coupon: a checker sees when there is one that nobody asked for."""
        basket = self.basket()
        lines = [self._line(line) for line in basket.lines]
        return [*lines, {"coupon": basket.coupon.code}] if lines and basket.coupon else lines

    def _line(self, line: Line) -> dict[str, Any]:
        return {"product": self._name(line.product), "option": line.option, "quantity": line.quantity}

    def _wish_changes(self) -> list[tuple[str, bool]]:
        return [(slug, on) for slug, on in self._wishes.items() if on != (slug in self.base.wishes)]

    def _address_changes(self) -> dict[str, Any]:
        base = self.base.addresses
        now = {address.id: address for address in self.addresses()}
        default = self.default_address
        return {
            "addresses_added": [_address(address) for number, address in now.items() if number not in base],
            "addresses_changed": [
                {"address": base[number].label, **change}
                for number, address in now.items()
                if number in base
                for change in _fields(base[number], address)
            ],
            "addresses_removed": [address.label for number, address in base.items() if number not in now],
            "default_address": now[default].label if default and default != next(iter(base)) else None,
        }

    def _order_changes(self) -> dict[str, Any]:
        base = self.base.orders
        known = [(base[number], order) for number, order in self._orders.items() if number in base]
        return {
            "orders_placed": [self._order(order) for number, order in self._orders.items() if number not in base],
            "orders_changed": [
                {"order": after.number, "status": after.status}
                for before, after in known
                if before.status != after.status
            ],
            "order_notes": [
                {"order": after.number, "text": text}
                for before, after in known
                for text in after.notes[len(before.notes) :]
            ],
        }

    def _order(self, order: Order) -> dict[str, Any]:
        return {
            "items": [self._line(line) for line in order.lines],
            "address": order.address,
            "delivery": order.delivery,
            "payment": order.payment,
            "coupon": order.coupon or None,
            "total": order.total,
            "status": order.status,
            "notes": list(order.notes),
        }

    def _return(self, entry: Return) -> dict[str, Any]:
        order = self.order(entry.order)
        lines = [line for line in order.lines if line.sku in entry.skus] if order else []
        return {
            "order": entry.order,
            "items": [self._name(line.product) for line in lines],
            "reason": entry.reason,
            "comment": entry.comment,
        }

    def _created(self, product: Product) -> dict[str, Any]:
        name, _, content = self.images.get(product.slug, ("", "", b""))
        (variant,) = product.variants
        return {
            "name": product.name,
            "brand": product.brand,
            "subcategory": product.subcategory,
            "description": product.description,
            "price": variant.price,
            "stock": variant.stock,
            "visible": product.visible,
            "image": name or None,
            "image_bytes": len(content),
        }


def _fields(before: Address | Preferences, after: Address | Preferences) -> list[dict[str, Any]]:
    """The fields that differ, one record each: a checker sees when there is one too many."""
    names = (entry.name for entry in fields(before))
    return [
        {"field": name, "value": getattr(after, name)}
        for name in names
        if getattr(before, name) != getattr(after, name)
    ]


def _address(address: Address) -> dict[str, Any]:
    return {name: value for name, value in asdict(address).items() if name != "id"}


def _coupon(coupon: Coupon) -> dict[str, Any]:
    return asdict(coupon) | {"expires": coupon.expires.isoformat()}


def _product_changes(before: Product, after: Product) -> Iterable[dict[str, Any]]:
    if before.visible != after.visible:
        yield {"option": "", "field": "visible", "value": after.visible}
    for old, new in zip(before.variants, after.variants, strict=True):
        for name in ("price", "stock"):
            if getattr(old, name) != getattr(new, name):
                yield {"option": new.option, "field": name, "value": getattr(new, name)}
