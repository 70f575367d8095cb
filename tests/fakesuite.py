"""A suite without sites and an agent without a browser, for what an evaluation does around them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from pydantic import PrivateAttr

from plan_and_act.errors import PlanAndActError
from plan_and_act.evaluation import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.results import Results
from plan_and_act.evaluation.runner import evaluate
from plan_and_act.trajectory import Ending, Task, Trajectory, Usage


class Fake(Suite):
    """Twelve tasks on two sites; those with an even number are right when the agent says `done`."""

    name: ClassVar[str] = "fake"

    count: int = 12
    grouped: bool = False

    _begin: Callable[[Attempt], None] = PrivateAttr(default_factory=lambda: lambda _: None)
    _score: Callable[[Attempt], None] = PrivateAttr(default_factory=lambda: lambda _: None)
    _open: bool = PrivateAttr(False)

    def tasks(self, selection: Selection) -> list[EvalTask]:
        return selection.of(
            [
                EvalTask(
                    id=f"t{number}", site=f"site{number % 2}", template=f"k{number // 2}", seed=number,
                    group="g" if self.grouped and number < 4 else None, extra={"number": number},
                )
                for number in range(self.count)
            ]
        )  # fmt: skip

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self._open = True
        yield
        self._open = False

    async def begin(self, attempt: Attempt) -> Start:
        assert self._open
        self._begin(attempt)
        return Start(Task(intent=attempt.task.id, url="https://a.example"))

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        self._score(attempt)
        right = attempt.task.extra["number"] % 2 == 0 and run.answer == "done"
        return Score.passed(right, judge="fake", problems=[] if right else ["odd"])


class FakeAgent:
    """Says `done` after a moment; `errors` are raised first, by task."""

    def __init__(self, errors: dict[str, list[Exception]] | None = None) -> None:
        self.errors = errors or {}
        self.calls: list[str] = []
        self.at_once = self.most = 0

    async def __call__(self, attempt: Attempt, start: Start) -> Trajectory:
        name = attempt.task.id
        self.calls.append(name)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0.005)
            if self.errors.get(name):
                raise self.errors[name].pop(0)
        finally:
            self.at_once -= 1
        return run_of(attempt, start)

    @property
    def times(self) -> Counter[str]:
        return Counter(self.calls)


def run_of(attempt: Attempt, start: Start, **more: Any) -> Trajectory:
    values: dict[str, Any] = {
        "thread": attempt.token, "task": start.task, "started": "2026-11-21T00:00:00+00:00", "answer": "done",
        "ending": Ending(status="succeeded", reason="finished"), "seconds": 1.5,
        "usage": {"planner": Usage(calls=1, input_tokens=100, output_tokens=20, cost=0.01), "executor": Usage(calls=2)},
    }  # fmt: skip
    return Trajectory.model_validate(values | more)


class Told:
    """A watcher that remembers what it is told."""

    def __init__(self) -> None:
        self.before = 0
        self.rows: list[str] = []
        self.failures: list[tuple[str, str, bool]] = []

    def begin(self, total: int, rows: Sequence[Any]) -> None:
        self.before = len(rows)

    def finished(self, row: Any) -> None:
        self.rows.append(row.task)

    def failed(self, failure: Any, *, again: bool) -> None:
        self.failures.append((failure.task, failure.kind, again))


async def evaluated(out: Path, agent: Any, suite: Suite | None = None, **more: Any) -> Results:
    """An evaluation of the fake suite, with pauses too short to notice."""
    about = {"context": more.pop("context", {}), "selection": more.pop("selection", Selection())}
    made = suite or Fake()
    return await evaluate(
        Evaluation(suite="fake", agent="fake", **about), out, suite=made, agent=agent, pauses=(0.0, 0.0), **more
    )


class BrokenError(PlanAndActError):
    """Something of a suite is broken."""
