"""close: complete the last round, say how the run ended, give the browser back."""

from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage

from plan_and_act.agent.record import complete
from plan_and_act.agent.run import Run
from plan_and_act.agent.state import Pending, State
from plan_and_act.trajectory import Ending, Outcome


async def close(state: State, run: Run) -> dict[str, Any]:
    """Leave nothing open: no pending action, no unanswered tool call, no browser session."""
    ending = Ending.model_validate(state["ending"])
    pending: Pending = state.get("pending") or {}  # type: ignore[assignment]
    update: dict[str, Any] = {"rounds": [], "messages": [], "pending": {}, "control": {}}
    if pending.get("action"):
        sure = pending["action"]["action"] in ("finish", "give_up")
        outcome = (
            pending.get("outcome") or Outcome(status="ok" if sure else "unknown", message=ending.message).model_dump()
        )
        update |= complete({**state, "pending": {**pending, "outcome": outcome}})
    await run.release(state["page"])  # type: ignore[arg-type]
    text = state.get("answer") or f"{ending.status}: {ending.message}"
    return {**update, "messages": [*update["messages"], AIMessage(text, id=uuid4().hex)]}
