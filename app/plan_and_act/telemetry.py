"""What runs do, as structured log records: what metrics count and log files keep. No page text, no secrets.

Records go to the logger `plan_and_act.events` at level INFO; `record.facts` is a dict of plain values. Nothing is
computed unless somebody listens.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.runnables import RunnableConfig

from plan_and_act.trajectory import Usage

events = logging.getLogger("plan_and_act.events")


def tell(
    node: str, state: Mapping[str, Any], update: Mapping[str, Any], config: RunnableConfig, seconds: float
) -> None:
    """Log what a node of the agent's graph has done.

    Args:
        node: Its name.
        state: The state it was given.
        update: What it wrote.
        config: The run's configuration; thread and run are named in every record.
        seconds: How long it took.
    """
    if not events.isEnabledFor(logging.INFO):
        return
    place = config.get("configurable") or {}
    ids = {"thread": place.get("thread_id"), "run": place.get("run_id") or str(config.get("run_id") or "") or None}
    for facts in _facts(node, state, update, seconds):
        events.info("%s", facts["event"], extra={"facts": {**facts, **{k: v for k, v in ids.items() if v}}})


def _facts(node: str, state: Mapping[str, Any], update: Mapping[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    if node == "start":
        yield {"event": "run_started"}
        return  # what it writes besides is the clean slate of a new run
    for role, row in (update.get("usage") or {}).items():
        now, before = Usage.model_validate(row), Usage.model_validate((state.get("usage") or {}).get(role, {}))
        yield {
            "event": "model_called",
            "role": role,
            "calls": now.calls - before.calls,
            "input_tokens": now.input_tokens - before.input_tokens,
            "output_tokens": now.output_tokens - before.output_tokens,
            "cost": (now.cost or 0.0) - (before.cost or 0.0),
            "seconds": round(now.seconds - before.seconds, 3),
        }
    for row in update.get("rounds") or []:
        yield {
            "event": "round_done",
            "index": row["index"],
            "action": row["action"]["action"],
            "status": row["outcome"]["status"],
            "seconds": row.get("seconds", 0.0),
        }
    if node == "close" and (ending := state.get("ending")):
        rounds = len(state.get("rounds") or []) + len(update.get("rounds") or [])
        took = round((state.get("seconds") or 0.0) + (state.get("worked") or 0.0) + seconds, 3)
        yield {
            "event": "run_ended",
            "status": ending["status"],
            "reason": ending["reason"],
            "rounds": rounds,
            "replans": max(0, len(state.get("plans") or []) - 1),
            "seconds": took,
        }
