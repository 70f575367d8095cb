"""planner: task and first observation to a plan. Never touches the browser."""

from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage

from plan_and_act.agent.run import Run, spent
from plan_and_act.agent.state import State
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.formats import PlanFormat, render_plan
from plan_and_act.llm.messages import planner_messages
from plan_and_act.trajectory import Ending, Plan, Role


async def planner(state: State, run: Run) -> dict[str, Any]:
    """Write the first plan (paper, section 3.1)."""
    seen = state.get("observation")
    if not seen:
        return {}
    form = await plan_format_for(run, "planner")
    messages = planner_messages(state["task"], seen["text"], form)
    return await write_plan(state, run, "planner", messages, form, cause=None)


async def plan_format_for(run: Run, role: Role) -> PlanFormat:
    """Small models write a usable plan only under a schema: the embedded one, and where the executor needs one."""
    constrained = (await run.model(role)).embedded or run.context.executor_format == "json"
    return PlanFormat("json" if constrained else "text", brief=await run.brief(role))


async def write_plan(
    state: State, run: Run, role: Role, messages: Any, form: PlanFormat, *, cause: str | None
) -> dict[str, Any]:
    """Ask for a plan and add it as the next revision; no plan after all tries ends the run."""
    try:
        answer = await run.ask(role, messages, form.parse, form.request((await run.model(role)).model))
    except ModelOutputError as error:
        ending = Ending(status="failed", reason="model_output", message=str(error))
        return {"ending": ending.model_dump(), "usage": spent(state, role, error.usage)}
    plan = Plan(
        revision=len(state.get("plans") or []) + 1,
        steps=answer.value.steps,
        cause=cause,
        round=len(state.get("rounds") or []),
        observation=(state.get("page") or {}).get("observation"),
    )
    return {
        "plans": [plan.model_dump(exclude_defaults=True) | {"revision": plan.revision, "round": plan.round}],
        "messages": [AIMessage(render_plan(plan), id=uuid4().hex)],
        "usage": spent(state, role, answer.usage),
    }
