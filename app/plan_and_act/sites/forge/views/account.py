"""Signing in and out, and the settings."""

import re

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.forge.overlay import Picture
from plan_and_act.sites.forge.web import need_person, page, state_of
from plan_and_act.sites.web import back, safe_next, text


async def sign_in(request: Request) -> Response:
    """The sign-in page."""
    state = state_of(request)
    target = safe_next(request.query_params.get("next", "/"))
    if state.me:
        return RedirectResponse(target, 303)
    if request.method == "GET":
        return page(request, "sign_in.html", next=target, username="", error=None)
    form = await request.form()
    target = safe_next(text(form, "next"))
    username = text(form, "username").removeprefix("@").lower()
    password = form.get("password", "")
    if isinstance(password, str) and state.sign_in(username, password):
        return back(request, target, f"Welcome back, {state.me.name}." if state.me else None)
    error = "That username and password do not belong together."
    if not username or not password:
        error = "Enter your username and your password."
    return page(request, "sign_in.html", status=422, next=target, username=username, error=error)


async def sign_out(request: Request) -> Response:
    """Sign out and go to the start page."""
    state_of(request).sign_out()
    return back(request, "/", "You are signed out.")


async def settings(request: Request) -> Response:
    """The form with the viewer's profile."""
    person = need_person(request)
    if request.method == "GET":
        return page(request, "settings.html", values=person, errors={})
    form = await request.form()
    values = {name: text(form, name) for name in ("name", "bio", "location", "company", "website")}
    errors = {}
    if not 2 <= len(values["name"]) <= 60:
        errors["name"] = "Your name needs 2 to 60 characters."
    if len(values["bio"]) > 160:
        errors["bio"] = f"Your bio can have 160 characters; this one has {len(values['bio'])}."
    if values["website"] and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", values["website"]):
        errors["website"] = "A web address starts with https:// and has a dot in it."
    errors |= {name: "At most 80 characters." for name in ("location", "company", "website") if len(values[name]) > 80}
    public_email = "public_email" in form
    if errors:
        shown = {**values, "public_email": public_email}
        return page(request, "settings.html", status=422, values=shown, errors=errors)
    changed = state_of(request).edit_profile(**values, public_email=public_email)
    return back(request, "/settings", "Profile saved." if changed else "Nothing to save.")


_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_PICTURE_SIZE = 500_000


async def picture(request: Request) -> Response:
    """Give the viewer's profile a picture."""
    person = need_person(request)
    file = (await request.form()).get("picture")
    if not isinstance(file, UploadFile) or not file.filename:
        return page(request, "settings.html", status=422, values=person, errors={"picture": "Choose a picture."})
    content = await file.read(_PICTURE_SIZE + 1)
    kind = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)
    if kind is None or len(content) > _PICTURE_SIZE:
        error = "A picture is a PNG, JPEG or GIF file of at most 500 kB."
        return page(request, "settings.html", status=422, values=person, errors={"picture": error})
    state_of(request).set_picture(Picture(file.filename, kind, content))
    return back(request, "/settings", "Your picture has changed.")


async def remove_picture(request: Request) -> Response:
    """Take the picture away."""
    need_person(request)
    state_of(request).set_picture(None)
    return back(request, "/settings", "Your picture is gone.")
