"""The forge site, running, and one browser for all tests."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from demo import SEED, Demo
from follow import PLAN, follow
from plan_and_act import Context, create_agent, pool
from plan_and_act.sites import Site, forge_app, serve
from plan_and_act.testing import ScriptedModel


@pytest.fixture(scope="session", autouse=True)
async def _browser() -> AsyncIterator[None]:
    yield
    await pool().close()


@pytest.fixture(scope="session")
async def forge() -> AsyncIterator[Site]:
    """The forge site."""
    async with serve(forge_app(seed=SEED, control=True)) as site:
        yield site


@pytest.fixture
async def demo(forge: Site) -> Demo:
    """The demo task, begun anew."""
    started = Demo(forge)
    await forge.reset(started.session)
    return started


@pytest.fixture
async def agent_of(forge: Site) -> AsyncIterator[Callable[..., Any]]:
    """Make an agent with scripted models: the demo's, or others. Sessions of runs that wait go with the test."""

    def make(
        executor: Any = follow, planner: Any = (PLAN,), *, context: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        models = {"planner": ScriptedModel(planner), "executor": ScriptedModel(executor), **more.pop("models", {})}
        settings = Context(**{"executor_format": "text", **(context or {})})
        return create_agent(models=models, context=settings, private_origins=[forge.url], **more)

    yield make
    for key in pool().keys:
        await pool().release(key)
