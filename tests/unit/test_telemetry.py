"""What runs tell of themselves, and what metrics and log lines make of it."""

import json
import logging
from typing import Any

import pytest

from plan_and_act import telemetry
from plan_and_act.server.metrics import JsonLines, Metrics

STATE: dict[str, Any] = {
    "task": "Read the secret diary",
    "usage": {"executor": {"calls": 1, "input_tokens": 100, "output_tokens": 10, "seconds": 1.0}},
    "rounds": [{"index": 1}],
    "plans": [{}, {}],
    "ending": {"status": "succeeded", "reason": "finished"},
    "seconds": 3.0,
    "observation": {"text": "Dear diary"},
}
CONFIG: Any = {"configurable": {"thread_id": "t-1"}}


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, telemetry.events.name)
    return caplog


def facts(told: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.facts for record in told.records]  # type: ignore[attr-defined]


def test_a_models_call_is_told_by_what_it_added(told: pytest.LogCaptureFixture) -> None:
    usage = {"calls": 2, "input_tokens": 250, "output_tokens": 14, "cost": 0.5, "seconds": 1.5}
    telemetry.tell("executor", STATE, {"usage": {"executor": usage}}, CONFIG, 0.5)
    assert facts(told) == [
        {
            "event": "model_called", "role": "executor", "calls": 1, "input_tokens": 150, "output_tokens": 4,
            "cost": 0.5, "seconds": 0.5, "thread": "t-1",
        }
    ]  # fmt: skip


def test_rounds_and_the_end_are_told_without_pages(told: pytest.LogCaptureFixture) -> None:
    row = {"index": 2, "action": {"action": "click", "element": "Diary #3"}, "outcome": {"status": "ok"}}
    telemetry.tell("observe", STATE, {"rounds": [row], "observation": {"text": "Dear diary"}}, CONFIG, 0.1)
    telemetry.tell("close", STATE, {"rounds": [row]}, CONFIG, 0.25)
    assert [each["event"] for each in facts(told)] == ["round_done", "round_done", "run_ended"]
    assert facts(told)[-1] == {
        "event": "run_ended", "status": "succeeded", "reason": "finished", "rounds": 2, "replans": 1, "seconds": 3.25,
        "thread": "t-1",
    }  # fmt: skip
    assert "iary" not in json.dumps(facts(told))


def test_metrics_count_what_is_told(told: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    telemetry.events.addHandler(metrics)
    try:
        telemetry.tell("start", {}, {}, CONFIG, 0.1)
        telemetry.tell("close", STATE, {}, CONFIG, 0.1)
    finally:
        telemetry.events.removeHandler(metrics)
    lines = metrics.expose(sessions=3, places=16, queue={"pending": 2}).decode().splitlines()
    assert "plan_and_act_runs_started_total 1.0" in lines
    assert 'plan_and_act_runs_ended_total{reason="finished",status="succeeded"} 1.0' in lines
    assert "plan_and_act_replans_total 1.0" in lines
    assert "plan_and_act_browser_sessions 3.0" in lines
    assert 'plan_and_act_queue{status="pending"} 2.0' in lines


def test_a_log_line_is_json_with_the_facts() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "round %s", ("done",), None)
    record.facts = {"event": "round_done", "thread": "t-1"}
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "round done"
    assert line["level"] == "info"
    assert line["thread"] == "t-1"
