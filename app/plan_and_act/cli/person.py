"""Put a waiting run's question to the person at the terminal, or take the answer from options."""

import json
from typing import Any

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
        answer = click.prompt("Answer (empty: later)", default="", show_default=False, err=True)
        if not answer.strip():
            raise LaterError
        return answer
    click.echo(f"  on {safe(question.get('title') or '')} ({safe(question.get('url') or '')})", err=True)
    if question.get("reasoning"):
        click.echo(f"  because: {safe(question['reasoning'], 1_000)}", err=True)
    choice = click.prompt(
        "approve, edit, reject, stop or later",
        type=click.Choice(["a", "e", "r", "s", "l", "approve", "edit", "reject", "stop", "later"]),
        show_choices=False,
        err=True,
    )
    match choice[0]:
        case "a":
            return {"decision": "approve"}
        case "e":
            return {"decision": "edit", "action": _edited(question["action"])}
        case "r":
            return {"decision": "reject", "reason": _reason()}
        case "s":
            return {"decision": "stop", "reason": _reason()}
        case _:
            raise LaterError


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


def _reason() -> str:
    reason: str = click.prompt("Why (may be empty)", default="", show_default=False, err=True)
    return reason


def _edited(action: dict[str, Any]) -> dict[str, Any]:
    click.echo(f"  {json.dumps(action, ensure_ascii=True)}", err=True)
    while True:
        try:
            return _action(click.prompt("The action to do instead, as JSON", err=True))
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
