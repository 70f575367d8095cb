"""The account: signing in and out, addresses, wish list, settings."""

import re
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.shop.listing import cards
from plan_and_act.sites.shop.model import Address, Preferences
from plan_and_act.sites.shop.web import need_person, page, state_of
from plan_and_act.sites.web import back, safe_next, text

FIELDS = {
    "label": ("Name of this address", "e.g. Home"),
    "name": ("Full name", ""),
    "street": ("Street and number", ""),
    "postcode": ("Postcode", ""),
    "city": ("City", ""),
    "phone": ("Phone", ""),
}
"""The fields of an address: label and example."""
FREQUENCIES = {"daily": "Every day", "weekly": "Once a week", "monthly": "Once a month"}
SWITCHES = {
    "newsletter": ("Newsletter", "What is new in the shop"),
    "order_updates": ("Order updates by email", "When a parcel leaves and when it arrives"),
    "text_messages": ("Offers by text message", "At most twice a month"),
    "review_reminders": ("Reminders to write reviews", "Two weeks after delivery"),
}


async def sign_in(request: Request) -> Response:
    """The sign-in page."""
    state = state_of(request)
    target = safe_next(request.query_params.get("next", "/"))
    if state.me:
        return RedirectResponse(target, 303)
    if request.method == "GET":
        return page(request, "sign_in.html", next=target, email="", error=None)
    form = await request.form()
    target, email, password = safe_next(text(form, "next")), text(form, "email"), form.get("password", "")
    if isinstance(password, str) and state.sign_in(email, password):
        return back(request, target, f"Welcome back, {state.me.name}." if state.me else None)
    error = "That email address and password do not belong together."
    if not email or not password:
        error = "Enter your email address and your password."
    return page(request, "sign_in.html", status=422, next=target, email=email, error=error)


async def sign_out(request: Request) -> Response:
    """Sign out and go to the start page."""
    state_of(request).sign_out()
    return back(request, "/", "You are signed out.")


async def overview(request: Request) -> Response:
    """What there is in the account."""
    need_person(request)
    state = state_of(request)
    return page(request, "account.html", tab="account", orders=state.my_orders()[:3], cards=state.base.cards)


async def wish_list(request: Request) -> Response:
    """The wish list."""
    need_person(request)
    state = state_of(request)
    return page(request, "wish_list.html", tab="wish-list", cards=cards(state, state.wish_list(), "/account/wish-list"))


async def addresses(request: Request) -> Response:
    """All addresses."""
    need_person(request)
    return page(request, "addresses.html", tab="addresses", addresses=state_of(request).addresses())


def _address_of(request: Request) -> Address:
    need_person(request)
    address = state_of(request).address(request.path_params["number"])
    if address is None:
        raise HTTPException(404)
    return address


async def new_address(request: Request) -> Response:
    """The form for a new address."""
    person = need_person(request)
    return await _address_form(request, Address(0, "", person.name, "", "", "", ""))


async def edit_address(request: Request) -> Response:
    """The form for an address that is there."""
    return await _address_form(request, _address_of(request))


async def _address_form(request: Request, address: Address) -> Response:
    target = request.query_params.get("next", "/account/addresses")
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        typed: dict[str, Any] = {name: text(form, name) for name in FIELDS}
        address = replace(address, **typed)
        errors = _address_errors(request, address)
        if not errors:
            changed = state_of(request).save_address(address)
            return back(request, safe_next(target), "Address saved." if changed else "Nothing to save.")
    return page(
        request,
        "address_form.html",
        status=422 if errors else 200,
        tab="addresses",
        address=address,
        fields=FIELDS,
        errors=errors,
    )


def _address_errors(request: Request, address: Address) -> dict[str, str]:
    errors = {
        name: f"{label}: 2 to 60 characters, please."
        for name, (label, _) in FIELDS.items()
        if not 2 <= len(getattr(address, name)) <= 60
    }
    if not re.fullmatch(r"\+?[\d ()/-]{6,20}", address.phone):
        errors["phone"] = "A phone number has digits and spaces, and may begin with +."
    taken = (other.label.casefold() for other in state_of(request).addresses() if other.id != address.id)
    if address.label.casefold() in taken:
        errors["label"] = "You have another address of this name."
    return errors


async def delete_address(request: Request) -> Response:
    """Delete an address."""
    address = _address_of(request)
    gone = state_of(request).delete_address(address.id)
    words = f"{address.label} was deleted." if gone else "The default address cannot be deleted."
    return back(request, "/account/addresses", words)


async def default_address(request: Request) -> Response:
    """Make an address the default one."""
    address = _address_of(request)
    state_of(request).make_default(address.id)
    return back(request, "/account/addresses", f"{address.label} is your default address now.")


async def settings(request: Request) -> Response:
    """What the shop may write."""
    need_person(request)
    state = state_of(request)
    if request.method == "POST":
        form = await request.form()
        frequency = text(form, "frequency")
        if frequency not in FREQUENCIES:
            raise HTTPException(400)
        chosen = Preferences(frequency=frequency, **{name: name in form for name in SWITCHES})
        return back(request, "/account/settings", "Settings saved." if state.prefer(chosen) else "Nothing to save.")
    return page(
        request,
        "settings.html",
        tab="settings",
        preferences=state.preferences,
        switches=SWITCHES,
        frequencies=list(FREQUENCIES.items()),
    )
