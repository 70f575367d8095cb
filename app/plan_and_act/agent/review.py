"""review: a person approves, edits or rejects the first plan before anything is done. No side effects."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from langchain_core.messages import AIMessage
from langgraph.types import interrupt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from plan_and_act.agent.run import Run, plans_of
from plan_and_act.agent.state import State
from plan_and_act.llm.formats import render_plan
from plan_and_act.trajectory import EDITED, REJECTED, Ending, Plan, PlanStep


def _as_step(value: Any) -> Any:
    """A goal alone is a step."""
    return {"goal": value} if isinstance(value, str) else value


class Review(BaseModel):
    """The person's answer."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "edit", "reject", "stop"] = Field(
        description="approve: begin. edit: begin with `steps` instead. reject: the planner is told why and plans "
        "again. stop: end the run."
    )
    steps: list[Annotated[PlanStep, BeforeValidator(_as_step, json_schema_input_type=PlanStep | str)]] = Field(
        default=[], max_length=30, description="The steps to take instead, for `edit`: goals, or goals with reasoning."
    )
    reason: str = Field("", max_length=4_000, description="Why, for `reject` and `stop`.")

    @model_validator(mode="after")
    def _edit_has_steps(self) -> "Review":
        if self.decision == "edit" and not all(step.goal.strip() for step in self.steps or [PlanStep(goal="")]):
            msg = "decision 'edit' needs the steps to take instead, each with a goal"
            raise ValueError(msg)
        return self


async def review(state: State, _: Run) -> dict[str, Any]:
    """Wait for the person's decision on the plan; what they write themselves is a revision of its own."""
    plan = plans_of(state)[-1]
    page = state.get("page") or {}
    question = {
        "type": "plan",
        "task": state["task"],
        "revision": plan.revision,
        "steps": [step.model_dump() for step in plan.steps],
        "url": page.get("url"),
        "title": page.get("title"),
    }
    answer = interrupt(question, response_schema=Review)
    control = {**(state.get("control") or {}), "reviewed": True}
    match answer.decision:
        case "stop":
            message = answer.reason or "A person stopped the run before it began."
            return {"ending": Ending(status="stopped", reason="rejected_by_person", message=message).model_dump()}
        case "reject":
            cause = f"{REJECTED}: {answer.reason}" if answer.reason else REJECTED
            return {"control": {**control, "reviewed": False, "replan": cause}}
        case "edit":
            edited = Plan(revision=plan.revision + 1, steps=answer.steps, cause=EDITED)
            row = edited.model_dump(exclude_defaults=True) | {"round": 0}
            return {"control": control, "plans": [row], "messages": [AIMessage(render_plan(edited), id=uuid4().hex)]}
    return {"control": control}
