"""What every test stands on: a home folder of its own, no settings from outside, and stand-in web servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from plan_and_act.browser.chromium import launch
from standin import StandIn


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path / "home"))
    for name in ("SECRETS", "MAX_SESSIONS"):
        monkeypatch.delenv(f"PLAN_AND_ACT_{name}", raising=False)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium as Playwright gives it, for what is tested without the pool."""
    async with async_playwright() as playwright:
        found = await launch(playwright)
        yield found
        await found.close()


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
