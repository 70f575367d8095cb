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
from plan_and_act.trajectory import LONGEST_ANSWER

Question = dict[str, Any]
"""What a run waits for: `{"type": "approval", "action": {...}, ...}`, `{"type": "plan", "steps": [...], ...}` or
`{"type": "question", "question": ...}`."""


class LaterError(Exception):
    """The person wants to answer another time."""


def in_words(question: Question) -> str:
    """The question on one line."""
    match question.get("type"):
        case "approval":
            return f"May the agent do this? {safe(action_in_words(question['action']))}{_why(question)}"
        case "plan":
            goals = "; ".join(f"{number}. {step['goal']}" for number, step in enumerate(question["steps"], 1))
            return f"May the agent work by this plan? {safe(goals, 2_000)}"
    return f"The agent asks: {safe(str(question.get('question', '')), 2_000)}"


def ways(question: Question) -> str:
    """The options of `resume` that answer the question."""
    return "[--answer TEXT]" if question.get("type") == "question" else "[--approve | --reject REASON | --edit JSON]"


def ask(question: Question) -> Any:
    """Ask at the terminal, until there is an answer the run can take.

    Raises:
        LaterError: When the person does not want to answer now.
    """
    if question.get("type") == "question":
        click.echo(in_words(question), err=True)
        return _line("Answer (empty: later): ") or _later()
    _show(question)
    while True:
        match _line("approve, edit, reject, stop or later: ").lower():
            case "a" | "approve":
                return {"decision": "approve"}
            case "e" | "edit":
                return {"decision": "edit", **_edited(question)}
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
    if (question.get("type") == "question") != (given[0] == "--answer"):
        msg = f"{given[0]} is no answer to this ({in_words(question)}); use {ways(question)}"
        raise ConfigError(msg)
    if (said := answer or reject) and len(said) > LONGEST_ANSWER:
        msg = f"{given[0]} has {len(said):,} characters; the agent takes {LONGEST_ANSWER:,} at most"
        raise ConfigError(msg)
    if answer is not None:
        return answer
    if reject is not None:
        return {"decision": "reject", "reason": reject}
    if edit is not None:
        return {"decision": "edit", **(_steps(edit) if question.get("type") == "plan" else _action(edit))}
    return {"decision": "approve"}


def _show(question: Question) -> None:
    """The question with what helps to answer it."""
    if question.get("type") == "plan":
        click.echo("May the agent work by this plan?", err=True)
        for number, step in enumerate(question["steps"], 1):
            click.echo(f"  {number}. {safe(step['goal'], 500)}", err=True)
            if step.get("reasoning"):
                click.echo(f"     because: {safe(step['reasoning'], 500)}", err=True)
    else:
        click.echo(in_words(question), err=True)
    click.echo(f"  on {safe(question.get('title') or '')} ({safe(question.get('url') or '')})", err=True)
    if question.get("reasoning"):
        click.echo(f"  because: {safe(question['reasoning'], 1_000)}", err=True)


def _why(question: Question) -> str:
    """Why a person is asked: what the action risks, and the words of the rule."""
    risks = [risk for risk in question.get("risks") or [] if risk != "none"]
    reason = (question.get("rule") or {}).get("reason")
    told = [f"risks: {', '.join(risks)}" if risks else "", f"rule: {safe(reason, 500)}" if reason else ""]
    why = "; ".join(part for part in told if part)
    return f" ({why})" if why else ""


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


def _edited(question: Question) -> dict[str, Any]:
    if question.get("type") == "plan":
        return {"steps": _typed_steps()}
    click.echo(f"  {json.dumps(question['action'], ensure_ascii=True)}", err=True)
    while True:
        try:
            return _action(_line("The action to do instead, as JSON: "))
        except ConfigError as error:
            click.echo(str(error), err=True)


def _typed_steps() -> list[str]:
    """Steps as a person types them, at least one."""
    steps: list[str] = []
    while True:
        step = _line(f"Step {len(steps) + 1}{' (empty: that is all)' if steps else ''}: ")
        if step:
            steps.append(step)
        elif steps:
            return steps


def _steps(text: str) -> dict[str, Any]:
    """A plan's steps from JSON, a goal each.

    Raises:
        ConfigError: When they are none.
    """
    from plan_and_act.agent.review import Review  # brings the graph along

    try:
        return Review(decision="edit", steps=_json(text, "The plan")).model_dump(include={"steps"})
    except ValidationError as error:
        msg = 'This is no plan: write it as a list of goals, e.g. ["Open the orders.", "Report the newest."]'
        raise ConfigError(msg) from error


def _action(text: str) -> dict[str, Any]:
    """An action from JSON.

    Raises:
        ConfigError: When it is none.
    """
    try:
        return {"action": to_dict(to_action(_json(text, "The action")))}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"This is no action{f' ({where})' if where else ''}: {first['msg']}"
        raise ConfigError(msg) from error


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{what} is no JSON: {error}"
        raise ConfigError(msg) from error
