"""Grounded plans: the form in which a teacher writes one, and the rules it is held to (paper, sections 4.2 and A.5)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from plan_and_act.actions import ref_of
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import response_format
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.synthesis.rows import GroundedStep
from plan_and_act.synthesis.rules import about, content, same_script
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Round

BLOCKS = """Answer with the steps in exactly this form, and nothing else:
## Step 1
Reasoning: why this step, and what on the page supports it
Description: what its actions do, in a sentence
Step: the goal
Actions: [1, 2]

## Step 2
Reasoning: ...
Description: ...
Step: ...
Actions: [3]"""
OBJECT = (
    "Answer with one JSON object:\n"
    '{"steps": [{"reasoning": "why, and what on the page supports it", "step": "the goal", "actions": [1, 2]}, '
    '{"reasoning": "...", "step": "...", "actions": [3]}]}'
)
EXAMPLE = [
    GroundedStep(
        reasoning="The first page has a search box, and the task names the book.",
        description="Searched for the book and opened its page.",
        goal='Find the book "Tidewater"',
        actions=[1, 2],
    ),
    GroundedStep(
        reasoning="A book's page tells which libraries have it; the task asks about the nearest one.",
        description="Opened the library at the top of the list.",
        goal="Open the nearest library that has it",
        actions=[3],
    ),
    GroundedStep(
        reasoning="A library's page tells its opening hours.",
        description="Told when it opens.",
        goal="Tell when that library opens on Sundays",
        actions=[4],
    ),
]
"""The plan of another task, for teachers that learn a form from an example and not from a description."""
_BORROWED = frozenset({"book", "books", "library", "libraries", "sunday", "sundays"})
"""What the example is about. Small teachers write it into plans that have nothing to do with it: 7 of 27, measured."""


def render(steps: Sequence[GroundedStep], *, constrained: bool) -> str:
    """Steps as a teacher is to write them."""
    if constrained:
        rows = [{"reasoning": step.reasoning, "step": step.goal, "actions": step.actions} for step in steps]
        return json.dumps({"steps": rows}, ensure_ascii=False)
    return "\n\n".join(
        f"## Step {number}\nReasoning: {step.reasoning}\nDescription: {step.description}\nStep: {step.goal}\n"
        f"Actions: {step.actions}"
        for number, step in enumerate(steps, 1)
    )


_HEAD = re.compile(
    r"^[ \t]*(?:#{1,4}[ \t]*)?\**[ \t]*Step[ \t]+\d+\b[ \t]*\**[ \t]*[:.)-]?[ \t]*\**[ \t]*$", re.I | re.M
)
_FIELD = re.compile(r"^[ \t]*[-*]*[ \t]*\**(Reasoning|Description|Step|Actions?)\**[ \t]*:[ \t]*\**[ \t]*", re.I | re.M)
_RANGE = re.compile(r"(\d+)(?:\s*(?:-|–|to)\s*(\d+))?")
_SCROLL = re.compile(r"\bscroll", re.I)
_MOST_ACTIONS = 500


def parse(reply: Reply) -> list[GroundedStep]:
    """The steps in an answer, in either form.

    Raises:
        ModelOutputError: There are none.
        RuleBrokenError: A step is not whole.
    """
    text, _ = without_thinking(reply.text)
    steps = _from_json(text) or _from_blocks(text)
    if not steps:
        cut = "The answer was cut off before a plan." if reply.truncated else "The answer holds no steps of a plan."
        msg = f"{cut} {OBJECT if text.lstrip().startswith('{') else BLOCKS}"
        raise ModelOutputError(msg)
    for number, step in enumerate(steps, 1):
        if not step.goal or not step.reasoning:
            problem = f"Step {number} is not whole: every step has Reasoning, Step and Actions."
            raise RuleBrokenError(problem, rule="half a step")
    return steps


def check(steps: Sequence[GroundedStep], rounds: Sequence[Round], query: str) -> None:
    """Hold a plan to the rules.

    Every action belongs to exactly one step, in order; a step is not about scrolling and names no element by number;
    the plan is about the query, in its language.

    Raises:
        RuleBrokenError: The first rule it breaks, and where.
    """
    goals = " ".join(step.goal for step in steps)
    same_script(goals, query)
    about(" ".join([goals, *(step.reasoning for step in steps)]), query)
    _covers(steps, [round_.index for round_ in rounds])
    scrolls = {round_.index for round_ in rounds if round_.action.action == "scroll"}
    refs = {ref for round_ in rounds if (ref := ref_of(getattr(round_.action, "element", None) or ""))}
    for number, step in enumerate(steps, 1):
        if _SCROLL.search(step.goal):
            problem = f'Step {number} speaks of scrolling. Say what is looked for: "find ..."'
            raise RuleBrokenError(problem, rule="scrolling in a step")
        if len(steps) > 1 and scrolls.issuperset(step.actions):
            problem = f"Step {number} does nothing but scroll. Put its actions into the step that they serve."
            raise RuleBrokenError(problem, rule="scrolling in a step")
        if named := [ref for ref in refs if re.search(rf'#{ref}(?!\d)["\']', step.goal)]:
            problem = f"Step {number} names an element by its number (#{named[0]}). Say what it is."
            raise RuleBrokenError(problem, rule="element number in a step")


def check_own(steps: Sequence[GroundedStep], shown: str) -> None:
    """See that a plan is not about the example's things.

    Args:
        shown: The task and all pages.

    Raises:
        RuleBrokenError: It is, and neither task nor page speaks of them.
    """
    borrowed = _BORROWED & content(" ".join(step.goal for step in steps)) - content(shown)
    if borrowed:
        problem = f'The plan speaks of "{min(borrowed)}", which is of the example. Write it for the task you are given.'
        raise RuleBrokenError(problem, rule="speaks of the example")


def _covers(steps: Sequence[GroundedStep], indices: Sequence[int]) -> None:
    """Every action in exactly one step, in order and without a gap."""
    known, before = set(indices), 0
    whole = f"The steps take the actions {indices[0]} to {indices[-1]} in their order, each in one step."
    for number, step in enumerate(steps, 1):
        if not step.actions:
            problem = f"Step {number} has no actions. {whole}"
            raise RuleBrokenError(problem, rule="step without actions")
        if strange := [index for index in step.actions if index not in known]:
            problem = f"Step {number} has action {strange[0]}, which does not exist. {whole}"
            raise RuleBrokenError(problem, rule="action that does not exist")
        first, last = step.actions[0], step.actions[-1]
        if step.actions != list(range(first, last + 1)):
            problem = f"The actions of step {number}, {step.actions}, do not follow one another. {whole}"
            raise RuleBrokenError(problem, rule="actions not contiguous")
        if first <= before:
            problem = f"Step {number} begins with action {first}, but the step before ended with {before}. {whole}"
            raise RuleBrokenError(problem, rule="actions out of order")
        if first > before + 1:
            problem = f"Action {before + 1} is in no step. {whole}"
            raise RuleBrokenError(problem, rule="actions left out")
        before = last
    if before < indices[-1]:
        problem = f"Action {before + 1} is in no step. {whole}"
        raise RuleBrokenError(problem, rule="actions left out")


def schema(actions: int, *, exact: bool) -> dict[str, Any]:
    """The schema for a plan of so many actions, for endpoints that hold an answer to one.

    Args:
        exact: Whether it must be of OpenAI's strict kind, which takes no lengths.
    """
    text = {"type": "string"} if exact else {"type": "string", "minLength": 3, "maxLength": 240}
    index = {"type": "integer", "enum": list(range(1, actions + 1))}
    several: dict[str, Any] = {"type": "array", "items": index}
    step = {
        "type": "object",
        "properties": {"reasoning": text, "step": text, "actions": several},
        "required": ["reasoning", "step", "actions"],
        "additionalProperties": False,
    }
    steps: dict[str, Any] = {"type": "array", "items": step}
    if not exact:
        several |= {"minItems": 1, "maxItems": actions}
        steps |= {"minItems": 1, "maxItems": actions}
    plan = {"type": "object", "properties": {"steps": steps}, "required": ["steps"], "additionalProperties": False}
    return response_format("plan", plan, strict=exact)


def _from_json(text: str) -> list[GroundedStep]:
    value = first_json(text[text.find("{") :]) if "{" in text else None
    rows = value.get("steps") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return []
    return [
        GroundedStep(
            reasoning=_line(row.get("reasoning")),
            goal=_line(row.get("step") or row.get("goal")),
            description=_line(row.get("description")),
            actions=_indices(str(row.get("actions") or "")),
        )
        for row in rows
        if isinstance(row, dict)
    ]


def _from_blocks(text: str) -> list[GroundedStep]:
    blocks = _HEAD.split(text)[1:]
    return [_block(block) for block in blocks]


def _block(text: str) -> GroundedStep:
    fields: dict[str, str] = {}
    marks = list(_FIELD.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)][: len(marks)]
    for mark, end in zip(marks, ends, strict=True):
        fields.setdefault(mark[1].lower().rstrip("s"), text[mark.end() : end])
    return GroundedStep(
        reasoning=_line(fields.get("reasoning")),
        goal=_line(fields.get("step")),
        description=_line(fields.get("description")),
        actions=_indices(fields.get("action", "")),
    )


def _line(value: object) -> str:
    return " ".join(str(value or "").split()).strip("* ")


def _indices(text: str) -> list[int]:
    """The numbers in `[1, 2]`, `1-3` or `1 to 3`."""
    found: list[int] = []
    for match in _RANGE.finditer(text):
        first = int(match[1])
        found += range(first, min(int(match[2] or first), first + _MOST_ACTIONS) + 1)
    return found
