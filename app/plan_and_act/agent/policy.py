"""When to replan, nudge, stop and ask a person: pure functions of state."""

from typing import Any, cast

from plan_and_act.agent.context import ReplanEvent
from plan_and_act.agent.rules import Verdict, judge
from plan_and_act.agent.state import State
from plan_and_act.trajectory import Ending, Usage

NUDGE_AT, REPLAN_AT, STOP_AT = 3, 4, 6
"""The stall ladder: how often the same action met the same page. (Skyvern's taskv3 nudges at 3 and stops at 6.)"""

FRUITLESS = 8
"""Actions in a row that fail or change nothing, whichever they are, before a run is stopped."""

WINDOW = 12
"""Rounds the ladder looks back, so that going round in a circle counts as well as standing still."""

CAUSES: dict[ReplanEvent, str] = {
    "action_failed": "the last action failed",
    "nothing_changed": "the last action changed nothing",
    "stall": "the same action was tried again and again",
    "unexpected_page": "the page is not the one that was expected",
    "executor_asked": "the executor asked for it",
    "finish_refused": "the claim to be done did not hold",
}
"""What the replanner is told of an event."""

EVERY_ROUND = "a round has passed"
"""Why the plan is looked at again when that is done after every round."""


def events(round_: dict[str, Any], repeats: int) -> list[ReplanEvent]:
    """What happened in a round that a replan policy may react to.

    Args:
        round_: The round, as in state.
        repeats: How often its action met its page in the last rounds, itself included.
    """
    outcome, kind = round_["outcome"], round_["action"]["action"]
    found: dict[ReplanEvent, bool] = {
        "executor_asked": kind == "replan",
        "finish_refused": kind == "finish",
        "stall": repeats >= REPLAN_AT,
        "unexpected_page": bool(outcome.get("unexpected")),
        "action_failed": kind != "finish" and outcome["status"] in ("error", "unknown"),
        "nothing_changed": outcome["status"] == "no_effect",
    }
    return [event for event, happened in found.items() if happened]


def repeats(rounds: list[dict[str, Any]]) -> int:
    """How often the last round's action met the same page within the window, itself included; 0 without rounds."""
    if not rounds:
        return 0

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        doing = {k: v for k, v in row["action"].items() if k not in ("note", "step")}
        return row.get("fingerprint"), tuple(sorted(doing.items()))

    return sum(key(row) == key(rounds[-1]) for row in rounds[-WINDOW:])


def may_replan(state: State) -> bool:
    """Whether the plan may be made anew; what a person's review changed does not count towards the limit."""
    settings, plans = state["settings"], state.get("plans") or []
    replans = sum(plan["round"] > 0 for plan in plans)
    return settings["planning"] == "dynamic" and bool(plans) and replans < settings["max_replans"]


def replan_cause(state: State, rounds: list[dict[str, Any]]) -> str | None:
    """Why the plan must be looked at again after the last round, or None.

    Source: replanning after every action is the paper's section 3.3; on which events it pays is its open question.
    """
    settings, plans = state["settings"], state.get("plans") or []
    if not rounds or not may_replan(state):
        return None
    for event in events(rounds[-1], repeats(rounds)):
        if event in settings["replan_on"]:
            return CAUSES[event]
    every = settings["replan_every"]
    if every and rounds[-1]["index"] - plans[-1]["round"] >= every:
        return EVERY_ROUND if every == 1 else f"{every} rounds have passed"
    return None


def nudge(rounds: list[dict[str, Any]]) -> str | None:
    """A word to the executor when it repeats itself, or None."""
    count = repeats(rounds)
    if count < NUDGE_AT:
        return None
    return f"You have done this {count} times on this same page and it does not help. Do something else."


def exceeded(state: State, rounds: list[dict[str, Any]]) -> Ending | None:
    """The ending when a limit is reached or the run goes round in circles, else None."""
    settings = state["settings"]
    used = sum((Usage(**row) for row in (state.get("usage") or {}).values()), Usage())
    tokens = used.input_tokens + used.output_tokens
    seconds = (state.get("seconds") or 0.0) + (state.get("worked") or 0.0)
    if repeats(rounds) >= STOP_AT:
        same = rounds[-1]["action"]["action"]
        return _stopped("stalled", f"The same {same} was tried {STOP_AT} times on the same page without effect.")
    last = rounds[-FRUITLESS:]
    if len(last) == FRUITLESS and all(row["outcome"]["status"] in ("error", "no_effect") for row in last):
        return _stopped("stalled", f"The last {FRUITLESS} actions failed or changed nothing.")
    if len(rounds) >= settings["max_rounds"]:
        return _stopped("max_rounds", f"The limit of {settings['max_rounds']} rounds is reached.")
    if settings["max_tokens"] and tokens >= settings["max_tokens"]:
        return _stopped("budget_tokens", f"{tokens:,} tokens are used; the limit is {settings['max_tokens']:,}.")
    if settings["max_cost"] and used.cost is not None and used.cost >= settings["max_cost"]:
        return _stopped("budget_cost", f"The run has cost ${used.cost:.4f}; the limit is ${settings['max_cost']:.4f}.")
    if settings["max_seconds"] and seconds >= settings["max_seconds"]:
        return _stopped("deadline", f"{seconds:.0f} s have passed; the limit is {settings['max_seconds']:.0f} s.")
    return None


def _stopped(reason: str, message: str) -> Ending:
    return Ending(status="stopped", reason=cast("Any", reason), message=message)


def approval_of(state: State) -> Verdict:
    """What the operator's policy and the run's own say of the pending action."""
    settings, pending = state["settings"], state["pending"]
    url = (state.get("page") or {}).get("url") or ""
    return judge([settings["operator"], settings["approve"]], pending["action"], url, pending.get("element") or "")
