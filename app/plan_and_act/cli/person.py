"""Put a waiting run's question to the person at the terminal, or take the answer from options."""

import json
import select
import sys
from typing import Any, NoReturn

import click
from pydantic import ValidationError

from plan_and_act.actions import to_action, to_dict
from plan_and_act.cli.text import safe
from plan_and_act.errors import ConfigError
from plan_and_act.report import action_in_words

Question = dict[str, Any]
"""What a run waits for: `{"type": "approval", "action": {...}, ...}` or `{"type": "question", "question": ...}`."""


class LaterError(Exception):
    """The person wants to answer another time."""


def in_words(question: Question) -> str:
    """The question on one line."""
    if question.get("type") == "approval":
        return f"May the agent do this? {safe(action_in_words(question['action']))}"
    return f"The agent asks: {safe(str(question.get('question', '')), 2_000)}"


def ways(question: Question) -> str:
    """The options of `resume` that answer the question."""
    return "[--approve | --reject REASON | --edit JSON]" if question.get("type") == "approval" else "[--answer TEXT]"


def ask(question: Question) -> Any:
    """Ask at the terminal, until there is an answer the run can take.

    Raises:
        LaterError: When the person does not want to answer now.
    """
    click.echo(in_words(question), err=True)
    if question.get("type") != "approval":
        return _line("Answer (empty: later): ") or _later()
    click.echo(f"  on {safe(question.get('title') or '')} ({safe(question.get('url') or '')})", err=True)
    if question.get("reasoning"):
        click.echo(f"  because: {safe(question['reasoning'], 1_000)}", err=True)
    while True:
        match _line("approve, edit, reject, stop or later: ").lower():
            case "a" | "approve":
                return {"decision": "approve"}
            case "e" | "edit":
                return {"decision": "edit", "action": _edited(question["action"])}
            case "r" | "reject":
                return {"decision": "reject", "reason": _line("Why (may be empty): ")}
            case "s" | "stop":
                return {"decision": "stop", "reason": _line("Why (may be empty): ")}
            case "l" | "later":
                _later()


def answer_from(
    question: Question | None, *, approve: bool, reject: str | None, edit: str | None, answer: str | None
) -> Any:
    """The answer that options give to a question; None when they give none.

    Raises:
        ConfigError: When there is no such question, or more than one answer.
    """
    answers = {"--approve": approve or None, "--reject": reject, "--edit": edit, "--answer": answer}
    given = [name for name, value in answers.items() if value is not None]
    if not given:
        return None
    if len(given) > 1:
        msg = f"{' and '.join(given)} cannot go together; give one answer"
        raise ConfigError(msg)
    if question is None:
        msg = f"{given[0]} has no question to answer: the run does not wait for a person; resume it without"
        raise ConfigError(msg)
    approval = question.get("type") == "approval"
    if approval == (given[0] == "--answer"):
        msg = f"{given[0]} is no answer to this ({in_words(question)}); use {ways(question)}"
        raise ConfigError(msg)
    if answer is not None:
        return answer
    if reject is not None:
        return {"decision": "reject", "reason": reject}
    if edit is not None:
        return {"decision": "edit", "action": _action(edit)}
    return {"decision": "approve"}


def _later() -> NoReturn:
    raise LaterError


def _line(prompt: str) -> str:
    """A line from the terminal; Ctrl-D means later.

    Not `input()`: a Ctrl-C that arrives just before that blocks is not seen until the next key.
    """
    click.echo(prompt, err=True, nl=False)
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        pass
    line = sys.stdin.readline()
    return line.strip() if line else _later()


def _edited(action: dict[str, Any]) -> dict[str, Any]:
    click.echo(f"  {json.dumps(action, ensure_ascii=True)}", err=True)
    while True:
        try:
            return _action(_line("The action to do instead, as JSON: "))
        except ConfigError as error:
            click.echo(str(error), err=True)


def _action(text: str) -> dict[str, Any]:
    """An action from JSON.

    Raises:
        ConfigError: When it is none.
    """
    try:
        return to_dict(to_action(json.loads(text)))
    except json.JSONDecodeError as error:
        msg = f"The action is no JSON: {error}"
        raise ConfigError(msg) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"This is no action{f' ({where})' if where else ''}: {first['msg']}"
        raise ConfigError(msg) from error
