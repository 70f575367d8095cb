"""What every test stands on: a home folder of its own, no settings from outside, and stand-in web servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from standin import StandIn


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path / "home"))
    for name in ("SECRETS", "MAX_SESSIONS"):
        monkeypatch.delenv(f"PLAN_AND_ACT_{name}", raising=False)


@pytest.fixture
async def web() -> AsyncIterator[StandIn]:
    """A web server that the sessions of `open_session` may reach."""
    server = StandIn()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def elsewhere() -> AsyncIterator[StandIn]:
    """A web server on another port, which they may not reach."""
    server = StandIn()
    await server.start()
    yield server
    await server.stop()
