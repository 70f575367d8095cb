"""Whether a plan that nobody has carried out holds to the page it is for (paper, sections 4.3 and A.6)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from plan_and_act.synthesis.rows import GroundedStep
from plan_and_act.synthesis.rules import content
from plan_and_act.synthesis.similar import words
from plan_and_act.synthesis.teacher import RuleBrokenError

_MOST_STEPS = 12
_KINDS = r"(?:button|link|tab|field|menu|icon|check ?box|drop-?down|box|bar|panel|section|form|page|filter|list)"
_QUOTED = re.compile(r'"([^"\n]{1,80})"|“([^”\n]{1,80})”|`([^`\n]{1,80})`|(?<!\w)\'([^\'\n]{1,80})\'(?!\w)')
_NAMED = re.compile(rf"((?:[A-Z][\w&-]*)(?: (?:[A-Z&][\w-]*|of|and|to|in|for))*) {_KINDS}\b")
_NUMBERED = re.compile(r"#\d+\b")
_SCROLL = re.compile(r"\bscroll", re.I)
_GENERIC = frozenset(
    {"search", "submit", "save", "ok", "cancel", "close", "next", "previous", "back", "home", "menu", "filter", "sort",
     "results", "login", "log", "sign", "in", "out", "up", "edit", "add", "delete", "new", "create", "settings",
     "profile", "account", "help", "details", "the", "this", "that", "its", "a", "first", "last", "main", "navigation",
     "if", "find", "open", "use", "go", "check", "report", "each", "page", "step", "as", "it", "no", "then"}
)  # fmt: skip
"""Words that a page need not show for a plan to use them as a name."""


def check_invented(
    steps: Sequence[GroundedStep], query: str, page: str, known: Iterable[str], *, reasoned: bool = True
) -> None:
    """Hold a plan nobody has carried out to the rules.

    Args:
        steps: The plan.
        query: Its task.
        page: The first page.
        known: Texts whose names may be used beside those of page and task: plans that have been carried out.
        reasoned: Whether steps have reasoning.

    Raises:
        RuleBrokenError: The first rule it breaks. A control that neither page nor other plans show is invented.
    """
    if not steps or any(not step.goal or (reasoned and not step.reasoning) for step in steps):
        problem = f"Every step has {'Reasoning and ' if reasoned else ''}Step."
        raise RuleBrokenError(problem, rule="half a step")
    if len(steps) > _MOST_STEPS:
        problem = f"The plan has {len(steps)} steps; put what belongs together into one."
        raise RuleBrokenError(problem, rule="too many steps")
    goals = " ".join(step.goal for step in steps)
    if _SCROLL.search(goals):
        problem = 'A step speaks of scrolling. Say what is looked for: "find ..."'
        raise RuleBrokenError(problem, rule="scrolling in a step")
    if _NUMBERED.search(goals):
        problem = "A step names an element by its number. Say what it is."
        raise RuleBrokenError(problem, rule="element number in a step")
    if reasoned and not content(steps[0].reasoning) & content(page):
        problem = "The reasoning of step 1 says nothing of what the page shows."
        raise RuleBrokenError(problem, rule="step 1 without the page")
    check_names(steps, Shown([page, query, *known]))


def check_names(steps: Sequence[GroundedStep], shown: "Shown") -> None:
    """See that steps speak of nothing by name that nobody has shown.

    Raises:
        RuleBrokenError: One does.
    """
    for step in steps:
        for name in names_in(f"{step.reasoning}\n{step.goal}"):
            if not shown.has(name):
                problem = f'Neither the task nor a page shows "{name}".'
                raise RuleBrokenError(problem, rule="invented control")


def names_in(text: str) -> Iterator[str]:
    """What a plan speaks of by name: what is quoted, and what stands in capitals before the kind of a control."""
    for match in _QUOTED.finditer(text):
        yield next(name for name in match.groups() if name)
    for match in _NAMED.finditer(text):
        yield match[1]


class Shown:
    """What pages and plans show, to look names up in.

    Args:
        texts: The texts.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [f" {' '.join(words(text))} " for text in texts]

    def has(self, name: str) -> bool:
        """Whether a name is shown, as whole words in its order, but for generic words at its ends."""
        said = words(name)
        while said and said[0] in _GENERIC:
            said.pop(0)
        while said and said[-1] in _GENERIC:
            said.pop()
        looked = f" {' '.join(said)} "
        return not said or any(looked in text for text in self._texts)
