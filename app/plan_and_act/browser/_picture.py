"""Pictures of a tab: what it looks like, and where on it an element is."""

import asyncio
import contextlib

from playwright.async_api import ElementHandle, FloatRect, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from plan_and_act.browser._tab import Tab
from plan_and_act.errors import PageError

_FONTS = 1.5
"""Seconds a screenshot waits for a page's fonts."""
_DRAWING = 5.0
"""Seconds a page may take to draw itself."""


async def screenshot(tab: Tab) -> bytes:
    """Its viewport as PNG; animations are not waited for, and fonts not for long.

    Raises:
        PageError: When the page does not draw itself in time.
    """
    with contextlib.suppress(PlaywrightTimeoutError):
        return await tab.page.screenshot(caret="hide", animations="allow", timeout=_FONTS * 1_000)
    try:
        async with asyncio.timeout(_DRAWING):
            return await tab.capture()
    except (PlaywrightError, TimeoutError) as error:
        msg = "No screenshot could be taken: the page does not draw itself."
        raise PageError(msg) from error


async def bring_into_view(page: Page, element: ElementHandle) -> tuple[FloatRect | None, bool]:
    """Scroll an element into the viewport if it is not there.

    Returns:
        Its box in the viewport, in CSS pixels; None when it has none. And whether the page was scrolled.
    """
    box = await element.bounding_box()
    if not box or _shows(page, box):
        return box, False
    await element.scroll_into_view_if_needed()
    return await element.bounding_box(), True


def _shows(page: Page, box: FloatRect) -> bool:
    size = page.viewport_size
    return not size or (box["y"] >= 0 and box["y"] + min(box["height"], size["height"]) <= size["height"])
