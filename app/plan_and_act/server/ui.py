"""The operator's page: its files, and what runs refer to by hash (screenshots, the page as the models saw it).

The page is a client of the graph API at the same origin. Its files say nothing of anybody's runs and may be served to
everyone; artefacts stand behind the same keys as threads. LangGraph Server asks nobody for a key below `/ui`, so they
are not there.
"""

import asyncio
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from plan_and_act.artefacts import Artefacts, open_artefacts
from plan_and_act.errors import StorageError
from plan_and_act.report.images import image_facts

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

# Screenshots are fetched with the key and shown as blobs. Nothing else is loaded from anywhere, and nothing is inline.
_PAGE = _ALWAYS | {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}

# What an artefact says comes from pages: opened by itself it may load and run nothing.
_ARTEFACT = _ALWAYS | {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def routes(artefacts: Artefacts | None = None) -> list[Route]:
    """The routes of the page: `/ui`, `/ui/{asset}` and `/artefacts/{digest}`.

    Args:
        artefacts: Where screenshots and observations are; what the environment says when left out. Private ones
            (login states) are never served.
    """
    kept = artefacts or open_artefacts()
    assets = {file.name: (file.read_bytes(), _TYPES[file.name.rpartition(".")[2]]) for file in _assets()}

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params.get("asset", "index.html"))
        if found is None:
            return Response("There is no such file.", 404, _ALWAYS, "text/plain")
        return Response(found[0], 200, _PAGE, found[1])

    async def artefact(request: Request) -> Response:
        try:
            data = await asyncio.to_thread(kept.public, request.path_params["digest"])
        except StorageError as error:
            return Response(str(error), 404, _ALWAYS, "text/plain")
        facts = image_facts(data)
        return Response(data, 200, _ARTEFACT, facts.media_type if facts else "text/plain")

    return [
        Route("/ui", asset),
        Route("/artefacts/{digest}", artefact),
        Route("/ui/{asset}", asset),
    ]


def _assets() -> list[Traversable]:
    """The page's own files, and the report's style sheet, whose look the page shares."""
    package = files("plan_and_act")
    return [*(package / "server" / "page").iterdir(), package / "report" / "templates" / "run.css"]
