"""Prometheus metrics and JSON logs, both made of what `plan_and_act.telemetry` tells."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from plan_and_act.telemetry import events

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(logging.Handler):
    """Counts what runs do. One a process; `expose` gives the text that Prometheus reads."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        registry = self._registry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"plan_and_act_{name}", what, labels, registry=registry)

        def histogram(name: str, what: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"plan_and_act_{name}", what, labels, registry=registry, buckets=buckets)

        self._started = counter("runs_started", "Runs begun.")
        self._ended = counter("runs_ended", "Runs ended, by status and reason.", "status", "reason")
        self._seconds = histogram(
            "run_seconds", "Seconds a run worked.", "status", buckets=(1, 5, 15, 30, 60, 120, 300, 900, 3_600)
        )
        self._rounds = counter("rounds", "Actions carried out, by action and outcome.", "action", "outcome")
        self._replans = counter("replans", "Plans made anew.")
        self._calls = counter("model_calls", "Calls of models, by role.", "role")
        self._latency = histogram(
            "model_seconds",
            "Seconds of one answer, its tries together.",
            "role",
            buckets=(0.25, 0.5, 1, 2, 5, 10, 30, 120),
        )
        self._tokens = counter("model_tokens", "Tokens, by role and direction.", "role", "direction")
        self._cost = counter("model_cost_dollars", "US dollars, where prices are known.", "role")
        self._sessions = Gauge("plan_and_act_browser_sessions", "Browser sessions open.", registry=registry)
        self._places = Gauge("plan_and_act_browser_sessions_limit", "Browser sessions there may be.", registry=registry)
        self._queue = Gauge("plan_and_act_queue", "Unfinished runs, by status.", ["status"], registry=registry)

    def listen(self) -> "Metrics":
        """Begin to count."""
        events.setLevel(logging.INFO)
        events.addHandler(self)
        return self

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        facts: dict[str, Any] = getattr(record, "facts", {})
        match facts.get("event"):
            case "run_started":
                self._started.inc()
            case "run_ended":
                self._ended.labels(facts["status"], facts["reason"]).inc()
                self._seconds.labels(facts["status"]).observe(facts["seconds"])
                self._replans.inc(facts["replans"])
            case "round_done":
                self._rounds.labels(facts["action"], facts["status"]).inc()
            case "model_called":
                role = facts["role"]
                self._calls.labels(role).inc(facts["calls"])
                self._latency.labels(role).observe(facts["seconds"])
                self._tokens.labels(role, "input").inc(facts["input_tokens"])
                self._tokens.labels(role, "output").inc(facts["output_tokens"])
                self._cost.labels(role).inc(facts["cost"])

    def expose(self, *, sessions: int, places: int, queue: dict[str, int] | None = None) -> bytes:
        """The metrics as text.

        Args:
            sessions: Browser sessions open in this process.
            places: Browser sessions there may be.
            queue: Unfinished runs by status, where there is a queue of our own.
        """
        self._sessions.set(sessions)
        self._places.set(places)
        for status, count in (queue or {}).items():
            self._queue.labels(status).set(count)
        return generate_latest(self._registry)


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, with the facts of `plan_and_act.telemetry` beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_json() -> None:
    """Let the root logger write JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    events.setLevel(logging.INFO)
