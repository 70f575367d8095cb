"""What was sold: by month, category, product or customer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plan_and_act.sites.shop.model import Order
from plan_and_act.sites.shop.overlay import Overlay

GROUPS = {"month": "Month", "category": "Category", "product": "Product", "customer": "Customer"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a report; `sales` is the goods' value, before discounts and without delivery."""

    name: str
    orders: int
    units: int
    sales: int


def between(orders: Iterable[Order], first: date, last: date) -> list[Order]:
    """The orders of some days that were not cancelled."""
    return [order for order in orders if first <= order.placed.date() <= last and order.status != "Cancelled"]


def report(state: Overlay, group: str, first: date, last: date) -> list[Row]:
    """Sales from one day to another, one row for each of a group, ordered by name (months: by time)."""
    orders: dict[str, set[int]] = defaultdict(set)
    units: dict[str, int] = defaultdict(int)
    sales: dict[str, int] = defaultdict(int)
    for order in sorted(between(state.orders(), first, last), key=lambda order: order.placed):
        for line in order.lines:
            key = _key(state, group, order, line.product)
            orders[key].add(order.number)
            units[key] += line.quantity
            sales[key] += line.total
    names = list(orders) if group == "month" else sorted(orders)
    return [Row(name, len(orders[name]), units[name], sales[name]) for name in names]


def _key(state: Overlay, group: str, order: Order, slug: str) -> str:
    if group == "month":
        return f"{order.placed:%B %Y}"
    if group == "customer":
        return state.base.customers[order.customer].name
    product = state.product(slug)
    if product is None:
        return slug
    return product.name if group == "product" else state.base.subcategories[product.subcategory].category_name
