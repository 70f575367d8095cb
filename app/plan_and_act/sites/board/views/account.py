"""Signing in and out, and the settings."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plan_and_act.sites.board.settings import DIGESTS, LANDINGS, SWITCHES
from plan_and_act.sites.board.web import done, need_person, page, state_of
from plan_and_act.sites.web import back, safe_next, text

TABS = {"account": "Account", "privacy": "Privacy", "notifications": "Notifications"}
_ABOUT, _TOWN = 200, 60


async def sign_in(request: Request) -> Response:
    """The sign-in page."""
    state = state_of(request)
    target = safe_next(request.query_params.get("next", "/"))
    if state.me:
        return RedirectResponse(target, 303)
    if request.method == "GET":
        return page(request, "sign_in.html", next=target, username="", error=None)
    form = await request.form()
    target, username, password = safe_next(text(form, "next")), text(form, "username"), text(form, "password")
    if state.sign_in(username, password):
        return back(request, target, f"Good to see you, {username}.")
    error = "That name and password do not belong together."
    return page(request, "sign_in.html", status=422, next=target, username=username, error=error)


async def sign_out(request: Request) -> Response:
    """Sign out and go to the start page."""
    state_of(request).sign_out()
    return back(request, "/", "You are signed out.")


async def settings(request: Request) -> Response:
    """The settings, a tab for each part; the forms have a button, the switches are set at once."""
    need_person(request)
    state = state_of(request)
    tab = request.path_params.get("tab", "account")
    if tab not in TABS:
        raise HTTPException(404)
    values = {name: state.setting(name) for name in ("about", "town", "landing", "digest")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values |= {name: text(form, name) for name in values if name in form}
        for name, limit in (("about", _ABOUT), ("town", _TOWN)):
            if len(str(values[name])) > limit:
                errors[name] = f"At most {limit} characters."
        if values["landing"] not in LANDINGS or values["digest"] not in DIGESTS:
            raise HTTPException(400)
        if not errors:
            changed = state.set(**values)
            return back(request, f"/settings/{tab}", "Your settings are saved." if changed else "Nothing was changed.")
    return page(
        request,
        "settings.html",
        status=422 if errors else 200,
        tab=tab,
        tabs=TABS,
        values=values,
        errors=errors,
        switches=SWITCHES.get(tab, {}),
        digests=DIGESTS,
        landings=LANDINGS,
    )


async def switch(request: Request) -> Response:
    """Turn a switch."""
    need_person(request)
    tab, name = request.path_params["tab"], request.path_params["name"]
    if name not in SWITCHES.get(tab, {}):
        raise HTTPException(404)
    state = state_of(request)
    on = not state.setting(name)
    state.set(**{name: on})
    label = SWITCHES[tab][name][0]
    return done(request, f"{label}: {'on' if on else 'off'}.", url=f"/settings/{tab}", on=on)
