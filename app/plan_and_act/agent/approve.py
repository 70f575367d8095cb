"""approve: a person approves, edits or rejects the pending action before it is carried out. No side effects."""

from contextlib import suppress
from typing import Any, Literal

from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from plan_and_act.actions import Action, to_action, to_dict
from plan_and_act.agent.executor import elements_of, named
from plan_and_act.agent.lease import issue
from plan_and_act.agent.policy import approval_of
from plan_and_act.agent.run import Run
from plan_and_act.agent.state import Page, Pending, State
from plan_and_act.errors import PageError
from plan_and_act.trajectory import Ending, Outcome


class Approval(BaseModel):
    """The person's answer."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "edit", "reject", "stop"] = Field(
        description="approve: carry it out. edit: carry out `action` instead. reject: the executor is told why and "
        "decides anew. stop: end the run."
    )
    action: Action | None = Field(None, description="The action to carry out instead, for `edit`.")
    reason: str = Field("", max_length=4_000, description="Why, for `reject` and `stop`.")

    @model_validator(mode="after")
    def _edit_has_action(self) -> "Approval":
        if self.decision == "edit" and not (self.action and self.action.on_page):
            msg = "decision 'edit' needs the action of the browser to carry out instead"
            raise ValueError(msg)
        return self


async def approve(state: State, run: Run) -> dict[str, Any]:
    """Wait for the person's decision; the lease is issued anew, since hours and a restart may lie between."""
    pending: Pending = state["pending"]  # type: ignore[assignment]
    page = state.get("page") or {}
    verdict = approval_of(state)
    question = {
        "type": "approval",
        "action": pending["action"],
        "element": pending.get("element"),
        "reasoning": pending.get("reasoning"),
        "risks": list(verdict.risks),
        "rule": verdict.rule.model_dump() if verdict.rule else None,
        "asked_by": ("operator", "run")[verdict.policy],
        "url": page.get("url"),
        "title": page.get("title"),
        **await _shown(state, run),
    }
    answer = interrupt(question, response_schema=Approval)
    if answer.decision == "stop":
        message = answer.reason or "A person stopped the run."
        ending = Ending(status="stopped", reason="rejected_by_person", message=message)
        outcome = Outcome(status="error", message="Not carried out: a person stopped the run.")
        return {"ending": ending.model_dump(), "pending": {**pending, "outcome": outcome.model_dump()}}
    if answer.decision == "reject":
        message = f"The person rejected this action{': ' + answer.reason if answer.reason else '.'}"
        return {"pending": {**pending, "outcome": Outcome(status="error", message=message).model_dump()}}
    if answer.action:
        element = named(answer.action, elements_of(state))
        pending = {**pending, "action": to_dict(answer.action), "element": element}
    return {"pending": {**pending, "lease": issue()}}


async def _shown(state: State, run: Run) -> dict[str, Any]:
    """A picture for the person: the screenshot that shows the action's target, and where on it.

    Only of a page that is open: this node is carried out again for the answer, and whether a page had to be restored is
    for `act` to know.
    """
    page: Page = state["page"]  # type: ignore[assignment]
    pending: Pending = state["pending"]  # type: ignore[assignment]
    session = run.live(page) if run.context.screenshots else None
    if session is None:
        return {}
    target, scrolled = await session.point_out(to_action(pending["action"]))
    screenshot = page.get("screenshot")
    if scrolled:
        with suppress(PageError):  # the one of the look before stays
            screenshot = await run.keep(await session.screenshot())
    return {"screenshot": screenshot, "target": target}
