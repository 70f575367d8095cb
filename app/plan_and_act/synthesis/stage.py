"""A stage of the pipeline: from rows to rows, with its estimate, its yield and its drops counted."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from pydantic import BaseModel, Field

from plan_and_act.errors import ConfigError, ContextTooLongError, ModelOutputError, ModelTimeoutError
from plan_and_act.llm.call import Prices, Reply
from plan_and_act.llm.prompts import prompt_hash
from plan_and_act.synthesis.config import Config, Section
from plan_and_act.synthesis.rows import Provenance, Row, TrajectoryRow
from plan_and_act.synthesis.store import Store
from plan_and_act.synthesis.teacher import Teacher, clipped, drop_reason, fenced
from plan_and_act.trajectory import Usage

S = TypeVar("S", bound=Section)
R = TypeVar("R", bound=Row)
I = TypeVar("I")  # noqa: E741
T = TypeVar("T")

_AHEAD = 4
"""Items begun for each call that may be in flight, so that one slow answer does not keep the endpoint idle."""
_BARREN = 20
"""Calls in a row without anything new after which a teacher has no more to give."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a stage will make and use, before it starts: an upper bound as far as one is known."""

    rows: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Forecast:
    """What is there, and what the stages before are expected to make.

    Args:
        config: What all stages share.
        store: The rows so far.
    """

    def __init__(self, config: Config, store: Store) -> None:
        self.config, self.store = config, store
        self.expected: dict[str, int] = {}

    def rows(self, stage: str) -> int:
        """Rows of a stage: as many as are expected of it if it is to be carried out, else as many as its file has."""
        return self.expected[stage] if stage in self.expected else self.store.count(stage)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come: items done, of so many where the number is known."""

    stage: str
    done: int
    total: int | None
    dropped: int


class Report(BaseModel):
    """What became of a stage."""

    stage: str
    rows: int = 0
    drops: dict[str, int] = Field(default_factory=dict, description="Items dropped, by reason.")
    notes: list[str] = Field(default_factory=list, description="What else there is to say, a sentence each.")
    paid: Usage = Field(default_factory=Usage, description="Calls of this invocation.")
    saved: Usage = Field(default_factory=Usage, description="Calls that were answered from the cache.")
    seconds: float = 0.0
    skipped: str | None = Field(None, description="Why it was not carried out.")


@dataclass
class Job:
    """What a stage works with: the shared settings, the rows, its teacher, and the counting.

    Args:
        stage: Its name.
        config: What all stages share.
        store: The rows.
        watch: Told how far the stage has come.
        hire: Makes the stage's teacher when the first question comes up.
        reports: What became of the stages so far.
        spend: Counts what was used without the teacher, and raises when the budget is spent.
        given: A chat model that stands in for those of the configuration.
    """

    stage: str
    config: Config
    store: Store
    watch: Callable[[Progress], None]
    hire: Callable[[], Teacher]
    reports: Callable[[], Mapping[str, Report]] = dict
    spend: Callable[[Usage], None] = lambda _: None
    given: BaseChatModel | None = None
    drops: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _teacher: Teacher | None = None

    @property
    def teacher(self) -> Teacher:
        """The stage's teacher.

        Raises:
            ConfigError: There is no model to be one.
        """
        if self._teacher is None:
            self._teacher = self.hire()
        return self._teacher

    def rng(self, *what: object) -> random.Random:
        """A generator of its own for each thing that is drawn, so that no draw depends on another's order."""
        return random.Random("/".join(map(str, (self.config.seed, self.stage, *what))))

    def evenly(self, items: Sequence[T], count: int, number: int, *what: object) -> list[T]:
        """The draw of a number: different items, each of all as often as the others over many draws.

        Args:
            items: What is drawn from.
            count: Items a draw has; all of them when there are no more.
            number: Which draw, from 0.
            what: Tells draws for other purposes apart.
        """
        turn, place = divmod(number, max(1, len(items) // count))
        return self.rng(*what, turn).sample(items, len(items))[place * count : (place + 1) * count]

    def successes(self) -> Iterator[TrajectoryRow]:
        """The trajectories of the training split that succeeded; the others are counted among the drops."""
        for row in self.read("score", TrajectoryRow):
            if row.split != "train":
                continue
            if row.success:
                yield row
            else:
                self.drop("the trajectory failed")

    def read(self, stage: str, kind: type[R]) -> Iterator[R]:
        """The rows of another stage; lines that were cut off are counted among the drops."""
        return self.store.read(stage, kind, on_cut=lambda: self.drop(f"line cut off in {stage}.jsonl"))

    def page(self, name: str) -> str:
        """A page by its hash, for a prompt: between marks, and cut to what the teacher is to read.

        Raises:
            StorageError: It is not there.
        """
        return fenced(clipped(self.store.page(name), self.config.teacher_of(self.stage).page_tokens))

    def drop(self, reason: str, count: int = 1) -> None:
        """Count items that are not passed on."""
        self.drops[reason] += count

    def made_by(self, prompt: str | None, parents: Sequence[str] = ()) -> Provenance:
        """The provenance of a row of this stage.

        Args:
            prompt: Name of the prompt; None when no teacher was asked.
            parents: Ids of the rows it was made from.
        """
        teacher, hashed = (self.teacher.name, prompt_hash(prompt)) if prompt else (None, None)
        return Provenance(stage=self.stage, teacher=teacher, prompt=hashed, parents=list(parents))

    async def ask(
        self,
        messages: Sequence[BaseMessage],
        parse: Callable[[Reply], T],
        *,
        response_format: Mapping[str, Any] | None = None,
        sample: int = 0,
        logprobs: bool = False,
    ) -> T | None:
        """Ask the teacher; when no answer can be used, the item is counted as dropped and there is None.

        Args: as `Teacher.ask` takes them.

        Raises:
            ModelUnavailableError: The endpoint is lost.
            BudgetSpentError: The budget is spent.
        """
        try:
            return await self.teacher.ask(
                messages, parse, response_format=response_format, sample=sample, logprobs=logprobs
            )
        except (ModelOutputError, ModelTimeoutError, ContextTooLongError) as error:
            self.drop(drop_reason(error))
            return None

    async def each(
        self, items: Iterable[I], work: Callable[[I], Awaitable[T]], *, total: int | None = None
    ) -> AsyncIterator[tuple[I, T]]:
        """Work on many items at once, and give the results in the order of the items.

        What is in flight when something fails is waited for, since it is paid for and its answer is kept.

        Args:
            items: Taken one by one, a few ahead of those that are done.
            work: What is done with one.
            total: How many they are, for the progress.
        """
        ahead = _AHEAD * self.config.teacher_of(self.stage).concurrency
        waiting: deque[tuple[I, asyncio.Future[T]]] = deque()
        done = 0

        async def first() -> tuple[I, T]:
            nonlocal done
            item, task = waiting[0]
            result = await task
            waiting.popleft()
            done += 1
            self.watch(Progress(self.stage, done, total, self.drops.total()))
            return item, result

        try:
            for item in items:
                if len(waiting) >= ahead:
                    yield await first()
                waiting.append((item, asyncio.ensure_future(work(item))))
            while waiting:
                yield await first()
        except Exception:
            # The first of them is the one that failed; the gate lets none through after that.
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)
            raise
        finally:
            for _, task in waiting:
                task.cancel()

    async def until(
        self,
        wanted: int,
        each: int,
        make: Callable[[int], Awaitable[Iterable[T]]],
        accept: Callable[[T], bool],
        *,
        first: int = 0,
    ) -> AsyncIterator[T]:
        """Make items by numbered calls until there are enough, or the teacher has no more to give.

        The calls go out in waves: as many as are needed if all is accepted, then as many as are still needed. So the
        calls that are made, and what comes of them, do not depend on which answer comes first.

        Args:
            wanted: Items to accept.
            each: Items a call is expected to make.
            make: The call of a number.
            accept: Whether an item is taken; it sees them in the order of the calls.
            first: Number of the first call.
        """
        found, number, barren = 0, first, 0
        while found < wanted and barren < _BARREN:
            wave = range(number, number + -(-(wanted - found) // each))
            before, number = found, wave.stop
            async for _, items in self.each(wave, make):
                for item in items:
                    if found < wanted and accept(item):
                        found += 1
                        yield item
            barren = 0 if found > before else barren + len(wave)
        if found < wanted:
            self.notes.append(f"Stopped at {found:,} of {wanted:,}: the last {barren:,} calls gave nothing new.")


class Stage(ABC, Generic[S]):
    """One stage. Subclasses say what it reads, how much it will use, and how it makes its rows.

    Args:
        settings: The stage's section of the configuration.
    """

    name: ClassVar[str]
    Settings: ClassVar[type[Section]] = Section
    needs: ClassVar[tuple[str, ...]] = ()
    """Stages that must have been carried out before."""
    asks: bool = True
    """Whether it cannot do without a teacher."""

    def __init__(self, settings: S) -> None:
        self.settings = settings

    def estimate(self, forecast: Forecast) -> Estimate:
        """What it will make and use."""
        return Estimate()

    def priced(self, config: Config) -> tuple[str | None, Prices]:
        """The model that is asked, as it is named, and the prices by which it is paid."""
        return config.teacher_of(self.name).model, config.prices

    @abstractmethod
    def run(self, job: Job) -> AsyncIterator[Row]:
        """Make the rows, in an order that depends on the inputs alone.

        Raises:
            ConfigError: A setting or an input cannot be used.
            ModelUnavailableError: The teacher's endpoint is lost.
            BudgetSpentError: The budget is spent.
        """

    def check(self, store: Store) -> None:
        """See that the inputs are there.

        Raises:
            ConfigError: One is not; the message says which stage makes it.
        """
        for need in self.needs:
            if not store.has(need):
                msg = f"The stage {self.name} needs {store.path(need)}: carry out the stage {need} first."
                raise ConfigError(msg)
