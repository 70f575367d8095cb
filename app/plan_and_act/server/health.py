"""What an operator's tools ask of a server: does it live, can it work, what has it done."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from plan_and_act.browser.chromium import find_chromium
from plan_and_act.browser.pool import pool
from plan_and_act.errors import PlanAndActError
from plan_and_act.server.metrics import CONTENT_TYPE, Metrics

Counted = Callable[[], Awaitable[dict[str, int]]]


def routes(metrics: Metrics, queue: Counted | None = None, ready: Callable[[], bool] = lambda: True) -> list[BaseRoute]:
    """`/health`, `/ready` and `/metrics/agent`; without keys, since load balancers and Prometheus have none.

    Args:
        metrics: What has been counted.
        queue: Counts unfinished runs by status, where there is a queue of our own.
        ready: Whether new runs are welcome; not while the server stops.
    """

    async def health(_: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readiness(_: Request) -> Response:
        problems = [] if ready() else ["the server is stopping"]
        try:
            await asyncio.to_thread(find_chromium)
            if queue:
                await queue()
        except (PlanAndActError, OSError, SQLAlchemyError) as error:
            problems.append(str(error))
        return JSONResponse({"ready": not problems, "problems": problems}, 503 if problems else 200)

    async def exposed(_: Request) -> Response:
        here = pool()
        counted = await queue() if queue else None
        text = metrics.expose(sessions=len(here.keys), places=here.limit, queue=counted)
        return Response(text, media_type=CONTENT_TYPE)

    return [Route("/health", health), Route("/ready", readiness), Route("/metrics/agent", exposed)]
