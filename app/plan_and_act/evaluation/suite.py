"""What every benchmark stands behind: tasks, a place where they are begun, and a score.

    class Mine(Suite):
        name: ClassVar[str] = "mine"
        url: str                                            # a setting, from --config or --set url=...

        def tasks(self, selection): return selection.of([EvalTask(id="buy", site="shop", intent="Buy a kettle.")])
        @asynccontextmanager
        async def open(self): ...check the site...; yield
        async def begin(self, attempt): return Start(Task(intent=attempt.task.intent, url=self.url))
        async def score(self, attempt, run): return Score.passed(not await self.problems(), judge="mine")

A suite is a pydantic model of its settings: they are read from a file, checked, and part of the configuration that a
results folder belongs to. What it starts in `open` it keeps in private attributes. An order of calls:
`tasks`, `open`, then for every attempt `begin`, `watch` after every action, `score`; attempts overlap.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import Session, SessionOptions, pool
from plan_and_act.errors import ConfigError
from plan_and_act.trajectory import Task, Trajectory, Usage


class EvalTask(BaseModel):
    """One episode of a suite: a task to be done once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, description="Names the episode, seed included: unique, and the same in every run.")
    site: str = Field(description="The site, or kind of task, that results are counted by.")
    template: str = Field("", description="What it is an instance of: episodes of one template are not independent.")
    seed: int = 0
    intent: str = Field("", description="The task in words; empty where only `begin` knows it.")
    urls: tuple[str, ...] = Field((), description="Where it starts, a tab each; empty where only `begin` knows it.")
    group: str | None = Field(None, description="Those of a group are done in their order, after all that have none.")
    extra: dict[str, Any] = Field(default_factory=dict, description="What else the suite needs or tells, as JSON.")


class Selection(BaseModel):
    """Which episodes of a suite to do. Every part narrows; what is left out does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    episodes: int | None = Field(None, ge=1, description="At most so many (a suite that draws tasks: for each seed).")
    seeds: tuple[int, ...] = Field((), description="Seeds to draw with; for fixed tasks, one repetition each.")
    sites: tuple[str, ...] = ()
    without_sites: tuple[str, ...] = ()
    tasks: tuple[str, ...] = Field((), description="Ids, or templates.")

    def of(self, tasks: Sequence[EvalTask]) -> list[EvalTask]:
        """Those of a list that are meant, in the order of the list; `episodes` of them spread evenly over it.

        Seeds are not looked at: who makes the list has repeated its tasks for them.

        Raises:
            ConfigError: When a site or task is named that is not in the list, or nothing is left.
        """
        sites, names = {task.site for task in tasks}, {name for task in tasks for name in (task.id, task.template)}
        _known("site", {*self.sites, *self.without_sites}, sites)
        _known("task", set(self.tasks), names - {""})
        found = [
            task
            for task in tasks
            if (not self.sites or task.site in self.sites)
            and task.site not in self.without_sites
            and (not self.tasks or task.id in self.tasks or task.template in self.tasks)
        ]
        if not found:
            msg = "no task is left: the selection of sites and tasks excludes all of them"
            raise ConfigError(msg)
        count = min(self.episodes or len(found), len(found))
        return [found[index * len(found) // count] for index in range(count)]


class Score(BaseModel):
    """What came of an episode."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reward: float = Field(ge=0, le=1)
    success: bool
    judge: str = Field(description="Who says so: `checker`, an evaluator and its version, or a model.")
    problems: tuple[str, ...] = Field((), description="What speaks against it, a phrase each.")
    also: dict[str, float] = Field(default_factory=dict, description="Rewards that other judges give, by judge.")
    usage: Usage | None = Field(None, description="What a judge's model has used.")

    @classmethod
    def passed(cls, passed: bool, *, judge: str, problems: Sequence[str] = ()) -> "Score":
        """A score of 1 or 0."""
        return cls(reward=float(passed), success=passed, judge=judge, problems=tuple(problems))


@dataclass
class Attempt:
    """One try at a task. Browser sessions under its token, or under `TOKEN/...`, are its own."""

    task: EvalTask
    token: str
    """Unique; 1 to 64 letters, digits, - and _."""
    folder: Path
    """For files of this try (recorded traffic, an evaluator's input); to be made by who writes into it."""
    artefacts: Artefacts
    """Where observations, screenshots and login states are kept."""
    watch: Callable[["Attempt"], Awaitable[Score | None]]
    """The suite's `watch`."""
    score: Score | None = None
    """The score that ended the episode early."""

    @property
    def session(self) -> Session | None:
        """The browser session as the agent has left it: open until `close`, None when there is none (any more)."""
        keys = [key for key in pool().keys if key == self.token or key.startswith(f"{self.token}/")]
        return pool().live(keys[-1]) if keys else None

    async def over(self) -> bool:
        """To be asked by the agent after every action: whether the suite has ended the episode."""
        self.score = self.score or await self.watch(self)
        return self.score is not None

    async def close(self) -> None:
        """Close the browser session; recorded traffic is complete then. The runner does it after the score."""
        for key in pool().keys:
            if key == self.token or key.startswith(f"{self.token}/"):
                await pool().release(key)


@dataclass(frozen=True)
class Start:
    """What the agent is given at the beginning of an attempt."""

    task: Task
    private_origins: tuple[str, ...] = ()
    """Private addresses that the browser may reach."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Context` the suite insists on: viewport, allowed_origins, output_schema, ..."""
    session: SessionOptions = field(default_factory=SessionOptions)
    """What the browser session begins with: its `setup` and `uploads`; the rest is not looked at."""


class Suite(BaseModel, ABC):
    """A benchmark. Its fields are its settings."""

    model_config = ConfigDict(extra="forbid")

    name: ClassVar[str]

    @abstractmethod
    def tasks(self, selection: Selection) -> list[EvalTask]:
        """The episodes, the same ones for the same settings and selection. Starts nothing.

        Raises:
            ConfigError: When the selection names what is not there, or the suite's data cannot be read.
        """

    @property
    def only_here(self) -> str:
        """Why all attempts have to be made in one process, as part of a sentence; empty where they need not."""
        return ""

    def versions(self) -> dict[str, str]:
        """What decides on results beside the settings: versions of packages, hashes of data."""
        return {}

    @abstractmethod
    def open(self) -> AbstractAsyncContextManager[None]:
        """Start and check what is needed until the block ends.

        Raises:
            SuiteNotReadyError: When something is missing; it lists all of it.
        """

    @abstractmethod
    async def begin(self, attempt: Attempt) -> Start:
        """Bring the sites into the state that the task begins in.

        Raises:
            PlanAndActError: When that cannot be done: an infrastructure error, which is tried again.
        """

    async def watch(self, attempt: Attempt) -> Score | None:
        """Called after every action of the agent, with `attempt.session` open: a score ends the episode at once."""
        return None

    @abstractmethod
    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """Judge a run that has ended, unless `watch` did. `attempt.session` is open until `attempt.close()`.

        Raises:
            Exception: Whatever is raised makes the episode an infrastructure error, never a success or a failure.
        """

    async def solve(self, attempt: Attempt, start: Start) -> Trajectory:
        """Do the task without a model, through the same actions an agent has (`--agent solver`).

        Raises:
            ConfigError: When the suite has no solvers.
        """
        msg = f"the suite {self.name} has no solvers; leave --agent solver out"
        raise ConfigError(msg)


Agent = Callable[[Attempt, Start], Awaitable[Trajectory]]
"""What is evaluated. It asks `attempt.over()` after every action, ends when that is so, and leaves its session open."""


def _known(what: str, asked: set[str], known: set[str]) -> None:
    if unknown := sorted(asked - known):
        listed = sorted(known)
        more = f" and {len(listed) - 20} more" if len(listed) > 20 else ""
        msg = f"there is no {what} {', '.join(unknown)}; there are {', '.join(listed[:20])}{more}"
        raise ConfigError(msg)
