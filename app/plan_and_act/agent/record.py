"""From state to the nouns: the round that has just been done, and the trajectory of the whole run."""

from typing import Any

from langchain_core.messages import AnyMessage, ToolMessage

from plan_and_act.agent.state import Pending, State
from plan_and_act.llm.messages import outcome_sentence
from plan_and_act.trajectory import Ending, MadeBy, Outcome, Plan, Round, Task, Trajectory, Usage

_STAYS = {"wait", "hover", "note", "ask", "replan", "finish", "give_up"}
"""Actions that may leave the page as it was without having failed."""


def complete(state: State, fingerprint: str | None = None, *, news: list[str] | None = None) -> dict[str, Any]:
    """The state update that turns the pending action and its outcome into a round.

    Args:
        state: State with a pending action whose outcome is known.
        fingerprint: Fingerprint of the page after the action; None when the run ends with it.
        news: What the observation saw change, beside what the action itself reported.
    """
    pending: Pending = state["pending"]  # type: ignore[assignment]
    page = state.get("page") or {}
    outcome = Outcome.model_validate(pending["outcome"])
    changed = fingerprint is not None and fingerprint != page.get("fingerprint")
    quiet = not changed and not outcome.changes
    if fingerprint and quiet and outcome.status == "ok" and pending["action"]["action"] not in _STAYS:
        outcome = outcome.model_copy(update={"status": "no_effect", "message": "Nothing on the page changed."})
    outcome = outcome.model_copy(update={"changes": [*outcome.changes, *(news or [])]})
    action = pending["action"]
    if label := pending.get("element"):
        action = {**action, "element": label}
    rounds, plans = state.get("rounds") or [], state.get("plans") or []
    done = Round.model_validate(
        {
            "index": len(rounds) + 1,
            "plan": plans[-1]["revision"] if plans else 0,
            "url": pending.get("url") or page.get("url") or state["url"],
            "title": pending.get("title") or page.get("title") or "",
            "fingerprint": page.get("fingerprint"),
            "observation": page.get("observation"),
            "tabs": pending.get("tabs") or len(page.get("tabs") or [""]),
            "hint": (state.get("control") or {}).get("hint"),
            "screenshot": page.get("screenshot"),
            "target": pending.get("target"),
            "reasoning": pending.get("reasoning"),
            "action": action,
            "outcome": outcome,
            "seconds": pending.get("seconds", 0.0),
        }
    )
    return {
        "rounds": [done.model_dump(exclude_defaults=True) | {"action": action}],
        "messages": answer_call(pending, outcome_sentence(outcome)),
        "pending": {},
    }


def answer_call(pending: Pending, text: str) -> list[AnyMessage]:
    """The tool message that answers the tool call which stands for the pending action."""
    call = pending.get("call")
    return [ToolMessage(text, tool_call_id=call, id=f"{call}-outcome")] if call else []


def to_trajectory(values: State | dict[str, Any], thread: str) -> Trajectory:
    """The trajectory of a run from its state, finished or not.

    Args:
        values: The state's values, as `graph.aget_state(config).values` gives them.
        thread: The thread's id.
    """
    settings = values.get("settings") or {}
    ending = values.get("ending") or None
    return Trajectory(
        thread=thread,
        task=Task(intent=values.get("task") or "?", url=values.get("url") or "", id=settings.get("task_id")),
        started=settings.get("started", ""),
        plans=[Plan.model_validate(plan) for plan in values.get("plans") or []],
        rounds=[Round.model_validate(row) for row in values.get("rounds") or []],
        ending=Ending.model_validate(ending) if ending else None,
        answer=values.get("answer") or None,
        usage={role: Usage.model_validate(row) for role, row in (values.get("usage") or {}).items()},
        seconds=values.get("seconds") or 0.0,
        made_by=MadeBy.model_validate(settings["made_by"]) if settings.get("made_by") else None,
    )
