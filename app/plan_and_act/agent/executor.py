"""executor: task, plan, past rounds and observation to exactly one action. Never touches the browser."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage

from plan_and_act.actions import ACTIONS, AnyAction, GiveUp, Note, Replan, to_dict
from plan_and_act.agent.context import Context
from plan_and_act.agent.lease import issue
from plan_and_act.agent.run import Run, plans_of, rounds_of, spent
from plan_and_act.agent.state import Control, Pending, State
from plan_and_act.browser.observation import Element, ElementError, resolve
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.formats import ActionFormat, action_format, available
from plan_and_act.llm.messages import executor_messages
from plan_and_act.trajectory import Ending, Outcome, Plan

DONE_BY_SAYING = {Note: "Noted.", Replan: "The plan will be looked at again."}
"""Actions that nobody carries out, and their outcome."""


async def executor(state: State, run: Run) -> dict[str, Any]:
    """Decide on the next action (paper, section 3.2)."""
    seen = state.get("observation")
    if not seen:
        return {}
    control: Control = state.get("control") or {}  # type: ignore[assignment]
    plans = plans_of(state)
    form = await action_format_for(run, plans, tabs=len(state["page"]["tabs"]) > 1)
    messages = executor_messages(
        state["task"],
        plans[-1] if plans else None,
        rounds_of(state),
        seen["text"],
        form,
        hint=control.get("hint"),
        output_schema=run.context.output_schema,
        secret_names=run.services.secrets.names(),
    )
    elements = elements_of(state)
    model, steps = (await run.model("executor")).model, len(plans[-1].steps) if plans else 0
    request = form.request(model, elements, steps, seen["scrolls"])
    try:
        answer = await run.ask("executor", messages, form.parse, request)
    except ModelOutputError as error:
        ending = Ending(status="failed", reason="model_output", message=str(error))
        return {"ending": ending.model_dump(), "usage": spent(state, "executor", error.usage)}
    action, reasoning = answer.value.action, answer.value.reasoning
    return {**decided(action, reasoning, named(action, elements)), "usage": spent(state, "executor", answer.usage)}


def decided(action: AnyAction, reasoning: str | None, element: str = "") -> dict[str, Any]:
    """The state update of a decision: the pending action, its lease, and the tool call that stands for it.

    Args:
        element: The label of its element as the page has it, where that is known.
    """
    arguments = to_dict(action)
    call = uuid4().hex[:12]
    pending: Pending = {"action": arguments, "call": call}
    if reasoning:
        pending["reasoning"] = reasoning[:2_000]
    if element:
        pending["element"] = element
    update: dict[str, Any] = {"pending": pending}
    if type(action) in DONE_BY_SAYING:
        pending["outcome"] = Outcome(status="ok", message=DONE_BY_SAYING[type(action)]).model_dump()
    elif isinstance(action, GiveUp):
        update["ending"] = Ending(status="failed", reason="gave_up", message=action.reason).model_dump()
    elif ACTIONS[action.action].on_page:
        pending["lease"] = issue()
    name = arguments["action"]
    args = {k: v for k, v in arguments.items() if k != "action"}
    update["messages"] = [AIMessage("", tool_calls=[{"name": name, "args": args, "id": call}], id=f"{call}-call")]
    return update


def elements_of(state: State) -> dict[int, Element]:
    """The elements of the page as the executor was shown it."""
    seen = state.get("observation") or {}
    return {int(ref): Element(int(ref), **element) for ref, element in seen.get("elements", {}).items()}


def named(action: AnyAction, elements: Mapping[int, Element]) -> str:
    """The label of an action's element as the page has it: models may write less, or other words. Empty without one."""
    said = getattr(action, "element", None)
    try:
        return resolve(said, elements).label if said else ""
    except ElementError:
        return ""  # nothing will be done to it


async def action_format_for(run: Run, plans: Sequence[Plan], *, tabs: bool) -> ActionFormat:
    """How the executor speaks in this run, and which actions make sense now."""
    name = run.context.executor_format or ("json" if (await run.model("executor")).embedded else "tools")
    uploads = run.services.uploads is not None
    brief = await run.brief("executor")
    return action_format(name, offered(run.context, plans, uploads=uploads, tabs=tabs), brief=brief)


def offered(context: Context, plans: Sequence[Plan], *, uploads: bool, tabs: bool) -> tuple[str, ...]:
    """The names of the actions that make sense in a round.

    Args:
        plans: The revisions of the plan so far.
        uploads: Whether there is a folder of files to upload.
        tabs: Whether there is more than one tab.
    """
    replans = sum(plan.round > 0 for plan in plans)  # as `policy.may_replan` counts them
    heard = context.planning == "dynamic" and "executor_asked" in context.replan_on and replans < context.max_replans
    return available(ask=context.ask, replan=bool(plans) and heard, upload=uploads, tabs=tabs)
