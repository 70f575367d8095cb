"""Classes of failures: what a planner does wrong on a site, as a file that a person may edit (paper, section A.7)."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import ConfigError, ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import response_format
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.synthesis.rules import copied

OTHER = "Other"
FILE = "failure_classes.yaml"

CLASS_LINES = """Answer in exactly this form, and nothing else:
Class: a name of two to five words
Problem: what goes wrong, in a sentence
Needed: what training examples would have to show, in a sentence

Class: ..."""
CLASS_OBJECT = (
    "Answer with one JSON object. For the site of a library it could be:\n"
    '{"classes": [{"name": "Loans sought in the catalogue", "problem": "Plans search the catalogue for books that were '
    'borrowed.", "needed": "Plans that open the account, which lists loans and reservations."}]}'
)
"""An example, since small teachers copy a description."""
CHOICE_LINES = "Answer with two lines and nothing else:\nReason: one sentence\nClass: the letter of the class, or Other"
CHOICE_OBJECT = 'Answer with one JSON object: {"reason": "one sentence", "class": "the letter of the class, or Other"}'

_HEADER = """# Classes of failures of the planner, by site. Proposed by a model: read them, change them, add your own,
# and carry out the stage augment again. Training examples that no class fits are never used.
"""
_FIELD = re.compile(r"^[\s>*#-]*(Class|Name|Problem|Needed)\**\s*:\s*\**(.+?)\**\s*$", re.I | re.M)
_CHOICE = re.compile(r"^[\s>*#-]*Class(?:ification)?\**\s*:\s*[\"'*]*(?:Class\s+)?([A-Za-z]+)", re.I | re.M)


class FailureClass(BaseModel):
    """What goes wrong again and again, and which examples would help."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    problem: str = Field(min_length=1)
    needed: str = Field(min_length=1)


Classes = dict[str, list[FailureClass]]
_ADAPTER = TypeAdapter(Classes)


def read(path: Path) -> Classes:
    """The classes of each site, from a file.

    Raises:
        ConfigError: It cannot be read, or is no such file.
    """
    try:
        return _ADAPTER.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeError) as error:
        msg = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(msg) from error
    except yaml.YAMLError as error:
        msg = f"{path} is no YAML: {' '.join(str(error).split())}"
        raise ConfigError(msg) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        msg = f"{path}: {where}: {first['msg']}; each site has a list of classes with name, problem and needed"
        raise ConfigError(msg) from error


def write(path: Path, classes: Classes) -> None:
    """Write the classes as a person can edit them.

    Raises:
        StorageError: When it cannot be written.
    """
    text = yaml.safe_dump(_ADAPTER.dump_python(classes), allow_unicode=True, width=100, sort_keys=False)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(_HEADER + text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        doing = f"Writing {path}"
        raise storage_error(doing, error) from error


def listed(classes: Sequence[FailureClass]) -> str:
    """The classes by letter, for a prompt."""
    return "\n".join(
        f"{letter}. {each.name}. {each.problem} Needed: {each.needed}"
        for letter, each in zip(letters(classes), classes, strict=True)
    )


def letters(classes: Sequence[FailureClass]) -> list[str]:
    """What stands for each class in a prompt."""
    return [chr(ord("A") + number) for number in range(len(classes))]


def proposed(reply: Reply) -> list[FailureClass]:
    """The classes in an answer.

    Raises:
        ModelOutputError: There are none.
    """
    text, _ = without_thinking(reply.text)
    value = first_json(text[text.find("{") :]) if "{" in text else None
    if isinstance(value, dict) and isinstance(value.get("classes"), list):
        rows = [row for row in value["classes"] if isinstance(row, dict)]
    else:
        rows = []
        for match in _FIELD.finditer(text):
            key = match[1].lower().replace("class", "name")
            if key == "name":
                rows.append({})
            if rows:
                rows[-1].setdefault(key, match[2])
    found: dict[str, FailureClass] = {}
    for row in rows:
        values = {key: " ".join(str(row.get(key) or "").split()) for key in ("name", "problem", "needed")}
        told = all(values.values()) and not copied(values.values(), CLASS_OBJECT + CLASS_LINES)
        if told and values["name"].casefold() != OTHER.casefold():
            found.setdefault(values["name"].casefold(), FailureClass(**values))
    if not found:
        msg = f"The answer names no class. {CLASS_OBJECT if isinstance(value, dict) else CLASS_LINES}"
        raise ModelOutputError(msg)
    return list(found.values())[:26]


def chosen(reply: Reply, classes: Sequence[FailureClass]) -> FailureClass | None:
    """The class in an answer; None for Other.

    Raises:
        ModelOutputError: It names none.
    """
    text, _ = without_thinking(reply.text)
    value = first_json(text[text.find("{") :]) if "{" in text else None
    match = _CHOICE.search(text)
    said = str(value.get("class") or "") if isinstance(value, dict) else match[1] if match else ""
    if said.casefold() == OTHER.casefold():
        return None
    for letter, each in zip(letters(classes), classes, strict=True):
        if said.casefold() in (letter.casefold(), each.name.casefold()):
            return each
    msg = f"{said[:40]!r} is no class; choose {', '.join(letters(classes))} or {OTHER}. {CHOICE_LINES}"
    raise ModelOutputError(msg)


def classes_schema(*, exact: bool) -> dict[str, Any]:
    """The schema of proposed classes.

    Args:
        exact: Whether it must be of OpenAI's strict kind, which takes no lengths.
    """
    text = {"type": "string"} if exact else {"type": "string", "minLength": 3, "maxLength": 240}
    listed: dict[str, Any] = {"type": "array", "items": _closed({"name": text, "problem": text, "needed": text})}
    if not exact:
        listed |= {"minItems": 1, "maxItems": 6}
    return response_format("classes", _closed({"classes": listed}), strict=exact)


def choice_schema(classes: Sequence[FailureClass], *, exact: bool) -> dict[str, Any]:
    """The schema of a choice among classes."""
    reason = {"type": "string"} if exact else {"type": "string", "minLength": 3, "maxLength": 240}
    choice = {"type": "string", "enum": [*letters(classes), OTHER]}
    return response_format("choice", _closed({"reason": reason, "class": choice}), strict=exact)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
