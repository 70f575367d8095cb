"""The back office's orders, customers and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.shop.model import STATUSES, Customer, Order
from plan_and_act.sites.shop.sales import GROUPS, report
from plan_and_act.sites.shop.views.office_goods import ROWS, sorting
from plan_and_act.sites.shop.web import need_person, page, state_of
from plan_and_act.sites.web import back, matches, paginate, text

NOTE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Account:
    """A customer with what the customer has bought; cancelled orders do not count."""

    customer: Customer
    orders: int
    spent: int


ORDER_SORTS: dict[str, Callable[[Order], Any]] = {
    "number": lambda order: order.number,
    "total": lambda order: order.total,
}
CUSTOMER_SORTS: dict[str, Callable[[Account], Any]] = {
    "name": lambda account: account.customer.name,
    "city": lambda account: account.customer.city,
    "orders": lambda account: account.orders,
    "spent": lambda account: account.spent,
}


async def orders(request: Request) -> Response:
    """The table of orders."""
    need_person(request)
    state, query = state_of(request), request.query_params
    words, wanted = query.get("q", "").strip()[:100], query.get("status", "")
    column, down = sorting(request, ORDER_SORTS, "-number")
    customers = state.base.customers
    found = [
        order
        for order in state.orders()
        if wanted in ("", order.status) and matches(words, str(order.number), customers[order.customer].name)
    ]
    return page(
        request,
        "office_orders.html",
        tab="orders",
        orders=paginate(request, sorted(found, key=ORDER_SORTS[column], reverse=down), ROWS),
        customers=customers,
        words=words,
        wanted=wanted,
        statuses=STATUSES,
        column=column,
        down=down,
    )


def _order_of(request: Request) -> Order:
    need_person(request)
    order = state_of(request).order(request.path_params["number"])
    if order is None:
        raise HTTPException(404)
    return order


async def order(request: Request) -> Response:
    """One order."""
    return _order(request)


def _order(request: Request, *, error: str = "") -> Response:
    state, found = state_of(request), _order_of(request)
    return page(
        request,
        "office_order.html",
        status=422 if error else 200,
        tab="orders",
        order=found,
        customer=state.base.customers[found.customer],
        items=[(line, state.product(line.product)) for line in found.lines],
        error=error,
    )


async def set_status(request: Request) -> Response:
    """Change what has become of an order."""
    found = _order_of(request)
    wanted = text(await request.form(), "status")
    for status in STATUSES:
        if status == wanted:
            if status not in found.may_become:
                return _order(request, error=f"Order {found.number} is {found.status}: it cannot be {status} any more.")
            changed = state_of(request).set_status(found, status)
            words = f"Order {found.number} is {status.lower()} now." if changed else "Nothing to change."
            return back(request, f"/admin/orders/{found.number}", words)
    raise HTTPException(400)


async def add_note(request: Request) -> Response:
    """Add a note for colleagues."""
    found = _order_of(request)
    words = text(await request.form(), "note")
    if not 2 <= len(words) <= NOTE_LIMIT:
        return _order(request, error=f"A note has 2 to {NOTE_LIMIT} characters.")
    state_of(request).add_note(found, words)
    return back(request, f"/admin/orders/{found.number}", "Note added.")


async def customers(request: Request) -> Response:
    """The table of customers."""
    need_person(request)
    state = state_of(request)
    words = request.query_params.get("q", "").strip()[:100]
    column, down = sorting(request, CUSTOMER_SORTS, "name")
    bought: dict[str, list[Order]] = {}
    for entry in state.orders():
        if entry.status != "Cancelled":
            bought.setdefault(entry.customer, []).append(entry)
    accounts = [
        Account(customer, len(bought.get(slug, [])), sum(entry.total for entry in bought.get(slug, [])))
        for slug, customer in state.base.customers.items()
        if matches(words, customer.name, customer.email, customer.city)
    ]
    return page(
        request,
        "office_customers.html",
        tab="customers",
        accounts=paginate(request, sorted(accounts, key=CUSTOMER_SORTS[column], reverse=down), ROWS),
        words=words,
        column=column,
        down=down,
    )


async def customer(request: Request) -> Response:
    """One customer, and what the customer has bought."""
    need_person(request)
    state = state_of(request)
    found = state.base.customers.get(request.path_params["customer"])
    if found is None:
        raise HTTPException(404)
    bought = [entry for entry in state.orders() if entry.customer == found.id]
    return page(request, "office_customer.html", tab="customers", customer=found, orders=bought)


async def reports(request: Request) -> Response:
    """Sales from one day to another."""
    need_person(request)
    state, query = state_of(request), request.query_params
    today = state.base.now.date()
    group = query.get("group", "month")
    group = group if group in GROUPS else "month"
    first, last = _day(query.get("from", ""), today - timedelta(days=30)), _day(query.get("to", ""), today)
    rows = report(state, group, first, last)
    return page(
        request,
        "office_reports.html",
        tab="reports",
        group=group,
        groups=list(GROUPS.items()),
        first=first,
        last=last,
        rows=rows,
        units=sum(row.units for row in rows),
        sales=sum(row.sales for row in rows),
        error="The first day is after the last one." if first > last else "",
    )


def _day(typed: str, default: date) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return default
