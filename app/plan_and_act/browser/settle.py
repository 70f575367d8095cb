"""Waits until a page has come to rest after an action.

A quiet period after every action (500 ms of no requests is usual) costs more than most actions do. Here the page
itself is asked what it has put off: `settle.js` notes short timers, animation frames and navigations from the moment a
document is created, so that "nothing is coming" is known after one round trip, and a debounce of 300 ms is waited for
exactly. What a page does without end (polling, streams, animations) is learnt per document and waited for once.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.async_api import BrowserContext, Download, Error, Frame, Page, Request

CAP = 5.0
"""Seconds a page gets to come to rest; the time a navigation takes until its first byte is not counted."""

_COUNTED = frozenset({"document", "stylesheet", "script", "xhr", "fetch"})
"""Kinds of requests that change what a page says. Others are pictures, fonts, sounds, pings and open channels."""
_DATA = frozenset({"xhr", "fetch"})
"""Kinds that the load event does not wait for."""
_PENDING = 2.0
"""Seconds after which a request counts as a stream or a long poll (Stagehand's figure)."""
_HUNG = 0.3
"""The same for a request to an address that has been one before."""
_POLLS = 5
"""How often one address is asked for while a page settles before it counts as a poll, which is not waited for."""
_QUIET = 0.05
"""Seconds without a change of the DOM after the last answer has come in: three frames to draw it."""
_START = 0.5
"""Seconds for a navigation or tab that the page has announced to show itself."""
_LATELY = 0.1
"""Seconds for which a page that came to rest is taken to be at rest, unless it asks for something."""
_PAGES = 4
"""How many navigations in a row are followed; a page that reloads itself for ever is not."""


@cache
def _script() -> str:
    return (files(__package__) / "settle.js").read_text(encoding="utf-8")


async def prepare(context: BrowserContext) -> None:
    """Make ready a new browser context: its pages are then watched from the start of every document."""
    await context.add_init_script(f"({_script()})()")
    context.on("page", _watch)


class Activity:
    """The requests a page has in flight, and where it is going. One a page, made on first use."""

    _known: ClassVar[WeakKeyDictionary[Page, "Activity"]] = WeakKeyDictionary()

    def __init__(self, page: Page) -> None:
        self.inflight: dict[Request, float] = {}
        self.navigating: Request | None = None
        self.served = 0
        """Counted requests that have ended and that the document's load event has not waited for."""
        self.arrivals = 0
        """Documents asked for or arrived at, in any frame."""
        self.gone = False
        """Whether the page was closed or has crashed."""
        self._loaded = True
        self._rested = float("-inf")
        """When the page was last found at rest."""
        self._hung: set[tuple[str, str]] = set()
        self._polled: set[tuple[str, str]] = set()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._openings: list[float] = []
        """When tabs and downloads came that nobody has waited for."""
        self._changed = asyncio.Event()
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_failed)
        page.on("framenavigated", self._on_arrival)
        page.on("load", self._on_load)
        page.on("download", self._on_download)
        page.on("popup", self._on_popup)
        page.on("close", self._on_gone)
        page.on("crash", self._on_gone)

    @classmethod
    def of(cls, page: Page) -> "Activity":
        """The activity of a page."""
        activity = cls._known.get(page)
        if activity is None:
            activity = cls._known[page] = cls(page)
        return activity

    @property
    def rested(self) -> bool:
        """Whether the page came to rest a moment ago and has asked for nothing since."""
        return not self.gone and asyncio.get_running_loop().time() - self._rested < _LATELY

    @rested.setter
    def rested(self, value: bool) -> None:
        self._rested = asyncio.get_running_loop().time() if value else float("-inf")

    def begin(self) -> None:
        """Begin to settle: what is asked for again and again from now on is a poll."""
        self.rested = False
        self._asked.clear()
        recently = asyncio.get_running_loop().time() - 2 * _START
        self._openings = [time for time in self._openings if time > recently]

    def pending(self) -> float:
        """Seconds until the youngest request in flight is given up on; 0.0 when there is none to wait for."""
        now = asyncio.get_running_loop().time()
        longest = 0.0
        for request, since in list(self.inflight.items()):
            key = _key(request)
            left = since + (_HUNG if key in self._hung else _PENDING) - now
            if left <= 0:
                del self.inflight[request]
                self._hung.add(key)
            longest = max(longest, left)
        return longest

    async def change(self, seconds: float) -> None:
        """Wait for the next event, at most so long."""
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._changed.wait()

    async def departure(self, arrivals: int) -> None:
        """Wait until the navigation that the page has announced shows itself."""
        await self._until(lambda: bool(self.navigating or self.inflight or self.arrivals != arrivals))

    async def opening(self, opened: int) -> None:
        """Wait until the tabs and downloads that the page was seen to start are there; blocked ones never come."""
        await self._until(lambda: len(self._openings) >= opened)
        del self._openings[:opened]

    async def _until(self, happened: Callable[[], bool]) -> None:
        end = asyncio.get_running_loop().time() + _START
        while not (happened() or self.gone) and (left := end - asyncio.get_running_loop().time()) > 0:
            await self.change(left)

    def _on_request(self, request: Request) -> None:
        if request.resource_type not in _COUNTED:
            return
        self.rested = False
        if request.is_navigation_request():
            self.arrivals += 1
            if _is_main(request):
                # What the old document still had in flight dies with it.
                self.inflight.clear()
                self.navigating = request
                self._loaded = False
                self._changed.set()
                return
        key = _key(request)
        self._asked[key] += 1
        if self._asked[key] > _POLLS:
            self._polled.add(key)
        if key not in self._polled:
            self.inflight[request] = asyncio.get_running_loop().time()
            self._changed.set()

    def _on_end(self, request: Request) -> None:
        if self.inflight.pop(request, None) is not None:
            self.served += self._loaded or request.resource_type in _DATA
        if request == self.navigating:
            self.navigating = None
        self._changed.set()

    def _on_failed(self, request: Request) -> None:
        # A navigation that comes to nothing leaves the old document where it was.
        self._loaded |= request == self.navigating
        self._on_end(request)

    def _on_load(self, _: Page) -> None:
        self._loaded = True

    def _on_arrival(self, frame: Frame) -> None:
        self.arrivals += 1
        self.rested = False
        if frame.parent_frame is None:
            self.navigating = None
        self._changed.set()

    def _on_download(self, _: Download) -> None:
        self.navigating = None
        self._openings.append(asyncio.get_running_loop().time())
        self._changed.set()

    def _on_popup(self, _: Page) -> None:
        self._openings.append(asyncio.get_running_loop().time())
        self._changed.set()

    def _on_gone(self, _: Page) -> None:
        self.gone = True
        self.inflight.clear()
        self.navigating = None
        self._changed.set()


async def settle(page: Page, *, frame: Frame | None = None, cap: float = CAP, navigation_timeout: float = 30.0) -> bool:
    """Wait until a page has come to rest after an action.

    Args:
        page: The page. Best from a context made ready with `prepare`; else its documents are watched from now on.
        frame: The frame that was acted on, when it is not the main one.
        cap: Seconds a document gets to come to rest.
        navigation_timeout: Seconds a navigation that is under way gets to arrive.

    Returns:
        Whether the page came to rest; False when it still moved at the end, is hung, crashed or was closed.
    """
    loop = asyncio.get_running_loop()
    activity = Activity.of(page)
    activity.begin()
    end, arrivals, pages = loop.time() + cap, activity.arrivals, 0
    quiet, served = 0.0, activity.served
    while not (activity.gone or page.is_closed()):
        if activity.navigating and not await _arrive(activity, navigation_timeout):
            return False
        if activity.arrivals != arrivals and pages < _PAGES:
            end, arrivals, pages = loop.time() + cap, activity.arrivals, pages + 1
        left = end - loop.time()
        if left <= 0:
            return False
        if pending := activity.pending():
            await activity.change(min(pending, left))
            continue
        if activity.served != served:
            quiet, served = _QUIET, activity.served
        frames = [page.main_frame] if frame is None or frame.is_detached() else list({page.main_frame, frame})
        state = await _rest(frames, quiet, left)
        if activity.navigating or activity.pending() or activity.served != served:
            continue
        if state is None:
            # The document went away under the question: its successor is asked, once it is there.
            await activity.change(min(_QUIET, left))
            continue
        if state["leaving"]:
            await activity.departure(arrivals)
        elif state["opened"]:
            await activity.opening(state["opened"])
        else:
            activity.rested = state["rested"]
            return activity.rested
    return False


async def _arrive(activity: Activity, seconds: float) -> bool:
    """Wait until the navigation under way has arrived or come to nothing."""
    end = asyncio.get_running_loop().time() + seconds
    while activity.navigating:
        left = end - asyncio.get_running_loop().time()
        if left <= 0:
            activity.navigating = None
            return False
        await activity.change(left)
    return True


def _watch(page: Page) -> None:
    Activity.of(page)


async def _rest(frames: list[Frame], quiet: float, cap: float) -> dict[str, Any] | None:
    """Ask the frames to say when they are at rest; None when a document went away meanwhile."""
    ask = {"quiet": quiet * 1000, "cap": cap * 1000}
    answers = await asyncio.gather(*(_ask(frame, ask, cap + _QUIET) for frame in frames))
    if None in answers:
        return None
    known = [answer for answer in answers if answer is not None]
    return {
        "rested": all(answer["rested"] for answer in known),
        "leaving": any(answer["leaving"] for answer in known),
        "opened": sum(answer["opened"] for answer in known),
    }


async def _ask(frame: Frame, ask: dict[str, float], seconds: float) -> dict[str, Any] | None:
    question = "ask => window[Symbol.for('plan_and_act.settle')]?.rest(ask) ?? null"
    try:
        async with asyncio.timeout(seconds):
            answer = await frame.evaluate(question, ask)
            if answer is None:
                await frame.evaluate(_script())
                answer = await frame.evaluate(question, ask)
    except TimeoutError:
        return {"rested": False, "leaving": False, "opened": 0}
    except Error:
        return None
    return cast("dict[str, Any]", answer)


def _is_main(request: Request) -> bool:
    try:
        return request.frame.parent_frame is None
    except Error:  # the frame of a page that is only being made
        return True


def _key(request: Request) -> tuple[str, str]:
    url = urlsplit(request.url)
    return request.method, f"{url.netloc}{url.path}"
