"""The tabs of a session: which is current, which may stay, and what they did by themselves."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from playwright.async_api import BrowserContext, Dialog, Frame, Page
from playwright.async_api import Error as PlaywrightError

from plan_and_act.browser._downloads import Downloads
from plan_and_act.browser._navigation import ERROR_PAGE
from plan_and_act.browser._tab import Tab
from plan_and_act.browser.proxy import Proxy
from plan_and_act.errors import BrowserLostError, PageError

MAX_TABS = 20
"""Tabs a session keeps open; a page that opens more has them closed at once."""

MAX_MADE = 3
"""Documents made by scripts that a tab is led back from; a page that goes on ends as an empty one."""

_WEB = ("http://", "https://", "about:", ERROR_PAGE)
_RECENT = 15.0
"""Seconds in which a failed connection explains an error page: longer than the proxy tries."""


class Tabs:
    """The tabs of a context, in the order in which they were opened.

    Args:
        context: The browser context.
        proxy: Its proxy, which knows why a page did not load.
        downloads: Where downloads go.
        report: Is told what happened, a sentence each.
    """

    def __init__(
        self, context: BrowserContext, proxy: Proxy, downloads: Downloads, report: Callable[[str], None]
    ) -> None:
        self.all: list[Tab] = []
        self._current: Tab | None = None
        self._context = context
        self._proxy = proxy
        self._downloads = downloads
        self._report = report
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing: set[Page] = set()
        context.on("page", self._adopt)
        context.on("dialog", self._on_dialog)

    @property
    def current(self) -> Tab:
        """The current tab.

        Raises:
            BrowserLostError: When there is none any more.
        """
        if self._current is None:
            msg = "The browser's page is gone: it was closed, or the browser has ended."
            raise BrowserLostError(msg)
        return self._current

    @property
    def alive(self) -> bool:
        """Whether there is a current tab, and it has not crashed."""
        return self._current is not None and not self._current.crashed

    async def new(self) -> Tab:
        """Open an empty tab; it becomes the current one if there is none."""
        page = await self._context.new_page()
        tab = next(tab for tab in self.all if tab.page is page)
        await tab.attach()
        return tab

    async def switch(self, number: int) -> None:
        """Make the tab with a number, counted from 1, the current one.

        Raises:
            PageError: When there is no such tab.
        """
        if not 1 <= number <= len(self.all):
            msg = f"There is no tab {number}: the last one is {len(self.all)}."
            raise PageError(msg)
        self._current = self.all[number - 1]
        await self._current.page.bring_to_front()

    async def close_current(self) -> None:
        """Close the current tab; then the one that opened it is current, or an empty one if it was the last."""
        tab = self.current
        if len(self.all) == 1:
            await self.new()
        await self._close(tab.page)
        self._forget(tab)
        await self.current.page.bring_to_front()

    async def replace(self, tab: Tab, reason: str) -> None:
        """Close a tab that nothing can be done with; its opener is current then, or an empty one if it was the last."""
        self._report(reason)
        if len(self.all) == 1:
            await self.new()
        await self._close(tab.page)
        self._forget(tab)

    async def close(self) -> None:
        """Stop watching."""
        self._current = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _adopt(self, page: Page) -> None:
        if page.is_closed():
            return
        if len(self.all) >= MAX_TABS:
            self._report(f"The page opened more than {MAX_TABS} tabs; the new ones were closed.")
            self._spawn(self._close(page))
            return
        tab = Tab(page, self._downloads, self._report, self.replace)
        self.all.append(tab)
        self._current = self._current or tab
        page.on("close", lambda _: self._on_close(tab))
        page.on("popup", lambda popup: self._on_popup(tab, popup))
        page.on("download", self._downloads.take)
        page.on("framenavigated", lambda frame: self._on_navigated(tab, frame))
        self._spawn(tab.attach())

    def _on_popup(self, opener: Tab, page: Page) -> None:
        tab = next((tab for tab in self.all if tab.page is page), None)
        if tab is None:
            return
        tab.opener = opener
        if not page.url.startswith(_WEB):
            self._spawn(self._leave(tab, page.url))
            return
        if opener is self._current:
            self._current = tab
            self._report("A new tab opened and is the current one now.")
        else:
            self._report("A page in the background opened a new tab.")
        self._explain(page.url)

    def _on_navigated(self, tab: Tab, frame: Frame) -> None:
        if frame.parent_frame:
            return
        tab.arrived.set()
        url = frame.url
        if not url.startswith(_WEB):
            self._spawn(self._leave(tab, url))
            return
        tab.on_web = True
        if not tab.opening:
            self._explain(url)

    def _explain(self, url: str) -> None:
        """Say why a document is an error page or the proxy's own answer."""
        since = time.monotonic() - _RECENT
        failed = url.startswith(ERROR_PAGE)
        problem = self._proxy.last_problem(since) if failed else self._proxy.problem_with(url, since)
        if problem:
            self._report(problem.message)
        elif failed:
            self._report("The page could not be loaded.")

    async def _leave(self, tab: Tab, url: str) -> None:
        """Close a document that a script made (blob:, data:): the policy cannot be asked about it."""
        self._report(f"The page tried to open a {url.partition(':')[0]}: document, which was closed again.")
        tab.made += 1
        if tab.opener and not tab.on_web:
            await self._close(tab.page)
        elif tab.made > MAX_MADE or not await tab.go_back():
            with contextlib.suppress(PlaywrightError):
                await tab.page.goto("about:blank")

    async def _close(self, page: Page) -> None:
        self._closing.add(page)
        with contextlib.suppress(PlaywrightError):
            await page.close()

    def _on_close(self, tab: Tab) -> None:
        if tab in self.all and tab.page not in self._closing:
            self._report("A tab was closed.")
        self._closing.discard(tab.page)
        self._forget(tab)

    def _forget(self, tab: Tab) -> None:
        if tab in self.all:
            self.all.remove(tab)
        if tab is self._current:
            last = self.all[-1] if self.all else None
            self._current = tab.opener if tab.opener in self.all else last

    def _on_dialog(self, dialog: Dialog) -> None:
        tab = next((tab for tab in self.all if tab.page is dialog.page), None)
        self._spawn(tab.answer(dialog) if tab else dialog.dismiss())
