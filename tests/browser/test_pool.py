"""The pool: one browser a loop, a limit, idle sessions, browsers that die, and closing."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.pool import BrowserPool, pool
from plan_and_act.browser.session import SessionOptions
from plan_and_act.errors import BrowserLostError, BrowserNotFoundError, ConfigError, PoolFullError
from standin import StandIn

module = sys.modules[BrowserPool.__module__]
EVERYWHERE = SessionOptions(policy=OriginPolicy(private=["*"]))


@pytest.fixture
async def own_pool() -> AsyncIterator[BrowserPool]:
    """A pool beside the loop's, with a browser of its own."""
    own = BrowserPool(limit=2)
    yield own
    await own.close()


def processes_of(pid: int) -> list[int]:
    """All processes below one."""
    lines = subprocess.run(["ps", "-eo", "pid=,ppid=,stat=,comm="], check=True, capture_output=True, text=True).stdout
    children: dict[int, list[int]] = {}
    for line in lines.splitlines():
        child, parent, state, name = line.split(maxsplit=3)
        if not state.startswith("Z") and name != "ps":
            children.setdefault(int(parent), []).append(int(child))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found[1:]


async def test_one_pool_a_loop() -> None:
    assert pool() is pool()
    other = await asyncio.to_thread(lambda: asyncio.run(_pool_of_another_loop()))
    assert other is not pool()
    pool_count = len(module._pools)
    await asyncio.to_thread(lambda: asyncio.run(_pool_of_another_loop()))
    assert len(module._pools) == pool_count


async def _pool_of_another_loop() -> BrowserPool:
    return pool()


async def test_nothing_is_started_before_it_is_wanted(own_pool: BrowserPool) -> None:
    assert own_pool._driver is None
    await own_pool.release("nobody")
    await own_pool.close()
    assert own_pool._driver is None


async def test_at_once_is_one_browser_and_one_session_a_key(own_pool: BrowserPool) -> None:
    own_pool.limit = 2
    sessions = await asyncio.gather(*(own_pool.session(key, EVERYWHERE) for key in ["a", "b"] * 5))
    assert len({id(session) for session in sessions}) == 2
    assert len({session._context.browser for session in sessions}) == 1
    assert sorted(own_pool.keys) == ["a", "b"]


async def test_sessions_share_no_cookies(own_pool: BrowserPool, web: StandIn) -> None:
    one, other = await own_pool.session("one", EVERYWHERE), await own_pool.session("other", EVERYWHERE)
    await one.goto(web.page("/", "hi", Set_Cookie="who=one"))
    await other.goto(web.url)
    assert web.cookies["/"] == ""


async def test_a_full_pool_closes_what_nobody_needs(own_pool: BrowserPool, web: StandIn) -> None:
    kept, other = await own_pool.session("a", EVERYWHERE), await own_pool.session("b", EVERYWHERE)
    for key in ("a", "b", "nobody"):
        own_pool.spare(key)
    assert await own_pool.session("a", EVERYWHERE) is kept  # needed again
    await own_pool.session("c", EVERYWHERE)
    assert sorted(own_pool.keys) == ["a", "c"]
    assert not other.alive


async def test_a_full_pool_says_so(own_pool: BrowserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 0.2)
    await own_pool.session("a", EVERYWHERE)
    await own_pool.session("b", EVERYWHERE)
    with pytest.raises(PoolFullError, match=r"All 2 browser sessions are in use.*PLAN_AND_ACT_MAX_SESSIONS"):
        await own_pool.session("c", EVERYWHERE)
    assert (await own_pool.session("a", EVERYWHERE)).alive


async def test_a_place_that_gets_free_is_waited_for(own_pool: BrowserPool) -> None:
    await own_pool.session("a", EVERYWHERE)
    await own_pool.session("b", EVERYWHERE)
    waiting = asyncio.ensure_future(own_pool.session("c", EVERYWHERE))
    await asyncio.sleep(0)
    await own_pool.release("a")
    assert (await waiting).key == "c"
    assert sorted(own_pool.keys) == ["b", "c"]


async def test_a_session_that_cannot_be_opened_leaves_its_place(
    own_pool: BrowserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT", 0.2)
    monkeypatch.setenv("PLAN_AND_ACT_CHROMIUM", "/no/such/browser")
    for _ in range(3):
        with pytest.raises(BrowserNotFoundError, match="'/no/such/browser'"):
            await own_pool.session("a", EVERYWHERE)
    monkeypatch.undo()
    assert (await own_pool.session("a", EVERYWHERE)).alive


async def test_idle_sessions_are_closed_and_then_the_browser(own_pool: BrowserPool, web: StandIn) -> None:
    own_pool.idle = 0.5
    session = await own_pool.session("a", EVERYWHERE)
    await session.goto(web.page("/", "<title>Start</title>"))
    saved = await session.save()
    reaper = own_pool._reaper
    assert reaper
    await asyncio.wait_for(reaper, 10)
    assert own_pool.keys == []
    assert own_pool._driver is None
    own_pool.idle = 60
    again = await own_pool.session("a", EVERYWHERE, saved)
    assert again.restored
    assert await again.page.title() == "Start"


async def test_a_session_in_use_is_not_idle(own_pool: BrowserPool) -> None:
    own_pool.idle = 0.5
    session = await own_pool.session("a", EVERYWHERE)
    end = asyncio.get_running_loop().time() + 1.2
    while asyncio.get_running_loop().time() < end:
        await session.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert own_pool.keys == ["a"]


async def test_a_browser_that_died_is_started_anew(own_pool: BrowserPool, web: StandIn) -> None:
    session = await own_pool.session("a", EVERYWHERE)
    url = web.page("/", "<title>Start</title>", Set_Cookie="login=yes")
    await session.goto(url)
    saved = await session.save()
    lost = asyncio.Event()
    browser = session._context.browser
    assert browser
    browser.on("disconnected", lambda _: lost.set())
    cdp = await browser.new_browser_cdp_session()
    crashing = asyncio.ensure_future(cdp.send("Browser.crash"))
    await lost.wait()
    await asyncio.gather(crashing, return_exceptions=True)
    with pytest.raises(BrowserLostError):
        await session.goto(url)
    web.cookies.clear()
    again = await own_pool.session("a", EVERYWHERE, saved)
    assert again.restored
    assert await again.page.title() == "Start"
    assert web.cookies["/"] == "login=yes"
    # The dead session's place is free again.
    assert (await own_pool.session("b", EVERYWHERE)).alive


async def test_a_driver_that_died_is_started_anew(own_pool: BrowserPool) -> None:
    before = set(processes_of(os.getpid()))
    session = await own_pool.session("a", EVERYWHERE)
    driver = next(pid for pid in processes_of(os.getpid()) if pid not in before)
    os.kill(driver, signal.SIGKILL)
    again = await own_pool.session("a", EVERYWHERE)
    assert again is not session
    assert await again.page.evaluate("1 + 1") == 2


async def test_close_can_be_repeated_and_the_pool_used_again(own_pool: BrowserPool) -> None:
    first = await own_pool.session("a", EVERYWHERE)
    await own_pool.close()
    await own_pool.close()
    assert not first.alive
    second = await own_pool.session("a", EVERYWHERE)
    assert second.alive
    assert second is not first


async def test_close_leaves_no_process(own_pool: BrowserPool) -> None:
    before = set(processes_of(os.getpid()))
    await own_pool.session("a", EVERYWHERE)
    assert set(processes_of(os.getpid())) - before
    await own_pool.close()
    async with asyncio.timeout(10):
        while set(processes_of(os.getpid())) - before:  # noqa: ASYNC110 - the kernel tells no event
            await asyncio.sleep(0)


def test_a_process_that_is_killed_leaves_no_browser(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys\n"
        "from plan_and_act.browser.pool import pool\n"
        "async def main():\n"
        "    await pool().session('a')\n"
        "    print('open', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    started = processes_of(process.pid)
    assert len(started) > 2
    process.kill()
    process.wait()
    deadline = 200
    while deadline and any(_lives(pid) for pid in started):
        deadline -= 1
        subprocess.run(["sleep", "0.1"], check=True)
    assert not [pid for pid in started if _lives(pid)]


def _lives(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return bool(shown.strip()) and not shown.startswith("Z")


@pytest.mark.parametrize("value", ["0", "many", "-1", ""])
async def test_a_limit_that_is_no_number(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_MAX_SESSIONS", value)
    with pytest.raises(ConfigError, match=re.escape(f"PLAN_AND_ACT_MAX_SESSIONS is {value!r}")):
        await asyncio.to_thread(lambda: asyncio.run(_pool_of_another_loop()))
