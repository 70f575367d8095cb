"""The element an action is about, and what Playwright says when it cannot be acted on."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from playwright.async_api import ElementHandle, Error

from plan_and_act.errors import PlanAndActError

if TYPE_CHECKING:
    from plan_and_act.browser.observation import Element


class ActionError(PlanAndActError):
    """An action was not carried out; the message says why and what to do, for the model."""


class DispatchedError(Exception):
    """An action was sent to the page, which did not answer in time."""


@cache
def _script() -> str:
    return (files(__package__) / "perform.js").read_text(encoding="utf-8")


async def evaluate(handle: ElementHandle, name: str, argument: object, timeout: float) -> Any:
    """Ask the page about an element; see `perform.js`.

    Raises:
        TimeoutError: When the page does not answer in time.
    """
    async with asyncio.timeout(timeout):
        return await handle.evaluate(_script(), [name, argument])


@dataclass(frozen=True)
class Target:
    """An element of the last observation and the handle on it."""

    element: "Element"
    handle: ElementHandle
    timeout: float
    """Seconds the page gets to answer a question."""

    @property
    def label(self) -> str:
        """How the model knows it."""
        return self.element.label

    async def ask(self, name: str, argument: object = None) -> Any:
        """Ask the page about it; see `perform.js`."""
        return await evaluate(self.handle, name, argument, self.timeout)

    async def find(self, name: str, argument: object = None) -> "Target | None":
        """Another element that belongs to it, e.g. the label of a hidden box; None when there is none."""
        async with asyncio.timeout(self.timeout):
            found = (await self.handle.evaluate_handle(_script(), [name, argument])).as_element()
        return Target(self.element, found, self.timeout) if found else None

    async def failure(self, error: Error) -> str:
        """The sentence for an action that Playwright could not carry out.

        Raises:
            DispatchedError: When it may have been carried out all the same.
        """
        log = error.message
        sent = log.rfind("performing ")
        if sent > max(log.rfind("intercepts pointer events"), log.rfind("attempting ")):
            raise DispatchedError from error
        return f"{self.label} {await self._reason(log)}"

    async def _reason(self, log: str) -> str:
        if "intercepts pointer events" in log:
            return await self._covered(log)
        for sign, reason in _REASONS:
            if sign in log:
                return reason
        return f"could not be used: {first_line(log)}"

    async def _covered(self, log: str) -> str:
        try:
            cover = await self.ask("cover")
        except (Error, TimeoutError):
            cover = None
        if cover and (cover["role"] or cover["name"]):
            what = cover["role"] or "something"
            named = f'{what} "{cover["name"]}"' if cover["name"] else f"a {what}"
        else:
            tag = re.search(r"<(\w+)[^\n]* intercepts pointer events", log)
            named = f"another element (<{tag[1]}>)" if tag else "another element"
        return f"is covered by {named}; close or use that first."


_REASONS = (
    ("is not attached", "is no longer on the page; look at the page again."),
    ("detached", "is no longer on the page; look at the page again."),
    ("is not enabled", "is disabled; something else has to be done before it can be used."),
    ("is inert", "lies behind an open dialog; use or close that first."),
    ("is not editable", "is read-only."),
    ("is not visible", "is not visible now; open or show what it belongs to first."),
    ("outside of the viewport", "cannot be scrolled into view."),
    ("is not stable", "keeps moving; wait a moment."),
)


def first_line(message: str) -> str:
    """The part of a Playwright message that is no log of calls and no name of a method."""
    return re.sub(r"^[A-Za-z]+\.\w+: (Error: )?", "", message.strip().splitlines()[0])[:300] if message.strip() else ""


def match_option(options: Sequence[str], wanted: str, values: Sequence[str] = ()) -> list[int]:
    """Which options are meant: those equal, else equal but for case and spaces, else those that contain it.

    A value, which nobody sees, counts less than an equal text and more than a part of one: "US" is no Australia. Values
    that are numbers often only count the options, so that they come last.
    """
    ways = [(_exactly, options), (_loosely, options), (_exactly, values), (_loosely, values)]
    ways.insert(2 if wanted.strip().isdigit() else 4, (_partly, options))
    for same, texts in [*ways, (_partly, values)]:
        found = [index for index, text in enumerate(texts) if same(text, wanted)]
        if found:
            return found
    return []


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _exactly(option: str, wanted: str) -> bool:
    return " ".join(option.split()) == " ".join(wanted.split())


def _loosely(option: str, wanted: str) -> bool:
    return _plain(option) == _plain(wanted)


def _partly(option: str, wanted: str) -> bool:
    return bool(_plain(wanted)) and _plain(wanted) in _plain(option)


def quote_list(options: Sequence[str], limit: int = 30) -> str:
    """Options in quotes, with a count of those left out."""
    rest = f" and {len(options) - limit} more" if len(options) > limit else ""
    return ", ".join(f'"{option}"' for option in options[:limit]) + rest
