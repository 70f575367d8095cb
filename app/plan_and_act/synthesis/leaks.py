"""Whether a text knows what only later pages show (paper, section 4.2.1: dynamic results must not leak)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from plan_and_act.actions import name_of
from plan_and_act.synthesis.rules import content
from plan_and_act.synthesis.similar import words
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Round

_QUOTED = re.compile(r'"([^"\n]{1,120})"|“([^”\n]{1,120})”|`([^`\n]{1,120})`')
_FIGURE = re.compile(r"[^\s\"“”()]*\d[^\s\"“”()]*")
_NAME = re.compile(r"(?<![.!?:\n] )(?<!^)(?<!\n)\b[A-Z][\w'&-]*(?: [A-Z][\w'&-]*)*", re.M)
_REF = re.compile(r" #\d+(?=\")")
_CONTROL = re.compile(r"(?:button|tab|textbox|searchbox|combobox|spinbutton|checkbox|radio|switch|menuitem|slider)\b")
_ARGUMENTS = {"text", "option", "url", "answer", "note", "reason", "question", "file"}
_LONGEST = 6
"""Words of a typed or clicked value that is looked for as a whole."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known at a moment of a run, and what only comes later.

    Args:
        known: The words of what has been seen, done and asked for.
        later: The words of what is seen, done and answered afterwards.
        values: What is typed, chosen, clicked and answered afterwards.
    """

    known: str
    later: str
    values: tuple[str, ...]

    def check(self, *texts: str) -> None:
        """See that texts say nothing that only comes later.

        Raises:
            RuleBrokenError: One does; the message names what it is.
        """
        for text in texts:
            said = _line(text)
            for value in self.values:
                if value in said and value not in self.known:
                    raise _leaked(value.strip())
            for name in _specific(text):
                line = _line(name)
                if line.strip() and line not in self.known and line in self.later:
                    raise _leaked(name)


def moment(task: str, rounds: Sequence[Round], pages: Sequence[str], done: int) -> Moment:
    """The moment after so many rounds.

    Args:
        task: What was asked for.
        rounds: All rounds.
        pages: The page each round was decided on.
        done: How many rounds are over; the page of the next one is in view.
    """
    said = [_values(round_) for round_ in rounds]
    told = [[*each, round_.outcome.message, *round_.outcome.changes] for each, round_ in zip(said, rounds, strict=True)]
    shown = [_REF.sub("", page) for page in pages]
    values = [text for texts in said[done:] for text in texts if 0 < len(words(text)) <= _LONGEST and content(text)]
    return Moment(
        known=_joined([task, *shown[: done + 1], *chain.from_iterable(told[:done])]),
        later=_joined([*shown[done + 1 :], *chain.from_iterable(told[done:])]),
        values=tuple(dict.fromkeys(map(_line, values))),
    )


def _values(round_: Round) -> list[str]:
    """What an action says: what it types, chooses, answers or notes, and what it follows.

    The name of a button or a field is how a site works, and no result; so is a link's of one word (Settings).
    """
    action = round_.action
    fields = action.model_dump(include=_ARGUMENTS, exclude_none=True)
    label = getattr(action, "element", None) or ""
    name = "" if _CONTROL.match(label) else name_of(label)
    return [*(str(value) for value in fields.values()), *([name] if len(words(name)) > 1 else [])]


def _specific(text: str) -> Iterator[str]:
    """What in a text says which one, or how much: what is quoted, figures, and names within a sentence."""
    for match in _QUOTED.finditer(text):
        yield next(name for name in match.groups() if name)
    for pattern in (_FIGURE, _NAME):
        for match in pattern.finditer(text):
            yield match[0]


def _line(text: str) -> str:
    return f" {' '.join(words(text))} "


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(map(_line, texts))


def _leaked(value: str) -> RuleBrokenError:
    problem = f"Nobody can know {value!r} yet: only later pages show it. Say what to look for instead."
    return RuleBrokenError(problem, rule="knows what only later pages show")
