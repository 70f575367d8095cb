"""What all actions share: finding the element, acting on it at most once, waiting for what comes of it."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error, Page, Position

from plan_and_act.browser._target import ActionError, DispatchedError, Target, evaluate
from plan_and_act.browser.policy import split_origin
from plan_and_act.browser.settle import settle
from plan_and_act.trajectory import Outcome

if TYPE_CHECKING:
    from plan_and_act.browser.session import Session

_UNREADY = 1.0
"""Seconds an element that cannot be used gets to become usable. Pages are at rest when an action begins, so that a
control that is disabled or covered mostly stays so."""

_POINT = """(node, spot) => {
  if (spot) {
    const [box, style] = [node.getBoundingClientRect(), getComputedStyle(node)];
    return [box.left + parseFloat(style.borderLeftWidth) + spot.x, box.top + parseFloat(style.borderTopWidth) + spot.y];
  }
  for (const box of node.getClientRects()) {
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
    if (right - left > 1 && bottom - top > 1) return [(left + right) / 2, (top + bottom) / 2];
  }
  return null;
}"""
"""A spot of an element, else the middle of its first part that is in view, which is where Playwright clicks."""

_DOWNLOAD = 2.0
"""Seconds a download gets to end, so that the outcome can name its file."""


class Hands:
    """One action under way on the current tab of a session.

    Args:
        session: The session.
        timeout: Seconds an element gets to become usable, and the page to answer.
        navigation_timeout: Seconds a navigation gets.
    """

    def __init__(self, session: "Session", timeout: float, navigation_timeout: float) -> None:
        self.session = session
        self.page: Page = session.page
        self.timeout = timeout
        self.navigation_timeout = navigation_timeout
        self.sent = False
        """Whether something that the page may have acted on was sent to it."""
        self.downloading = False
        """Whether a download was still under way when the page was at rest."""

    @property
    def patience(self) -> float:
        """Playwright's timeout in milliseconds."""
        return self.timeout * 1_000

    @property
    def wheel(self) -> int:
        """Two thirds of the viewport's height in CSS pixels."""
        size = self.page.viewport_size
        return size["height"] * 2 // 3 if size else 480

    async def target(self, label: str) -> Target:
        """The element with a label.

        Raises:
            ActionError: When it is not on the page any more. The observer raises its own errors for labels that name
                no element or several.
        """
        observer = self.session.observer
        element = observer.resolve(label)
        async with asyncio.timeout(self.timeout):
            handle = await observer.handle(element.ref)
        if handle is None:
            msg = f"{element.label} is no longer on the page; look at the page again."
            raise ActionError(msg)
        return Target(element, handle, self.timeout)

    async def attempt(self, target: Target, call: Awaitable[Any]) -> None:
        """Make the one call that acts on an element.

        Raises:
            ActionError: When the element could not be acted on; nothing was sent then.
            DispatchedError: When the page did not answer, and may or may not have acted.
        """
        before, self.sent = self.sent, True
        try:
            await call
        except Error as error:
            if "action done" in error.message:
                return  # Sent and taken; only what it set off takes its time, and that is waited for in `settle`.
            if self.page.is_closed():
                raise
            message = await target.failure(error)
            self.sent = before
            raise ActionError(message) from error

    async def send(self, call: Awaitable[Any]) -> None:
        """Send keys or turns of the wheel, which go to whatever has the focus or lies under the mouse.

        Raises:
            DispatchedError: When the page did not answer.
        """
        self.sent = True
        try:
            async with asyncio.timeout(self.timeout):
                await call
        except TimeoutError:
            raise DispatchedError from None

    async def click(self, target: Target, facts: dict[str, Any] | None = None) -> None:
        """Click an element, or what stands in for it: the label of a hidden box, a child when it has no box itself.

        Controls inside the element are other elements: it is clicked beside them.
        """
        facts = facts or await target.ask("facts")
        place = await target.find("standIn") if facts["instead"] else None
        spot = await place.ask("spot") if place else facts["spot"]
        unready = facts["disabled"] or (facts["cover"] and not place)
        seconds = min(self.timeout, _UNREADY) if unready else self.timeout
        place = place or target
        if facts["disabled"] or not self._frames_others(place) or not await self._click_warily(place, spot, seconds):
            await self.attempt(place, place.handle.click(position=spot, timeout=seconds * 1_000))

    def _frames_others(self, place: Target) -> bool:
        """Whether the page shows frames of other sites, beside an element of its own."""
        mine = split_origin(self.page.url)
        theirs = [split_origin(frame.url) for frame in self.page.frames if frame.parent_frame]
        return place.element.frame in (None, self.page.main_frame) and any(
            origin not in (None, mine) for origin in theirs
        )

    async def _click_warily(self, place: Target, spot: Position | None, seconds: float) -> bool:
        """Click an element, but no frame that the page slides under the mouse as it arrives (clickjacking).

        Playwright looks before it moves the mouse; here the browser is asked again before the button goes down.

        Returns:
            Whether the element has a place to be clicked at.
        """
        await self.attempt(place, place.handle.hover(position=spot, timeout=seconds * 1_000))
        async with asyncio.timeout(self.timeout):
            point = await place.handle.evaluate(_POINT, spot)
            if point is None:
                return False
            await self.page.mouse.move(*point)
            framed = await self._is_frame(*point)
        if framed:
            msg = f"{place.label} was replaced by a frame of another site as the mouse came; it was not clicked."
            raise ActionError(msg)
        await self.send(self._press_mouse())
        return True

    async def _press_mouse(self) -> None:
        await self.page.mouse.down()
        await self.page.mouse.up()

    async def _is_frame(self, x: float, y: float) -> bool:
        """Whether a frame, or something in one, is at a point of the viewport. The page cannot tell lies about it."""
        cdp = await self.page.context.new_cdp_session(self.page)
        try:
            main = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            view = (await cdp.send("Page.getLayoutMetrics"))["cssLayoutViewport"]
            at = {"x": round(x + view["pageX"]), "y": round(y + view["pageY"])}
            hit = await cdp.send("DOM.getNodeForLocation", at)
            node = await cdp.send("DOM.describeNode", {"backendNodeId": hit["backendNodeId"]})
            return hit["frameId"] != main or node["node"]["nodeName"] in ("IFRAME", "FRAME", "OBJECT", "EMBED")
        finally:
            await cdp.detach()

    async def settle(self, target: Target | None = None) -> None:
        """Wait until what the action set off has come to rest, in the tab that is current then."""
        frame = target.element.frame if target else None
        await settle(self.page, frame=frame, navigation_timeout=self.navigation_timeout)
        page = self.session.page
        if page is not self.page:
            await settle(page, navigation_timeout=self.navigation_timeout)
        self.downloading = not await self.session.finish_downloads(_DOWNLOAD)

    async def ask_page(self, name: str, argument: object = None) -> Any:
        """Ask the page as a whole; see `perform.js`."""
        async with asyncio.timeout(self.timeout):
            root = (await self.page.evaluate_handle("document.documentElement")).as_element()
        if root is None:
            return None
        return await evaluate(root, name, argument, self.timeout)


def no_effect(message: str) -> Outcome:
    """The outcome of an action that had nothing to do."""
    return Outcome(status="no_effect", message=message)
