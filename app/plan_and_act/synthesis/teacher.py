"""A chat model that writes data: never asked twice, pressed no harder than its endpoint bears, stopped at a budget."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from plan_and_act.errors import (
    BudgetSpentError,
    ConfigError,
    ContextTooLongError,
    ModelOutputError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from plan_and_act.llm.ask import ask
from plan_and_act.llm.call import Prices, Reply, Retry, call, cost, model_name
from plan_and_act.llm.formats.schema import constrains
from plan_and_act.llm.messages import fenced as between_marks
from plan_and_act.llm.messages import page_marks
from plan_and_act.synthesis.cache import Cache, key
from plan_and_act.synthesis.config import Budget, TeacherSettings
from plan_and_act.trajectory import Role, Usage

T = TypeVar("T")

CHARACTERS_PER_TOKEN = 3.5
_TOP = 5
"""Words whose probabilities are told beside the one that was chosen."""
_ANEW = 0.8
"""Temperature at which the same is asked again, of a model that would answer it the same."""
_PATIENCE = Retry(attempts=8, first=1.0, longest=60.0)
"""A night's work outlives an endpoint that is restarted: it is waited for some three minutes."""


class RuleBrokenError(ModelOutputError):
    """An answer that breaks a rule of its stage. The message is for the teacher; `rule` is what is counted.

    Args:
        problem: What is wrong with this answer, and what would be right.
        rule: A few words, the same for every answer that breaks it.
    """

    def __init__(self, problem: str, *, rule: str) -> None:
        super().__init__(problem)
        self.rule = rule


def drop_reason(error: ModelOutputError | ModelTimeoutError | ContextTooLongError) -> str:
    """Why an item was dropped, as it is counted: the rule that the last answer broke, or what became of the call."""
    match error:
        case ModelTimeoutError():
            return "no answer in time"
        case ContextTooLongError():
            return "prompt too long for the teacher"
    problem = error.__cause__
    return problem.rule if isinstance(problem, RuleBrokenError) else "no usable answer"


def fenced(page: str) -> str:
    """Page text between marks that a page cannot foresee, and that are the same in every process."""
    with page_marks(hashlib.sha256(page.encode("utf-8", "surrogatepass")).digest()):
        return between_marks(page)


def clipped(page: str, tokens: int) -> str:
    """A page cut at the end of a line, saying how many lines are left out."""
    most = round(tokens * CHARACTERS_PER_TOKEN)
    if len(page) <= most:
        return page
    kept = page[:most].rpartition("\n")[0] or page[:most]
    return f"{kept}\n... ({page[len(kept) :].count(chr(10))} more lines)"


@dataclass(slots=True)
class Account:
    """What a stage has used: calls that were paid for, and what answers from the cache had cost when they were made."""

    paid: Usage = field(default_factory=Usage)
    saved: Usage = field(default_factory=Usage)


class Ledger:
    """The accounts of all stages of one invocation, and its budget.

    Args:
        budget: What all stages together may use.
        prices: By model name.
    """

    def __init__(self, budget: Budget, prices: Prices) -> None:
        self.budget, self.prices = budget, prices
        self.accounts: dict[str, Account] = {}

    def account(self, stage: str) -> Account:
        """The account of a stage."""
        return self.accounts.setdefault(stage, Account())

    def spend(self, stage: str, usage: Usage) -> None:
        """Count what a stage has used.

        Raises:
            BudgetSpentError: The budget is spent with it.
        """
        self.account(stage).paid += usage
        self.check()

    def check(self) -> None:
        """Refuse another call when the budget is spent; calls in flight may take it a little further.

        Raises:
            BudgetSpentError: It is spent.
        """
        used = sum((account.paid for account in self.accounts.values()), Usage())
        tokens, dollars = used.input_tokens + used.output_tokens, used.cost or 0.0
        again = "What was answered is kept: raise the budget, or carry the stage out again to go on."
        if self.budget.tokens is not None and tokens >= self.budget.tokens:
            msg = f"The budget of {self.budget.tokens:,} tokens is spent ({tokens:,} used). {again}"
            raise BudgetSpentError(msg)
        if self.budget.cost is not None and dollars >= self.budget.cost:
            msg = f"The budget of ${self.budget.cost:g} is spent (${dollars:.4f} used). {again}"
            raise BudgetSpentError(msg)


def check_price(name: str, budget: Budget, prices: Prices) -> None:
    """See that what a model uses can be counted against a budget of money.

    Raises:
        ConfigError: There is such a budget, and no price for the model.
    """
    if budget.cost is not None and cost(name, 0, 0, prices) is None:
        msg = f"A budget of money cannot be kept: there is no price for {name}; name it in `prices`"
        raise ConfigError(msg)


class Gate:
    """Lets calls through to one endpoint: so many at once, so many a minute."""

    def __init__(self, concurrency: int, per_minute: float | None) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    @asynccontextmanager
    async def through(self) -> AsyncIterator[None]:
        """Wait for a place, and for the minute to allow it."""
        async with self._places:
            if self._gap:
                now = time.monotonic()
                begin = max(now, self._next)
                self._next = begin + self._gap
                await asyncio.sleep(begin - now)
            yield


class Teacher:
    """One model, as one stage asks it.

    Args:
        model: The chat model.
        settings: How it is asked.
        stage: Whose account the calls go to.
        cache: Answers so far.
        ledger: Accounts and budget.
        gate: The way to its endpoint, which other teachers may share.

    Raises:
        ConfigError: When the model does not take a setting, or a budget of money has no price to go by.
    """

    def __init__(
        self,
        model: BaseChatModel,
        settings: TeacherSettings,
        *,
        stage: str,
        cache: Cache,
        ledger: Ledger,
        gate: Gate,
    ) -> None:
        wanted = {
            name: value for name in ("temperature", "max_tokens") if (value := getattr(settings, name)) is not None
        }
        if strange := sorted(set(wanted) - set(type(model).model_fields)):
            msg = f"The model {model_name(model)} takes no {strange[0]}; leave it out of the teacher's settings"
            raise ConfigError(msg)
        self.model = model.model_copy(update=wanted) if wanted else model
        self.name = model_name(model)
        self.constrained = settings.constrained and constrains(model)
        check_price(self.name, ledger.budget, ledger.prices)
        self._asked = {"model": self.name, "endpoint": endpoint(model), **wanted}
        self._timeout, self._cache, self._ledger, self._gate = settings.model_timeout, cache, ledger, gate
        self._account = ledger.account(stage)
        self._lost: Exception | None = None

    async def ask(
        self,
        messages: Sequence[BaseMessage],
        parse: Callable[[Reply], T],
        *,
        response_format: Mapping[str, Any] | None = None,
        sample: int = 0,
        logprobs: bool = False,
    ) -> T:
        """Ask until the answer can be used, telling the model what was wrong with the one before.

        Args:
            messages: What is asked.
            parse: Raises ModelOutputError (`RuleBrokenError`) with a sentence for the model.
            response_format: A JSON schema for endpoints that hold answers to one.
            sample: Asks the same again for another answer; each number is cached by itself. A model of temperature 0 is
                asked at 0.8, unless the settings have a temperature.
            logprobs: Have the probabilities of the answer's words told, where the endpoint can.

        Raises:
            ModelOutputError: No usable answer in three tries; see `drop_reason`.
            ModelUnavailableError: The endpoint is lost, the answer took too long, or the prompt is too long.
            BudgetSpentError: The budget is spent.
        """
        given = {"response_format": response_format} if response_format else {}
        told: dict[str, Any] = {}
        if logprobs and "top_logprobs" in type(self.model).model_fields:
            told = {"logprobs": True, "top_logprobs": _TOP}
        if sample and "temperature" not in self._asked and getattr(self.model, "temperature", None) == 0:
            told["temperature"] = _ANEW
        model = self.model.model_copy(update=told) if told else self.model

        async def through(
            model: BaseChatModel, conversation: Sequence[BaseMessage], /, *, role: Role, **options: Any
        ) -> Reply:
            return await self._answer(model, conversation, {**told, "sample": sample}, role=role, **options)

        return (await ask(model, messages, parse, role="teacher", through=through, **given)).value

    async def _answer(
        self,
        model: BaseChatModel,
        messages: Sequence[BaseMessage],
        told: Mapping[str, Any],
        *,
        role: Role,
        **options: Any,
    ) -> Reply:
        known = key({**self._asked, **options, **told}, messages)
        if reply := self._cache.get(known):
            self._account.saved += reply.usage
            return reply
        async with self._gate.through():
            if self._lost:
                raise self._lost
            self._ledger.check()
            try:
                reply = await call(
                    model,
                    messages,
                    role=role,
                    timeout=self._timeout,
                    prices=self._ledger.prices,
                    retry=_PATIENCE,
                    **options,
                )
            except (ModelTimeoutError, ContextTooLongError):
                raise
            except ModelUnavailableError as error:
                # Those who wait at the gate need not find out by themselves.
                self._lost = error
                raise
            self._cache.put(known, reply)
            self._account.paid += reply.usage
            return reply


def endpoint(model: BaseChatModel) -> str:
    """Where a model is served, as far as its object says: what limits are shared by."""
    return str(getattr(model, "openai_api_base", None) or type(model).__name__)
