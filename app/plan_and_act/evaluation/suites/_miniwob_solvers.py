"""Solvers of MiniWoB++ tasks, through the actions an agent has: they prove the suite, the observation and the actions.

A solver reads the goal and the page as text, as an agent does; it knows nothing of what is behind the page.
"""

import asyncio
import operator
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import Session
from plan_and_act.browser.observation import Element
from plan_and_act.sites.tasks import Hand, LostError
from plan_and_act.trajectory import Ending, Task, Trajectory

_ANIMATION = 0.5
"""Seconds parts of these pages take to slide open."""

Solver = Callable[[Hand, str], Awaitable[None]]

_OPERATORS = {"+": operator.add, "-": operator.sub, "x": operator.mul, "*": operator.mul}


async def work(name: str, session: Session, task: Task, *, artefacts: Artefacts | None = None) -> Trajectory:
    """Open the task's page and let its solver do it.

    Raises:
        LostError: When the solver does not find its way.
    """
    started = datetime.now(UTC)
    await session.goto(task.url)
    hand = Hand(session, synonyms={}, urls={}, artefacts=artefacts)
    await SOLVERS[name](hand, task.intent)
    return Trajectory(
        thread=session.key,
        task=task,
        started=started.isoformat(timespec="seconds"),
        rounds=hand.rounds,
        ending=Ending(status="succeeded", reason="finished", message="The solver did the task."),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 3),
    )


def _quoted(goal: str) -> list[str]:
    return re.findall(r'"([^"]*)"', goal)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if not match:
        msg = f"{pattern!r} is not in {text[:500]!r}"
        raise LostError(msg)
    return match[1].strip()


async def _all(hand: Hand, role: str) -> list[Element]:
    return [element for element in (await hand.look()).elements.values() if element.role == role]


def _click_quoted(role: str | None = None) -> Solver:
    async def solve(hand: Hand, goal: str) -> None:
        await hand.click(_quoted(goal)[0], role)

    return solve


def _click(*names: str) -> Solver:
    async def solve(hand: Hand, _: str) -> None:
        for name in names:
            await hand.click(name)

    return solve


async def _check(hand: Hand, goal: str) -> None:
    wanted = _found(r"Select (.*) and click", goal)
    for name in [] if wanted == "nothing" else wanted.split(", "):
        await hand.click(name)
    await hand.click("Submit")


async def _dialog(hand: Hand, goal: str) -> None:
    name = _quoted(goal)[0]
    await hand.click("Close" if name == "x" else name, "button")


async def _tab(hand: Hand, goal: str) -> None:
    await hand.click(_found(r"Click on (.*)\.$", goal), "link")


def _open_until(role: str) -> Solver:
    """Open one part of the page after the other until what the goal names is there."""

    async def solve(hand: Hand, goal: str) -> None:
        name = _quoted(goal)[0]
        for part in [element.name for element in await _all(hand, "tab")]:
            if await hand.has(name, "clickable"):
                break
            await hand.click(part, role)
            await asyncio.sleep(_ANIMATION)
        await hand.click(name, "clickable")

    return solve


async def _section(hand: Hand, _: str) -> None:
    await hand.click((await _all(hand, "tab"))[0].name)
    await hand.click("Submit", "button")


async def _focus(hand: Hand, goal: str) -> None:
    nth = re.search(r"(\d+)\w\w input", goal)
    await hand.click((await _all(hand, "textbox"))[int(nth[1]) - 1 if nth else 0].name)


async def _choose(hand: Hand, goal: str) -> None:
    await hand.select((await _all(hand, "combobox"))[0].name, _found(r"Select (.*) from the list", goal))
    await hand.click("Submit")


async def _fill(hand: Hand, texts: Sequence[str], submit: str = "Submit") -> None:
    fields = await _all(hand, "textbox")
    for field, text in zip(fields, texts, strict=False):
        await hand.type(field.name, text)
    await hand.click(submit)


async def _enter(hand: Hand, goal: str) -> None:
    await _fill(hand, _quoted(goal)[:1])


async def _upper(hand: Hand, goal: str) -> None:
    case = str.upper if "upper case" in goal else str.lower
    await _fill(hand, [case(_quoted(goal)[0])])


async def _twice(hand: Hand, goal: str) -> None:
    await _fill(hand, _quoted(goal)[:1] * 2)


async def _date(hand: Hand, goal: str) -> None:
    await _fill(hand, [_found(r"Enter (\S+) as the date", goal)])


async def _time(hand: Hand, goal: str) -> None:
    await _fill(hand, [_found(r"Enter (.*) as the time", goal)])


async def _login(hand: Hand, goal: str) -> None:
    await _fill(hand, _quoted(goal)[:2], "Login")


async def _table(hand: Hand, goal: str) -> None:
    label = _found(r"value of (.*) into", goal)
    await _fill(hand, [_found(rf"(?m)^ *\** *{re.escape(label)} \| (.*)$", await hand.text())])


async def _algebra(hand: Hand, _: str) -> None:
    """One unknown beside one number: x + 2 = 43, 7 - x = 3, ..."""
    left, sign, right, result = re.search(r"(x|-?\d+) ([+-]) (x|-?\d+) = (-?\d+)", await hand.text()).groups()  # type: ignore[union-attr]
    if right == "x":
        value = int(result) - int(left) if sign == "+" else int(left) - int(result)
    else:
        value = int(result) - int(right) if sign == "+" else int(result) + int(right)
    await _fill(hand, [str(value)])


async def _arithmetic(hand: Hand, _: str) -> None:
    left, sign, right = re.search(r"(\d+) ([-+x*]) (\d+) =", await hand.text()).groups()  # type: ignore[union-attr]
    await _fill(hand, [str(_OPERATORS[sign](int(left), int(right)))])


async def _copy(hand: Hand, _: str) -> None:
    source, target = sorted(await _all(hand, "textbox"), key=lambda field: not field.value)
    await hand.click(source.name)
    for key in ("Control+a", "Control+c"):
        await hand.press(key)
    await hand.click(target.name)
    await hand.press("Control+v")
    await hand.click("Submit")


async def _guess(hand: Hand, _: str) -> None:
    low, high = 0, 9
    while low <= high:
        guess = (low + high) // 2
        await hand.type((await _all(hand, "spinbutton"))[0].name, str(guess))
        await hand.click("Submit")
        said = await hand.text()
        if "higher" in said:
            low = guess + 1
        elif "lower" in said:
            high = guess - 1
        else:
            return


SOLVERS: dict[str, Solver] = {
    "choose-list": _choose,
    "click-button": _click_quoted("button"),
    "click-button-sequence": _click("ONE", "TWO"),
    "click-checkboxes": _check,
    "click-checkboxes-large": _check,
    "click-checkboxes-transfer": _check,
    "click-collapsible": _section,
    "click-collapsible-2": _open_until("tab"),
    "click-dialog": _dialog,
    "click-dialog-2": _dialog,
    "click-link": _click_quoted(),
    "click-option": _check,
    "click-tab": _tab,
    "click-tab-2": _open_until("link"),
    "click-test": _click("Click Me!"),
    "click-test-2": _click("ONE"),
    "copy-paste": _copy,
    "enter-date": _date,
    "enter-password": _twice,
    "enter-text": _enter,
    "enter-text-2": _upper,
    "enter-text-dynamic": _enter,
    "enter-time": _time,
    "focus-text": _focus,
    "focus-text-2": _focus,
    "guess-number": _guess,
    "login-user": _login,
    "navigate-tree": _open_until("clickable"),
    "read-table": _table,
    "simple-algebra": _algebra,
    "simple-arithmetic": _arithmetic,
    "unicode-test": _click_quoted("button"),
}
"""The tasks that have a solver."""
