"""The paper's text format: `do(action="Click", element="Blue Kettle #17")`, `exit(message="...")` (section A.4).

The parser takes what models really write: code fences, prose, single or curly quotes, quotes inside quotes, numbers
without quotes, positional arguments, `go_backward()`, a JSON object instead of a call. Of several calls the first one
counts: the later ones were decided on a page nobody has seen yet.
"""

import ast
import json
import re
import warnings
from typing import Any

from plan_and_act.actions import ACTIONS, AnyAction, to_dict
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.base import ActionFormat
from plan_and_act.llm.formats.shape import Parsed, ShapeError, first_json, from_mapping, short, step_of

_TITLES = {
    "click": "Click",
    "type": "Type",
    "search": "Search",
    "select": "Select Dropdown Option",
    "hover": "Hover",
    "press": "Press",
    "switch_tab": "Switch Tab",
    "close_tab": "Close Tab",
    "upload": "Upload",
    "wait": "Wait",
    "note": "Note",
}
"""Actions written as `do(action=...)`, with the paper's names where it has them."""

_CALLS = {
    "go_back": "go_backward",
    "go_forward": "go_forward",
    "goto": "goto",
    "finish": "exit",
    "give_up": "give_up",
    "replan": "replan",
    "ask": "ask",
}
"""Actions written as calls of their own."""

_KEYWORDS = {"answer": "message", "text": "argument", "option": "argument", "key": "argument", "tab": "argument"}
_KEYWORDS |= {"file": "argument", "seconds": "argument"}

_SAMPLES = {
    "element": "NAME #NUMBER",
    "text": "the text",
    "option": "the option's text",
    "key": "Enter",
    "url": "https://...",
    "tab": 2,
    "file": "photo.png",
    "note": "the fact",
    "answer": "the answer",
    "reason": "why",
    "question": "the question",
}

_LONGEST = 60_000
_ATTEMPTS = 8

_FENCE = re.compile(r"^\s*```[\w-]*\s*$", re.M)
_THINK = re.compile(r"^\s*(?:<think>)?(.*?)</think>", re.S)
_COMMENT = re.compile(r"^\s*#+\s*(Element|Note|Step|Reason|Reasoning)\s*:\s*(.*)$", re.I)
_HEADS = "|".join(
    sorted({"do", *_CALLS.values(), *ACTIONS, "go_back", "stop", "finish", "scroll_down", "scroll_up"}, key=len)[::-1]
)
_HEAD = re.compile(rf"(?<![\w.])({_HEADS})\s*\(", re.I)
_LINE_HEAD = re.compile(rf"^[\s>*`\-\d.)]*(?:Action\s*:\s*)?`*({_HEADS})\s*\(", re.I)
_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "`": "`"}
_KEYWORD = re.compile(r"\s*,?\s*([A-Za-z_]\w*)\s*[=:]\s*")
_NUMBER = re.compile(r"\d{1,9}")
_AFTER_LAST = re.compile(r"\s*\)\s*[\]}]*\s*(?:$|\n|`|;|#)")
_AFTER = re.compile(r"\s*(?:,\s*(?:[A-Za-z_]\w*\s*[=:]|[\"'“‘])|\)|\}\s*\))")


def without_thinking(text: str) -> tuple[str, str | None]:
    """Split `<think>...</think>` off an answer: the rest, and the thinking or None."""
    match = _THINK.match(text)
    return (text, None) if match is None else (text[match.end() :], match[1].strip() or None)


class TextFormat(ActionFormat):
    """The executor writes one call as text."""

    name = "text"

    def instructions(self) -> str:  # noqa: D102
        forms = "\n".join(
            f"- {self.form(name)}  {(ACTIONS[name].__doc__ or '').splitlines()[0]}" for name in self.actions
        )
        return (
            "Answer with exactly one action, after a line with the reason, for example\n"
            "# Reason: what is done and what comes next, in a few words\n"
            f"{self.form('click')}\n"
            "The actions:\n"
            f"{forms}\n"
            "NAME #NUMBER stands for an element of the page: copy its name and number from the page, exactly. What the "
            'page shows as link "Blue Kettle #17" is element="Blue Kettle #17".\n'
            "Before the action there may be two more lines:\n"
            "# Step: the number of the plan's step you are on\n"
            "# Note: a fact from this page that the task needs later\n"
            "Write nothing after the action."
        )

    def form(self, name: str) -> str:  # noqa: D102
        if name == "scroll":
            return 'do(action="Scroll Down") or do(action="Scroll Up")'
        fields = ACTIONS[name].model_fields
        sample = {
            field: value for field, value in _SAMPLES.items() if field in fields and (field != "note" or name == "note")
        }
        return _written(name, sample)

    def render(self, action: AnyAction, reasoning: str | None = None) -> str:  # noqa: D102
        arguments = to_dict(action)
        name = arguments.pop("action")
        lines = []
        if reasoning:
            lines.append(f"# Reason: {' '.join(reasoning.split())}")
        if step := arguments.pop("step", None):
            lines.append(f"# Step: {step}")
        if name != "note" and (note := arguments.pop("note", None)):
            lines.append(f"# Note: {' '.join(note.split())}")
        return "\n".join([*lines, _written(name, arguments)])

    def read(self, reply: Reply) -> Parsed:  # noqa: D102
        return read_text(reply.text, self.actions, truncated=reply.truncated)


def _written(name: str, arguments: dict[str, Any]) -> str:
    if name == "scroll":
        title = "Scroll Up" if arguments.get("direction") == "up" else "Scroll Down"
        parts = {"action": title} | ({"element": arguments["element"]} if arguments.get("element") else {})
    else:
        parts = {"action": _TITLES[name]} if name in _TITLES else {}
        parts |= {"argument" if (name, k) == ("note", "note") else _KEYWORDS.get(k, k): v for k, v in arguments.items()}
    inside = ", ".join(f"{key}={_literal(short(v) if key == 'element' else v)}" for key, v in parts.items())
    return f"{_CALLS.get(name, 'do')}({inside})"


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def read_text(text: str, actions: tuple[str, ...], *, truncated: bool = False) -> Parsed:
    """The action in a model's text.

    Raises:
        ShapeError: There is none, or it is cut off or malformed.
    """
    body, thinking = without_thinking(text[:_LONGEST])
    body = _FENCE.sub("", body)
    found = _object(body)
    if found is not None:
        parsed = from_mapping(found, actions)
        return Parsed(parsed.action, parsed.reasoning or thinking)
    start, comments = _start(body)
    if start is None:
        inline = [match.start() for match in _HEAD.finditer(body)]
        if not inline:
            msg = "The answer was cut off before an action." if truncated else "The answer holds no action."
            raise ShapeError(msg)
        problem = ShapeError("The answer holds no action.")
        for start in inline:
            try:
                return _decided(body, start, comments, thinking, actions)
            except ShapeError as error:
                problem = error
        raise problem
    return _decided(body, start, comments, thinking, actions)


def _object(body: str) -> dict[str, Any] | None:
    """The first JSON object in the text that could be an action, unless a call stands before it."""
    brace = body.find("{")
    if brace < 0 or ((call := _HEAD.search(body)) and call.start() < brace):
        return None
    while body.startswith("{{", brace):  # as templates write a brace; models that were shown some do so too
        brace += 1
    value = first_json(body[brace:])
    return value if isinstance(value, dict) and value else None


def _start(body: str) -> tuple[int | None, dict[str, str]]:
    """Where the first line that begins with a call begins its call, and the comment lines before it."""
    comments: dict[str, str] = {}
    offset = 0
    for line in body.splitlines(keepends=True):
        if comment := _COMMENT.match(line):
            comments[comment[1].lower()] = comment[2].strip()
        elif head := _LINE_HEAD.match(line):
            return offset + head.start(1), comments
        offset += len(line)
    return None, comments


def _decided(body: str, start: int, comments: dict[str, str], thinking: str | None, actions: tuple[str, ...]) -> Parsed:
    opening = body.index("(", start)
    arguments = _arguments(body, opening + 1)
    given = _named(body[start:opening].strip().lower(), arguments)
    parsed = from_mapping(given, actions)
    action = parsed.action
    update: dict[str, Any] = {}
    if action.step is None and (step := step_of(comments.get("step", ""))):
        update["step"] = step
    if action.note is None and comments.get("note"):
        update["note"] = comments["note"][:2_000]
    prose = " ".join(line for line in body[:start].splitlines() if line.strip() and not _COMMENT.match(line))
    why = comments.get("reason") or comments.get("reasoning") or comments.get("element")
    reasoning = parsed.reasoning or thinking or why or prose.strip(" `*-") or None
    return Parsed(action.model_copy(update=update) if update else action, reasoning)


def _named(head: str, arguments: list[tuple[str | None, Any]]) -> dict[str, Any]:
    """A call's arguments by name, and its action's name under `action`."""
    keywords = {key.lower(): value for key, value in arguments if key}
    positional = [value for key, value in arguments if not key]
    if head == "do":
        if "action" not in keywords and positional:
            keywords["action"] = positional.pop(0)
    else:
        keywords["action"] = head
    name = str(keywords.get("action", "")).lower()
    takes_element = "element" in getattr(ACTIONS.get(name.split(" ")[0]), "model_fields", {})
    for key in ("element", "argument") if takes_element else ("argument",):
        if positional and key not in keywords:
            keywords[key] = positional.pop(0)
    return keywords


def _arguments(body: str, start: int) -> list[tuple[str | None, Any]]:
    """The arguments of a call whose opening bracket ends at `start`, as (keyword or None, value)."""
    # A bracket may be inside a quoted value, so a few are tried; what no attempt can read is left to `_tolerant`.
    for closing, _ in zip(re.finditer(r"\)", body[start:]), range(_ATTEMPTS), strict=False):
        try:
            with warnings.catch_warnings(action="ignore"):
                call = ast.parse(f"f({body[start : start + closing.start()]})", mode="eval").body
            if isinstance(call, ast.Call):
                return [(None, _constant(a)) for a in call.args] + [(k.arg, _constant(k.value)) for k in call.keywords]
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            continue
    return _tolerant(body, start)


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):  # find_element_by_instruction(instruction="...")
        inner = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _constant(inner[0]) if inner else ""
    if isinstance(node, ast.Name):
        return {"true": True, "false": False, "null": None, "none": None}.get(node.id.lower(), node.id)
    return ast.literal_eval(node)


def _tolerant(body: str, start: int) -> list[tuple[str | None, Any]]:
    """The arguments of a call that is no valid Python: quotes inside quotes, other quotes, bare words."""
    arguments: list[tuple[str | None, Any]] = []
    at = start
    while True:
        while at < len(body) and body[at] in " \t\r\n,":
            at += 1
        if at >= len(body):
            msg = "The action is cut off: its closing bracket is missing."
            raise ShapeError(msg)
        if body[at] in ")}":
            return arguments
        key = None
        if keyword := _KEYWORD.match(body, at):
            key, at = keyword[1], keyword.end()
        value: Any
        if at < len(body) and body[at] in _QUOTES:
            value, at = _quoted(body, at)
        else:
            bare = re.compile(r"[^,)\n]*").match(body, at)
            assert bare is not None
            value, at = bare[0].strip(" \t\"'"), bare.end()
            value = int(value) if _NUMBER.fullmatch(value) else {"true": True, "false": False}.get(value.lower(), value)
            if at < len(body) and body[at] == "\n":
                msg = "The action is cut off: its closing bracket is missing."
                raise ShapeError(msg)
        arguments.append((key, value))


def _quoted(body: str, at: int) -> tuple[str, int]:
    """A quoted value and where it ends: the quote that is followed by the next argument or the end of the call."""
    mark = body[at]
    ends = {mark, _QUOTES[mark]}
    triple = body[at : at + 3]
    if triple == mark * 3 and (end := body.find(triple, at + 3)) >= 0:
        return body[at + 3 : end], end + 3
    candidates = [i for i in range(at + 1, len(body)) if body[i] in ends and body[i - 1] != "\\"]
    for number, i in enumerate(candidates):
        if not _AFTER.match(body, i + 1):
            continue
        # A bracket after this quote may still be inside the value, as in text="(see "foo") now".
        later = (
            [] if _AFTER_LAST.match(body, i + 1) or "," in body[i + 1 : i + 3] else candidates[number + 1 :][:_ATTEMPTS]
        )
        if not any(_AFTER_LAST.match(body, k + 1) and "\n" not in body[i:k] for k in later):
            return _unescaped(body[at + 1 : i]), i + 1
    msg = "The action is cut off: a quoted value does not end."
    raise ShapeError(msg)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\"'\\n`t])", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)
