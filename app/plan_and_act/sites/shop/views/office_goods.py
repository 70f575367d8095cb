"""The back office's start page, products and coupons."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.money import cents
from plan_and_act.sites.shop.listing import former_price, hours_old
from plan_and_act.sites.shop.model import Coupon, Product, Variant
from plan_and_act.sites.shop.web import need_person, page, product_of, state_of, whole
from plan_and_act.sites.web import back, matches, paginate, text

_MOST = 1_000_000
"""Cents: what a price, a discount or the least value of an order can be."""
SORTS: dict[str, Callable[[Product], Any]] = {
    "name": lambda product: product.name,
    "brand": lambda product: product.brand,
    "price": lambda product: product.price,
    "stock": lambda product: sum(variant.stock for variant in product.variants),
}
ROWS = 15
IMAGE_LIMIT = 1_000_000
"""Bytes of a picture."""
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


async def start(request: Request) -> Response:
    """What waits to be done."""
    need_person(request)
    state = state_of(request)
    products = state.products()
    return page(
        request,
        "office.html",
        tab="start",
        processing=[order for order in state.orders() if order.status == "Processing"],
        empty=[product for product in products if not product.in_stock],
        hidden=[product for product in products if not product.visible],
        running=[coupon for coupon in state.coupons() if not state.refusal(coupon, coupon.minimum)],
    )


def sorting(request: Request, names: Mapping[str, Any], default: str) -> tuple[str, bool]:
    """The column a table is sorted by, and whether downwards: `?sort=price`, `?sort=-price`."""
    asked = request.query_params.get("sort", default)
    name, down = asked.removeprefix("-"), asked.startswith("-")
    return (name, down) if name in names else (default.removeprefix("-"), default.startswith("-"))


async def products(request: Request) -> Response:
    """The table of products."""
    need_person(request)
    state, query = state_of(request), request.query_params
    words, kind, shown = query.get("q", "").strip()[:100], query.get("subcategory", ""), query.get("shown", "")
    column, down = sorting(request, SORTS, "name")
    every = state.products()
    if state.shows_former(request.url.path):
        every = [_former(product) for product in every]
    found = [
        product
        for product in every
        if matches(words, product.name, product.brand)
        and kind in ("", product.subcategory)
        and shown in ("", "visible" if product.visible else "hidden")
    ]
    return page(
        request,
        "office_products.html",
        tab="products",
        products=paginate(request, sorted(found, key=SORTS[column], reverse=down), ROWS),
        words=words,
        kind=kind,
        shown=shown,
        column=column,
        down=down,
        hours=hours_old(state, request.url.path),
    )


def _former(product: Product) -> Product:
    """A product as a table showed it when it was last made."""
    factor = former_price(product) / product.price
    return replace(product, variants=tuple(replace(v, price=round(v.price * factor)) for v in product.variants))


async def product(request: Request) -> Response:
    """The form of one product."""
    need_person(request)
    state, found = state_of(request), product_of(request)
    typed = {f"{name}-{v.sku}": _plain(v, name) for v in found.variants for name in ("price", "stock")}
    visible, errors = found.visible, dict[str, str]()
    if request.method == "POST":
        form = await request.form()
        typed = {name: text(form, name) for name in typed}
        visible = "visible" in form
        variants = []
        for variant in found.variants:
            price, stock = _amount(typed[f"price-{variant.sku}"]), whole(typed[f"stock-{variant.sku}"], most=9_999)
            if not price:
                errors[f"price-{variant.sku}"] = (
                    f"The price of {variant.option} is an amount in euros up to 10,000, e.g. 24.95."
                )
            if stock is None:
                errors[f"stock-{variant.sku}"] = f"The stock of {variant.option} is a number from 0 to 9999."
            variants.append(replace(variant, price=price or 0, stock=stock or 0))
        if not errors:
            changed = state.save_product(replace(found, variants=tuple(variants), visible=visible))
            return back(request, f"/admin/products/{found.slug}", "Product saved." if changed else "Nothing to save.")
    return page(
        request,
        "office_product.html",
        status=422 if errors else 200,
        tab="products",
        product=found,
        typed=typed,
        visible=visible,
        errors=errors,
        subcategory=state.base.subcategories[found.subcategory],
    )


def _plain(variant: Variant, name: str) -> str:
    return f"{variant.price / 100:.2f}" if name == "price" else str(variant.stock)


async def new_product(request: Request) -> Response:
    """The form for a new product, with a picture."""
    need_person(request)
    state = state_of(request)
    names = ("name", "brand", "subcategory", "description", "price", "stock")
    values = dict.fromkeys(names, "")
    visible, errors = True, dict[str, str]()
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in names}
        visible = "visible" in form
        errors = _product_errors(request, values)
        upload = form.get("picture")
        name, media_type, content = await _picture(upload) if isinstance(upload, UploadFile) else ("", "", b"")
        if content and not media_type:
            errors["picture"] = "A picture is a PNG or JPEG file of at most 1 MB."
        if not errors:
            made = _made(values, visible=visible, added=state.now.date())
            state.save_product(made)
            if content:
                state.set_image(made, name=name, media_type=media_type, content=content)
            return back(request, f"/admin/products/{made.slug}", f"{made.name} was added.")
    return page(
        request,
        "office_product_new.html",
        status=422 if errors else 200,
        tab="products",
        values=values,
        visible=visible,
        errors=errors,
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _amount(text: str) -> int | None:
    """An amount that something in the shop can cost, in cents, or None."""
    found = cents(text)
    return found if found is not None and found <= _MOST else None


def _product_errors(request: Request, values: Mapping[str, str]) -> dict[str, str]:
    state, errors = state_of(request), dict[str, str]()
    if not 3 <= len(values["name"]) <= 60 or not _slug(values["name"]):
        errors["name"] = "The name needs 3 to 60 characters."
    elif state.product(_slug(values["name"])):
        errors["name"] = "There is a product of this name."
    if not 2 <= len(values["brand"]) <= 40:
        errors["brand"] = "The brand needs 2 to 40 characters."
    if values["subcategory"] not in state.base.subcategories:
        errors["subcategory"] = "Choose a subcategory."
    if not _amount(values["price"]):
        errors["price"] = "The price is an amount in euros up to 10,000, e.g. 24.95."
    if whole(values["stock"], most=9_999) is None:
        errors["stock"] = "The stock is a number from 0 to 9999."
    if len(values["description"]) > 2_000:
        errors["description"] = "The description can have 2,000 characters."
    return errors


async def _picture(upload: UploadFile) -> tuple[str, str, bytes]:
    """Name, media type and bytes of an uploaded picture; no media type when it is none, or too big."""
    content = await upload.read(IMAGE_LIMIT + 1)
    media_type = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), "")
    return upload.filename or "picture", media_type if len(content) <= IMAGE_LIMIT else "", content


def _made(values: Mapping[str, str], *, visible: bool, added: date) -> Product:
    slug = _slug(values["name"])
    variant = Variant(f"NEW-{slug}", "", "", _amount(values["price"]) or 0, whole(values["stock"]) or 0)
    return Product(
        slug=slug,
        name=values["name"],
        brand=values["brand"],
        subcategory=values["subcategory"],
        description=values["description"],
        specs=(),
        variants=(variant,),
        reviews=(),
        added=added,
        visible=visible,
    )


async def coupons(request: Request) -> Response:
    """The table of coupons."""
    need_person(request)
    return page(request, "office_coupons.html", tab="coupons", coupons=state_of(request).coupons())


async def new_coupon(request: Request) -> Response:
    """The form for a new coupon."""
    need_person(request)
    state = state_of(request)
    values = {"code": "", "kind": "percent", "value": "", "minimum": "", "expires": ""}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in values}
        coupon = _coupon(values, errors)
        if coupon and not errors:
            if state.create_coupon(coupon):
                return back(request, "/admin/coupons", f"The coupon {coupon.code} was created.")
            errors["code"] = f"There is a coupon {coupon.code} already."
    return page(
        request, "office_coupon_new.html", status=422 if errors else 200, tab="coupons", values=values, errors=errors
    )


def _coupon(values: Mapping[str, str], errors: dict[str, str]) -> Coupon | None:
    """What the form describes; what is wrong with it goes into `errors`."""
    code = values["code"].upper()
    percent = values["kind"] == "percent"
    value = whole(values["value"], most=90) if percent else _amount(values["value"])
    minimum = _amount(values["minimum"]) if values["minimum"] else 0
    if not re.fullmatch(r"[A-Z0-9]{4,20}", code):
        errors["code"] = "A code has 4 to 20 letters and digits."
    if not value:
        errors["value"] = (
            "The discount is a number from 1 to 90." if percent else "The discount is an amount in euros up to 10,000."
        )
    if minimum is None:
        errors["minimum"] = "The least order value is an amount in euros."
    try:
        expires = date.fromisoformat(values["expires"])
    except ValueError:
        errors["expires"] = "Enter the last day on which the coupon is valid."
        return None
    amount = 0 if percent else value or 0
    return Coupon(code, (value or 0) if percent else 0, amount, minimum or 0, expires)


async def set_coupon(request: Request) -> Response:
    """Accept a coupon, or do not accept it any more."""
    need_person(request)
    state = state_of(request)
    coupon = state.coupon(request.path_params["code"])
    if coupon is None:
        raise HTTPException(404)
    on = request.path_params["what"] == "enable"
    state.set_coupon_active(coupon, on)
    return back(request, "/admin/coupons", f"The coupon {coupon.code} is {'accepted' if on else 'disabled'} now.")
