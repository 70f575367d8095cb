"""The page script in the frames of a page: one evaluate a frame, joined to one list of lines in reading order."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from playwright.async_api import ElementHandle, Error, Frame, JSHandle, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from plan_and_act.browser._lines import Answer, Control, Line, parse
from plan_and_act.browser._text import whole
from plan_and_act.errors import BrowserLostError, PageError

_HERE = files("plan_and_act.browser")
_SOURCE = "".join((_HERE / name).read_text("utf-8") for name in ("controls.js", "covers.js", "snapshot.js"))
_SCRIPT = f'(() => {{ "use strict";\n{_SOURCE}\nreturn {{ snapshot, element }}; }})()'
_KEY = 'Symbol.for("plan-and-act")'

INIT_SCRIPT = f"Object.defineProperty(globalThis, {_KEY}, {{ value: {_SCRIPT} }});"
"""For `context.add_init_script`: optional, takes the browser's functions before a page can replace them."""

_INSTALL = f"globalThis[{_KEY}] || {_SCRIPT}"
_SECONDS = 15.0  # a page that does not answer for so long is in an endless loop or shows a dialog
_CHILD_SECONDS = 3.0
_NAVIGATIONS = 4
_DEPTH = 5
_FRAMES = 30


@dataclass(slots=True)
class Seen:
    """What the last observation of a document saw, to tell what is new."""

    ids: set[int]
    texts: set[str]
    top: int
    bottom: int


class Walker:
    """The page script in one frame; everything in it belongs to the frame's present document."""

    def __init__(self, frame: Frame, redact: Callable[[str], str]) -> None:
        self.frame = frame
        self.refs: dict[int, int] = {}
        """Refs by the numbers that the page script gives."""
        self.seen: Seen | None = None
        self.documents = 0
        self._handle: JSHandle | None = None
        self._children: dict[int, Frame] = {}
        self._redact = redact

    async def snapshot(self, request: Mapping[str, object]) -> Answer:
        """Walk the frame's document.

        Args:
            request: view (visible part in pixels, None for the window), base (pixels outside the view), name, chars.

        Raises:
            Error: The frame went away, or navigated in the middle.
        """
        try:
            if self._handle is not None:
                return parse(whole(await self._handle.evaluate(_CALL, request)), self, self._redact)
        except Error:
            self._handle = None  # another document by now, or none: the next lines tell
        handle = await self.frame.evaluate_handle(_INSTALL)
        self._handle = handle
        self.refs, self.seen, self._children = {}, None, {}
        self.documents += 1
        return parse(whole(await handle.evaluate(_CALL, request)), self, self._redact)

    async def element(self, number: int) -> ElementHandle | None:
        """The element that the page script gave this number, or None when it is gone or not shown any more."""
        if self._handle is None:
            return None
        try:
            found = await self._handle.evaluate_handle("(script, number) => script.element(number)", number)
        except Error:
            return None
        return found.as_element()

    async def child(self, number: int) -> Frame | None:
        """The frame in an iframe."""
        known = self._children.get(number)
        if known is not None and not known.is_detached():
            return known
        element = await self.element(number)
        frame = await element.content_frame() if element else None
        if frame is not None:
            self._children[number] = frame
        return frame


_CALL = "(script, request) => script.snapshot(request)"


@dataclass(slots=True)
class Sight:
    """A page as it was seen: the main document's facts, and the lines of all its frames in reading order."""

    main: Answer
    lines: list[Line]
    left: list[tuple[int, int]]
    covered: int
    dialog: bool
    walkers: list[Walker] = field(default_factory=list)


class Frames:
    """The walkers of one page."""

    def __init__(self, page: Page, redact: Callable[[str], str]) -> None:
        self._page = page
        self._redact = redact
        self._walkers: dict[Frame, Walker] = {}
        self._chars = 0

    async def look(self, chars: int) -> Sight:
        """Walk every visible frame.

        Args:
            chars: About how many characters of text are wanted; what is farther away is only counted.

        Raises:
            PageError: The page does not answer, or navigates without end.
            BrowserLostError: The page crashed or was closed.
        """
        self._chars = chars
        for frame in [frame for frame in self._walkers if frame.is_detached()]:
            del self._walkers[frame]
        for _ in range(_NAVIGATIONS):
            try:
                async with asyncio.timeout(_SECONDS):
                    return await self._look()
            except TimeoutError:
                break
            except Error as error:
                await self._settle(error)
        msg = f"The page {self._url} does not answer: it keeps navigating, shows a dialog or is in an endless loop."
        raise PageError(msg)

    @property
    def _url(self) -> str:
        return self._redact(self._page.url)

    async def _settle(self, error: Error) -> None:
        text = str(error)
        if self._page.is_closed() or "crash" in text.lower() or "has been closed" in text:
            msg = f"The page {self._url} is gone: {text.splitlines()[0]}"
            raise BrowserLostError(msg) from error
        if "context was destroyed" not in text and "navigat" not in text and "Cannot find context" not in text:
            msg = f"The page {self._url} cannot be read: {text.splitlines()[0]}"
            raise PageError(msg) from error
        try:
            await self._page.wait_for_load_state("domcontentloaded", timeout=5_000)
        except PlaywrightTimeoutError:
            return

    async def _look(self) -> Sight:
        walker = self._walker(self._page.main_frame)
        answer = await walker.snapshot({"view": None, "base": 0, "name": "", "chars": self._chars})
        sight = Sight(answer, [], list(answer.left), answer.covered, answer.dialog)
        await self._join(walker, answer, sight, 0, 0)
        return sight

    def _walker(self, frame: Frame) -> Walker:
        walker = self._walkers.get(frame)
        if walker is None:
            walker = self._walkers[frame] = Walker(frame, self._redact)
        return walker

    async def _join(self, walker: Walker, answer: Answer, sight: Sight, depth: int, area: int) -> None:
        """Append a frame's lines, each child frame's after the line of its iframe."""
        sight.walkers.append(walker)
        framed = [line for line in answer.lines if line.kind == "f"]
        children = {}
        if framed and len(sight.walkers) < _FRAMES and depth < _DEPTH:
            found = await asyncio.gather(*(self._child(walker, line) for line in framed))
            children = {id(line): child for line, child in zip(framed, found, strict=True) if child}
        for line in answer.lines:
            if depth:
                line.area += area
            sight.lines.append(line)
            if child := children.get(id(line)):
                offset = len(sight.left)
                sight.left += child[1].left
                sight.covered += child[1].covered
                for inner in child[1].lines:
                    inner.depth += line.depth + 1
                await self._join(*child, sight, depth + 1, offset)

    async def _child(self, walker: Walker, line: Line) -> tuple[Walker, Answer] | None:
        control = next(part for part in line.parts if isinstance(part, Control))
        request = {"view": line.view, "base": line.at, "name": control.name, "chars": self._chars}
        for _ in range(2):  # its document may be replaced just now
            try:
                async with asyncio.timeout(_CHILD_SECONDS):
                    frame = await walker.child(control.id)
                    if frame is None:
                        return None
                    inner = self._walker(frame)
                    return inner, await inner.snapshot(request)
            except TimeoutError:
                return None  # its line stands without what is in it
            except Error:
                continue
        return None
