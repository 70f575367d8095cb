"""One state per session, named by a header, `?session=TOKEN` or a cookie; the least recently used ones make room."""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.web import local

HEADER = "x-session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True)
class Visit:
    """How a session is going, beside what it has changed."""

    disturbances: Disturbances = field(default_factory=Disturbances)
    toasts: list[str] = field(default_factory=list)
    """Messages that the next page shows."""
    pages: int = 0
    """Pages asked for, while there are disturbances."""
    consented: bool = False
    ad_closed: bool = False
    expired: bool = False
    wanted: str | None = None
    """The page that was asked for when the session expired."""
    searched: str | None = None
    """The first words that were searched for."""

    def finds(self, query: str) -> bool:
        """Whether a search finds anything: the first words do not, under that disturbance."""
        words = " ".join(query.casefold().split())
        if not self.disturbances.search or not words:
            return True
        self.searched = self.searched or words
        return words != self.searched


@dataclass(frozen=True, slots=True)
class Effect:
    """Something a session did that changed the site."""

    kind: str
    by: str
    target: str


class SiteState(Protocol):
    """What a site keeps for a session."""

    visit: Visit

    def changes(self) -> dict[str, Any]:
        """What is different from the untouched site, and the log of effects, in plain JSON."""

    def enter(self, username: str | None) -> None:
        """Let the session begin as somebody, or signed out; ValueError when there is no such account."""


S = TypeVar("S", bound=SiteState)


class Sessions(Generic[S]):
    """The sessions of a site. To be used from one event loop.

    Args:
        fresh: Makes the untouched state of the world with a seed.
        seed: The world of sessions that ask for no other.
        limit: How many are kept; the least recently used ones make room.
    """

    def __init__(self, fresh: Callable[[int], S], *, seed: int, limit: int = 2_000) -> None:
        self._fresh = fresh
        self._seed = seed
        self._limit = limit
        self._states: OrderedDict[str, S] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def open(self, token: str) -> S:
        """The state of a session, which begins here if it is new."""
        state = self.find(token)
        return self.reset(token) if state is None else state

    def find(self, token: str) -> S | None:
        """The state of a session, or None when it never began or had to go."""
        if token in self._states:
            self._states.move_to_end(token)
        return self._states.get(token)

    def reset(self, token: str, *, seed: int | None = None) -> S:
        """Begin a session anew, in another world if its seed is given."""
        state = self._states[token] = self._fresh(self._seed if seed is None else seed)
        self._states.move_to_end(token)
        while len(self._states) > self._limit:
            self._states.popitem(last=False)
        return state


class SessionMiddleware(Generic[S]):
    """Puts the session's state under `scope["session"]`; a GET with `?session=` is sent on to the URL without it."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions[S], cookie: str) -> None:
        self._app = app
        self._sessions = sessions
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/_control/")):
            await self._app(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = dict(query).get("session")
        headers = Headers(scope=scope)
        if asked is not None and not _TOKEN.fullmatch(asked):
            response = Response("A session is named by 1 to 64 letters, digits, - and _.", 400, media_type="text/plain")
            await response(scope, receive, send)
            return
        known = self._from_cookie(headers)
        token = asked or self._from_header(headers) or known or secrets.token_urlsafe(12)

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and token != known and HEADER not in headers:
                cookie = f"{self._cookie}={token}; Path=/; HttpOnly; SameSite=Lax"
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        if asked is not None and scope["method"] == "GET":
            rest = urlencode([(name, value) for name, value in query if name != "session"])
            self._sessions.open(token)
            await RedirectResponse(local(scope["path"], rest), 303)(scope, receive, with_cookie)
            return
        scope["session"] = self._sessions.open(token)
        await self._app(scope, receive, with_cookie)

    def _from_header(self, headers: Headers) -> str | None:
        token = headers.get(HEADER, "")
        return token if _TOKEN.fullmatch(token) else None

    def _from_cookie(self, headers: Headers) -> str | None:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return None
        return morsel.value if morsel and _TOKEN.fullmatch(morsel.value) else None


def control_routes(sessions: Sessions[S]) -> Mount:
    """What a checker needs and an agent never sees: GET `/_control/TOKEN/state`, POST `/_control/TOKEN/reset`.

    Reset takes `seed=N` for another world, `disturb=NAME,NAME` for what the session is to meet, and `as=NAME`;
    `as=nobody` begins the session signed out. The state of a session that never began, or had to make room, is a 404:
    "nothing changed" would be a guess.
    """

    async def state(request: Request) -> Response:
        token = request.path_params["token"]
        found = sessions.find(token)
        if found is None:
            return JSONResponse({"error": f"no session {token!r}: it never began or had to make room"}, 404)
        return JSONResponse({"session": token, **found.changes()})

    async def reset(request: Request) -> Response:
        token = request.path_params["token"]
        if not _TOKEN.fullmatch(token):
            return JSONResponse({"error": "a session is named by 1 to 64 letters, digits, - and _"}, 400)
        account, seed = request.query_params.get("as"), request.query_params.get("seed")
        disturb = [name for name in request.query_params.get("disturb", "").split(",") if name]
        try:
            fresh = sessions.reset(token, seed=int(seed) if seed else None)
            fresh.visit = Visit(Disturbances.named(disturb))
            if account is not None:
                fresh.enter(None if account == "nobody" else account)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"session": token, **fresh.changes()})

    routes = [Route("/{token}/state", state), Route("/{token}/reset", reset, methods=["POST"])]
    return Mount("/_control", routes=routes)
