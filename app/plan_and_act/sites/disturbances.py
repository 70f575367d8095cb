"""What goes wrong on real sites and makes an agent replan: banners, slow and failing pages, other words, stale lists.

They are switched on per session, when it begins, and are deterministic: the n-th request of a session meets the same
disturbance every time. What needs no knowledge of the site is done here, between server and browser; the rest (search,
sold-out items, stale lists) the sites do by what their session's `Disturbances` say.
"""

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from html import escape
from pathlib import Path
from typing import Any, Final

from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plan_and_act.sites.web import local


@dataclass(frozen=True, slots=True)
class Disturbances:
    """Which disturbances a session meets; none by default."""

    consent: bool = False
    """A consent dialog lies over every page until it is answered."""
    ad: bool = False
    """An advertisement lies over the third page and has to be closed."""
    slow: bool = False
    """Every third page takes its time."""
    failing: bool = False
    """Every fifth page answers 503 once; its link "Try again" leads to the page."""
    renamed: bool = False
    """Controls are called by other words that mean the same."""
    moved: bool = False
    """Controls that are not a page's main ones are found in a menu "More options"."""
    search: bool = False
    """The first search finds nothing, however often it is repeated; other words find what they should."""
    sold_out: bool = False
    """What is best or cheapest may be sold out, which shows only on its own page."""
    expiry: bool = False
    """The session ends once, at the eighth page; a button on the page that says so continues it."""
    stale: bool = False
    """Lists show an older state until they are refreshed; the pages of the items are up to date."""

    @classmethod
    def all_on(cls) -> "Disturbances":
        """Every disturbance there is."""
        return cls(**dict.fromkeys(NAMES, True))

    @classmethod
    def drawn(cls, seed: int) -> "Disturbances":
        """Some of them, each with probability one half; the same seed draws the same ones."""
        rng = random.Random(f"disturbances/{seed}")
        return cls(**{name: rng.random() < 0.5 for name in NAMES})

    @classmethod
    def named(cls, names: list[str]) -> "Disturbances":
        """Those with these names.

        Raises:
            ValueError: When there is none of a name.
        """
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            msg = f"there is no disturbance {', '.join(unknown)}; there are {', '.join(NAMES)}"
            raise ValueError(msg)
        return replace(cls(), **dict.fromkeys(names, True))

    @property
    def names(self) -> list[str]:
        """Those that are on."""
        return [name for name, on in asdict(self).items() if on]

    def __bool__(self) -> bool:
        return bool(self.names)


NAMES: Final = tuple(entry.name for entry in fields(Disturbances))

_SLOW, _FAILS, _AD, _EXPIRES = 3, 5, 3, 8
"""Every third page is slow, every fifth fails, an advertisement comes with the third, the eighth expires."""
_DELAY = 0.35
"""Seconds a slow page takes longer."""
_PATH = "/_extras/"
"""Where the scripts of the disturbances are, and where their forms are sent."""
_FILES = Path(__file__).parent / "extras"
_CONTROLS = re.compile(
    r"(<(?:button|a|summary)\b[^>]*>)([^<]+)(?=</)"
    r'|(\baria-label=")([^"]+)'
    r'|(<input\b(?=[^>]*\stype="(?:submit|button|reset)")[^>]*?\svalue=")([^"]+)'
)
"""Where the words of controls are: what comes before them, and the words. Other fields' values are not theirs."""
_LINK = re.compile(r"<(?:a|summary)\b")
"""What begins a control that may be called by what somebody wrote: a thread, an issue, a name."""


class DisturbanceMiddleware:
    """Disturbs the pages of sessions that ask for it. Stands behind the session's middleware.

    Args:
        app: The site.
        synonyms: Labels of the site's controls and what they are called when they are renamed.
    """

    def __init__(self, app: ASGIApp, *, synonyms: Mapping[str, str]) -> None:
        self._app = app
        self._synonyms = synonyms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or "session" not in scope:
            if scope["type"] == "http" and scope["path"].startswith(_PATH):
                await _extra(scope["path"])(scope, receive, send)
            else:
                await self._app(scope, receive, send)
            return
        state = scope["session"]
        visit, active = state.visit, state.visit.disturbances
        if not active or not _is_page(scope):
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(_PATH):
            await self._answer(scope, visit)(scope, receive, send)
            return
        if scope["method"] == "GET":
            visit.pages += 1
            if active.slow and visit.pages % _SLOW == 0:
                await asyncio.sleep(_DELAY)
            if active.failing and visit.pages % _FAILS == 0:
                await _interruption("Something went wrong", _UNAVAILABLE, _again(scope, "Try again"), 503)(
                    scope, receive, send
                )
                return
            if active.expiry and visit.pages == _EXPIRES:
                visit.expired = True
        if visit.expired:
            button = f'<form method="post" action="{_PATH}continue"><button>Continue</button></form>'
            if scope["method"] == "GET":
                visit.wanted = _asked(scope)
            await _interruption("Your session has expired", _EXPIRED, button, 200)(scope, receive, send)
            return
        await self._disturbed(scope, receive, send)

    async def _disturbed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the page with what is to be changed in its HTML."""
        start: Message | None = None
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            headers = {name.lower(): value for name, value in start["headers"]}
            if headers.get(b"content-type", b"").startswith(b"text/html"):
                body = self._changed(body.decode(), scope["session"].visit).encode()
                start["headers"] = [
                    (name, str(len(body)).encode() if name.lower() == b"content-length" else value)
                    for name, value in start["headers"]
                ]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, collect)

    def _changed(self, html: str, visit: Any) -> str:
        active = visit.disturbances
        if active.renamed:
            html = _CONTROLS.sub(self._renamed, html)
        extra = []
        if active.consent and not visit.consented:
            extra.append("consent")
        if active.ad and visit.pages >= _AD and not visit.ad_closed:
            extra.append("ad")
        if active.moved:
            extra.append("moved")
        if not extra:
            return html
        tags = f'<link rel="stylesheet" href="{_PATH}extras.css">'
        tags += "".join(f'<script src="{_PATH}{name}.js" defer></script>' for name in extra)
        return html.replace("</head>", tags + "</head>", 1)

    def _renamed(self, match: re.Match[str]) -> str:
        before, text = filter(None, match.groups())
        label = text.strip()
        other = self._synonyms.get(label, label) if _LINK.match(before) else self._other(label)
        return before + text.replace(label, other) if label else match[0]

    def _other(self, label: str) -> str:
        if label in self._synonyms:
            return self._synonyms[label]
        # "Follow Mira Hale": the control's word, then whom it is about.
        first, _, rest = label.partition(" ")
        return f"{self._synonyms[first]} {rest}" if rest and first in self._synonyms else label

    def _answer(self, scope: Scope, visit: Any) -> Response:
        """What the banners' buttons send."""
        match scope["path"].removeprefix(_PATH):
            case "consent":
                visit.consented = True
            case "ad":
                visit.ad_closed = True
            case "continue":
                visit.expired = False
                return Response(status_code=303, headers={"location": visit.wanted or "/"})
            case _:
                return _extra(scope["path"])
        return Response(status_code=204)


_UNAVAILABLE = "The page could not be prepared. This does not happen often; please try again."
_EXPIRED = "You were away for a while. Nothing you had saved is lost."


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a document, or for one of ours; requests of scripts and frames are left alone."""
    headers = dict(scope["headers"])
    if headers.get(b"sec-fetch-dest") == b"iframe":
        return False
    return b"text/html" in headers.get(b"accept", b"") or scope["path"].startswith(_PATH)


def _asked(scope: Scope) -> str:
    return local(scope["path"], scope["query_string"].decode("latin-1"))


def _again(scope: Scope, text: str) -> str:
    if scope["method"] != "GET":
        return '<a class="button" href="/">Go to the start page</a>'
    return f'<a class="button" href="{escape(_asked(scope))}">{text}</a>'


def _interruption(title: str, text: str, button: str, status: int) -> Response:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="{_PATH}extras.css"></head><body class="interruption"><main><h1>{title}</h1>'
        f"<p>{text}</p>{button}</main></body></html>"
    )
    return Response(html, status, media_type="text/html")


def _extra(path: str) -> Response:
    file = _FILES / path.removeprefix(_PATH)
    return FileResponse(file) if file.parent == _FILES and file.is_file() else Response("404\n", 404)
