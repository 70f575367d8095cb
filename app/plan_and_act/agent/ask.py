"""ask: put the executor's question to the person whose task it is. No side effects."""

from typing import Annotated, Any

from langgraph.types import interrupt
from pydantic import StringConstraints

from plan_and_act.agent.run import Run
from plan_and_act.agent.state import State
from plan_and_act.trajectory import LONGEST_ANSWER, Outcome

Said = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]


async def ask(state: State, run: Run) -> dict[str, Any]:
    """Wait for the answer, which becomes the action's outcome."""
    question = {"type": "question", "question": state["pending"]["action"]["question"]}
    answer = interrupt(question, response_schema=Said)
    outcome = Outcome(status="ok", message=f"The person answered: {answer}")
    return {"pending": {**state["pending"], "outcome": outcome.model_dump()}}
