"""What LangSmith traces may hold. Tracing is LangChain's own: on when `LANGSMITH_TRACING=true`, else off."""

import os
import re
from functools import cache
from typing import Any

VARIABLE = "PLAN_AND_ACT_TRACE_PAGES"

_PAGE = re.compile(r"<page (\w+)>.*?</page \1>", re.S)
_LEFT_OUT = "(page left out of the trace)"


def pages_are_traced() -> bool:
    """Whether page text goes into traces; `PLAN_AND_ACT_TRACE_PAGES=0` keeps it out."""
    return os.environ.get(VARIABLE, "1").lower() not in ("0", "false", "no", "off")


@cache
def keep_pages_out_of_traces() -> None:
    """Give LangSmith a client that leaves page text out of what it sends, in every run of this process.

    A tracer keeps the client it began with, and the runs of models are children of the graph's: call it before the
    first run. Hiding is LangSmith's own (`Client(hide_inputs=...)`), so it holds for prompts, states and answers alike.
    """
    from langsmith import Client, configure
    from langsmith.utils import tracing_is_enabled

    if tracing_is_enabled():
        configure(client=Client(hide_inputs=without_pages, hide_outputs=without_pages))


def without_pages(value: Any) -> Any:
    """A copy of what a run takes or gives, without the text of pages."""
    if isinstance(value, str):
        return _PAGE.sub(_LEFT_OUT, value)
    if isinstance(value, dict):
        return {k: _LEFT_OUT if _is_observation(k, v) else without_pages(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_pages(item) for item in value]
    if hasattr(value, "model_dump"):
        return without_pages(value.model_dump())
    return value


def _is_observation(key: Any, value: Any) -> bool:
    """Whether a channel of the graph's state holds a page; in a round, `observation` is only a hash."""
    return key == "observation" and isinstance(value, dict)
