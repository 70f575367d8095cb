"""ask: put the executor's question to the person whose task it is. No side effects."""

from typing import Any

from langgraph.types import interrupt

from plan_and_act.agent.run import Run
from plan_and_act.agent.state import State
from plan_and_act.trajectory import Outcome


async def ask(state: State, run: Run) -> dict[str, Any]:
    """Wait for the answer, which becomes the action's outcome."""
    answer = interrupt(
        {"type": "question", "question": state["pending"]["action"]["question"]}, response_schema={"type": "string"}
    )
    outcome = Outcome(status="ok", message=f"The person answered: {answer}"[:2_000])
    return {"pending": {**state["pending"], "outcome": outcome.model_dump()}}
