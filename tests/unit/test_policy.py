"""When to replan, nudge and stop, as pure functions of state."""

from typing import Any

import pytest

from plan_and_act.agent.context import ALL_EVENTS, Context
from plan_and_act.agent.executor import offered
from plan_and_act.agent.policy import FRUITLESS, events, exceeded, nudge, repeats, replan_cause
from plan_and_act.agent.state import State
from plan_and_act.trajectory import Plan


def settings(**changes: Any) -> dict[str, Any]:
    return Context(**changes).model_dump(mode="json")


def row(index: int, status: str = "ok", page: str = "p", **action: Any) -> dict[str, Any]:
    action = action or {"action": "click", "element": 'link "A #1"'}
    return {"index": index, "action": action, "outcome": {"status": status}, "fingerprint": page}


PLAN = {"revision": 1, "steps": [{"goal": "g"}], "round": 0}


def state(**changes: Any) -> State:
    return {"settings": settings(**changes), "plans": [PLAN]}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (row(1), []),
        (row(1, "error"), ["action_failed"]),
        (row(1, "unknown"), ["action_failed"]),
        (row(1, "no_effect"), ["nothing_changed"]),
        (row(1, action="replan", reason="r"), ["executor_asked"]),
        (row(1, "error", action="finish", answer="a"), ["finish_refused"]),
    ],
)
def test_events_of_a_round(last: dict[str, Any], expected: list[str]) -> None:
    assert events(last, 1) == expected


def test_unexpected_page_and_stall_are_events() -> None:
    last = row(1)
    last["outcome"]["unexpected"] = True
    assert events(last, 1) == ["unexpected_page"]
    assert events(row(1), 4) == ["stall"]


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_an_event_left_out_of_the_policy_does_not_replan(event: str) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "action_failed": [row(1, "error")],
        "nothing_changed": [row(1, "no_effect")],
        "stall": [row(i) for i in range(1, 5)],
        "unexpected_page": [row(1) | {"outcome": {"status": "ok", "unexpected": True}}],
        "executor_asked": [row(1, action="replan", reason="r")],
        "finish_refused": [row(1, "error", action="finish", answer="a")],
    }
    assert replan_cause(state(replan_on=[event]), rows[event])
    others = [other for other in ALL_EVENTS if other != event]
    assert replan_cause(state(replan_on=others), rows[event]) is None


def test_replan_every_k_counts_from_the_last_plan() -> None:
    every_two = state(replan_every=2, replan_on=[])
    assert replan_cause(every_two, [row(1)]) is None
    assert replan_cause(every_two, [row(1), row(2)]) == "2 rounds have passed"
    every_two["plans"] = [PLAN, {**PLAN, "revision": 2, "round": 2}]
    assert replan_cause(every_two, [row(i) for i in range(1, 4)]) is None


@pytest.mark.parametrize("planning", ["none", "static"])
def test_only_dynamic_planning_replans(planning: str) -> None:
    assert replan_cause(state(planning=planning, replan_every=1), [row(1, "error")]) is None


def test_the_limit_of_replans_holds() -> None:
    limited = state(max_replans=1)
    assert replan_cause(limited, [row(1, "error")])
    limited["plans"] = [PLAN, PLAN]  # the second is what a person made of the first in their review
    assert replan_cause(limited, [row(1, "error")])
    limited["plans"] = [PLAN, {**PLAN, "round": 1}]
    assert replan_cause(limited, [row(1, "error")]) is None


def test_an_executor_is_offered_to_ask_as_long_as_it_is_heard() -> None:
    def heard(plans: list[Plan], **settings: Any) -> bool:
        return "replan" in offered(Context(**settings), plans, uploads=False, tabs=False)

    first, second = Plan(revision=1, steps=[], round=0), Plan(revision=2, steps=[], round=3)
    assert not heard([])
    assert heard([first])
    assert not heard([first], planning="static")
    assert not heard([first], max_replans=0)
    assert heard([first, second], max_replans=2)
    assert not heard([first, second], max_replans=1)


def test_the_stall_ladder_nudges_replans_and_stops() -> None:
    rounds: list[dict[str, Any]] = []
    seen = []
    for index in range(1, 7):
        rounds.append(row(index, note=f"note {index}", action="click", element='link "A #1"'))
        ending = exceeded(state(), rounds)
        seen.append((bool(nudge(rounds)), bool(replan_cause(state(), rounds)), ending.reason if ending else None))
    no, told = (False, False, None), (True, False, None)
    assert seen == [no, no, told, (True, True, None), (True, True, None), (True, True, "stalled")]


def test_many_actions_in_vain_end_the_run_whichever_they_are() -> None:
    vain = [
        row(n, ("error", "no_effect")[n % 2], action="click", element=f'link "A #{n}"') for n in range(1, FRUITLESS + 1)
    ]
    assert exceeded(state(), vain[1:]) is None
    ending = exceeded(state(), vain)
    assert ending
    assert ending.reason == "stalled"
    assert exceeded(state(), [*vain, row(FRUITLESS + 1)]) is None
    assert exceeded(state(), [*vain[:4], row(5), *vain[5:]]) is None


def test_going_round_in_a_circle_is_a_stall_and_a_changing_page_is_none() -> None:
    circle = [row(i, page=f"p{i % 2}") for i in range(1, 12)]
    assert repeats(circle) == 6
    assert repeats([row(i, page=f"p{i}") for i in range(1, 12)]) == 1


@pytest.mark.parametrize(
    ("limits", "used", "reason"),
    [
        ({"max_rounds": 1}, {}, "max_rounds"),
        (
            {"max_tokens": 10},
            {"usage": {"planner": {"input_tokens": 6}, "executor": {"output_tokens": 4}}},
            "budget_tokens",
        ),
        ({"max_cost": 0.5}, {"usage": {"planner": {"cost": 0.3}, "executor": {"cost": 0.2}}}, "budget_cost"),
        ({"max_seconds": 9}, {"seconds": 9.0}, "deadline"),
    ],
)
def test_limits_end_the_run(limits: dict[str, Any], used: dict[str, Any], reason: str) -> None:
    reached = {**state(**limits), **used}
    ending = exceeded(reached, [row(1)])  # type: ignore[arg-type]
    assert ending is not None
    assert (ending.status, ending.reason) == ("stopped", reason)
    assert exceeded({**state(), **used}, [row(1)]) is None  # type: ignore[typeddict-item]
