"""From what models write to an action: names, arguments and wrappers as they really occur."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from plan_and_act.actions import ACTIONS, AnyAction, name_of, ref_of, to_action
from plan_and_act.errors import ModelOutputError

_NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "select_dropdown_option": ("select", {}),
    "select_option": ("select", {}),
    "choose": ("select", {}),
    "fill": ("type", {}),
    "input": ("type", {}),
    "input_text": ("type", {}),
    "type_text": ("type", {}),
    "press_enter": ("press", {"key": "Enter"}),
    "press_key": ("press", {}),
    "key_press": ("press", {}),
    "scroll_down": ("scroll", {"direction": "down"}),
    "scroll_up": ("scroll", {"direction": "up"}),
    "go_backward": ("go_back", {}),
    "back": ("go_back", {}),
    "forward": ("go_forward", {}),
    "navigate": ("goto", {}),
    "open": ("goto", {}),
    "open_url": ("goto", {}),
    "upload_file": ("upload", {}),
    "exit": ("finish", {}),
    "stop": ("finish", {}),
    "done": ("finish", {}),
    "answer": ("finish", {}),
}
"""Names that models and the paper's dialect have for our actions (section A.4 and VisualAgentBench's parser)."""

_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "element": ("element", "el", "ref", "id", "target", "label", "selector", "element_id"),
    "text": ("text", "argument", "value", "content", "input", "query"),
    "option": ("option", "argument", "value", "text"),
    "key": ("key", "argument", "keys", "value", "text"),
    "direction": ("direction", "argument"),
    "url": ("url", "argument", "address", "link"),
    "tab": ("tab", "argument", "index", "number"),
    "file": ("file", "argument", "path", "filename", "name"),
    "seconds": ("seconds", "argument", "time"),
    "submit": ("submit", "enter", "press_enter"),
    "note": ("note", "argument", "text", "message"),
    "answer": ("answer", "message", "argument", "text", "result"),
    "reason": ("reason", "message", "argument", "text"),
    "question": ("question", "message", "argument", "text"),
    "step": ("step",),
}
"""For each argument of ours, the names models give it, ours first."""

_REASONING = ("reason", "reasoning", "thought", "thinking", "why")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An action a model chose, and why, where it said so."""

    action: AnyAction
    reasoning: str | None = None


class ShapeError(ModelOutputError):
    """What the model wrote is no action; `action` is the name of the action it seems to mean, where one can be seen."""

    def __init__(self, problem: str, action: str | None = None) -> None:
        super().__init__(problem)
        self.action = action


def short(label: str) -> str:
    """An element's label as the executor writes it: name and number, without role and quotes."""
    ref = ref_of(label)
    return label.strip() if ref is None else f"{name_of(label)} #{ref}".strip()


def first_json(text: str) -> Any:
    """The JSON value that a text begins with, or None where there is none (or one too deep or long to be meant)."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def step_of(text: str) -> int | None:
    """The number of a plan's step in what a model says of it: `2`, `Step 2`, `2 of 5`; None where there is none."""
    found = re.search(r"\d{1,4}", text)
    return int(found[0]) or None if found else None


def from_mapping(value: Mapping[str, Any], actions: Collection[str]) -> Parsed:
    """An action from a mapping as models write it.

    Args:
        value: `{"action": ...}`, a tool call (`{"name": ..., "arguments": {...}}`) or `{"click": {...}}`; arguments
            under our names or under those of the paper's dialect.
        actions: The names of the actions that may be chosen.

    Raises:
        ShapeError: No action, one that may not be chosen, or a missing or unusable argument.
    """
    given = _unwrapped(value)
    raw = str(given.pop("action", "")).strip()
    if not raw:
        msg = "The answer names no action."
        raise ShapeError(msg)
    key = raw.lower().replace(" ", "_").replace("-", "_")
    name, extra = _NAMES.get(key, (key, {}))
    if name not in actions:
        msg = f'There is no action "{raw[:60]}". The actions are: {", ".join(actions)}.'
        raise ShapeError(msg)
    fields = ACTIONS[name].model_fields
    arguments: dict[str, Any] = {"action": name, **extra}
    used = set()
    # Own names before borrowed ones, so that `text` beside `option` is not taken for the option.
    for rank in range(max(map(len, _ARGUMENTS.values()))):
        for field in fields:
            names = _ARGUMENTS.get(field, ())
            if field in arguments or rank >= len(names) or names[rank] in used:
                continue
            if given.get(names[rank]) is not None and not (field == "note" and rank and name != "note"):
                used.add(names[rank])
                arguments[field] = _value(field, given[names[rank]])
    try:
        action = to_action(arguments)
    except ValidationError as error:
        raise ShapeError(_sentence(name, error), name) from error
    reasoning = next((str(given[k]) for k in _REASONING if k not in used and isinstance(given.get(k), str)), None)
    return Parsed(action, reasoning or None)


def _unwrapped(value: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with the action's name under `action`, whatever it was wrapped in."""
    given = dict(value)
    if isinstance(function := given.get("function"), Mapping):
        given = dict(function)
    if isinstance(inner := given.get("action"), Mapping):
        given = {**{k: v for k, v in given.items() if k != "action"}, **_unwrapped(inner)}
    for wrapper in ("arguments", "parameters", "args", "input"):
        inner = given.get(wrapper)
        if isinstance(inner, str) and wrapper == "arguments":
            inner = first_json(inner)
        if isinstance(inner, Mapping):
            given = {**{k: v for k, v in given.items() if k != wrapper}, **inner}
    if "action" not in given:
        for name in ("name", "tool", "type"):
            if isinstance(given.get(name), str):
                return {**{k: v for k, v in given.items() if k != name}, "action": given[name]}
        if len(given) == 1:
            (name, inner), *_ = given.items()
            if name in ACTIONS and isinstance(inner, Mapping):
                return {**inner, "action": name}
    return given


def _value(field: str, value: Any) -> Any:
    """A value in the type the field has, where the meaning is plain."""
    if field in ("text", "option", "answer", "note", "key", "reason", "question") and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, default=str)
    if field == "step" and not isinstance(value, int):
        return step_of(str(value))
    if field == "step" and value < 1:
        return None
    if field == "direction" and isinstance(value, str):
        return value.lower()
    return value


def _sentence(name: str, error: ValidationError) -> str:
    problems = []
    for problem in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in problem["loc"] if part != name) or "it"
        what = "is missing" if problem["type"] == "missing" else f"is not usable: {problem['msg']}"
        problems.append(f"`{field}` {what}")
    return f'The action "{name}" cannot be carried out: {"; ".join(problems)}.'
