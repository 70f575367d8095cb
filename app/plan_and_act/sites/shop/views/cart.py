"""The cart, and the steps from it to an order."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from plan_and_act.sites.shop.history import DELIVERY, FREE_FROM
from plan_and_act.sites.shop.web import need_person, page, plural, product_of, state_of, whole
from plan_and_act.sites.web import back, text, wants_json

INVOICE = "Invoice"
STEPS = (("address", "Address"), ("delivery", "Delivery"), ("payment", "Payment"), ("review", "Review"))


async def cart(request: Request) -> Response:
    """What is in the cart."""
    return _cart(request)


def _cart(request: Request, *, error: str = "", code: str = "") -> Response:
    state = state_of(request)
    basket = state.basket()
    refused = state.coupon(state.cart_coupon) if state.cart_coupon and not basket.coupon else None
    return page(
        request,
        "cart.html",
        status=422 if error else 200,
        basket=basket,
        items=[(line, state.product(line.product)) for line in basket.lines],
        error=error or (state.refusal(refused, basket.goods) if refused else ""),
        code=code,
        free_from=FREE_FROM,
    )


async def add(request: Request) -> Response:
    """Put a product in the chosen size and colour into the cart."""
    need_person(request)
    state, product = state_of(request), product_of(request)
    form = await request.form()
    variant = product.variant(text(form, "size"), text(form, "colour"))
    quantity = whole(text(form, "quantity"), most=99)
    if variant is None or not quantity:
        message = "Choose an option and a quantity from 1 to 99."
    elif state.put(variant.sku, quantity):
        message = f"{plural(quantity, 'item')} put into your cart: {product.name}, {variant.option}."
    else:
        there = state.stock(product, variant)
        message = f"Only {there} of this option can be bought." if there else "This option is sold out."
    if wants_json(request):
        return JSONResponse({"count": state.basket().count, "message": message})
    return back(request, f"/p/{product.slug}", message)


async def quantity(request: Request) -> Response:
    """Change how many of something are in the cart."""
    need_person(request)
    state = state_of(request)
    form = await request.form()
    sku, number = text(form, "sku"), whole(text(form, "quantity"), most=99)
    if sku not in state.cart:
        raise HTTPException(404)
    if number is None:
        return _cart(request, error="A quantity is a number from 0 to 99.")
    found = state.variant(sku)
    if not state.set_quantity(sku, number) and number != state.cart.get(sku):
        return _cart(request, error=f"Only {state.stock(*found) if found else 0} of this option can be bought.")
    return back(request, "/cart", "Cart updated." if number else "Removed from your cart.")


async def coupon(request: Request) -> Response:
    """Use a coupon, or take it away again."""
    need_person(request)
    state, code = state_of(request), text(await request.form(), "code")[:30]
    if not code and not state.cart_coupon:
        return _cart(request, error="Enter the code of a coupon.")
    error = state.use_coupon(code)
    return _cart(request, error=error, code=code) if error else back(
        request, "/cart", "Coupon applied." if code else "Coupon removed."
    )  # fmt: skip


async def begin(request: Request) -> Response:
    """Begin the checkout."""
    need_person(request)
    return RedirectResponse(f"/checkout/{_missing(request) or 'review'}", 303)


def _missing(request: Request) -> str:
    """The first step for which nothing is chosen yet; nothing when all is."""
    state = state_of(request)
    chosen = state.checkout
    if state.address(whole(chosen.get("address", "")) or 0) is None:
        return "address"
    return next((name for name in ("delivery", "payment") if chosen.get(name) not in _choices(request)[name]), "")


def _choices(request: Request) -> dict[str, list[str]]:
    state = state_of(request)
    return {
        "address": [str(address.id) for address in state.addresses()],
        "delivery": list(DELIVERY),
        "payment": [*state.base.cards, INVOICE],
    }


async def step(request: Request) -> Response:
    """One step of the checkout: something is chosen, or all of it looked at."""
    need_person(request)
    name = request.path_params["step"]
    state = state_of(request)
    if name not in dict(STEPS):
        raise HTTPException(404)
    if not state.cart or not state.basket().lines:
        return back(request, "/cart", "Your cart is empty.")
    order = [entry for entry, _ in STEPS]
    missing = _missing(request)
    if missing and order.index(name) > order.index(missing):
        return RedirectResponse(f"/checkout/{missing}", 303)
    if request.method == "GET":
        return _step(request, name)
    if name == "review":
        return await _place(request)
    choice = text(await request.form(), name)
    if choice not in _choices(request)[name]:
        return _step(request, name, error="Choose one of these.")
    state.checkout[name] = choice
    return RedirectResponse(f"/checkout/{order[order.index(name) + 1]}", 303)


def _step(request: Request, name: str, *, error: str = "") -> Response:
    state = state_of(request)
    basket = state.basket()
    delivery = state.checkout.get("delivery", "")
    values: dict[str, Any] = {
        "steps": STEPS,
        "step": name,
        "error": error,
        "basket": basket,
        "items": [(line, state.product(line.product)) for line in basket.lines],
        "delivery": DELIVERY.get(delivery),
        "costs": {key: basket.shipping(key) for key in DELIVERY},
        "deliveries": DELIVERY,
        "total": basket.total(delivery if name in ("payment", "review") else ""),
        "shipping": basket.shipping(delivery) if delivery and name in ("payment", "review") else None,
        "chosen": state.checkout.get(name) or (str(state.default_address) if name == "address" else ""),
        "address": state.address(whole(state.checkout.get("address", "")) or 0),
        "cards": state.base.cards,
        "invoice": INVOICE,
    }
    return page(request, f"checkout_{name}.html", status=422 if error else 200, **values)


async def _place(request: Request) -> Response:
    state, chosen = state_of(request), state_of(request).checkout
    if text(await request.form(), "terms") != "yes":
        return _step(request, "review", error="Please agree to the terms of sale.")
    address = state.address(int(chosen["address"]))
    if address is None:
        raise HTTPException(400)
    order = state.place_order(address=address, delivery=chosen["delivery"], payment=chosen["payment"])
    return back(request, f"/checkout/done/{order.number}")


async def done(request: Request) -> Response:
    """Thanks for an order."""
    person, order = need_person(request), state_of(request).order(request.path_params["number"])
    if order is None or order.customer != person.id:
        raise HTTPException(404)
    return page(request, "confirmation.html", order=order)
