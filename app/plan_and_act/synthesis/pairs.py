"""Pairs of a task and its plan: how a teacher writes several of them at once (paper, section A.6)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import PlanFormat
from plan_and_act.llm.formats.schema import response_format
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.synthesis.rows import GroundedStep, PlanRow
from plan_and_act.synthesis.rules import copied
from plan_and_act.trajectory import Usage

_BEGIN = " The reasoning of step 1 begins with what the page shows that matters for the task."

_PAIR = re.compile(r"^[ \t]*#*[ \t]*\**(?:Data )?Pair[ \t]+\d+\**[ \t]*:?[ \t]*$", re.I | re.M)
_QUERY = re.compile(r"^[ \t]*\**(?:User )?(?:Query|Task)\**[ \t]*:[ \t]*\**[ \t]*(.+)$", re.I | re.M)
_PAGE = re.compile(r"^[ \t]*\**(?:Page|Initial HTML State)\**[ \t]*:[ \t]*\**\D{0,20}(\d+).*$", re.I | re.M)
_SHORTEST, _LONGEST = 10, 400
"""Characters of a query."""
_PLAN = PlanFormat("text")


@dataclass(frozen=True, slots=True)
class Pair:
    """A task, the number of the page it begins on, and its plan."""

    query: str
    page: int
    steps: list[GroundedStep]


def reasoned(plans: Sequence[PlanRow]) -> bool:
    """Whether plans have reasoning; those of the practice tasks themselves have goals alone."""
    return any(step.reasoning for row in plans for step in row.steps)


@dataclass(frozen=True, slots=True)
class Form:
    """How a teacher is shown pairs, and how it writes them.

    Args:
        constrained: One JSON object, held to a schema; otherwise blocks.
        reasoned: Steps have reasoning. Plans of goals alone are made more of as such.
    """

    constrained: bool
    reasoned: bool

    @property
    def asked(self) -> str:
        """How to answer."""
        why = "why this step, and what on the page supports it" if self.reasoned else ""
        steps = [GroundedStep(reasoning=why, goal="the goal")]
        if self.constrained:
            pairs = json.dumps({"pairs": [self._mapping("the task", 1, steps)]})
            return f"Answer with one JSON object.{_BEGIN if self.reasoned else ''}\n{pairs}"
        return (
            f"Answer in exactly this form, and nothing else.{_BEGIN if self.reasoned else ''}\n"
            f"## Pair 1\nQuery: the task\nPage: the number of the page it begins on\n{self._blocks(steps)}\n"
            f"## Step 2\n...\n\n## Pair 2\n..."
        )

    def shown(self, seeds: Sequence[PlanRow], pages: Sequence[str]) -> str:
        """Plans as examples, with the number of the page each begins on.

        Args:
            pages: Hashes of the pages, in the order of their numbers.
        """
        return "\n\n".join(
            f"Example {number}\n{self._pair(row, pages.index(row.page) + 1)}" for number, row in enumerate(seeds, 1)
        )

    def parse(self, reply: Reply, pages: int) -> tuple[list[Pair], int]:
        """The pairs in an answer, and how many were not whole.

        Args:
            pages: How many pages there are to choose from.

        Raises:
            ModelOutputError: None is whole.
        """
        text, _ = without_thinking(reply.text)
        value = first_json(text[text.find("{") :]) if "{" in text else None
        rows = value.get("pairs") if isinstance(value, dict) else None
        blocks = _PAIR.split(text)[1:]
        found = [_from_mapping(row) for row in rows] if isinstance(rows, list) else list(map(_block, blocks))
        whole = [pair for pair in found if pair and 1 <= pair.page <= pages and not copied(_said(pair), self.asked)]
        if not whole:
            what = "was cut off before a pair was whole" if reply.truncated else "holds no whole pair"
            msg = f"The answer {what}. The pages are 1 to {pages}. {self.asked}"
            raise ModelOutputError(msg)
        return whole, len(found) - len(whole)

    def schema(self, pairs: int, pages: int, *, exact: bool) -> dict[str, Any] | None:
        """The schema of an answer with so many pairs; None where nothing is constrained.

        Args:
            exact: Whether it must be of OpenAI's strict kind, which takes no lengths.
        """
        if not self.constrained:
            return None
        text = {"type": "string"} if exact else {"type": "string", "minLength": 3, "maxLength": 240}
        step = _closed({"reasoning": text, "step": text}) if self.reasoned else text
        steps: dict[str, Any] = {"type": "array", "items": step}
        page = {"type": "integer", "enum": list(range(1, pages + 1))}
        listed: dict[str, Any] = {"type": "array", "items": _closed({"query": text, "page": page, "steps": steps})}
        if not exact:
            steps |= {"minItems": 1, "maxItems": 8}
            listed |= {"minItems": 1, "maxItems": pairs}
        return response_format("pairs", _closed({"pairs": listed}), strict=exact)

    def _pair(self, row: PlanRow, page: int) -> str:
        if self.constrained:
            return json.dumps(self._mapping(row.query, page, row.steps), ensure_ascii=False)
        return f"Query: {row.query}\nPage: {page}\n{self._blocks(row.steps)}"

    def _mapping(self, query: str, page: int, steps: Sequence[GroundedStep]) -> dict[str, Any]:
        listed = [{"reasoning": step.reasoning, "step": step.goal} if self.reasoned else step.goal for step in steps]
        return {"query": query, "page": page, "steps": listed}

    def _blocks(self, steps: Sequence[GroundedStep]) -> str:
        why = [f"Reasoning: {step.reasoning}\n" if self.reasoned else "" for step in steps]
        return "\n\n".join(f"## Step {n}\n{why[n - 1]}Step: {step.goal}" for n, step in enumerate(steps, 1))


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _from_mapping(row: Any) -> Pair | None:
    if not isinstance(row, dict) or not isinstance(row.get("steps"), list):
        return None
    mappings = [{"step": step} if isinstance(step, str) else step for step in row["steps"]]
    steps = [
        GroundedStep(reasoning=_line(step.get("reasoning")), goal=_line(step.get("step") or step.get("goal")))
        for step in mappings
        if isinstance(step, dict)
    ]
    page = row.get("page", 1)
    return _whole(str(row.get("query") or ""), page if isinstance(page, int) else 0, steps)


def _block(text: str) -> Pair | None:
    query, page = _QUERY.search(text), _PAGE.search(text)
    if query is None:
        return None
    rest = text[max(query.end(), page.end() if page else 0) :]
    try:
        plan = _PLAN.parse(Reply(AIMessage(rest), Usage()))
    except ModelOutputError:
        return None
    steps = [GroundedStep(reasoning=step.reasoning, goal=step.goal) for step in plan.steps]
    return _whole(query[1], int(page[1]) if page else 1, steps)


def _whole(query: str, page: int, steps: list[GroundedStep]) -> Pair | None:
    """The pair, unless its query is none or its plan has no steps."""
    line = _line(query).strip("`\"'")
    return Pair(line, page, steps) if steps and _SHORTEST <= len(line) <= _LONGEST else None


def _said(pair: Pair) -> list[str]:
    return [pair.query, *(text for step in pair.steps for text in (step.goal, step.reasoning))]


def _line(value: object) -> str:
    return " ".join(str(value or "").split()).strip("* ")
