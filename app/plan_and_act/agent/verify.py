"""verify: check a claimed finish, cheap checks first, then the verifier's model if there is one."""

from typing import Any

from plan_and_act.agent.answers import answer_problem
from plan_and_act.agent.run import Run, rounds_of, spent
from plan_and_act.agent.state import Control, Pending, State
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.formats import VerdictFormat
from plan_and_act.llm.messages import verifier_messages
from plan_and_act.trajectory import Ending, Outcome

MAX_REFUSALS = 2
"""How often a claim may be refused before the run fails. (Skyvern holds a finish back at most twice.)"""


async def verify(state: State, run: Run) -> dict[str, Any]:
    """Accept the claim and end the run, or refuse it and say why."""
    pending: Pending = state["pending"]  # type: ignore[assignment]
    control: Control = state.get("control") or {}  # type: ignore[assignment]
    answer = pending["action"]["answer"]
    usage: dict[str, Any] = {}
    problem = _problem(answer, run.context.output_schema)
    if problem is None and run.has_verifier:
        problem, usage = await _verdict(state, run, answer)
    if problem is None:
        ending = Ending(status="succeeded", reason="finished", message="The executor finished the task.")
        return {"answer": answer, "ending": ending.model_dump(), **usage}
    refusals = control.get("refusals", 0) + 1
    outcome = Outcome(status="error", message=f"The claim to be done was refused: {problem}")
    update: dict[str, Any] = {
        "pending": {**pending, "outcome": outcome.model_dump()},
        "control": {**control, "refusals": refusals},
        **usage,
    }
    if refusals > MAX_REFUSALS:
        ending = Ending(status="failed", reason="finish_refused", message=outcome.message)
        update |= {"ending": ending.model_dump(), "answer": answer}
    return update


async def _verdict(state: State, run: Run, answer: str) -> tuple[str | None, dict[str, Any]]:
    """What the verifier's model has against the claim, or None; and what asking it took.

    It sees the page as it is now, at rest: what the executor acted on may have been half loaded.
    """
    session = await run.session(state["page"])  # type: ignore[arg-type]
    seen = await session.observe(tokens=await run.observation_tokens(), rendering=run.context.observation)
    chosen = await run.model("verifier")
    form = VerdictFormat(constrained=chosen.embedded)
    messages = verifier_messages(state["task"], rounds_of(state), seen.text, answer, form)
    try:
        said = await run.ask("verifier", messages, form.parse, form.request(chosen.model))
    except ModelOutputError as error:
        # A verifier that cannot say what is wrong refuses nothing.
        return None, {"usage": spent(state, "verifier", error.usage)}
    return None if said.value.done else said.value.reason, {"usage": spent(state, "verifier", said.usage)}


def _problem(answer: str, schema: dict[str, Any] | None) -> str | None:
    """What is wrong with the answer by itself, or None."""
    if schema is None:
        return None if answer.strip() else "the answer is empty; say what was found or done"
    return answer_problem(answer, schema)
