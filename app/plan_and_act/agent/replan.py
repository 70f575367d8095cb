"""replan: task, earlier plans, rounds and observation to a plan for the remaining work. Never touches the browser."""

from typing import Any

from plan_and_act.agent.planner import plan_format_for, write_plan
from plan_and_act.agent.run import Run, plans_of, rounds_of
from plan_and_act.agent.state import Control, State
from plan_and_act.llm.messages import replanner_messages


async def replan(state: State, run: Run) -> dict[str, Any]:
    """Write the plan's next revision (paper, section 3.3)."""
    seen = state.get("observation")
    if not seen:
        return {}
    control: Control = {**state["control"]}  # type: ignore[typeddict-item]
    cause = control.pop("replan", "a person asked for it")
    form = await plan_format_for(run, "replanner")
    messages = replanner_messages(state["task"], plans_of(state), rounds_of(state), seen["text"], cause, form)
    update = await write_plan(state, run, "replanner", messages, form, cause=cause)
    return {**update, "control": control}
