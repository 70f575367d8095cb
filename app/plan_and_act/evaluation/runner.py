"""Runs the episodes of an evaluation: in parallel, each once, and on from where an earlier process was stopped.

    results = await evaluate(Evaluation(suite="practice", agent="solver"), Path("results/solver"))

An episode is finished when its trajectory is on disk, and a finished one is never done again. What goes wrong around an
episode (browser, site, endpoint, judge) is tried again, a bounded number of times, and then counted apart; it is
neither a success nor a failure of the agent.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from plan_and_act.browser import pool
from plan_and_act.errors import ConfigError, EvaluationStoppedError
from plan_and_act.evaluation.attempt import Failure, attempt
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.results import Results, Row, read_results
from plan_and_act.evaluation.suite import Agent, EvalTask, Suite
from plan_and_act.trajectory import Trajectory

PAUSES = (1.0, 5.0)
"""Seconds to wait before an episode is tried again; so often it is."""
STOP_AFTER = 5
"""Episodes in a row that are given up for reasons outside of the agent; then something is broken for all of them."""

Perform = Callable[[EvalTask, int], Awaitable[Trajectory | Failure]]
"""Does the n-th attempt at a task, here or on another machine."""
Workers = Callable[[Evaluation, Path, int], AbstractAsyncContextManager[Perform]]
"""Where the attempts are made: is given the evaluation, the results folder and how many at once."""


class Watcher(Protocol):
    """Someone who is told how an evaluation goes on."""

    def begin(self, total: int, rows: Sequence[Row]) -> None:
        """It begins; these episodes are finished already."""

    def finished(self, row: Row) -> None:
        """An episode is finished, and kept."""

    def failed(self, failure: Failure, *, again: bool) -> None:
        """An attempt came to nothing."""


async def evaluate(
    evaluation: Evaluation,
    out: Path,
    *,
    parallel: int = 4,
    watcher: Watcher | None = None,
    suite: Suite | None = None,
    agent: Agent | None = None,
    workers: Workers | None = None,
    pauses: Sequence[float] = PAUSES,
) -> Results:
    """Do the episodes that are not finished yet.

    Args:
        evaluation: The suite, its episodes, the agent.
        out: The results folder; what is finished in it is kept.
        parallel: Episodes at once.
        watcher: Is told how it goes on.
        suite: The suite, where it is one of your own; made from the evaluation when left out.
        agent: The agent, where it is one of your own; made from the evaluation when left out.
        workers: Where the attempts are made; in this process when left out.
        pauses: Seconds to wait before each further attempt at an episode whose attempt came to nothing.

    Returns:
        All results in the folder. Episodes without one are among its `failures`; the next call tries them again.

    Raises:
        ConfigError: When something in the evaluation cannot be used, or the folder is another evaluation's.
        SuiteNotReadyError: When something that the suite needs is not there.
        EvaluationStoppedError: When it cannot go on (the model is gone); what is finished is kept.
        StorageError: When results cannot be written.
    """
    suite = suite or evaluation.make_suite()
    tasks = suite.tasks(evaluation.selection)
    if twice := [name for name, count in Counter(task.id for task in tasks).items() if count > 1]:
        msg = f"the suite {suite.name} has {len(twice)} tasks twice, e.g. {twice[0]}"
        raise ConfigError(msg)
    if workers is None and parallel > pool().limit:
        msg = f"{parallel} episodes at once need as many browser sessions; set PLAN_AND_ACT_MAX_SESSIONS={parallel}"
        raise ConfigError(msg)
    if workers and suite.only_here:
        msg = f"the suite {suite.name} cannot be shared among machines: {suite.only_here}"
        raise ConfigError(msg)
    folder = Folder(out)
    identity = await asyncio.to_thread(evaluation.identity, suite, tasks)
    with folder.held(identity):
        finished = folder.finished()
        left = [task for task in tasks if task.id not in finished]
        if watcher:
            watcher.begin(len(tasks), [Row.of(run) for run in finished.values()])
        if left:
            where = workers(evaluation, out, parallel) if workers else _here(evaluation, out, suite, agent)
            async with where as perform:
                work = _Work(folder, perform, left, total=len(tasks), watcher=watcher, pauses=pauses)
                await work.carry(parallel)
    return read_results(out)


@asynccontextmanager
async def _here(evaluation: Evaluation, out: Path, suite: Suite, agent: Agent | None) -> AsyncIterator[Perform]:
    doer = agent or evaluation.make_agent(suite)

    async def perform(task: EvalTask, number: int) -> Trajectory | Failure:
        return await attempt(suite, doer, task, folder=out, seconds=evaluation.seconds, number=number)

    async with suite.open():
        yield perform


class _Work:
    """The episodes that are left, and who takes the next."""

    def __init__(
        self,
        folder: Folder,
        perform: Perform,
        left: Iterable[EvalTask],
        *,
        total: int,
        watcher: Watcher | None,
        pauses: Sequence[float],
    ) -> None:
        self._folder = folder
        self._perform = perform
        self._total = total
        self._watcher = watcher
        self._pauses = pauses
        self._lanes = [deque(lanes) for lanes in _lanes(left)]
        self._in_a_row = 0

    async def carry(self, parallel: int) -> None:
        """Do all of them, so many at once; the first error that concerns all of them ends the others."""
        try:
            for lanes in self._lanes:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(parallel, len(lanes))):
                        group.create_task(self._take(lanes))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _take(self, lanes: deque[list[EvalTask]]) -> None:
        while lanes:
            for task in lanes.popleft():
                if not await self._episode(task):
                    # Those after it in its group would begin in a state that it has not made.
                    break

    async def _episode(self, task: EvalTask) -> bool:
        """Whether the episode is finished: a run was scored and kept."""
        for number, pause in enumerate((*self._pauses, None), 1):
            done = await self._perform(task, number)
            if isinstance(done, Trajectory):
                self._folder.add(done)
                self._in_a_row = 0
                if self._watcher:
                    self._watcher.finished(Row.of(done))
                return True
            self._folder.fail(done)
            if self._watcher:
                self._watcher.failed(done, again=pause is not None)
            if pause is not None:
                await asyncio.sleep(pause)
                continue
            self._in_a_row += 1
            if done.kind == "model" or self._in_a_row >= STOP_AFTER:
                raise self._stopped(done)
        return False

    def _stopped(self, last: Failure) -> EvaluationStoppedError:
        count = len(self._folder.finished())
        why = "" if last.kind == "model" else f"{self._in_a_row} episodes in a row came to nothing. The last one: "
        msg = (
            f"The evaluation was stopped. {why}{last.message} {count} of {self._total} episodes are finished and kept "
            f"in {self._folder.path}; once the cause is gone, the same command does the others."
        )
        return EvaluationStoppedError(last.kind, msg)


def _lanes(tasks: Iterable[EvalTask]) -> tuple[list[list[EvalTask]], list[list[EvalTask]]]:
    """What may be done at the same time: every episode by itself, and then the groups, each in its order.

    What a group changes the others are to find as it was.
    """
    alone: list[list[EvalTask]] = []
    groups: dict[str, list[EvalTask]] = {}
    for task in tasks:
        if task.group:
            groups.setdefault(task.group, []).append(task)
        else:
            alone.append([task])
    return alone, list(groups.values())
