"""start: read the task, copy the settings of this run into state, forget the run before on the same thread."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from langchain_core.messages import AnyMessage, HumanMessage
from langgraph.types import Overwrite

from plan_and_act.agent.run import Run
from plan_and_act.agent.state import State
from plan_and_act.errors import ConfigError

_URL = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]]")

_SETTINGS = (
    "planning", "replan_every", "replan_on", "max_rounds", "max_replans", "max_tokens", "max_cost", "max_seconds",
    "approve", "review_plan",
)  # fmt: skip


async def start(state: State, run: Run) -> dict[str, Any]:
    """Begin a run. Where no task is given, the last chat message is it, and a URL in it the URL.

    Raises:
        ConfigError: Without a task or a URL, or with a limit of cost that cannot be kept for want of a price.
    """
    said = _last_human(state.get("messages") or [])
    before = state.get("settings") or {}
    given = state.get("task") not in (None, "", before.get("task"))
    fresh = not given and said is not None and said.id != before.get("message")
    task = said.text if fresh and said else state.get("task") or ""
    named = _URL.search(task)
    url = (named[0] if fresh and named else state.get("url")) or (named[0] if named else "")
    if not task.strip() or not url:
        missing = "a task" if not task.strip() else "a URL to start from"
        msg = f"The run needs {missing}: pass {{'task': ..., 'url': ...}}, or a message that names both"
        raise ConfigError(msg)
    settings = run.context.model_dump(include=set(_SETTINGS), mode="json")
    made_by = await run.made_by()
    for model in made_by.get("models", {}).values():
        run.check_price(model)  # before anything is done
    settings["operator"] = [rule.model_dump(exclude_defaults=True) for rule in run.services.approval]
    settings |= {"started": datetime.now(UTC).isoformat(timespec="seconds"), "made_by": made_by}
    messages: list[AnyMessage] = []
    if not fresh:
        messages = [HumanMessage(f"{task}\n{url}", id=uuid4().hex)]
    settings |= {"task": task, "message": messages[0].id if messages else said.id if said else None}
    return {
        "task": task,
        "url": url,
        "settings": settings,
        "messages": messages,
        "page": Overwrite({"session": uuid4().hex[:12]}),
        "plans": Overwrite([]),
        "rounds": Overwrite([]),
        "pending": {},
        "control": {},
        "usage": Overwrite({}),
        "seconds": 0.0,
        "answer": "",
        "ending": {},
    }


def _last_human(messages: list[AnyMessage]) -> HumanMessage | None:
    return next((m for m in reversed(messages) if isinstance(m, HumanMessage)), None)
