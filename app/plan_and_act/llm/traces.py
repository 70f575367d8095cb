"""What LangSmith traces may hold. Tracing is LangChain's own: on when `LANGSMITH_TRACING=true`, else off."""

import os

VARIABLE = "PLAN_AND_ACT_TRACE_PAGES"


def pages_are_traced() -> bool:
    """Whether page text goes into traces; `PLAN_AND_ACT_TRACE_PAGES=0` keeps it out."""
    return os.environ.get(VARIABLE, "1").lower() not in ("0", "false", "no", "off")
