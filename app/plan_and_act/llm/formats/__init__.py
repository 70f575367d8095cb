"""How models speak: action formats for the executor, plan formats for planner and replanner, the verifier's verdict."""

from plan_and_act.llm.formats.base import ActionFormat, FormatName, PageElement, available
from plan_and_act.llm.formats.plan import PlanFormat, PlanParsed, plan_format, render_plan
from plan_and_act.llm.formats.schema import JsonFormat
from plan_and_act.llm.formats.shape import Parsed, short
from plan_and_act.llm.formats.text import TextFormat
from plan_and_act.llm.formats.tools import ToolsFormat
from plan_and_act.llm.formats.verdict import Verdict, VerdictFormat

__all__ = [
    "ActionFormat",
    "FormatName",
    "JsonFormat",
    "PageElement",
    "Parsed",
    "PlanFormat",
    "PlanParsed",
    "TextFormat",
    "ToolsFormat",
    "Verdict",
    "VerdictFormat",
    "action_format",
    "available",
    "plan_format",
    "render_plan",
    "short",
]

_FORMATS: dict[FormatName, type[ActionFormat]] = {"tools": ToolsFormat, "text": TextFormat, "json": JsonFormat}


def action_format(name: FormatName, actions: tuple[str, ...], *, brief: bool = False) -> ActionFormat:
    """The format of that name, for an executor that may choose these actions."""
    return _FORMATS[name](actions, brief=brief)
