"""A browser session: one context with its tabs, its origin policy and its secrets, and what has happened in it."""

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, BrowserContext, Page, ProxySettings
from playwright.async_api import Error as PlaywrightError

from plan_and_act.artefacts import Artefacts, home
from plan_and_act.browser import _picture, settle
from plan_and_act.browser._downloads import Downloads, safe_name
from plan_and_act.browser._login import LoginState, load
from plan_and_act.browser._navigation import open_url
from plan_and_act.browser._setup import Setup
from plan_and_act.browser._tab import Tab
from plan_and_act.browser._tabs import MAX_TABS, Tabs
from plan_and_act.browser._target import first_line
from plan_and_act.browser._text import whole
from plan_and_act.browser.observation import DEFAULT_TOKENS, INIT_SCRIPT, Observation, Observer, Rendering
from plan_and_act.browser.policy import OriginPolicy, absolute
from plan_and_act.browser.proxy import Proxy
from plan_and_act.browser.remote import proxy_host
from plan_and_act.browser.secrets import Secrets
from plan_and_act.errors import BrowserLostError, PageError, PlanAndActError, SecretError
from plan_and_act.trajectory import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from plan_and_act.actions import AnyAction
    from plan_and_act.agent.state import Page as Saved

_PATIENCE = 5.0
"""Seconds for what takes milliseconds unless a page's script never pauses."""
_WRITING = 60.0
"""Seconds a HAR may take to be written: some hundred pages with their bodies."""


@dataclass(frozen=True)
class SessionOptions:
    """What a session is made with; the pool makes a session anew when they change."""

    viewport: tuple[int, int] = (1280, 720)
    """Width and height in CSS pixels."""
    headed: bool = False
    policy: OriginPolicy = field(default_factory=OriginPolicy)
    secrets: Secrets = field(default_factory=Secrets)
    downloads: Path | None = None
    """Folder for downloads; one of the session's own in `home()` when left out."""
    uploads: Path | None = None
    """Folder whose files may be uploaded; none when left out."""
    artefacts: Artefacts = field(default_factory=Artefacts)
    """Where login states are kept."""
    navigation_timeout: float = 30.0
    """Seconds opening a page may take."""
    setup: Setup = field(default_factory=Setup)
    """What it begins with."""


class Session:
    """One browser context and its tabs. `BrowserPool.session` makes it; `close` ends it.

    What happens by itself (dialogs, downloads, new tabs, crashes, blocked requests) is told by `drain_events`.
    """

    key: str
    options: SessionOptions
    rev: str | None
    """Revision of the page that `save` told last; None before the first."""
    restored: bool
    """Whether the pool has just made this session anew from what was saved."""
    spare: bool
    """Whether nobody needs it: the pool may close it when another needs its place."""

    def __init__(self, key: str, options: SessionOptions, context: BrowserContext, proxy: Proxy) -> None:
        self.key = key
        self.options = options
        self.policy = options.policy
        self.secrets = options.secrets
        self.uploads = options.uploads
        self.rev = None
        self.restored = False
        self.spare = False
        self.last_used = time.monotonic()
        self.on_close: Callable[[], object] | None = None
        self._context = context
        self._proxy = proxy
        self._events: list[str] = []
        self._downloads = Downloads(options.downloads or home() / "downloads" / safe_name(key), self._report)
        self._tabs = Tabs(context, proxy, self._downloads, self._report)
        self._observers: WeakKeyDictionary[Page, Observer] = WeakKeyDictionary()
        self._told: set[str] = set()
        self._login = LoginState(options.artefacts, context)
        self._closed = False
        self._scrolled = False
        self._ending: asyncio.Task[None] | None = None
        context.on("close", self._on_context_closed)

    @classmethod
    async def open(cls, browser: Browser, key: str, options: SessionOptions, saved: "Saved | None" = None) -> "Session":
        """Make a session, with the login state, the tabs and the page that were saved.

        Raises:
            BrowserLostError: When the browser dies meanwhile, or refuses what the session is to be made with.
        """
        login = saved.get("storage") if saved else options.setup.login
        storage = await load(options.artefacts, login) if login else None
        proxy = Proxy(options.policy, proxy_host())
        server = await proxy.start()
        # Chromium goes round a proxy for loopback addresses unless it is told not to.
        through: ProxySettings = {"server": server, "bypass": "<-loopback>"}
        if proxy.guarded:
            through |= {"username": proxy.username, "password": proxy.password}
        session = None
        try:
            width, height = options.viewport
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=1,
                locale="en-US",
                timezone_id="UTC",
                accept_downloads=True,
                # A service worker answers in the place of the network, and outlives the page that made it.
                service_workers="block",
                proxy=through,
                storage_state=storage,
                **options.setup.of_context(),
            )
            session = cls(key, options, context, proxy)
            await session._begin(saved)
        except BaseException as error:
            await asyncio.shield(session.close() if session else proxy.close())
            if not isinstance(error, PlaywrightError):
                raise
            msg = f"No browser session could be opened: {first_line(error.message)}"
            raise BrowserLostError(msg) from error
        session._login.name = login if storage else None
        return session

    @property
    def page(self) -> Page:
        """The current tab.

        Raises:
            BrowserLostError: When there is none any more.
        """
        self.last_used = time.monotonic()
        return self._tabs.current.page

    @property
    def tabs(self) -> list[Page]:
        """All tabs, in the order in which they were opened."""
        return [tab.page for tab in self._tabs.all]

    @property
    def current(self) -> int:
        """The number of the current tab in `tabs`, from 1."""
        return self._tabs.all.index(self._tabs.current) + 1

    @property
    def observer(self) -> Observer:
        """The observer of the current tab."""
        page = self.page
        if page not in self._observers:
            self._observers[page] = Observer(page, self.secrets.redact)
        return self._observers[page]

    @property
    def downloads(self) -> Path:
        """The folder that downloads are kept in."""
        return self._downloads.folder

    @property
    def alive(self) -> bool:
        """Whether the current tab is there and has not crashed."""
        return not self._closed and self._tabs.alive

    async def reachable(self) -> bool:
        """Whether the browser still answers: the end of its driver is told by no event."""
        if settle.Activity.of(self.page).rested:
            return True
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._context.cookies("http://localhost")
        except (PlaywrightError, TimeoutError):
            return False
        return True

    @property
    def crashed_url(self) -> str | None:
        """The URL in the current tab if that has crashed, without the values of secrets."""
        return None if self._tabs.alive or not self._tabs.all else self.place()["url"]

    async def goto(self, url: str, *, timeout: float | None = None) -> Outcome:
        """Open a URL in the current tab and wait until its document has been read.

        Args:
            url: A URL, also a relative one or one without a scheme.
            timeout: Seconds; the option `navigation_timeout` when left out. A page that is not finished by then is
                stopped, and the outcome says so.

        Returns:
            `ok`, with `unexpected` for an error page (404, 500) or an unfinished one; `ok` with a message for a
            download; `no_effect` for an answer without a page.

        Raises:
            BlockedByPolicyError: When the URL, or where it redirects to, may not be reached.
            PageError: When there is no page to look at: no such name, nothing listens, no answer in time, a
                certificate that is not valid, a user name and password asked for.
            BrowserLostError: When the tab is gone.
        """
        page = self.page
        url = absolute(url, page.url)
        self.policy.check(url)
        if not await self._tabs.current.responds():
            await self._tabs.replace(self._tabs.current, "The page did not respond any more; its tab was closed.")
        return await self._open(
            self._tabs.current, url, self.options.navigation_timeout if timeout is None else timeout
        )

    async def observe(self, *, tokens: int = DEFAULT_TOKENS, rendering: Rendering = "outline") -> Observation:
        """Let the current tab come to rest and observe it, without the values of secrets.

        Args:
            tokens: Budget of the text, in tokens.
            rendering: As of `Observer.observe`.

        Raises:
            PageError: When the page does not answer.
            BrowserLostError: When it crashed or was closed.
        """
        if not settle.Activity.of(self.page).rested:
            await settle.settle(self.page)
        self._scrolled = False
        return await self.observer.observe(tokens=tokens, rendering=rendering)

    async def switch_tab(self, number: int) -> Page:
        """Make another tab the current one.

        Args:
            number: Its number in `tabs`, from 1.

        Raises:
            PageError: When there is no such tab.
        """
        await self._tabs.switch(number)
        return self.page

    async def close_tab(self) -> Page:
        """Close the current tab; then the one that opened it is current, or an empty one if it was the last."""
        await self._tabs.close_current()
        return self.page

    async def abandon(self) -> None:
        """Give the current tab up, since its page does not answer; its opener is current then, or an empty tab."""
        await self._tabs.replace(self._tabs.current, "The page did not answer any more; its tab was closed.")

    async def finish_downloads(self, timeout: float) -> bool:
        """Wait for the downloads under way, so many seconds at most; returns whether all have ended."""
        return await self._downloads.wait(timeout)

    async def status(self) -> int | None:
        """The HTTP status of the document in the current tab; None when it has none (about:blank, an error page)."""
        script = "() => performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
        try:
            async with asyncio.timeout(_PATIENCE):
                return int(await self.page.evaluate(script)) or None
        except (PlaywrightError, TimeoutError):
            return None

    async def screenshot(self) -> bytes:
        """The viewport of the current tab as PNG; animations are not waited for, and fonts not for long.

        Raises:
            PageError: When the page does not draw itself in time.
        """
        return await _picture.screenshot(self._tabs.current)

    async def point_out(self, action: "AnyAction") -> tuple[list[float] | None, bool]:
        """Where an action's element is, for a picture of it; the page is scrolled there if need be.

        Returns:
            Its box in the viewport: x, y, width, height in CSS pixels; None without one. And whether the page has been
            scrolled so since it was last observed: a screenshot from then does not show what is in view now.
        """
        label = getattr(action, "element", None)
        if not label:
            return None, False
        box = None
        with contextlib.suppress(PlaywrightError, PlanAndActError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                handle = await self.observer.handle(self.observer.resolve(label).ref)
                if handle:
                    box, scrolled = await _picture.bring_into_view(self.page, handle)
                    self._scrolled |= scrolled
        return ([box["x"], box["y"], box["width"], box["height"]] if box else None), self._scrolled

    async def save(self) -> "Saved":
        """Save the login state if it has changed, and tell what state is to say of the page, under a new revision.

        Raises:
            BrowserLostError: When the tab is gone.
            StorageError: When the login state cannot be written.
        """
        page, place = self.page, self.place()
        title = ""
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                _, title = await asyncio.gather(self._login.save(page, place["tabs"]), page.title())
        self.rev, title = uuid.uuid4().hex, self.secrets.redact(whole(title))
        return {"session": self.key, "rev": self.rev, **place, "title": title, "storage": self._login.name}

    def place(self) -> "Saved":
        """Where the session is, without asking the browser: the URLs of the current tab and of all."""
        urls = [self.secrets.redact(tab.url) for tab in self.tabs]
        return {"url": urls[self.current - 1], "tabs": urls}

    def drain_events(self) -> list[str]:
        """What has happened since the last call, a sentence each, without the values of secrets."""
        told = " ".join(self._events)
        new = [origin for origin in self._proxy.drain_blocked() if origin not in self._told and origin not in told]
        self._told.update(new)
        if new:
            more = f" and {len(new) - 3} more" if len(new) > 3 else ""
            self._report(f"The origin policy blocked requests to {', '.join(new[:3])}{more}.")
        events = [self.secrets.redact(whole(event)) for event in self._events]
        self._events.clear()
        for tab in self._tabs.all:
            tab.dialogs = tab.made = 0
        return events

    async def close(self) -> None:
        """End the session; twice does no harm."""
        if self._closed:
            return
        self._closed = True
        if self.on_close:
            self.on_close()
        await self._tabs.close()
        await self._downloads.close()
        try:
            # With its context a HAR is written.
            async with asyncio.timeout(_WRITING if self.options.setup.har else _PATIENCE):
                await self._context.close()
        except (PlaywrightError, TimeoutError):
            pass  # The browser is gone, and the context with it.
        finally:
            await self._proxy.close()

    async def _begin(self, saved: "Saved | None") -> None:
        await self._context.add_init_script(INIT_SCRIPT)
        await settle.prepare(self._context)
        saved = saved or {"tabs": [*self.options.setup.beside, "about:blank"]}
        url = saved.get("url") or "about:blank"
        urls = (saved.get("tabs") or [url])[:MAX_TABS]
        if url not in urls:
            urls[-1] = url
        tabs = [await self._tabs.new() for _ in urls]
        await self._tabs.switch(urls.index(url) + 1)
        await asyncio.gather(*map(self._reopen, tabs, urls))

    async def _reopen(self, tab: Tab, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            return
        try:
            url = self.secrets.fill(url, url)
            self.policy.check(url)
            await self._open(tab, url, self.options.navigation_timeout)
        except (PageError, SecretError) as error:
            self._report(f"The page {url[:200]} could not be opened again. {error}")

    async def _open(self, tab: Tab, url: str, timeout: float) -> Outcome:
        tab.opening = True
        try:
            return await open_url(tab, self._proxy, self._downloads, url, timeout)
        finally:
            tab.opening = False

    def _on_context_closed(self, _: BrowserContext) -> None:
        if not self._closed:
            self._ending = asyncio.get_running_loop().create_task(self.close())

    def _report(self, event: str) -> None:
        if len(self._events) < 50 and event not in self._events:
            self._events.append(event)
