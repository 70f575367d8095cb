"""The browsers of a process: one pool for every event loop, one Chromium (or remote ones) a pool, one session a key.

Playwright's objects belong to the loop they were made on, so the pool of the running loop is looked up, never passed
around: a graph's state holds the key of a session, and whichever node runs finds it here. Nothing is started before it
is asked for.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections import Counter
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from plan_and_act.browser.chromium import launch
from plan_and_act.browser.remote import connect, endpoints
from plan_and_act.browser.session import Session, SessionOptions
from plan_and_act.errors import BrowserLostError, ConfigError, PoolFullError

if TYPE_CHECKING:
    from plan_and_act.agent.state import Page as Saved

_log = logging.getLogger(__name__)

LIMIT_VARIABLE = "PLAN_AND_ACT_MAX_SESSIONS"
LIMIT = 16
"""Sessions open at once unless `PLAN_AND_ACT_MAX_SESSIONS` says otherwise: about 550 MB with the browser."""
WAIT = 5.0
"""Seconds a session is waited for when all are in use."""
IDLE = 15 * 60.0
"""Seconds after which a session that nobody used is closed; state has what it takes to make it anew."""

_PATIENCE = 5.0
"""Seconds for what takes milliseconds unless the browser hangs."""

_pools: dict[asyncio.AbstractEventLoop, "BrowserPool"] = {}


def pool() -> "BrowserPool":
    """The pool of the running event loop.

    Raises:
        ConfigError: When `PLAN_AND_ACT_MAX_SESSIONS` is no number above 0.
    """
    loop = asyncio.get_running_loop()
    if loop not in _pools:
        # A loop that was closed took its browser with it.
        for closed in [other for other in _pools if other.is_closed()]:
            del _pools[closed]
        _pools[loop] = BrowserPool(limit=_limit())
    return _pools[loop]


def _limit() -> int:
    text = os.environ.get(LIMIT_VARIABLE, str(LIMIT))
    if not text.isdecimal() or not int(text):
        msg = f"{LIMIT_VARIABLE} is {text!r}; it must be a number above 0."
        raise ConfigError(msg)
    return int(text)


class BrowserPool:
    """Sessions by key, on one Chromium that is started with the first. Use `pool()` to get the running loop's.

    Args:
        limit: Sessions open at once.
        idle: Seconds after which an unused session is closed.
    """

    def __init__(self, *, limit: int = LIMIT, idle: float = IDLE) -> None:
        self.limit = limit
        self.idle = idle
        self._sessions: dict[str, Session] = {}
        self._crashes: Counter[tuple[str, str]] = Counter()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(limit)
        self._launching = asyncio.Lock()
        self._driver: Playwright | None = None
        self._browsers: dict[str, Browser] = {}
        self._reaper: asyncio.Task[None] | None = None

    @property
    def keys(self) -> list[str]:
        """Keys of the open sessions."""
        return list(self._sessions)

    def live(self, key: str) -> Session | None:
        """The open session with a key, as it is; None when there is none."""
        return self._sessions.get(key)

    async def session(self, key: str, options: SessionOptions | None = None, saved: "Saved | None" = None) -> Session:
        """The session with a key: the live one if it shows the page that state speaks of, else one made anew.

        Args:
            key: Any text.
            options: What it is made with; another value than before makes the session anew.
            saved: What `Session.save` told last, from the state of the graph. A live session under another revision
                is not the one that is meant (a fork, time travel, another process): it is closed, and login state,
                tabs and page are restored from `saved`; the session's `restored` is true then.

        Raises:
            PoolFullError: When all sessions stay in use.
            BrowserNotFoundError: When there is no browser that starts.
            BrowserLostError: When the browser dies again and again, or the page crashes again after it was reopened.
        """
        options = options or SessionOptions()
        async with self._lock(key):
            live = self._sessions.get(key)
            same = live and live.alive and live.options == options and live.rev == (saved or {}).get("rev")
            if live and same and await live.reachable():
                live.restored = live.spare = False
                live.last_used = time.monotonic()
                return live
            if live:
                crashed = live.crashed_url
                await live.close()
                self._note_crash(key, crashed)
            return await self._open(key, options, saved)

    def spare(self, key: str) -> None:
        """Let the session with a key be closed when another needs its place."""
        if session := self._sessions.get(key):
            session.spare = True

    async def release(self, key: str) -> None:
        """Close the session with a key, if there is one."""
        async with self._lock(key):
            session = self._sessions.get(key)
            if session:
                await session.close()
            for crash in [crash for crash in self._crashes if crash[0] == key]:
                del self._crashes[crash]

    async def close(self) -> None:
        """Close all sessions, the browsers and the driver. The pool can be used again afterwards."""
        if self._reaper and self._reaper is not asyncio.current_task():
            self._reaper.cancel()
        self._reaper = None
        await asyncio.gather(*(self.release(key) for key in self.keys))
        async with self._launching:
            await self._stop()

    async def _open(self, key: str, options: SessionOptions, saved: "Saved | None") -> Session:
        if self._places.locked():
            await self._make_room()
        try:
            async with asyncio.timeout(WAIT):
                await self._places.acquire()
        except TimeoutError:
            msg = (
                f"All {self.limit} browser sessions are in use. Wait for a run to end, or set {LIMIT_VARIABLE} higher "
                "(each takes about 25 MB, and what its pages take)."
            )
            raise PoolFullError(msg) from None
        try:
            try:
                session = await Session.open(await self._browser(options.headed), key, options, saved)
            except BrowserLostError:
                # It died between two sessions, and nobody knew.
                await self._forget_dead()
                session = await Session.open(await self._browser(options.headed), key, options, saved)
        except BaseException:
            self._places.release()
            raise
        session.rev = (saved or {}).get("rev")
        session.restored = saved is not None and session.rev is not None
        session.on_close = lambda: self._forget(session)
        self._sessions[key] = session
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.get_running_loop().create_task(self._reap())
        return session

    async def _make_room(self) -> None:
        """Close the session that has been spare the longest, unless it is being used again."""
        spare = [each for each in self._sessions.values() if each.spare and not self._lock(each.key).locked()]
        for session in sorted(spare, key=lambda each: each.last_used)[:1]:
            async with self._lock(session.key):
                await session.close()

    def _forget(self, session: Session) -> None:
        if self._sessions.get(session.key) is session:
            del self._sessions[session.key]
            self._places.release()

    def _note_crash(self, key: str, url: str | None) -> None:
        """Let a page crash once: what crashes again when it is opened again will go on to."""
        if url is None:
            return
        self._crashes[key, url] += 1
        if self._crashes[key, url] > 1:
            msg = f"The page {url[:200]} crashed again after it was opened again; the browser cannot show it."
            raise BrowserLostError(msg)

    async def _browser(self, headed: bool) -> Browser:
        async with self._launching:
            where = self._least_busy(endpoints()) or ("headed" if headed else "headless")
            browser = self._browsers.get(where)
            if browser and browser.is_connected():
                return browser
            self._driver = self._driver or await async_playwright().start()
            remote = "://" in where
            browser = await (connect(self._driver, where) if remote else launch(self._driver, headed=headed))
            self._browsers[where] = browser
            return browser

    def _least_busy(self, remote: list[str]) -> str | None:
        """The remote browser with the fewest sessions; None when browsers are started here."""

        def sessions(where: str) -> int:
            browser = self._browsers.get(where)
            return len(browser.contexts) if browser and browser.is_connected() else 0

        return min(remote, key=sessions, default=None)

    async def _forget_dead(self) -> None:
        """Forget browsers that are gone; without any left the driver may be what is gone."""
        async with self._launching:
            for where, browser in list(self._browsers.items()):
                if not await _answers(browser):
                    del self._browsers[where]
            if not self._browsers:
                await self._stop()

    async def _stop(self) -> None:
        browsers, self._browsers = self._browsers, {}
        driver, self._driver = self._driver, None
        for browser in browsers.values():
            with contextlib.suppress(PlaywrightError):
                await browser.close()
        if driver:
            with contextlib.suppress(PlaywrightError, OSError):
                await driver.stop()

    async def _reap(self) -> None:
        """Close what nobody uses; with the last session the browser too."""
        while self._sessions:
            oldest = min(session.last_used for session in self._sessions.values())
            await asyncio.sleep(max(oldest + self.idle - time.monotonic(), 0.01))
            for key, session in list(self._sessions.items()):
                if session.last_used + self.idle <= time.monotonic():
                    await self._release_unused(key)
        async with self._launching:
            if not self._sessions:
                await self._stop()

    async def _release_unused(self, key: str) -> None:
        async with self._lock(key):
            session = self._sessions.get(key)
            if session and session.last_used + self.idle <= time.monotonic():
                _log.info("Closing the browser session %s, unused for %.0f s", key, self.idle)
                await session.close()

    def _lock(self, key: str) -> asyncio.Lock:
        """The lock of a key; it lives as long as somebody holds it or waits for it."""
        return self._locks.setdefault(key, asyncio.Lock())


async def _answers(browser: Browser) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            cdp = await browser.new_browser_cdp_session()
            await cdp.detach()
    except (PlaywrightError, TimeoutError):
        return False
    return True
