"""The graph API without LangGraph's server: API, worker, browsers and the operator's page in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from plan_and_act.browser.pool import pool
from plan_and_act.checkpoints import open_checkpoints
from plan_and_act.errors import AccessError
from plan_and_act.server import health, ui
from plan_and_act.server.access import Access, is_loopback, is_public
from plan_and_act.server.api import Api
from plan_and_act.server.metrics import Metrics
from plan_and_act.server.operator import agent_from_environment
from plan_and_act.server.runs import open_runs
from plan_and_act.server.worker import Worker


def create_app(
    *,
    database: str | None = None,
    at_once: int | None = None,
    most_queued: int = 1_000,
    most_each: int = 100,
    keep: timedelta | None = None,
    access: Access | None = None,
    any_name: bool = False,
) -> Starlette:
    """The server as an ASGI application; it works on runs as long as it is up.

    Args:
        database: A `postgres://` URL that several servers may share, for checkpoints and runs; SQLite files in
            `PLAN_AND_ACT_HOME` when left out.
        at_once: Runs carried out side by side; as many as there may be browser sessions when left out.
        most_queued: Runs that may wait for a worker; more are refused (503).
        most_each: Unfinished runs an owner may have; more are refused (429).
        keep: How long a thread is kept in which nothing happens any more; None keeps threads for good.
        access: Who may call; what the environment says when left out.
        any_name: Whether callers without keys may call the server by any name; else by one of this machine's own only,
            so that no web site can have its name point here (DNS rebinding).

    Returns:
        The application. When it is shut down it leaves its runs at their next step, to another worker or its next
        start.

    Raises:
        ConfigError: When what the environment names cannot be used.
    """
    access = access or Access.from_environment()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        metrics.listen()
        async with (
            open_checkpoints(database) as saver,
            open_runs(database, most_queued=most_queued, most_each=most_each) as runs,
        ):
            agent = agent_from_environment(checkpointer=saver)
            worker = Worker(runs, agent, at_once=at_once or pool().limit, keep=keep)
            app.router.routes.extend(
                [
                    *Api(runs, agent, worker).routes(),
                    *health.routes(metrics, runs.count, lambda: not worker.stopping),
                    *ui.routes(),
                    *_rest(),
                ]
            )
            working = asyncio.create_task(worker.work())
            try:
                yield
            finally:
                worker.stop()
                await working
                await pool().close()

    return Starlette(lifespan=lifespan, middleware=[Middleware(_Guard, access=access, any_name=any_name)])


class _Guard:
    """Lets nobody without a key to what is not public, whichever route it is; where nobody has a key, no web site."""

    def __init__(self, app: ASGIApp, access: Access, *, any_name: bool) -> None:
        self._app = app
        self._access = access
        self._any_name = any_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_public(scope["path"]):
            headers = Headers(scope=scope)
            try:
                scope["owner"] = self._access.owner(headers)
            except AccessError as error:
                await JSONResponse({"detail": str(error)}, 401)(scope, receive, send)
                return
            why = _foreign(headers, any_name=self._any_name) if self._access.open else None
            if why:
                await JSONResponse({"detail": why}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _foreign(headers: Headers, *, any_name: bool) -> str | None:
    """Why a call may be another web site's, by the browser of somebody who looks at it; None when it is not."""
    host = headers.get("host", "")
    if not any_name and not _is_here(host):
        return f"This server asks for no keys, and is not {host!r}: call it localhost, or start it with --without-keys."
    # Browsers say from which site a call comes, old ones its origin only; other programs say neither.
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin", "none") or (not site and origin and origin.partition("://")[2] != host):
        return "This server asks for no keys, so it takes no calls from other web sites."
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "This server asks for no keys, so a body must be said to be JSON (Content-Type: application/json)."
    return None


def _is_here(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


def _rest() -> list[BaseRoute]:
    async def ok(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def info(_: Request) -> Response:
        return JSONResponse(
            {"flags": {"assistants": True, "crons": False, "langsmith": False}, "server": "plan-and-act"}
        )

    async def front(_: Request) -> Response:
        return RedirectResponse("/ui")

    async def unknown(request: Request) -> Response:
        what = f"{request.method} {request.url.path}"
        return JSONResponse({"detail": f"This server has no {what}; LangGraph's own server may (make serve)."}, 404)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/ok", ok), Route("/info", info), Route("/", front), Route("/{_:path}", unknown, methods=methods)]
