"""From a trajectory to what a model is trained on: the prompt of a round as the running agent sends it, and the answer.

The prompts come from the very functions the agent's nodes use (`plan_and_act.llm.messages`), and a trajectory holds all
they were made from, so that training rows and inference cannot drift apart. The marks around pages are the one
difference: a live run makes them with a key nobody knows (`plan_and_act.llm.messages.page_marks`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import ValidationError

from plan_and_act.actions import AnyAction
from plan_and_act.agent.context import Context
from plan_and_act.agent.executor import offered
from plan_and_act.errors import ConfigError
from plan_and_act.llm.formats import FormatName, PlanFormat, action_format
from plan_and_act.llm.formats.tools import tool_definitions
from plan_and_act.llm.messages import executor_messages, planner_messages, replanner_messages
from plan_and_act.trajectory import EDITED, REJECTED, Plan, Round, Trajectory

TrainedRole = Literal["planner", "replanner", "executor"]

_BRIEF = 160
"""Characters a reason has room for under the schema that small models answer in."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One prompt and the answer a model should give to it.

    Args:
        role: Who is asked.
        round: The round that is decided on, or how many were done when a plan was made.
        prompt: What the role is sent.
        answer: What it should say.
        what: What the answer holds: an action, or a plan.
        tools: The tools the endpoint is sent beside the prompt; empty but for the executor format `tools`.
    """

    role: TrainedRole
    round: int
    prompt: list[BaseMessage]
    answer: AIMessage
    what: AnyAction | Plan
    tools: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A round that gives no sample, and why."""

    role: TrainedRole
    round: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A trajectory to learn from.

    Args:
        trajectory: What was done, with the plans it is to be taught with.
        thoughts: Chains of thought before plans, by the plan's revision (paper, section 3.4).
        thinking: Whether the rounds' reasoning is a chain of thought, to be written before the action.
    """

    trajectory: Trajectory
    thoughts: Mapping[int, str] = field(default_factory=dict)
    thinking: bool = False


def context_of(trajectory: Trajectory) -> Context:
    """The settings a trajectory was made with; the defaults where it does not say.

    Raises:
        ConfigError: They are those of another version.
    """
    try:
        return Context.model_validate(trajectory.made_by.config if trajectory.made_by else {})
    except ValidationError as error:
        msg = f"The run {trajectory.thread} was made with settings this version does not know: {error}"
        raise ConfigError(msg) from error


def samples(
    lesson: Lesson,
    form: FormatName,
    page: Callable[[str], str],
    context: Context,
    shown: Callable[[str, Round], str] = lambda page, _: page,
) -> Iterator[Sample | Dropped]:
    """What the planner, the replanner and the executor are asked in a run, round by round, and what they answer.

    Rounds whose action failed or changed nothing stay in the history of later ones, but are not taught.

    Args:
        lesson: The trajectory.
        form: How the executor speaks; the planner writes JSON where it does, and blocks of text otherwise.
        page: Gives a page's text by its hash.
        context: The settings of the run that the samples are for.
        shown: What the executor is shown of a page in a round; all of it when left out.

    Raises:
        StorageError: A page is not there any more.
    """
    run = lesson.trajectory
    brief = context.instructions == "brief"
    writes = PlanFormat("json" if form == "json" else "text", brief=brief)
    for number, plan in enumerate(run.plans):
        role: TrainedRole = "replanner" if number else "planner"
        if unwanted := _unwanted(run.plans, number):
            yield Dropped(role, plan.round, unwanted)
            continue
        seen = plan.observation or _observation(run.rounds, plan.round)
        if seen is None:
            yield Dropped(role, plan.round, "the page was not kept")
            continue
        if number:
            done = run.rounds[: plan.round]
            prompt = replanner_messages(run.task.intent, run.plans[:number], done, page(seen), plan.cause or "", writes)
        else:
            prompt = planner_messages(run.task.intent, page(seen), writes)
        yield Sample(role, plan.round, prompt, AIMessage(_plan_answer(lesson, plan, writes)), plan)
    for row in run.rounds:
        yield _executor(lesson, row, form, page, context, shown)


def _executor(
    lesson: Lesson,
    row: Round,
    form: FormatName,
    page: Callable[[str], str],
    context: Context,
    shown: Callable[[str, Round], str],
) -> Sample | Dropped:
    run = lesson.trajectory
    if row.observation is None:
        return Dropped("executor", row.index, "the page was not kept")
    if row.outcome.status in ("error", "no_effect"):
        return Dropped("executor", row.index, "the action failed or changed nothing")
    plan = next((plan for plan in run.plans if plan.revision == row.plan), None)
    made_by = run.made_by
    # A solver's trajectory does not say whether there were files to upload; that it uploaded one does.
    uploads = made_by.uploads if made_by else any(other.action.action == "upload" for other in run.rounds)
    so_far = [other for other in run.plans if other.revision <= row.plan]
    may = offered(context, so_far, uploads=uploads, tabs=row.tabs > 1)
    speaks = action_format(form, may, brief=context.instructions == "brief")
    if row.action.action not in speaks.actions:
        return Dropped("executor", row.index, f"the action {row.action.action} is not offered")
    prompt = executor_messages(
        run.task.intent,
        plan,
        run.rounds[: row.index - 1],
        shown(page(row.observation), row),
        speaks,
        hint=row.hint,
        output_schema=context.output_schema,
        secret_names=made_by.secrets if made_by else (),
    )
    thought = row.reasoning if lesson.thinking and form != "json" else None
    reason = _brief(row.reasoning) if form == "json" else None if thought else row.reasoning
    answer = speaks.decision(row.index, row.action, reason)
    if thought:
        answer = answer.model_copy(update={"content": _thought(thought) + answer.text})
    tools = tool_definitions(speaks.actions) if form == "tools" else []
    return Sample("executor", row.index, prompt, answer, row.action, tools)


def _unwanted(plans: list[Plan], number: int) -> str | None:
    """Why a plan is nothing to learn from, by what a person's review made of it; None when it is."""
    if plans[number].cause == EDITED:
        return "a person wrote the plan"
    following = plans[number + 1].cause if number + 1 < len(plans) else None
    return "a person did not want the plan" if following and following.startswith((EDITED, REJECTED)) else None


def _observation(rounds: list[Round], done: int) -> str | None:
    """The page after so many rounds: the one the next action was decided on."""
    return rounds[done].observation if done < len(rounds) else None


def _plan_answer(lesson: Lesson, plan: Plan, writes: PlanFormat) -> str:
    thought = lesson.thoughts.get(plan.revision)
    # An answer under a schema has no place for it.
    return (_thought(thought) if thought and writes.name == "text" else "") + writes.render(plan)


def _thought(text: str) -> str:
    return f"<think>\n{text.strip()}\n</think>\n\n"


def _brief(text: str | None) -> str | None:
    line = " ".join((text or "").split())
    return (line if len(line) <= _BRIEF else f"{line[: _BRIEF - 3].rsplit(' ', 1)[0]}...") or None
