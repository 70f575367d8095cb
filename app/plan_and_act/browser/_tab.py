"""One tab of a session: its page, whether it crashed, and the dialogs its scripts open."""

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable

from playwright.async_api import CDPSession, Dialog, Page
from playwright.async_api import Error as PlaywrightError

from plan_and_act.browser._downloads import Downloads

MAX_DIALOGS = 10
"""Dialogs a page may open between two looks at it; a page that goes on is silenced."""

_SILENCE = "() => { window.alert = () => {}; window.confirm = () => false; window.prompt = () => null; }"
_PATIENCE = 2.0


class Tab:
    """A page and what is known of it beyond Playwright.

    Args:
        page: Its page.
        downloads: The session's downloads.
        report: Is told what happened, a sentence each.
        give_up: Puts an empty tab in its place, and reports the reason it is given.
    """

    def __init__(
        self,
        page: Page,
        downloads: Downloads,
        report: Callable[[str], None],
        give_up: "Callable[[Tab, str], Awaitable[None]]",
    ) -> None:
        self.page = page
        self.opener: Tab | None = None
        self.crashed = False
        self.opening = False
        """Whether it is being sent to a URL; what comes of that is told by who sent it."""
        self.arrived = asyncio.Event()
        """Set by every document that the tab arrives at."""
        self.on_web = False
        """Whether it has shown a page of the web."""
        self.dialogs = 0
        """Dialogs since the events were last drained."""
        self.made = 0
        """Documents made by scripts that it was led away from since then."""
        self.flooded = False
        """Whether it was given up because of its dialogs."""
        self._attaching = asyncio.Lock()
        self._cdp: CDPSession | None = None
        self._downloads = downloads
        self._report = report
        self._give_up = give_up
        page.on("crash", self._on_crash)

    async def attach(self) -> None:
        """Open a protocol session of our own, for what Playwright has no call for."""
        async with self._attaching:
            if self._cdp:
                return
            with contextlib.suppress(PlaywrightError):  # The page is gone again.
                cdp = await self.page.context.new_cdp_session(self.page)
                await cdp.send("Page.enable")
                self._downloads.watch(cdp)
                self._cdp = cdp

    async def stop_loading(self) -> None:
        """Give up a navigation or a load under way; what has arrived stays."""
        try:
            async with asyncio.timeout(_PATIENCE):
                if self._cdp:
                    await self._cdp.send("Page.stopLoading")
        except (PlaywrightError, TimeoutError):
            pass

    async def go_back(self) -> bool:
        """Leave a document for the one before it; returns whether there was one that came."""
        try:
            # Going back while the document still arrives is sometimes forgotten by the browser.
            await self.page.wait_for_load_state(timeout=_PATIENCE * 1_000)
            return await self.page.go_back(wait_until="commit", timeout=_PATIENCE * 1_000) is not None
        except PlaywrightError:
            return False

    async def capture(self) -> bytes:
        """A PNG of the viewport as it is now."""
        await self.attach()
        assert self._cdp
        shot = await self._cdp.send("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(shot["data"])

    async def answer(self, dialog: Dialog) -> None:
        """Answer a dialog as a person who means what they just did: alerts and confirmations yes, prompts no.

        A click that asks back ("Delete this?") has been decided on, and approved where approval is asked for, before.
        A prompt wants a text that nobody has given.
        """
        self.dialogs += 1
        if self.dialogs > MAX_DIALOGS:
            await self._silence(dialog)
            return
        kind, text = dialog.type, " ".join(dialog.message.split())[:300]
        try:
            if kind == "prompt":
                await dialog.dismiss()
                self._report(f"The page asked for a text ({text!r}) in a dialog; it was cancelled.")
            else:
                await dialog.accept()
                if kind == "confirm":
                    self._report(f"The page asked {text!r} in a dialog; it was answered with OK.")
                elif kind == "alert":
                    self._report(f"The page showed a dialog: {text!r}.")
        except PlaywrightError:
            pass  # The page closed first.

    async def responds(self) -> bool:
        """Whether the page's scripts leave room for anything else."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.page.evaluate("1")
        except TimeoutError:
            return False
        except PlaywrightError:
            pass  # It went elsewhere or is gone: whoever uses it next is told.
        return True

    async def _silence(self, dialog: Dialog) -> None:
        """Take the dialogs away from the page; one that does not even let that happen is given up."""
        if self.dialogs > 3 * MAX_DIALOGS:
            if not self.flooded:
                self.flooded = True
                await self._give_up(self, "The page kept opening dialogs and was closed.")
            return
        with contextlib.suppress(PlaywrightError):
            if self.dialogs > MAX_DIALOGS + 1:
                await dialog.dismiss()
                return
            silencing = [asyncio.ensure_future(frame.evaluate(_SILENCE)) for frame in self.page.frames]
            await dialog.dismiss()
            await asyncio.gather(*silencing)
            self._report(f"The page kept opening dialogs; after {MAX_DIALOGS} they were switched off.")

    def _on_crash(self, page: Page) -> None:
        self.crashed = True
        self._report(f"The page {page.url} crashed.")
