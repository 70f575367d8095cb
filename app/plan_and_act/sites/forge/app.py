"""The application: routes, sessions and templates put together."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plan_and_act.sites.forge import web
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.views import account, home, issues, people, projects, search
from plan_and_act.sites.sessions import SessionMiddleware, Sessions, control_routes

_PROJECT = "/{owner}/{project}"
_ISSUE = _PROJECT + "/issues/{number:int}"

_ROUTES: tuple[BaseRoute, ...] = (
    Route("/", home.home),
    Route("/projects", projects.index),
    Route("/people", people.index),
    Route("/issues", issues.mine),
    Route("/search", search.search),
    Route("/sign-in", account.sign_in, methods=["GET", "POST"]),
    Route("/sign-out", account.sign_out, methods=["POST"]),
    Route("/settings", account.settings, methods=["GET", "POST"]),
    Route("/@{username}", people.profile),
    Route("/@{username}/followers", people.followers),
    Route("/@{username}/following", people.following),
    Route("/@{username}/stars", people.stars),
    Route("/@{username}/follow", people.follow, methods=["POST"]),
    Route("/@{username}/unfollow", people.unfollow, methods=["POST"]),
    Route("/{owner}", projects.owner),
    Route(_PROJECT, projects.overview),
    Route(_PROJECT + "/files", projects.files),
    Route(_PROJECT + "/files/{path:path}", projects.files),
    Route(_PROJECT + "/contributors", projects.contributors),
    Route(_PROJECT + "/activity", projects.activity),
    Route(_PROJECT + "/stargazers", projects.stargazers),
    Route(_PROJECT + "/merge-requests", projects.merge_requests),
    Route(_PROJECT + "/merge-requests/{number:int}", projects.merge_request),
    Route(_PROJECT + "/star", projects.star, methods=["POST"]),
    Route(_PROJECT + "/unstar", projects.unstar, methods=["POST"]),
    Route(_PROJECT + "/watch", projects.watch, methods=["POST"]),
    Route(_PROJECT + "/issues", issues.index),
    Route(_PROJECT + "/issues/new", issues.new, methods=["GET", "POST"]),
    Route(_ISSUE, issues.detail),
    Route(_ISSUE + "/comments", issues.comment, methods=["POST"]),
    Route(_ISSUE + "/comments/{comment:int}/delete", issues.delete_comment, methods=["POST"]),
    Route(_ISSUE + "/close", issues.close, methods=["POST"]),
    Route(_ISSUE + "/reopen", issues.reopen, methods=["POST"]),
    Route(_ISSUE + "/edit", issues.edit, methods=["POST"]),
)


def forge_app(*, seed: int = 7, control: bool = False, sessions: int = 2_000) -> Starlette:
    """The code-hosting site as an ASGI application.

    Args:
        seed: What people, projects and issues are made from.
        control: Whether to serve `/_control/TOKEN/state` and `/_control/TOKEN/reset`.
        sessions: How many sessions are kept; the least recently used one makes room.
    """
    base = build(seed)
    states = Sessions(lambda: State.fresh(base), limit=sessions)
    static = Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app = Starlette(
        routes=[*([control_routes(states)] if control else []), static, *_ROUTES],
        middleware=[
            Middleware(_OwnResourcesOnly),
            Middleware(SessionMiddleware[State], sessions=states, cookie="forge_session"),
        ],
        exception_handlers={
            HTTPException: web.on_http_error,
            web.SignInNeededError: web.on_sign_in_needed,
        },
    )
    app.state.templates = web.environment()
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
