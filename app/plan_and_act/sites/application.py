"""What makes a practice site of routes and a state: sessions, templates, static files, errors, disturbances."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plan_and_act.sites import web
from plan_and_act.sites.disturbances import DisturbanceMiddleware
from plan_and_act.sites.sessions import SessionMiddleware, Sessions, SiteState, control_routes


class _NumberConvertor(IntegerConvertor):
    """Numbers in addresses, in routes `{name:number}`: Starlette's own `int` breaks on more than 4,300 digits."""

    regex = "[0-9]{1,12}"


register_url_convertor("number", _NumberConvertor())


def site_app(
    package: str,
    routes: Sequence[BaseRoute],
    fresh: Callable[[int], SiteState],
    *,
    page: Callable[..., Response],
    filters: Mapping[str, Callable[..., Any]],
    synonyms: Mapping[str, str],
    seed: int,
    control: bool,
    sessions: int,
) -> Starlette:
    """A practice site as an ASGI application.

    Args:
        package: The site's package, with the folders `templates` (one is `error.html`) and `static`, beside the static
            files that all sites share.
        routes: Its pages.
        fresh: Makes the state of a new session from a world's seed.
        page: How the site renders a page; takes the request, the template's name, `status` and the template's values.
        filters: Filters of its templates.
        synonyms: What its controls are called when they are renamed.
        seed: The world that sessions begin in unless they ask for another.
        control: Whether to serve `/_control/TOKEN/state` and `/_control/TOKEN/reset`.
        sessions: How many sessions are kept; the least recently used one makes room.
    """
    states = Sessions(fresh, seed=seed, limit=sessions)
    folder = StaticFiles(directory=str(files(package) / "static"), packages=[(__package__, "static")])
    static = Mount("/static", folder, name="static")
    app = Starlette(
        # Without control nothing is there, rather than what the site's own routes would make of the name.
        routes=[control_routes(states) if control else Mount("/_control", routes=[]), static, *routes],
        middleware=[
            Middleware(_OwnResourcesOnly),
            Middleware(SessionMiddleware[SiteState], sessions=states, cookie=f"{package.rpartition('.')[2]}_session"),
            Middleware(DisturbanceMiddleware, synonyms=synonyms),
        ],
        exception_handlers={HTTPException: web.on_http_error, web.SignInNeededError: web.on_sign_in_needed},
    )
    app.state.templates = web.environment(package, filters)
    app.state.page = page
    app.state.sessions = states
    return app


class _OwnResourcesOnly:
    """Tells browsers to load nothing from elsewhere, and to keep no page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'self'; form-action 'self'"),
                    *(() if scope["path"].startswith("/static/") else ((b"cache-control", b"no-store"),)),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
