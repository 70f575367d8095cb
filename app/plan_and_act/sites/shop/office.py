"""What the staff does in the back office."""

from dataclasses import replace

from plan_and_act.sites.shop.model import Coupon, Order, OrderStatus, Product
from plan_and_act.sites.shop.overlay import Overlay


class Office(Overlay):
    """Every method that changes something returns whether it did, and then adds exactly one entry to `log`."""

    __slots__ = ()

    def save_product(self, product: Product) -> bool:
        """Change a product, or add it when there is none at its address yet."""
        before = self.product(product.slug)
        if before == product:
            return False
        self._products[product.slug] = product
        self._did("edit_product" if before else "create_product", product.slug)
        return True

    def set_image(self, product: Product, *, name: str, media_type: str, content: bytes) -> None:
        """Keep a product's picture; part of adding the product, so it is no effect of its own."""
        self.images[product.slug] = (name, media_type, content)

    def set_status(self, order: Order, status: OrderStatus) -> bool:
        """Change what has become of an order, if that may become of it."""
        if order.status == status or status not in order.may_become:
            return False
        delivered = self.now.date() if status == "Delivered" else None
        self._orders[order.number] = replace(order, status=status, delivered=delivered)
        self._did("order_status", order.number)
        return True

    def add_note(self, order: Order, text: str) -> bool:
        """Add a note for colleagues to an order."""
        self._orders[order.number] = replace(order, notes=(*order.notes, text))
        self._did("order_note", order.number)
        return True

    def create_coupon(self, coupon: Coupon) -> bool:
        """Add a coupon; its code must be new."""
        if self.coupon(coupon.code):
            return False
        self._coupons[coupon.code] = coupon
        self._did("create_coupon", coupon.code)
        return True

    def set_coupon_active(self, coupon: Coupon, on: bool) -> bool:
        """Accept a coupon, or do not accept it any more."""
        if coupon.active == on:
            return False
        self._coupons[coupon.code] = replace(coupon, active=on)
        self._did("enable_coupon" if on else "disable_coupon", coupon.code)
        return True
