"""One browser for all hostile pages, and the world they are in."""

from collections.abc import AsyncIterator

import pytest

from hostile_world import World
from plan_and_act import pool
from standin import StandIn


@pytest.fixture(scope="session", autouse=True)
async def _browser() -> AsyncIterator[None]:
    yield
    await pool().close()


@pytest.fixture
async def victim() -> AsyncIterator[StandIn]:
    """A web server that runs may reach, and that hostile pages want to misuse."""
    server = StandIn()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def world(web: StandIn, elsewhere: StandIn, victim: StandIn) -> AsyncIterator[World]:
    made = World(web, elsewhere, victim)
    transport = await made.listen()
    yield made
    transport.close()
