"""A JSON object per action, held to a schema whose elements are the page's own.

Two kinds of schema, because endpoints differ. Servers that turn a schema into a grammar (llama.cpp, vLLM...) get one
alternative an action with bounded strings, so that even a small model can neither ramble nor invent an element. The
strict mode of OpenAI takes neither `anyOf` at the root nor lengths: it gets one flat object, unused arguments null.
"""

import json
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from plan_and_act.actions import ACTIONS, AnyAction, to_dict
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.base import ActionFormat, PageElement
from plan_and_act.llm.formats.shape import Parsed, ShapeError, first_json, from_mapping, short
from plan_and_act.llm.formats.text import read_text

_EDITABLE = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "textarea", "slider"})
_LISTS = frozenset({"combobox", "listbox", "select"})
_LENGTHS = {"text": 400, "answer": 1_200, "note": 200, "option": 200, "url": 400, "file": 200, "key": 30}
_LENGTH, _REASON = 300, 160
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


def room(model: BaseChatModel) -> int | None:
    """Tokens the model may write in one answer, where the chat model object sets a limit.

    Strings under a schema are kept short enough for it: a small model fills what it is given, and an answer that is cut
    off is no answer.
    """
    return getattr(model, "max_tokens", None)


class JsonFormat(ActionFormat):
    """The executor writes one JSON object."""

    name = "json"

    def instructions(self) -> str:  # noqa: D102
        listed = "\n".join(
            f"- {name} {', '.join(_arguments(name))}".rstrip() + f": {(ACTIONS[name].__doc__ or '').splitlines()[0]}"
            for name in self.actions
        )
        return (
            "Answer with exactly one JSON object, for example\n"
            f"{self.form('click')}\n"
            '"reason": why this is the next action, in a few words. "step": the number of the plan\'s step you are on. '
            '"action": one of these, with its arguments beside it:\n'
            f"{listed}\n"
            '"element" is an element of the page: copy its name and its number from the page, exactly.\n'
            'Any action may end with "note": a fact from this page that the task needs later.'
        )

    def form(self, name: str) -> str:  # noqa: D102
        arguments = {field: _SAMPLES[field] for field in _arguments(name) if field in _SAMPLES}
        told = {"reason": "what is done and what comes next", "step": 1, "action": name}
        return json.dumps({**told, **arguments}, ensure_ascii=False)

    def render(self, action: AnyAction, reasoning: str | None = None) -> str:  # noqa: D102
        arguments = to_dict(action)
        if arguments.get("element"):
            arguments["element"] = short(arguments["element"])
        step = {"step": arguments.pop("step")} if "step" in arguments else {}
        if self.brief:
            return json.dumps({**step, **arguments}, ensure_ascii=False)
        why = arguments.pop("reason", None) or reasoning
        note = {"note": arguments.pop("note")} if "note" in arguments and action.action != "note" else {}
        return json.dumps({**({"reason": why} if why else {}), **step, **arguments, **note}, ensure_ascii=False)

    def read(self, reply: Reply) -> Parsed:  # noqa: D102
        value = first_json(reply.text)
        if isinstance(value, dict):
            return from_mapping(value, self.actions)
        if reply.truncated:
            msg = "The answer was cut off. Keep it short."
            raise ShapeError(msg)
        # A model whose endpoint does not hold it to the schema writes prose and fences like any other.
        return read_text(reply.text, self.actions)

    def request(  # noqa: D102
        self,
        model: BaseChatModel,
        elements: Mapping[int, PageElement],
        steps: int = 0,
        scrolls: Sequence[str] = ("down", "up"),
    ) -> dict[str, Any]:
        if not constrains(model):
            return {}
        listed = list(elements.values())
        if strict(model):
            schema = strict_schema(self.actions, listed, steps)
        else:
            schema = bounded_schema(self.actions, listed, steps, room(model), scrolls, brief=self.brief)
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
    "question": "the question",
}


def _arguments(name: str) -> list[str]:
    """The arguments of an action besides those that every action has."""
    fields = [field for field in ACTIONS[name].model_fields if field not in ("action", "step", "note", "reason")]
    return ["note"] if name == "note" else fields


def bounded_schema(
    actions: Sequence[str],
    elements: Sequence[PageElement],
    steps: int = 0,
    tokens: int | None = None,
    scrolls: Sequence[str] = ("down", "up"),
    *,
    brief: bool = False,
) -> dict[str, Any]:
    """One alternative an action, with bounded strings; an action whose kind of element is missing is left out.

    Args:
        actions: Names of the actions that may be chosen.
        elements: The page's elements; the first 250 can be chosen, which is more than fits an observation.
        steps: How many steps the plan has; with a plan the object names the step it works on.
        tokens: What an answer may have; strings are kept short enough for it.
        scrolls: Where the page can be scrolled.
        brief: Whether the action is said alone, after the step at most: a reason only where the action needs one, and a
            note only where that is the action.
    """
    labels = _labels(elements)
    # As if every character were a token, which is what small models make of numbers.
    longest = tokens // 2 if tokens else max(_LENGTHS.values())
    alternatives, used = [], set()
    for name in actions:
        fields = _arguments(name)
        # Every alternative begins alike, so that the action is chosen where its name is written, and not before.
        properties: dict[str, Any] = {}
        if not brief:
            properties["reason"] = {"type": "string", "minLength": 1, "maxLength": min(_REASON, longest // 4)}
        if steps:
            properties["step"] = {"type": "integer", "enum": list(range(1, steps + 1))}
        properties["action"] = {"type": "string", "const": name}
        if brief and "reason" in ACTIONS[name].model_fields:
            properties["reason"] = _bounded("reason", longest // 4)
        kind = _kind(name)
        if not scrolls if name == "scroll" else "element" in fields and not labels[kind]:
            continue
        for field in fields:
            if name == "scroll":
                if field == "direction":
                    properties[field] = {"type": "string", "enum": list(scrolls)}
            elif field == "element":
                used.add(kind)
                properties[field] = {"$ref": f"#/$defs/{kind}"}
            else:
                properties[field] = _bounded(field, longest)
        optional = {field for field in fields if not ACTIONS[name].model_fields[field].is_required()}
        if not brief and name not in ("note", "finish", "give_up", "ask"):
            optional.add("note")
            properties["note"] = _bounded("note", longest // 4)
        alternatives.append(_object(properties, optional))
        if brief and steps:
            # What lies in the way is no step of the plan. Endpoints put what is optional last, and the step is first.
            alternatives.append(_object({k: v for k, v in properties.items() if k != "step"}, optional))
    return {
        "anyOf": alternatives,
        "$defs": {kind: {"type": "string", "enum": labels[kind]} for kind in sorted(used)},
    }


def _object(properties: dict[str, Any], optional: Set[str]) -> dict[str, Any]:
    required = [field for field in properties if field not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _bounded(field: str, longest: int) -> dict[str, Any]:
    match field:
        case "submit":
            return {"type": "boolean"}
        case "key":
            return {"type": "string", "enum": _KEYS}
        case "tab":
            return {"type": "integer", "minimum": 1, "maximum": 20}
        case "seconds":
            return {"type": "integer", "minimum": 1, "maximum": 10}
        case _:
            return {"type": "string", "minLength": 1, "maxLength": min(_LENGTHS.get(field, _LENGTH), longest)}


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
