"""One tab of a session: its page, whether it crashed, and the dialogs its scripts open."""

import asyncio
import contextlib
from collections.abc import Callable

from playwright.async_api import CDPSession, Dialog, Page
from playwright.async_api import Error as PlaywrightError

MAX_DIALOGS = 10
"""Dialogs a page may open between two looks at it; a page that goes on is silenced."""

_SILENCE = "() => { window.alert = () => {}; window.confirm = () => false; window.prompt = () => null; }"
_PATIENCE = 2.0


class Tab:
    """A page and what is known of it beyond Playwright.

    Args:
        page: Its page.
        report: Is told what happened, a sentence each.
    """

    def __init__(self, page: Page, report: Callable[[str], None]) -> None:
        self.page = page
        self.opener: Tab | None = None
        self.crashed = False
        self.opening = False
        """Whether it is being sent to a URL; what comes of that is told by who sent it."""
        self.arrived = asyncio.Event()
        """Set by every document that the tab arrives at."""
        self.on_web = False
        """Whether it has shown a page of the web."""
        self.cdp: CDPSession | None = None
        """None until `attach`."""
        self.dialogs = 0
        """Dialogs since the events were last drained."""
        self._report = report
        page.on("crash", self._on_crash)

    async def attach(self) -> CDPSession | None:
        """Open a protocol session of our own, for what Playwright has no call for; None when the page is gone."""
        try:
            cdp = await self.page.context.new_cdp_session(self.page)
            await cdp.send("Page.enable")
        except PlaywrightError:
            return None
        self.cdp = cdp
        return cdp

    async def stop_loading(self) -> None:
        """Give up a navigation or a load under way; what has arrived stays."""
        try:
            async with asyncio.timeout(_PATIENCE):
                if self.cdp:
                    await self.cdp.send("Page.stopLoading")
        except (PlaywrightError, TimeoutError):
            pass

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

    async def _silence(self, dialog: Dialog) -> None:
        """End a loop of dialogs: stop the script, take the functions away; if nothing else helps, close the page."""
        try:
            async with asyncio.timeout(_PATIENCE):
                # The script is stopped at its next step, which it can only take when the dialog is gone.
                stopping = asyncio.ensure_future(self._stop_script())
                await dialog.dismiss()
                await stopping
                if self.dialogs <= 2 * MAX_DIALOGS:
                    for frame in self.page.frames:
                        await frame.evaluate(_SILENCE)
                    if self.dialogs == MAX_DIALOGS + 1:
                        self._report(f"The page kept opening dialogs; after {MAX_DIALOGS} they were switched off.")
                    return
        except (PlaywrightError, TimeoutError):
            pass
        if not self.page.is_closed():
            self._report("The page kept opening dialogs and was closed.")
            with contextlib.suppress(PlaywrightError):
                await self.page.close(run_before_unload=False)

    async def _stop_script(self) -> None:
        if self.cdp:
            await self.cdp.send("Runtime.terminateExecution")

    def _on_crash(self, page: Page) -> None:
        self.crashed = True
        self._report(f"The page {page.url} crashed.")
