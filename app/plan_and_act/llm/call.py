"""One call of a chat model: streaming, retries of our own choosing, typed errors, usage and cost."""

import asyncio
import email.utils
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall, message_chunk_to_message
from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import SecretStr

from plan_and_act.errors import ContextTooLongError, ModelError, ModelTimeoutError, ModelUnavailableError
from plan_and_act.trajectory import Role, Usage

Prices = Mapping[str, tuple[float, float]]
"""US dollars per million input and output tokens, by model name (`gpt-5-mini` or `openai:gpt-5-mini`)."""

OnToken = Callable[[str], None]
"""Gets each piece of text as it arrives; an empty string when the answer starts over after a broken stream."""

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429, *range(500, 600)})
# By name, because each provider's package brings its own classes (httpx, httpx2, openai, anthropic, grpc...).
_TRANSIENT_NAMES = frozenset(
    {
        "APIConnectionError",
        "ModelConnectionError",
        "TransportError",
        "ConnectionError",
        "IncompleteRead",
        "TimeoutError",
    }
)
_CONTEXT = re.compile(
    r"context.{0,20}(length|size|window|overflow|limit)|prompt is too long|maximum context|too many (input )?tokens",
    re.I,
)
_FINISH_KEYS = ("finish_reason", "stop_reason", "done_reason")
_CHARACTERS_PER_TOKEN = 3.5


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed call is made again: how often, and how long to wait where the endpoint does not say (seconds)."""

    attempts: int = 4
    first: float = 0.5
    longest: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, and what it took."""

    message: AIMessage
    usage: Usage
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The answer's text, without reasoning blocks."""
        return str(self.message.text)

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls that were well-formed."""
        return self.message.tool_calls

    @property
    def reasoning(self) -> str | None:
        """The reasoning the endpoint sent apart from the answer, or None."""
        blocks = [b.get("reasoning", "") for b in self.message.content_blocks if b["type"] == "reasoning"]
        text = "\n".join(block for block in blocks if block) or self.message.additional_kwargs.get("reasoning_content")
        return text or None

    @property
    def truncated(self) -> bool:
        """Whether the answer was cut off at the limit of output tokens."""
        return (self.finish_reason or "").lower() in {"length", "max_tokens"}


class _BrokenStreamError(ConnectionError):
    """The stream ended before the model said that it had finished."""


def model_name(model: BaseChatModel) -> str:
    """The name of the model behind a chat model object, or the object's class where it has none."""
    return str(getattr(model, "model_name", None) or getattr(model, "model", None) or type(model).__name__)


async def call(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    *,
    role: Role,
    timeout: float = 120.0,
    config: RunnableConfig | None = None,
    on_token: OnToken | None = None,
    prices: Prices | None = None,
    tools: Sequence[dict[str, Any]] = (),
    response_format: Mapping[str, Any] | None = None,
    retry: Retry = Retry(),
) -> Reply:
    """Call a model once, again when the failure was a passing one, and never take half an answer for a whole one.

    Connection errors, broken streams, time-outs of the endpoint (408), rate limits (429) and server errors (5xx) are
    retried with backoff, or after as long as the endpoint asks for; a refused key, an unknown model and a refused
    request are not.

    Args:
        role: Names the run in traces (LangSmith), with the tag `role:...`.
        timeout: Seconds for the whole call, retries included.
        config: LangChain's config; inside a LangGraph node it is found without.
        on_token: When given, the answer is streamed to it.
        prices: By model name; without one the cost stays unknown.
        tools: Tool definitions the model may call, in OpenAI's form.
        response_format: A JSON schema the answer is held to, in OpenAI's form.

    Raises:
        ModelTimeoutError: The time is up.
        ContextTooLongError: The prompt is longer than the model's context.
        ModelUnavailableError: Not reachable, model not there, key refused, rate limited, or still failing.
    """
    runnable: Runnable[LanguageModelInput, AIMessage] = model.bind_tools(list(tools)) if tools else model
    if response_format:
        runnable = runnable.bind(response_format=response_format)
    settings: RunnableConfig = {**config} if config else {}
    settings["run_name"] = role
    settings["tags"] = [*settings.get("tags", []), "plan-and-act", f"role:{role}"]
    settings["metadata"] = {**settings.get("metadata", {}), "role": role, "model": model_name(model)}

    started = time.monotonic()
    try:
        async with asyncio.timeout(timeout) as clock:
            message = await _retried(model, runnable, list(messages), settings, on_token, retry, started + timeout)
    except TimeoutError as error:
        if not clock.expired():
            raise
        msg = (
            f"{_who(model)} did not answer within {timeout:g} s. "
            "Raise model_timeout, choose a faster model, or lower observation_tokens."
        )
        raise ModelTimeoutError(msg) from error
    usage = _usage(model, messages, message, time.monotonic() - started, prices or {})
    return Reply(message, usage, _finish_reason(message))


async def _retried(
    model: BaseChatModel,
    runnable: Runnable[LanguageModelInput, AIMessage],
    messages: list[BaseMessage],
    config: RunnableConfig,
    on_token: OnToken | None,
    retry: Retry,
    deadline: float,
) -> AIMessage:
    for attempt in range(1, retry.attempts + 1):
        try:
            return await _once(model, runnable, messages, config, on_token)
        except ModelError:
            raise  # ours already: the embedded model could not be started
        except Exception as error:
            cut = _cut_off(error)
            if cut is not None:
                return cut
            if not _is_transient(error) or attempt == retry.attempts:
                raise _explained(model, error, attempt) from error
            wait = _retry_after(error)
            if wait is None:
                wait = min(retry.longest, retry.first * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)
            if time.monotonic() + wait >= deadline:
                raise _explained(model, error, attempt) from error
        if on_token:
            on_token("")
        await asyncio.sleep(wait)
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


async def _once(
    model: BaseChatModel,
    runnable: Runnable[LanguageModelInput, AIMessage],
    messages: list[BaseMessage],
    config: RunnableConfig,
    on_token: OnToken | None,
) -> AIMessage:
    if on_token is None:
        message = await runnable.ainvoke(messages, config)
    else:
        message = await _streamed(runnable.astream(messages, config), on_token)
    if _finish_reason(message) is None and _says_why_it_stops(model):
        msg = "the stream ended in the middle of the answer"
        raise _BrokenStreamError(msg)
    return message


async def _streamed(chunks: AsyncIterator[AIMessage], on_token: OnToken) -> AIMessage:
    whole: AIMessageChunk | None = None
    async for chunk in chunks:
        if not isinstance(chunk, AIMessageChunk):
            return chunk
        whole = chunk if whole is None else whole + chunk
        if text := str(chunk.text):
            on_token(text)
    if whole is None:
        msg = "the stream held no answer"
        raise _BrokenStreamError(msg)
    message = message_chunk_to_message(whole)
    assert isinstance(message, AIMessage)
    return message


def _says_why_it_stops(model: BaseChatModel) -> bool:
    """Whether a whole answer of this kind of model always carries a reason why it stopped."""
    return any(base.__name__ == "BaseChatOpenAI" for base in type(model).__mro__)


def _finish_reason(message: AIMessage) -> str | None:
    for key in _FINISH_KEYS:
        if value := message.response_metadata.get(key):
            return str(value)
    return str(message.response_metadata["status"]) if message.response_metadata.get("status") else None


def _cut_off(error: Exception) -> AIMessage | None:
    """The openai package raises when an answer under a schema was cut off; to us it is an answer like any other."""
    if type(error).__name__ != "LengthFinishReasonError":
        return None
    completion = error.completion  # type: ignore[attr-defined]
    usage = completion.usage
    message = AIMessage(completion.choices[0].message.content or "", response_metadata={"finish_reason": "length"})
    if usage:
        message.usage_metadata = {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        }
    return message


# --- errors -----------------------------------------------------------------------------------------------------------


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    # A good status with an error is an answer that could not be read.
    return status if isinstance(status, int) and status >= 400 else None


def _said(error: BaseException) -> str:
    """The provider's words and its code for what went wrong."""
    return f"{error} {getattr(error, 'code', None) or ''}"


def _names(error: BaseException) -> set[str]:
    return {base.__name__ for base in type(error).__mro__}


def _is_transient(error: BaseException) -> bool:
    if "insufficient_quota" in _said(error):
        return False
    status = _status(error)
    if status is not None:
        return status in _TRANSIENT_STATUS
    if _CONTEXT.search(_said(error)):
        return False
    # An error event inside a stream has no status; neither has the answer of an endpoint that died while answering.
    in_stream = type(error).__name__ == "APIError" or "JSONDecodeError" in _names(error)
    return in_stream or bool(_names(error) & _TRANSIENT_NAMES)


def _retry_after(error: BaseException) -> float | None:
    """The seconds an endpoint asks to wait, from `Retry-After` as seconds or date; None when it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    if milliseconds := headers.get("retry-after-ms"):
        return _seconds(milliseconds, 0.001)
    value = headers.get("retry-after")
    if not value:
        return None
    seconds = _seconds(value, 1.0)
    if seconds is None:
        parsed = email.utils.parsedate_tz(value)
        seconds = None if parsed is None else max(0.0, email.utils.mktime_tz(parsed) - time.time())
    return seconds


def _seconds(value: str, unit: float) -> float | None:
    try:
        return max(0.0, float(value) * unit)
    except ValueError:
        return None


def _who(model: BaseChatModel) -> str:
    base = getattr(model, "openai_api_base", None)
    return f"The model {model_name(model)}{f' at {base}' if base else ''}"


def _explained(model: BaseChatModel, error: Exception, attempts: int) -> ModelUnavailableError:
    """A provider's error as ours: what happened, and what to do."""
    who, status, detail = _who(model), _status(error), _detail(model, error)
    tries = f" ({attempts} tries)" if attempts > 1 else ""
    if _CONTEXT.search(_said(error)) or status == 413:
        msg = f"The prompt is too long for {who[0].lower()}{who[1:]}. Lower observation_tokens. It said: {detail}"
        return ContextTooLongError(msg)
    match status:
        case 401 | 403:
            what = "refused the key. Check OPENAI_API_KEY, or the key of the provider you named."
        case 404:
            what = (
                "is not there: the endpoint does not know the model, or the URL is not its API's root (it usually "
                "ends in /v1). Check the name (--model, PLAN_AND_ACT_MODEL) and OPENAI_BASE_URL."
            )
        case 429 if "insufficient_quota" in _said(error):
            what = "has no credit left on this key. Add credit or use another key."
        case 429:
            what = f"is rate limited{tries}. Wait, or choose another model or plan."
        case 408 | 409 | 425:
            what = f"keeps timing out{tries}. Try again later, or choose another model."
        case int() if status >= 500:
            what = f"keeps failing with HTTP {status}{tries}. Try again later, or choose another model."
        case int():
            what = f"refused the request with HTTP {status}."
        case None if isinstance(error, _BrokenStreamError):
            what = f"keeps breaking off in the middle of the answer{tries}. Check the endpoint and its proxy."
        case None if _is_transient(error):
            what = f"cannot be reached{tries}. Is the endpoint running, and is OPENAI_BASE_URL right?"
        case _:
            what = "failed."
    return ModelUnavailableError(f"{who} {what} It said: {detail}")


def _detail(model: BaseChatModel, error: Exception) -> str:
    """The provider's own words, on one line, short, and without the key."""
    text = " ".join((str(error) or type(error).__name__).split())
    secret = getattr(model, "openai_api_key", None)
    if isinstance(secret, SecretStr) and secret.get_secret_value():
        text = text.replace(secret.get_secret_value(), "***")
    return text if len(text) <= 300 else f"{text[:300]}..."


# --- usage ------------------------------------------------------------------------------------------------------------


def _usage(
    model: BaseChatModel, messages: Sequence[BaseMessage], message: AIMessage, seconds: float, prices: Prices
) -> Usage:
    if reported := message.usage_metadata:
        given, written = reported["input_tokens"], reported["output_tokens"]
        cached = reported.get("input_token_details", {}).get("cache_read", 0) or 0
    elif raw := message.response_metadata.get("token_usage"):
        # langchain-openai leaves it here when an answer under a schema was streamed.
        given, written = raw.get("prompt_tokens") or 0, raw.get("completion_tokens") or 0
        cached = (raw.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    else:
        # Some endpoints report nothing; an estimate keeps the budget of tokens honoured.
        given = round(sum(len(str(m.text)) for m in messages) / _CHARACTERS_PER_TOKEN)
        written, cached = round(len(str(message.text)) / _CHARACTERS_PER_TOKEN), 0
    return Usage(
        calls=1,
        input_tokens=given,
        cached_tokens=cached,
        output_tokens=written,
        cost=cost(model_name(model), given, written, prices),
        seconds=seconds,
    )


def cost(name: str, given: int, written: int, prices: Prices) -> float | None:
    """US dollars; cached input counts at the full price, so the cost is never too low. None without a price."""
    for key, (per_input, per_output) in prices.items():
        if name in (key, key.partition(":")[2]):
            return (given * per_input + written * per_output) / 1e6
    return None
