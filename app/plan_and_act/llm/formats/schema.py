"""A JSON object per action, held to a schema whose elements are the page's own.

Two kinds of schema, because endpoints differ. Servers that turn a schema into a grammar (llama.cpp, vLLM...) get one
alternative an action with bounded strings, so that even a small model can neither ramble nor invent an element. OpenAI's
strict mode takes neither `anyOf` at the root nor lengths: it gets one flat object whose unused arguments are null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from plan_and_act.actions import ACTIONS, AnyAction, to_dict
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.base import ActionFormat, PageElement
from plan_and_act.llm.formats.shape import Parsed, ShapeError, from_mapping, short
from plan_and_act.llm.formats.text import read_text

_EDITABLE = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "textarea", "slider"})
_LISTS = frozenset({"combobox", "listbox", "select"})
_LENGTHS = {"text": 400, "answer": 1_200, "note": 200, "option": 200, "url": 400, "file": 200, "key": 30}
_REASON = 160
_MOST_ELEMENTS = 250
_KEYS = ["Enter", "Escape", "Tab", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Backspace", "PageDown"]


def constrains(model: BaseChatModel) -> bool:
    """Whether this kind of chat model takes a JSON schema for its answer in OpenAI's form."""
    return any(base.__name__ == "BaseChatOpenAI" for base in type(model).__mro__)


def strict(model: BaseChatModel) -> bool:
    """Whether the schema must be of OpenAI's strict kind: OpenAI's own endpoint, or Azure's."""
    if any(base.__name__ == "AzureChatOpenAI" for base in type(model).__mro__):
        return True
    base_url = getattr(model, "openai_api_base", None)
    return not base_url or (urlsplit(str(base_url)).hostname or "").endswith("openai.com")


def response_format(name: str, schema: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """A schema as the `response_format` of a chat completion."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema), "strict": strict}}


class JsonFormat(ActionFormat):
    """The executor writes one JSON object."""

    name = "json"

    def instructions(self) -> str:  # noqa: D102
        forms = "\n".join(
            f"- {self.form(name)}  {(ACTIONS[name].__doc__ or '').splitlines()[0]}" for name in self.actions
        )
        return (
            "Answer with exactly one JSON object, in one of these forms:\n"
            f"{forms}\n"
            "NAME #NUMBER stands for an element of the page: copy its name and number from the page, exactly.\n"
            'Put "reason" first: why this is the next action, in a few words. Then "step", the number of the plan\'s step '
            'you are on. Any action may end with "note": a fact from this page that the task needs later.'
        )

    def form(self, name: str) -> str:  # noqa: D102
        fields = ACTIONS[name].model_fields
        sample: dict[str, Any] = {"action": name}
        for field in fields:
            if field in _SAMPLES and (field != "note" or name == "note"):
                sample[field] = _SAMPLES[field]
        return json.dumps(sample, ensure_ascii=False)

    def render(self, action: AnyAction, reasoning: str | None = None) -> str:  # noqa: D102
        arguments = to_dict(action)
        if arguments.get("element"):
            arguments["element"] = short(arguments["element"])
        why = {"reason": reasoning} if reasoning and "reason" not in arguments else {}
        step = {"step": arguments.pop("step")} if "step" in arguments else {}
        note = {"note": arguments.pop("note")} if "note" in arguments and action.action != "note" else {}
        return json.dumps({**why, **step, **arguments, **note}, ensure_ascii=False)

    def read(self, reply: Reply) -> Parsed:  # noqa: D102
        try:
            value = json.loads(reply.text, strict=False)
        except json.JSONDecodeError as error:
            if reply.truncated:
                msg = "The answer was cut off. Keep it short."
                raise ShapeError(msg) from error
            # A model whose endpoint does not hold it to the schema writes prose and fences like any other.
            return read_text(reply.text, self.actions)
        if not isinstance(value, dict):
            msg = "The answer is JSON, but not one object."
            raise ShapeError(msg)
        return from_mapping(value, self.actions)

    def request(  # noqa: D102
        self, model: BaseChatModel, elements: Mapping[int, PageElement], steps: int = 0
    ) -> dict[str, Any]:
        if not constrains(model):
            return {}
        build = strict_schema if strict(model) else bounded_schema
        schema = build(self.actions, list(elements.values()), steps)
        return {"response_format": response_format("action", schema, strict=strict(model))}


_SAMPLES = {
    "element": "NAME #NUMBER",
    "text": "the text",
    "option": "the option's text",
    "direction": "down",
    "key": "Enter",
    "url": "https://...",
    "tab": 2,
    "file": "photo.png",
    "seconds": 2,
    "note": "the fact",
    "answer": "the answer",
    "reason": "why",
    "question": "the question",
}


def bounded_schema(actions: Sequence[str], elements: Sequence[PageElement], steps: int = 0) -> dict[str, Any]:
    """One alternative an action; strings have a greatest length; an action whose kind of element is missing is left out.

    Args:
        actions: Names of the actions that may be chosen.
        elements: The page's elements; the first 250 can be chosen, which is more than fits an observation.
        steps: How many steps the plan has; with a plan the object names the step it works on.
    """
    labels = _labels(elements)
    alternatives, used = [], set()
    for name in actions:
        fields = [f for f in ACTIONS[name].model_fields if f not in ("action", "step", "note")]
        if name in ("note",):
            fields = ["note"]
        properties: dict[str, Any] = {}
        if "reason" not in fields:
            properties["reason"] = {"type": "string", "maxLength": _REASON}
        if steps:
            properties["step"] = {"type": "integer", "enum": list(range(1, steps + 1))}
        properties["action"] = {"type": "string", "const": name}
        kind = _kind(name)
        if "element" in fields and not labels[kind] and name != "scroll":
            continue
        for field in fields:
            if field == "element":
                if name == "scroll":
                    continue
                used.add(kind)
                properties[field] = {"$ref": f"#/$defs/{kind}"}
            else:
                properties[field] = _bounded(field)
        required = list(properties)
        if name not in ("note", "finish", "give_up", "ask"):
            properties["note"] = _bounded("note")
        alternatives.append(
            {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        )
    return {
        "anyOf": alternatives,
        "$defs": {kind: {"type": "string", "enum": labels[kind]} for kind in sorted(used)},
    }


def _bounded(field: str) -> dict[str, Any]:
    match field:
        case "submit":
            return {"type": "boolean"}
        case "direction":
            return {"type": "string", "enum": ["down", "up"]}
        case "key":
            return {"type": "string", "enum": _KEYS}
        case "tab":
            return {"type": "integer", "minimum": 1, "maximum": 20}
        case "seconds":
            return {"type": "integer", "minimum": 1, "maximum": 10}
        case _:
            return {"type": "string", "minLength": 1, "maxLength": _LENGTHS.get(field, 300)}


def strict_schema(actions: Sequence[str], elements: Sequence[PageElement], steps: int = 0) -> dict[str, Any]:
    """One flat object with every argument of every action, null where it is not used.

    Raises nothing; an action without an argument it needs is caught when the answer is read.
    """
    labels = _labels(elements)["element"]
    kinds: dict[str, Any] = {"reason": {"type": ["string", "null"]}}
    if steps:
        kinds["step"] = {"type": "integer"}
    kinds["action"] = {"type": "string", "enum": list(actions)}
    for name in actions:
        for field in ACTIONS[name].model_fields:
            if field not in kinds:
                kinds[field] = _nullable(field, labels)
    return {"type": "object", "properties": kinds, "required": list(kinds), "additionalProperties": False}


def _nullable(field: str, labels: list[str]) -> dict[str, Any]:
    match field:
        case "element" if labels:
            return {"anyOf": [{"type": "string", "enum": labels}, {"type": "null"}]}
        case "step" | "tab":
            return {"type": ["integer", "null"]}
        case "seconds":
            return {"type": ["number", "null"]}
        case "submit":
            return {"type": ["boolean", "null"]}
        case "direction":
            return {"type": ["string", "null"], "enum": ["down", "up", None]}
        case _:
            return {"type": ["string", "null"]}


def _kind(action: str) -> str:
    return {"type": "field", "search": "field", "select": "list", "upload": "file"}.get(action, "element")


def _labels(elements: Sequence[PageElement]) -> dict[str, list[str]]:
    """The labels to choose from, by kind of element; a kind the page does not show falls back to none."""
    chosen = elements[:_MOST_ELEMENTS]
    files = [e for e in chosen if re.search(r"file|upload", f"{e.role} {getattr(e, 'type', '')}", re.I)]
    return {
        "element": _distinct(chosen),
        "field": _distinct(e for e in chosen if e.role in _EDITABLE),
        "list": _distinct(e for e in chosen if e.role in _LISTS),
        "file": _distinct(files or chosen),
    }


def _distinct(elements: Any) -> list[str]:
    return list(dict.fromkeys(short(element.label) for element in elements))
