"""Plans: the paper's `## Step N / Reasoning: / Step:` blocks (section A.3), or the same as JSON under a schema.

Small models write a usable plan only under a schema; larger ones write the blocks, which is also what training uses.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import constrains, response_format, room, strict
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.trajectory import Plan, PlanStep

_LONGEST_GOAL = 1_000
_LONGEST_REASONING = 3_000
_MOST_STEPS = 30
_SCHEMA_STEPS, _SCHEMA_LENGTH = 8, 240
_BRIEF_STEPS, _BRIEF_LENGTH = 6, 160
_FEW_STEPS, _STEP_OVERHEAD = 3, 25
"""For a model with little room: steps, and the tokens a step takes besides its two strings."""

_FENCE = re.compile(r"^\s*```[\w-]*\s*$", re.M)
_MARKS = re.compile(r"\[(?:Start|End) of Plan\]", re.I)
_HEAD = re.compile(
    r"^[ \t]*(?:#{1,4}[ \t]*)?\**[ \t]*Step[ \t]+(\d+)\b[ \t]*\**[ \t]*[:.)-]?[ \t]*\**(.*)$", re.I | re.M
)
_FIELD = re.compile(r"^[ \t]*[-*]*[ \t]*\**(Reasoning|Step|Goal|Action)\**[ \t]*:[ \t]*\**[ \t]*", re.I | re.M)
_NUMBERED = re.compile(r"^[ \t]*(?:\d+[.)]|[-*])[ \t]+(.+)$", re.M)


@dataclass(frozen=True, slots=True)
class PlanParsed:
    """The steps of a plan, and the reasoning that stood before it (the paper's CoT variant), where there was any."""

    steps: list[PlanStep]
    reasoning: str | None = None


def render_plan(plan: Plan) -> str:
    """A plan as the paper's blocks; `plan_format("text").parse` reads it back."""
    return "\n\n".join(
        f"## Step {number}\nReasoning: {' '.join(step.reasoning.split())}\nStep: {' '.join(step.goal.split())}"
        for number, step in enumerate(plan.steps, 1)
    )


class PlanFormat:
    """How a planner writes a plan.

    Args:
        name: `text` for the paper's blocks, `json` for an object under a schema.
        brief: Whether the model has been trained on this format: it is told nothing of it, and its JSON has the goals
            alone.
    """

    def __init__(self, name: Literal["text", "json"], *, brief: bool = False) -> None:
        self.name = name
        self.brief = brief

    def instructions(self) -> str:
        """How to answer, for the system prompt."""
        if self.name == "json":
            return (
                "Answer with one JSON object:\n"
                '{"steps": [{"reasoning": "why this step, and what on the page supports it", "step": "the goal"}]}'
            )
        return (
            "Answer with the steps in exactly this form, and nothing else:\n"
            "## Step 1\nReasoning: why this step, and what on the page supports it\nStep: the goal\n\n"
            "## Step 2\nReasoning: ...\nStep: ..."
        )

    def request(self, model: BaseChatModel) -> dict[str, Any]:
        """What to ask of the endpoint besides the messages: keyword arguments of `plan_and_act.llm.call.call`."""
        if self.name == "text" or not constrains(model):
            return {}
        exact, tokens = strict(model), room(model)
        most, longest = _SCHEMA_STEPS, _SCHEMA_LENGTH
        if self.brief:
            most, longest = _BRIEF_STEPS, _BRIEF_LENGTH
        elif tokens and tokens < 2_000:
            most, longest = _FEW_STEPS, max(40, (tokens // _FEW_STEPS - _STEP_OVERHEAD) // 2)
        text = (
            {"type": "string"}
            if exact
            else {"type": "string", "minLength": 3, "maxLength": min(longest, _SCHEMA_LENGTH)}
        )
        item = text if self.brief else _closed({"reasoning": text, "step": text})
        steps: dict[str, Any] = {"type": "array", "items": item}
        if not exact:
            steps |= {"minItems": 1, "maxItems": most}
        return {"response_format": response_format("plan", _closed({"steps": steps}), strict=exact)}

    def render(self, plan: Plan) -> str:
        """A plan as the model writes it; `parse` reads it back."""
        if self.name == "text":
            return render_plan(plan)
        if self.brief:
            return json.dumps({"steps": [step.goal for step in plan.steps]}, ensure_ascii=False)
        steps = [{"reasoning": step.reasoning, "step": step.goal} for step in plan.steps]
        return json.dumps({"steps": steps}, ensure_ascii=False)

    def parse(self, reply: Reply) -> PlanParsed:
        """The steps in an answer: either form, whichever was asked for, and what models make of them.

        Raises:
            ModelOutputError: There are none; the message tells the model what was wrong and shows the right form.
        """
        text, thinking = without_thinking(reply.text)
        text = _MARKS.sub("", _FENCE.sub("", text)).strip()
        steps = _from_json(text) or _from_blocks(text) or _from_list(text)
        steps = [step for step in map(_trimmed, steps) if step.goal][:_MOST_STEPS]
        if not steps:
            what = (
                "The answer was cut off before a plan." if reply.truncated else "The answer holds no steps of a plan."
            )
            msg = f"{what} {self.instructions()}"
            raise ModelOutputError(msg)
        return PlanParsed(steps, thinking or reply.reasoning)


def plan_format(name: Literal["text", "json"], *, brief: bool = False) -> PlanFormat:
    """The plan format of that name."""
    return PlanFormat(name, brief=brief)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _trimmed(step: PlanStep) -> PlanStep:
    return PlanStep(
        reasoning=" ".join(step.reasoning.split())[:_LONGEST_REASONING],
        goal=" ".join(step.goal.split())[:_LONGEST_GOAL],
    )


def _from_json(text: str) -> list[PlanStep]:
    brace = min((i for i in (text.find("{"), text.find("[")) if i >= 0), default=-1)
    if brace < 0 or _HEAD.search(text[:brace]):
        return []
    value = first_json(text[brace:])
    if isinstance(value, dict):
        value = value.get("steps") or value.get("plan") or []
    if isinstance(value, dict):
        value = list(value.values())
    return [step for item in value if (step := _json_step(item))] if isinstance(value, list) else []


def _json_step(item: Any) -> PlanStep | None:
    if isinstance(item, str):
        return PlanStep(goal=item)
    if not isinstance(item, dict):
        return None
    goal = next(
        (item[k] for k in ("step", "goal", "description", "action", "task") if isinstance(item.get(k), str)), None
    )
    return None if goal is None else PlanStep(reasoning=str(item.get("reasoning") or ""), goal=goal)


def _from_blocks(text: str) -> list[PlanStep]:
    """`## Step N` blocks, also as `Step N:` lines and without reasoning."""
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    return [_block(head[2], text[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def _block(title: str, body: str) -> PlanStep:
    fields: dict[str, str] = {}
    marks = list(_FIELD.finditer(body))
    ends = [*(mark.start() for mark in marks[1:]), len(body)][: len(marks)]
    for mark, end in zip(marks, ends, strict=True):
        fields.setdefault(mark[1].lower(), body[mark.end() : end].strip())
    free = (body[: marks[0].start()] if marks else body).strip()
    goal = fields.get("step") or fields.get("goal") or fields.get("action") or title.strip(" *") or free
    return PlanStep(reasoning=fields.get("reasoning", ""), goal=goal.strip("* \n"))


def _from_list(text: str) -> list[PlanStep]:
    items = [item[1].strip("* ") for item in _NUMBERED.finditer(text)]
    return [PlanStep(goal=item) for item in items] if len(items) > 1 else []
