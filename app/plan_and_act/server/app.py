"""What LangGraph Server gets from this package beside the graphs: the operator's page, health, metrics, a clean end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from plan_and_act.browser.pool import pool
from plan_and_act.server import health, ui
from plan_and_act.server.metrics import Metrics

metrics = Metrics()


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Count while the server is up; close the browsers when it goes down."""
    metrics.listen()
    yield
    await pool().close()


app = Starlette(routes=[*ui.routes(), *health.routes(metrics)], lifespan=lifespan)
