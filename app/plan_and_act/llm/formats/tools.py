"""Tool calls: one tool an action, for models that call tools well."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from plan_and_act.actions import ACTIONS, AnyAction, to_dict
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.base import ActionFormat, PageElement
from plan_and_act.llm.formats.shape import Parsed, ShapeError, from_mapping, short
from plan_and_act.llm.formats.text import read_text, without_thinking


def tool_definitions(actions: tuple[str, ...]) -> list[dict[str, Any]]:
    """The actions as tools in OpenAI's form, without titles and defaults that only cost tokens."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": (ACTIONS[name].__doc__ or "").strip(),
                "parameters": _parameters(name),
            },
        }
        for name in actions
    ]


def _parameters(name: str) -> dict[str, Any]:
    schema = ACTIONS[name].model_json_schema()
    properties = {}
    # Own arguments first, those that every action has last.
    fields = [f for f in schema["properties"] if f not in ("action", "step", "note")]
    for field in [*fields, *(f for f in ("note", "step") if f in schema["properties"])]:
        known = schema["properties"][field]
        kind = next((k for k in known.get("anyOf", []) if k.get("type") != "null"), known)
        properties[field] = {k: v for k, v in {**kind, **known}.items() if k in ("type", "description", "enum")}
    required = [field for field in schema.get("required", []) if field != "action"]
    return {"type": "object", "properties": properties, "required": required}


class ToolsFormat(ActionFormat):
    """The executor calls one tool."""

    name = "tools"

    def instructions(self) -> str:  # noqa: D102
        return (
            "Call exactly one tool: the next action. Say in one short sentence before it why it is the next one.\n"
            "Name an element by copying its name and its number from the page, exactly, e.g. `Blue Kettle #17`.\n"
            "Every tool takes `step`, the number of the plan's step you are on, and `note`, a fact from this page that "
            "the task needs later."
        )

    def form(self, name: str) -> str:  # noqa: D102
        required = _parameters(name)["required"]
        return f"call the tool `{name}`" + (f" with {', '.join(f'`{r}`' for r in required)}." if required else ".")

    def render(self, action: AnyAction, reasoning: str | None = None) -> str:  # noqa: D102
        arguments = to_dict(action)
        return json.dumps({"name": arguments.pop("action"), "arguments": arguments}, ensure_ascii=False)

    def read(self, reply: Reply) -> Parsed:  # noqa: D102
        text, thinking = without_thinking(reply.text)
        if reply.tool_calls:
            # The first of several: the later ones were decided on a page nobody has seen yet.
            first = reply.tool_calls[0]
            parsed = from_mapping({**first["args"], "action": first["name"]}, self.actions)
            return Parsed(parsed.action, parsed.reasoning or text.strip() or thinking)
        if broken := reply.message.invalid_tool_calls:
            msg = f"The arguments of the call of `{broken[0].get('name')}` are no JSON object."
            raise ShapeError(msg, broken[0].get("name") if broken[0].get("name") in self.actions else None)
        try:
            return read_text(reply.text, self.actions, truncated=reply.truncated)
        except ShapeError as error:
            msg = f"There was no tool call. {error}"
            raise ShapeError(msg, error.action) from error

    def request(  # noqa: D102
        self,
        model: BaseChatModel,
        elements: Mapping[int, PageElement],
        steps: int = 0,
        scrolls: Sequence[str] = ("down", "up"),
    ) -> dict[str, Any]:
        return {"tools": tool_definitions(self.actions)}

    def decision(self, index: int, action: AnyAction, reasoning: str | None = None) -> AIMessage:  # noqa: D102
        arguments = to_dict(action)
        name = arguments.pop("action")
        if arguments.get("element"):
            arguments["element"] = short(arguments["element"])
        call = {"name": name, "args": arguments, "id": _id(index), "type": "tool_call"}
        return AIMessage(" ".join((reasoning or "").split()), tool_calls=[call])

    def answer(self, index: int, text: str) -> BaseMessage:  # noqa: D102
        return ToolMessage(text, tool_call_id=_id(index))


def _id(index: int) -> str:
    return f"round_{index:04d}"
