"""reason: chains of thought that lead to plans and actions as they are (paper, section 4.2.2).

The teacher is told where to arrive, and writes the way there. Each trace ends with what it arrived at; one that arrives
elsewhere contradicts what is trained, and is dropped. What is trained is the ground truth, never the teacher's answer.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from plan_and_act.actions import AnyAction, name_of
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import TextFormat, available, render_plan
from plan_and_act.llm.formats.schema import response_format, strict
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.llm.messages import action_list
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.leaks import moment
from plan_and_act.synthesis.lessons import Beside, lesson, plan_lesson
from plan_and_act.synthesis.rows import PlanRow, ReasonsRow, ReplansRow, TrajectoryRow
from plan_and_act.synthesis.rules import same_script
from plan_and_act.synthesis.samples import Lesson
from plan_and_act.synthesis.similar import rouge_l, words
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Plan, Round

_PROMPT_TOKENS, _THOUGHT_TOKENS, _ASKED = 700, 150, 16
"""Tokens of a prompt without its page, of a trace, and the traces of a trajectory of 8 actions with a plan for each."""
_SHORTEST = 20
"""Characters of a trace."""
_SAME = 0.7
"""ROUGE-L from which a goal is said again."""
_LONGEST, _LONGEST_END = 600, 400
"""Characters of a trace, and of what it arrives at, where the endpoint holds a teacher to them."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How a trace is written, with what it arrives at: as a last line, or in a field where answers are constrained."""

    end: str
    """The name of the field."""
    label: str
    what: str
    mark: re.Pattern[str]
    """What comes before it in the last line."""

    def told(self, *, constrained: bool) -> str:
        if constrained:
            form = f'{{"thoughts": "I ...", "{self.end}": "..."}}'
            return f'Answer with one JSON object: {form}; "{self.end}" is {self.what}.'
        return f"End with a line of its own: {self.label}{self.what}."

    def request(self, *, exact: bool) -> dict[str, Any]:
        bounds = [{}, {}] if exact else [{"minLength": _SHORTEST, "maxLength": _LONGEST}, {"maxLength": _LONGEST_END}]
        names = ("thoughts", self.end)
        fields = {name: {"type": "string", **bound} for name, bound in zip(names, bounds, strict=True)}
        schema = {"type": "object", "properties": fields, "required": [*names], "additionalProperties": False}
        return response_format("thoughts", schema, strict=exact)

    def parse(self, text: str) -> tuple[str, str]:
        """The trace and what it arrives at, in either form.

        Raises:
            ModelOutputError: It arrives nowhere.
            RuleBrokenError: It was cut off where the endpoint allowed no more.
        """
        value = first_json(text[max(text.find("{"), 0) :])
        if isinstance(value, dict) and isinstance(value.get("thoughts"), str) and isinstance(value.get(self.end), str):
            if len(value["thoughts"]) == _LONGEST:
                problem = f"Your thoughts were cut off: use fewer than {_LONGEST} characters."
                raise RuleBrokenError(problem, rule="cut off")
            return value["thoughts"], value[self.end]
        if not (marks := list(self.mark.finditer(text))):
            problem = f"It is not said where the thoughts arrive. {self.told(constrained=isinstance(value, dict))}"
            raise ModelOutputError(problem)
        return text[: marks[-1].start()], text[marks[-1].end() :]


_PLAN = _Form(
    end="first",
    label='"First: " and ',
    what="the goal of step 1, word for word",
    mark=re.compile(r"^[\s>*#-]*First\**\s*:\s*\**", re.I | re.M),
)
_ACTION = _Form(
    end="action",
    label="",
    what="the action, exactly as it is given",
    mark=re.compile(r"^[\s>*`-]*(?:Action\s*:\s*)?`*(?=\w+\()", re.M),
)


@dataclass(frozen=True, slots=True)
class _Item:
    """A trajectory or a plan, and how it is to be taught."""

    row: TrajectoryRow | PlanRow
    lesson: Lesson
    parents: list[str]


class Reason(Stage[Section]):
    """Writes the thoughts before plans and actions."""

    name = "reason"
    needs = ("score", "annotate")

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for every plan and every action."""
        invented = forecast.rows("expand") + forecast.rows("augment")
        rows = forecast.rows("annotate")
        calls = _ASKED * rows + invented
        page = forecast.config.teacher_of(self.name).page_tokens
        return Estimate(rows + invented, calls, calls * (_PROMPT_TOKENS + page), calls * _THOUGHT_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[ReasonsRow]:
        """Think about trajectories first, then about the plans that nobody has carried out."""
        async for item, made in job.each(self._items(job), lambda item: self._thoughts(job, item)):
            plans, actions = made
            if plans or actions:
                yield ReasonsRow(
                    site=item.row.site,
                    split=item.row.split,
                    template=item.row.template,
                    about=item.row.id,
                    plans=plans,
                    actions=actions,
                    made_by=job.made_by("synthesis_think_action", item.parents),
                )

    def _items(self, job: Job) -> Iterator[_Item]:
        plans = Beside("annotate", job.read("annotate", PlanRow), "trajectory")
        later = job.read("replans", ReplansRow) if job.store.has("replans") else iter(())
        replans = Beside("replans", later, "trajectory")
        for row in job.successes():
            plan, more = plans.of(row), replans.of(row)
            if plan is None:
                job.drop("no grounded plan")
            elif any(round_.observation is None for round_ in row.trajectory.rounds):
                job.drop("the page was not kept")
            else:
                parents = [row.id, plan.id, *([more.id] if more else [])]
                yield _Item(row, lesson(row, "dynamic", plan, more), parents)
        plans.end()
        replans.end()
        stages = [stage for stage in ("expand", "augment") if job.store.has(stage)]
        for invented in chain.from_iterable(job.read(stage, PlanRow) for stage in stages):
            yield _Item(invented, plan_lesson(invented), [invented.id])

    async def _thoughts(self, job: Job, item: _Item) -> tuple[dict[int, str], dict[int, str]]:
        """The traces before its plans, by the rounds done, and before its actions."""
        run = item.lesson.trajectory
        names = [round_.observation or "" for round_ in run.rounds]
        pages = [job.store.page(name) for name in names]
        plans, actions = {}, {}
        for plan in run.plans:
            seen = plan.observation or names[plan.round]
            knows = moment(run.task.intent, run.rounds, pages, plan.round).check if pages else _anything
            if thought := await self._before_plan(job, run.task.intent, plan, run.rounds[: plan.round], seen, knows):
                plans[plan.round] = thought
        for round_ in run.rounds:
            plan = next(plan for plan in run.plans if plan.revision == round_.plan)
            knows = moment(run.task.intent, run.rounds, pages, round_.index - 1).check
            if thought := await self._before_action(job, run.task.intent, plan, run.rounds, round_, knows):
                actions[round_.index] = thought
        return plans, actions

    async def _before_plan(
        self, job: Job, task: str, plan: Plan, done: Sequence[Round], page: str, knows: Callable[..., None]
    ) -> str | None:
        messages = prompt("synthesis_think_plan").format_messages(
            format=_PLAN.told(constrained=job.teacher.constrained),
            task=task,
            done=action_list(done),
            page=job.page(page),
            plan=render_plan(plan),
        )
        first = plan.steps[0].goal

        def parse(reply: Reply) -> str:
            text, _ = without_thinking(reply.text)
            thought, end = _PLAN.parse(text)
            if rouge_l(words(end.strip().partition("\n")[0]), words(first)) < _SAME:
                problem = f"Your thoughts lead elsewhere. The goal of step 1 is: {first}"
                raise RuleBrokenError(problem, rule="contradicts the plan")
            return _checked(thought, task, knows)

        return await _ask(job, _PLAN, messages, parse)

    async def _before_action(
        self, job: Job, task: str, plan: Plan, rounds: Sequence[Round], round_: Round, knows: Callable[..., None]
    ) -> str | None:
        form = TextFormat(available(ask=True, upload=True))
        action = round_.action.model_copy(update={"step": None, "note": None})
        if round_.action.action == "note":
            action = round_.action.model_copy(update={"step": None})
        messages = prompt("synthesis_think_action").format_messages(
            format=_ACTION.told(constrained=job.teacher.constrained),
            task=task,
            plan=render_plan(plan),
            done=action_list(rounds[: round_.index - 1]),
            page=job.page(round_.observation or ""),
            action=form.render(action),
        )

        def parse(reply: Reply) -> str:
            text, _ = without_thinking(reply.text)
            thought, end = _ACTION.parse(text)
            said = form.parse(Reply(AIMessage(end), reply.usage))
            if not _same(said.action, action):
                problem = f"Your thoughts lead elsewhere. The action is: {form.render(action)}"
                raise RuleBrokenError(problem, rule="contradicts the action")
            return _checked(thought, task, knows)

        return await _ask(job, _ACTION, messages, parse)


async def _ask(job: Job, form: _Form, messages: list[BaseMessage], parse: Callable[[Reply], str]) -> str | None:
    held = form.request(exact=strict(job.teacher.model)) if job.teacher.constrained else None
    return await job.ask(messages, parse, response_format=held)


def _anything(*_: str) -> None:
    """Nothing comes later for a plan that nobody has carried out."""


def _checked(thought: str, task: str, knows: Callable[..., None]) -> str:
    """A trace that can be taught.

    Raises:
        RuleBrokenError: It is none, in another language, or knows too much.
    """
    text = thought.strip()
    if len(text) < _SHORTEST:
        problem = "There are no thoughts before the last line."
        raise RuleBrokenError(problem, rule="no thoughts")
    same_script(text, task)
    knows(text)
    return text


def _same(one: AnyAction, other: AnyAction) -> bool:
    """Whether two actions are one, however their element is written."""
    said, wanted = (
        action.model_dump(exclude={"element", "step", "note"} if action.action != "note" else {"step"})
        for action in (one, other)
    )
    names = [name_of(getattr(action, "element", None) or "").casefold() for action in (one, other)]
    return said == wanted and names[0] == names[1]
