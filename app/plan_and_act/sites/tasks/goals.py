"""What a task is to bring about, and whether it did: the sites' changes, the answer, and nothing else."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from plan_and_act.sites.tasks.refusals import refuses
from plan_and_act.sites.verdict import Verdict


class Answer(Protocol):
    """What an answer has to say."""

    def problems(self, said: str) -> list[str]:
        """What is wrong with an answer, a phrase each; none when it is right."""


@dataclass(frozen=True, slots=True)
class Says:
    """The answer names something, and none of what it could be mistaken for.

    Args:
        texts: What has to be in it, each as whole words; case, accents and punctuation do not count.
        others: What must not be in it: the other candidates. One that is part of a right text does not count.
    """

    texts: tuple[str, ...]
    others: tuple[str, ...] = ()

    def problems(self, said: str) -> list[str]:
        """See `Answer`."""
        wrong = [f"the answer does not say {text!r}" for text in self.texts if not _contains(said, text)]
        rest = _plain(said)
        for text in sorted(self.texts, key=len, reverse=True):
            rest = f" {rest} ".replace(f" {_plain(text)} ", " | ").strip()
        return wrong + [f"the answer says {other!r} too" for other in self.others if _contains(rest, other)]


def numbers(text: str) -> tuple[float, ...]:
    """The numbers in a text that are written in digits."""
    return tuple(float(found.replace(",", "")) for found in re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?", text))


@dataclass(frozen=True, slots=True)
class Number:
    """The answer gives a number: 1,204, 1204.00, with a unit or a currency, up to twelve as a word; and only one.

    Args:
        value: The number.
        tolerance: By how much it may be off.
        given: Numbers that the task itself speaks of (a year, a size): an answer may repeat them.
    """

    value: float
    tolerance: float = 0.005
    given: tuple[float, ...] = ()

    def problems(self, said: str) -> list[str]:
        """See `Answer`."""
        found = set(numbers(said)) or {float(_WORDS.index(word)) for word in _plain(said).split() if word in _WORDS}
        right = {number for number in found if abs(number - self.value) <= self.tolerance}
        if not right:
            return [f"the answer does not say {self.value:g}"]
        told = found - (set(self.given) - right)
        return [] if len(told) == 1 else [f"the answer gives {len(told)} numbers, not only {self.value:g}"]


_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@dataclass(frozen=True, slots=True)
class Day:
    """The answer names a day, and only one: 2026-06-30, 30 June 2026, June 30th; without a year, it is this day's.

    Args:
        day: The day.
    """

    day: date

    def problems(self, said: str) -> list[str]:
        """See `Answer`."""
        found = {text for match in _DAY.finditer(said) if (text := _iso(match, self.day.year))}
        if self.day.isoformat() not in found:
            return [f"the answer does not say {self.day.isoformat()}"]
        return [] if len(found) == 1 else [f"the answer names {len(found)} days, not only {self.day.isoformat()}"]


_MONTHS = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
_MONTH = rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]}|t)?' for name in _MONTHS)})\b\.?"
_DAY = re.compile(
    r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>\d{{4}}))?\b"
    rf"|\b(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y2>\d{{4}}))?\b",
    re.I,
)


def _iso(match: re.Match[str], year: int) -> str | None:
    """The day that was written, as YYYY-MM-DD; None when there is no such day."""
    if match["iso"]:
        return match["iso"]
    month = [name[:3] for name in _MONTHS].index((match["m1"] or match["m2"])[:3].title()) + 1
    try:
        return date(int(match["y1"] or match["y2"] or year), month, int(match["d1"] or match["d2"])).isoformat()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Like:
    """A text in a change that may be written a little differently: case, spaces and punctuation do not count."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _plain(other) == _plain(self.text)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be so at the end.

    Args:
        changes: By site, what has to be different from the untouched site, in the words of the site's `changes`.
            Records (dictionaries) may have more keys than are asked for; lists have exactly the items asked for, in any
            order. Whatever else has changed on any site of the task is a side damage.
        answer: What the answer has to say; None when none is asked for.
        impossible: The task cannot be done: the right end is to give up, or to say so, and to change nothing.
    """

    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answer: Answer | None = None
    impossible: bool = False

    def verdict(self, states: Mapping[str, Mapping[str, Any]], answer: str | None, *, gave_up: bool) -> Verdict:
        """Whether the goal was reached.

        Args:
            states: By site, what its control API tells of the session.
            answer: What the agent answered.
            gave_up: Whether the agent gave up.
        """
        problems = []
        for site, state in states.items():
            wanted = self.changes.get(site, {})
            for what, found in state["changes"].items():
                problems += _differences(what.replace("_", " "), wanted.get(what), found)
            problems += [f"{site} tells of no {what}" for what in wanted if what not in state["changes"]]
        if self.impossible:
            if not gave_up and not refuses(answer or ""):
                problems.append("the task cannot be done, and the agent did not say so")
        elif gave_up:
            problems.append("the agent gave up")
        elif self.answer:
            problems += self.answer.problems(answer) if answer else ["there is no answer"]
        return Verdict(tuple(problems))


def _differences(where: str, wanted: Any, found: Any) -> list[str]:
    """What is wrong with a change; nothing wanted means that nothing may be there."""
    if wanted is None:
        return [f"{where}: {_short(found)}, which was not asked for"] if found else []
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return [each for key, value in wanted.items() for each in _field(f"{where} {key}", value, found.get(key))]
    if isinstance(wanted, Sequence) and not isinstance(wanted, str) and isinstance(found, Sequence):
        return _items(where, wanted, list(found))
    return [] if wanted == found else [f"{where} is {_short(found)} instead of {_short(wanted)}"]


def _field(where: str, wanted: Any, found: Any) -> list[str]:
    if wanted is None:
        return [] if found is None else [f"{where} is {_short(found)} instead of nothing"]
    return _differences(where, wanted, found)


def _items(where: str, wanted: Sequence[Any], found: list[Any]) -> list[str]:
    missing = []
    for item in wanted:
        match = next((i for i, other in enumerate(found) if not _differences(where, item, other)), None)
        if match is None:
            missing.append(f"{where}: {_short(item)} is missing")
        else:
            found.pop(match)
    return missing + [f"{where}: {_short(item)}, which was not asked for" for item in found]


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(c for c in flat if not unicodedata.combining(c)))
    return " ".join(re.sub(r"^v(?=\d)", "", word) for word in words)  # v2.11.0 is the version 2.11.0


def _contains(text: str, part: str) -> bool:
    return f" {_plain(part)} " in f" {_plain(text)} "


def _short(value: object) -> str:
    text = str(value.text if isinstance(value, Like) else value)
    return text if len(text) <= 120 else f"{text[:119]}…"
