"""Ask a model until it answers in the form it was asked for, a bounded number of times."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from plan_and_act.errors import ModelOutputError, ModelUnavailableError
from plan_and_act.llm.call import Reply, call
from plan_and_act.trajectory import Role, Usage

T = TypeVar("T")

TRIES = 3
"""Answers a model may give before the run ends with `model_output` (the official runner's limit, too)."""

_ECHO = 2_000


Caller = Callable[..., Awaitable[Reply]]
"""Makes one call of a model, with the arguments of `plan_and_act.llm.call.call`."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What was parsed, and what all tries together took."""

    value: T
    usage: Usage


async def ask(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    parse: Callable[[Reply], T],
    *,
    role: Role,
    through: Caller = call,
    **options: Any,
) -> Answer[T]:
    """Call a model and parse its answer; a wrong answer is shown to it with what was wrong, and it is asked again.

    Args:
        parse: Raises ModelOutputError with a sentence for the model.
        through: Makes the calls, e.g. from a cache.
        options: As `call` takes them.

    Raises:
        ModelOutputError: After `TRIES` wrong answers; its `usage` is what they took.
        ModelUnavailableError: As `call`; its `usage` is what the answers before it took.
    """
    conversation, usage = list(messages), Usage()
    problem: ModelOutputError | None = None
    for _ in range(TRIES):
        try:
            reply = await through(model, conversation, role=role, **options)
        except ModelUnavailableError as error:
            error.usage = usage
            raise
        usage += reply.usage
        try:
            return Answer(parse(reply), usage)
        except ModelOutputError as error:
            problem = error
            conversation += _told(reply, str(error))
    msg = f"The {role} gave no usable answer in {TRIES} tries. The last problem: {problem}"
    if options.get("tools"):
        msg += " (A model that cannot call tools needs the executor_format text or json.)"
    failure = ModelOutputError(msg)
    failure.usage = usage
    raise failure from problem


def _told(reply: Reply, problem: str) -> list[BaseMessage]:
    """The wrong answer as the model gave it, and what was wrong with it."""
    if reply.tool_calls:
        told = [ToolMessage(problem, tool_call_id=str(row["id"])) for row in reply.tool_calls]
        return [AIMessage(reply.text[:_ECHO], tool_calls=reply.tool_calls), *told]
    return [AIMessage(reply.text[:_ECHO] or "(nothing)"), HumanMessage(problem)]
