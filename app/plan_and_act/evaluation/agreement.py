"""How far a judge agrees with checkers: on runs that a checker has scored, the judge is asked as well."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from plan_and_act.artefacts import Artefacts
from plan_and_act.errors import ConfigError, ModelOutputError
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.judge import Evidence, Judge
from plan_and_act.evaluation.statistics import wilson
from plan_and_act.trajectory import Trajectory

CHECKER = "checker"
"""Who has judged runs that nothing but a site's state decides on."""


class Agreement(BaseModel):
    """Counts of verdicts, the checker's first: `yes_no` is a success that the judge takes for a failure."""

    model_config = ConfigDict(frozen=True)

    yes_yes: int = 0
    yes_no: int = 0
    no_yes: int = 0
    no_no: int = 0
    unusable: int = 0
    """Runs on which the judge gave no verdict, or that kept nothing to judge them by; they are in no other count."""

    @property
    def count(self) -> int:
        """Runs with both verdicts."""
        return self.yes_yes + self.yes_no + self.no_yes + self.no_no

    @property
    def accuracy(self) -> float | None:
        """The share of them on which both agree; None of nothing."""
        return (self.yes_yes + self.no_no) / self.count if self.count else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: agreement beyond what chance would give; None where one of them always says the same.

        Source: J. Cohen, Educational and Psychological Measurement 20 (1960).
        """
        if not self.count or self.accuracy is None:
            return None
        checker, judge = (self.yes_yes + self.yes_no) / self.count, (self.yes_yes + self.no_yes) / self.count
        if checker in (0, 1) or judge in (0, 1):
            return None
        chance = checker * judge + (1 - checker) * (1 - judge)
        return (self.accuracy - chance) / (1 - chance)

    def text(self) -> str:
        """The counts as a small table, with what follows from them."""
        lines = [
            f"{'':18}{'judge: done':>14}{'judge: not':>14}",
            f"{'checker: done':18}{self.yes_yes:>14}{self.yes_no:>14}",
            f"{'checker: not':18}{self.no_yes:>14}{self.no_no:>14}",
        ]
        if self.accuracy is None:
            return "\n".join([*lines, "No run has both verdicts."])
        low, high = wilson(self.yes_yes + self.no_no, self.count)
        kappa = "not defined (one of them always says the same)" if self.kappa is None else f"{self.kappa:.2f}"
        said = f"Agreement {self.accuracy:.1%} ({low:.1%} to {high:.1%}), Cohen's kappa {kappa}, N = {self.count}."
        without = f" On {self.unusable} more the judge gave no verdict." if self.unusable else ""
        return "\n".join([*lines, said + without])


def agreement(verdicts: Iterable[tuple[bool, bool | None]]) -> Agreement:
    """Count verdicts.

    Args:
        verdicts: The checker's and the judge's, for each run; None where the judge gave none.
    """
    counts = dict.fromkeys(Agreement.model_fields, 0)
    for checker, judge in verdicts:
        name = "unusable" if judge is None else f"{'yes' if checker else 'no'}_{'yes' if judge else 'no'}"
        counts[name] += 1
    return Agreement(**counts)


async def measure(judge: Judge, results: Path, *, at_once: int = 4) -> Agreement:
    """Ask a judge about every run in a results folder that a checker has scored.

    Args:
        judge: The judge.
        results: The folder, as `plan-and-act eval practice` leaves it.
        at_once: Runs that are judged at the same time.

    Raises:
        ConfigError: When the folder has no such run.
        ModelUnavailableError: When the judge cannot be asked.
    """
    folder = Folder(results)
    runs = [run for run in folder.finished().values() if (run.judge or "").startswith(CHECKER)]
    if not runs:
        msg = f"{results} holds no run that a checker has scored; evaluate the suite practice first"
        raise ConfigError(msg)
    return agreement(await _verdicts(judge, runs, Artefacts(results / "artefacts"), at_once))


async def _verdicts(
    judge: Judge, runs: Sequence[Trajectory], artefacts: Artefacts, at_once: int
) -> list[tuple[bool, bool | None]]:
    places = asyncio.Semaphore(at_once)

    async def one(run: Trajectory) -> tuple[bool, bool | None]:
        success = bool(run.labels.get("success", run.reward))
        async with places:
            try:
                shown = await asyncio.to_thread(Evidence.of, run, artefacts, screenshots=judge.settings.screenshots)
                return success, (await judge.judge(shown)).success
            except (ModelOutputError, ConfigError):
                return success, None

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(run)) for run in runs]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
