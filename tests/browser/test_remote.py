"""Browsers that somebody else started: Chromium's debugging port, a Playwright server, and a proxy off loopback."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable, get_driver_env

from plan_and_act.browser import OriginPolicy, SessionOptions
from plan_and_act.browser.chromium import find_chromium
from plan_and_act.browser.pool import BrowserPool
from plan_and_act.browser.remote import PROXY_VARIABLE, VARIABLE, proxy_host
from plan_and_act.errors import BrowserNotFoundError, ConfigError, PageError
from standin import StandIn

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--headless"]


async def address(*command: str, says: str) -> AsyncIterator[str]:
    """What a program that is running says of its address."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=get_driver_env()
    )
    assert process.stdout
    try:
        async with asyncio.timeout(60):
            while line := (await process.stdout.readline()).decode():
                if found := re.search(says, line):
                    yield found[0]
                    return
            pytest.fail("it ended before it said where it is")
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(params=["debugging port", "Playwright server"])
async def remote(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    chromium = str(find_chromium())
    if request.param == "debugging port":
        running = address(
            chromium, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={tmp_path}", says=r"ws://\S+"
        )
    else:
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"executablePath": chromium, "args": FLAGS, "host": "127.0.0.1"}))
        driver = [*map(str, compute_driver_executable())]
        running = address(*driver, "launch-server", "--browser", "chromium", "--config", str(config), says=r"ws://\S+")
    async for url in running:
        yield url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_a_session_on_a_remote_browser_keeps_to_its_origins(
    remote: str, host: str, web: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, remote)
    monkeypatch.setenv(PROXY_VARIABLE, host)
    pool = BrowserPool()
    options = SessionOptions(policy=OriginPolicy(private=[web.url]))
    try:
        session = await pool.session("far", options)
        await session.goto(web.page("/", "<button>Buy</button>"))
        assert (await session.observe()).elements
        with pytest.raises(PageError):
            await session.goto("http://127.0.0.1:1/")
        await session.goto(web.url)
        assert len((await pool.session("other", options)).tabs) == 1
    finally:
        await pool.close()


async def test_a_proxy_off_loopback_asks_who_it_is(web: StandIn) -> None:
    from plan_and_act.browser.proxy import Proxy

    proxy = Proxy(OriginPolicy(private=[web.url]), "127.0.0.2")
    url = await proxy.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.2", int(url.rpartition(":")[2]))
        writer.write(f"GET {web.url}/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic bm86\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 407")
        writer.close()
    finally:
        await proxy.close()


async def test_a_remote_browser_must_be_told_the_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "ws://browsers.example:3000")
    with pytest.raises(ConfigError, match=PROXY_VARIABLE):
        proxy_host()
    monkeypatch.setenv(VARIABLE, "browsers.example")
    with pytest.raises(ConfigError, match="begins with ws://"):
        proxy_host()


async def test_a_remote_browser_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:1")
    pool = BrowserPool()
    with pytest.raises(BrowserNotFoundError, match=r"127\.0\.0\.1:1 does not answer"):
        await pool.session("x")
    await pool.close()
