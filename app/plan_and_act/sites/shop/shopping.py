"""What a customer does."""

from dataclasses import replace

from plan_and_act.sites.shop.history import DELIVERY
from plan_and_act.sites.shop.model import Address, Order, Preferences, Product, Return, Review
from plan_and_act.sites.shop.overlay import Overlay

RETURN_DAYS = 30
"""So many days after delivery goods can be sent back."""
MOST = 99
"""No more of one thing can be in the cart."""


class Shopping(Overlay):
    """Every method that changes something returns whether it did, and then adds exactly one entry to `log`."""

    __slots__ = ()

    # the cart

    def put(self, sku: str, quantity: int) -> bool:
        """Put something into the cart, as long as there is enough of it."""
        return self.set_quantity(sku, self.cart.get(sku, 0) + quantity)

    def set_quantity(self, sku: str, quantity: int) -> bool:
        """Have so many of something in the cart; 0 takes it out."""
        found = self.variant(sku)
        there = self.stock(*found) if found and found[0].visible else 0
        if quantity == self.cart.get(sku, 0) or quantity > min(MOST, there):
            return False
        if quantity > 0:
            self.cart[sku] = quantity
        else:
            self.cart.pop(sku, None)
        self._did("cart", sku)
        return True

    def use_coupon(self, code: str) -> str:
        """Use a coupon for the cart; an empty code takes it away.

        Returns:
            Why it cannot be used; nothing when it can.
        """
        coupon = self.coupon(code)
        if code and coupon is None:
            return f"There is no coupon {code.strip().upper()[:30]}."
        refusal = self.refusal(coupon, self.basket().goods) if coupon else ""
        used = coupon.code if coupon else ""
        if not refusal and used != self.cart_coupon:
            self._did("use_coupon" if used else "remove_coupon", used or self.cart_coupon)
            self.cart_coupon = used
        return refusal

    # orders

    def place_order(self, *, address: Address, delivery: str, payment: str) -> Order:
        """Buy what is in the cart, which is empty then."""
        basket = self.basket()
        order = Order(
            number=max(order.number for order in self.orders()) + 1,
            customer=self._me,
            placed=self.now,
            status="Processing",
            lines=basket.lines,
            address=address.line,
            delivery=DELIVERY[delivery][0],
            shipping=basket.shipping(delivery),
            payment=payment,
            coupon=basket.coupon.code if basket.coupon else "",
            discount=basket.discount,
        )
        self._orders[order.number] = order
        self.cart.clear()
        self.checkout.clear()
        self.cart_coupon = ""
        self._did("order", order.number)
        return order

    def cancel(self, order: Order) -> bool:
        """Cancel an order that is not on its way yet."""
        if order.status != "Processing":
            return False
        self._orders[order.number] = replace(order, status="Cancelled")
        self._did("cancel_order", order.number)
        return True

    def can_return(self, order: Order) -> bool:
        """Whether goods of an order can be sent back: it was delivered, and not long ago."""
        left = {line.sku for line in order.lines} - set(order.returned)
        recent = order.delivered is not None and (self.base.now.date() - order.delivered).days <= RETURN_DAYS
        return order.status == "Delivered" and recent and bool(left)

    def send_back(self, order: Order, *, skus: tuple[str, ...], reason: str, comment: str) -> bool:
        """Send goods of an order back."""
        there = {line.sku for line in order.lines} - set(order.returned)
        if not skus or not set(skus) <= there or not self.can_return(order):
            return False
        self._orders[order.number] = replace(order, returned=(*order.returned, *skus))
        self._returns.append(Return(order.number, skus, reason, comment))
        self._did("return", order.number)
        return True

    def returns(self, order: Order) -> list[Return]:
        """What was sent back of an order."""
        return [entry for entry in self._returns if entry.order == order.number]

    # the customer's own

    def wish(self, product: Product, on: bool) -> bool:
        """Put a product on the wish list, or take it off."""
        if self.wishes(product.slug) == on:
            return False
        self._wishes[product.slug] = on
        self._did("wish" if on else "unwish", product.slug)
        return True

    def save_address(self, address: Address) -> bool:
        """Change an address, or add it when its id is 0."""
        if address.id and self.address(address.id) == address:
            return False
        number = address.id or max([*self.base.addresses, *self._addresses]) + 1
        self._addresses[number] = replace(address, id=number)
        self._did("address", number)
        return True

    def delete_address(self, number: int) -> bool:
        """Delete an address; the default one stays."""
        if self.address(number) is None or number == self.default_address:
            return False
        self._addresses[number] = None
        self._did("delete_address", number)
        return True

    def make_default(self, number: int) -> bool:
        """Let an address be the one that is suggested first."""
        if self.address(number) is None or number == self.default_address:
            return False
        self._default_address = number
        self._did("default_address", number)
        return True

    def prefer(self, preferences: Preferences) -> bool:
        """Choose what the shop may write."""
        if preferences == self._preferences:
            return False
        self._preferences = preferences
        self._did("preferences", self._me)
        return True

    def has_reviewed(self, product: Product) -> bool:
        """Whether the viewer has said something about a product; once is enough."""
        return any(slug == product.slug for slug, _ in self._reviews)

    def review(self, product: Product, *, stars: int, title: str, text: str) -> bool:
        """Say something about a product."""
        if self.me is None or self.has_reviewed(product):
            return False
        first, last = self.me.name.split()[0], self.me.name.split()[-1]
        number = 1_000_000 + len(self._reviews)
        review = Review(number, f"{first} {last[0]}.", stars, title, text, self.now.date())
        self._reviews.append((product.slug, review))
        self._did("review", product.slug)
        return True
