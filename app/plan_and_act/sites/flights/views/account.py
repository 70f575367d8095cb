"""Signing in and out, the profile, saved travellers and price alerts."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.flights.data import MEALS, SEATS
from plan_and_act.sites.flights.offers import find_airport
from plan_and_act.sites.flights.views.booking import read_traveller
from plan_and_act.sites.flights.web import need_person, page, state_of
from plan_and_act.sites.money import cents
from plan_and_act.sites.web import back, safe_next, text

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\+?[\d ()/-]{6,25}")
_MOST = 5_000
"""The highest price an alert takes, in euros."""


async def sign_in(request: Request) -> Response:
    """The sign-in page."""
    state = state_of(request)
    target = safe_next(request.query_params.get("next", "/"))
    if state.viewer:
        return RedirectResponse(target, 303)
    if request.method == "GET":
        return page(request, "sign_in.html", next=target, username="", error=None)
    form = await request.form()
    target = safe_next(text(form, "next"))
    username, password = text(form, "username").lower(), form.get("password", "")
    if isinstance(password, str) and state.sign_in(username, password):
        return back(request, target, f"Welcome back, {state.profile.name}.")
    error = "That username and password do not belong together."
    if not username or not password:
        error = "Enter your username and your password."
    return page(request, "sign_in.html", status=422, next=target, username=username, error=error)


async def sign_out(request: Request) -> Response:
    """Sign out and go to the start page."""
    state_of(request).sign_out()
    return back(request, "/", "You are signed out.")


async def profile(request: Request) -> Response:
    """The form with the account's details and preferences."""
    state = need_person(request)
    if request.method == "GET":
        return page(request, "profile.html", values=state.profile, errors={}, meals=MEALS, seats=SEATS)
    form = await request.form()
    values = {name: text(form, name) for name in ("name", "email", "phone", "meal", "seat")}
    errors = {}
    if not 2 <= len(values["name"]) <= 60:
        errors["name"] = "Your name needs 2 to 60 characters."
    if not _EMAIL.fullmatch(values["email"]):
        errors["email"] = "Enter an e-mail address such as name@post.example."
    if not _PHONE.fullmatch(values["phone"]):
        errors["phone"] = "Enter a phone number with its country, for example +41 44 555 01 72."
    if values["meal"] not in MEALS:
        errors["meal"] = "Choose one of the meals."
    if values["seat"] not in SEATS:
        errors["seat"] = "Choose one of the seats."
    newsletter = "newsletter" in form
    if errors:
        shown = values | {"newsletter": newsletter}
        return page(request, "profile.html", status=422, values=shown, errors=errors, meals=MEALS, seats=SEATS)
    changed = state.edit_profile(**values, newsletter=newsletter)
    return back(request, "/account", "Profile saved." if changed else "Nothing to save.")


async def travellers(request: Request) -> Response:
    """The saved travellers, and a form for another one."""
    state = need_person(request)
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in form}
        person, errors = read_traveller(values)
        if person:
            saved = state.save_traveller(person)
            return back(request, "/account/travellers", f"{person.name} {'is saved' if saved else 'was saved before'}.")
    status = 422 if errors else 200
    return page(request, "travellers.html", status=status, saved=state.travellers, values=values, errors=errors)


async def remove_traveller(request: Request) -> Response:
    """Remove a saved traveller."""
    if not need_person(request).remove_traveller(request.path_params["number"]):
        raise HTTPException(404)
    return back(request, "/account/travellers", "Traveller removed.")


async def alerts(request: Request) -> Response:
    """The price alerts, and a form for another one."""
    state = need_person(request)
    net = state.base.network
    values = {name: request.query_params.get(name, "") for name in ("from", "to")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in ("from", "to", "below")}
        origin, destination = (find_airport(net, values[name]) for name in ("from", "to"))
        below, odd = divmod(cents(values["below"]) or 0, 100)
        if origin is None:
            errors["from"] = "Choose an airport in the list of suggestions."
        if destination is None or destination == origin:
            errors["to"] = "Choose another airport in the list of suggestions."
        if odd or not 1 <= below <= _MOST:
            errors["below"] = f"Enter a price from 1 to {_MOST} euros."
        if not errors and origin and destination:
            state.add_alert(origin.code, destination.code, below)
            return back(request, "/alerts", "Price alert created.")
    return page(request, "alerts.html", status=422 if errors else 200, form=values, errors=errors)


async def remove_alert(request: Request) -> Response:
    """Delete a price alert."""
    if not need_person(request).remove_alert(request.path_params["number"]):
        raise HTTPException(404)
    return back(request, "/alerts", "Price alert deleted.")
