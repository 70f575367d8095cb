"""The customer's orders: what became of them, invoices, cancelling, sending back, buying again."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.shop.model import STATUSES, Order
from plan_and_act.sites.shop.papers import invoice_pdf, label_pdf
from plan_and_act.sites.shop.shopping import RETURN_DAYS
from plan_and_act.sites.shop.web import need_person, page, state_of
from plan_and_act.sites.web import back, matches, paginate, text

REASONS = (
    "Arrived damaged", "Wrong item delivered", "Does not fit", "Looks different from the picture", "Changed my mind",
)  # fmt: skip


async def index(request: Request) -> Response:
    """The viewer's orders, newest first."""
    need_person(request)
    state = state_of(request)
    wanted, query = request.query_params.get("status", ""), request.query_params.get("q", "").strip()[:100]
    names = {product.slug: product.name for product in state.products()}
    found = [
        order
        for order in state.my_orders()
        if wanted in ("", order.status) and matches(query, str(order.number), *(names[e.product] for e in order.lines))
    ]
    shown = paginate(request, found, 8)
    return page(
        request, "orders.html", tab="orders", orders=shown, names=names, wanted=wanted, query=query, statuses=STATUSES
    )


def _order_of(request: Request) -> Order:
    person, order = need_person(request), state_of(request).order(request.path_params["number"])
    if order is None or order.customer != person.id:
        raise HTTPException(404)
    return order


async def detail(request: Request) -> Response:
    """One order."""
    state, order = state_of(request), _order_of(request)
    return page(
        request,
        "order.html",
        tab="orders",
        order=order,
        items=[(line, state.product(line.product)) for line in order.lines],
        can_return=state.can_return(order),
        returns=state.returns(order),
        return_days=RETURN_DAYS,
    )


async def cancel(request: Request) -> Response:
    """Cancel an order."""
    order = _order_of(request)
    gone = state_of(request).cancel(order)
    words = f"Order {order.number} is cancelled." if gone else f"Order {order.number} can no longer be cancelled."
    return back(request, f"/account/orders/{order.number}", words)


async def again(request: Request) -> Response:
    """Put everything of an order into the cart, as far as it can be bought."""
    state, order = state_of(request), _order_of(request)
    put = sum(state.put(line.sku, line.quantity) for line in order.lines)
    left = len(order.lines) - put
    words = f"Order {order.number} is in your cart." if not left else f"{left} of its items cannot be bought any more."
    return back(request, "/cart", words)


async def send_back(request: Request) -> Response:
    """Choose what to send back, and why."""
    state, order = state_of(request), _order_of(request)
    if not state.can_return(order):
        return back(request, f"/account/orders/{order.number}", "This order cannot be sent back.")
    values: dict[str, Any] = {"items": [], "reason": "", "comment": ""}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        chosen = [entry for entry in form.getlist("items") if isinstance(entry, str)]
        values = {"items": chosen, "reason": text(form, "reason"), "comment": text(form, "comment")[:500]}
        if not chosen:
            errors["items"] = "Choose at least one item."
        if values["reason"] not in REASONS:
            errors["reason"] = "Choose a reason."
        if not errors:
            skus = tuple(dict.fromkeys(chosen))
            if not state.send_back(order, skus=skus, reason=values["reason"], comment=values["comment"]):
                raise HTTPException(400)
            return back(request, f"/account/orders/{order.number}", "Your return is registered.")
    return page(
        request,
        "return_new.html",
        status=422 if errors else 200,
        tab="orders",
        order=order,
        items=[(line, state.product(line.product)) for line in order.lines if line.sku not in order.returned],
        reasons=REASONS,
        values=values,
        errors=errors,
    )


def _pdf(content: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


async def invoice(request: Request) -> Response:
    """An order's invoice as a file."""
    order = _order_of(request)
    names = {line.product: _name(request, line.product) for line in order.lines}
    return _pdf(invoice_pdf(order, names), f"invoice-{order.number}.pdf")


async def label(request: Request) -> Response:
    """The label for a parcel that goes back."""
    order = _order_of(request)
    if not state_of(request).returns(order):
        raise HTTPException(404)
    return _pdf(label_pdf(order), f"return-label-{order.number}.pdf")


def _name(request: Request, slug: str) -> str:
    product = state_of(request).product(slug)
    return product.name if product else slug
