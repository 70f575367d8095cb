"""A results folder as rows, one an episode, and as groups of rows with their success rates."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from plan_and_act.evaluation.attempt import Failure
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.statistics import ENOUGH, Interval, bootstrap, cluster_note, wilson
from plan_and_act.trajectory import Role, Trajectory, Usage

WRONG = "wrong_end"
"""Reason of an episode whose agent said that it was done, and it was not."""


class Row(BaseModel):
    """One finished episode."""

    model_config = ConfigDict(frozen=True)

    task: str = Field(description="The episode's id: pairs are formed by it.")
    site: str
    template: str
    seed: int
    success: bool
    reward: float
    judge: str
    also: dict[str, float] = Field(description="Rewards of other judges.")
    reason: str = Field(description="Why it failed: how the run ended, or `wrong_end`; empty for a success.")
    problems: tuple[str, ...] = Field(description="What the judge has against it.")
    message: str = Field(description="How the run ended, as a sentence.")
    rounds: int
    replans: int
    seconds: float
    usage: dict[Role, Usage] = Field(description="Tokens, cost and seconds by role.")
    attempt: int = Field(description="Which try it was; those before came to nothing for other reasons.")
    extra: dict[str, Any]
    thread: str = Field(description="The trajectory's.")

    @classmethod
    def of(cls, run: Trajectory) -> "Row":
        """The row of a scored trajectory."""
        labels = run.labels
        success = bool(labels.get("success", run.reward))
        ending = run.ending.reason if run.ending else "no_ending"
        return cls(
            task=run.task.id or run.thread,
            site=labels.get("site", ""),
            template=labels.get("template", ""),
            seed=labels.get("seed", 0),
            success=success,
            reward=run.reward or 0.0,
            judge=run.judge or "",
            also=labels.get("also", {}),
            reason="" if success else WRONG if ending == "finished" else ending,
            problems=labels.get("problems", ()),
            message=run.ending.message if run.ending else "",
            rounds=len(run.rounds),
            replans=max(len(run.plans) - 1, 0),
            seconds=run.seconds,
            usage=run.usage,
            attempt=labels.get("attempt", 1),
            extra=labels.get("extra", {}),
            thread=run.thread,
        )

    @property
    def total(self) -> Usage:
        """Usage over all roles but the judge, which is no part of the agent."""
        return sum((usage for role, usage in self.usage.items() if role != "judge"), Usage())

    @property
    def planning(self) -> Usage:
        """What planner and replanner have used."""
        return self.usage.get("planner", Usage()) + self.usage.get("replanner", Usage())


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows, counted."""

    name: str
    count: int
    successes: int
    interval: Interval
    """Wilson's, 95 %."""
    reward: float
    rounds: float
    replans: float
    planning_tokens: float
    tokens: float
    seconds: float
    """Means over the episodes."""
    cost: float | None
    """US dollars, all in all; None while no price is known."""

    @property
    def rate(self) -> float:
        """The success rate."""
        return self.successes / self.count if self.count else 0.0


@dataclass(frozen=True)
class Results:
    """What is in a results folder."""

    path: Path
    configuration: dict[str, Any]
    rows: list[Row]
    failures: list[Failure]
    """Of episodes that have no result: the last attempt at each."""

    @property
    def total(self) -> int:
        """Episodes that the evaluation has."""
        return int(self.configuration["tasks"]["count"])

    @property
    def complete(self) -> bool:
        """Whether every episode has a result."""
        return len(self.rows) >= self.total

    @property
    def all(self) -> Group:
        """All rows as one group."""
        return group("all", self.rows)

    @property
    def sites(self) -> list[Group]:
        """The rows by site."""
        return groups(self.rows, lambda row: row.site)

    @property
    def reasons(self) -> Counter[str]:
        """How often episodes failed for which reason."""
        return Counter(row.reason for row in self.rows if not row.success)

    @property
    def note(self) -> str | None:
        """What to bear in mind about the interval, with one that bears it in mind."""
        clusters: dict[str, list[float]] = defaultdict(list)
        for row in self.rows:
            clusters[row.template].append(float(row.success))
        said = cluster_note(len(self.rows), len(clusters))
        if not said or len(clusters) < ENOUGH:
            return said
        low, high = bootstrap(list(clusters.values()))
        if low == high:
            # All tasks went alike: what was drawn says nothing of others.
            return said
        return f"{said} A bootstrap that draws whole tasks gives {low:.1%} to {high:.1%}."


def read_results(path: Path) -> Results:
    """Read a results folder, of an evaluation that is finished or not.

    Raises:
        ConfigError: When it is none, or of another version.
    """
    folder = Folder(path)
    configuration = folder.configuration()
    rows = [Row.of(run) for run in folder.finished().values()]
    done = {row.task for row in rows}
    open_ = {failure.task: failure for failure in folder.failures() if failure.task not in done}
    rows.sort(key=lambda row: (row.site, row.template, row.seed, row.task))
    return Results(path, configuration, rows, list(open_.values()))


def groups(rows: Sequence[Row], by: Callable[[Row], str]) -> list[Group]:
    """Rows by some name, in its order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return [group(name, found[name]) for name in sorted(found)]


def group(name: str, rows: Sequence[Row]) -> Group:
    """Rows, counted."""
    successes, used = sum(row.success for row in rows), [row.total for row in rows]

    def mean(values: Sequence[float]) -> float:
        return sum(values) / len(values) if values else 0.0

    return Group(
        name=name,
        count=len(rows),
        successes=successes,
        interval=wilson(successes, len(rows)),
        reward=mean([row.reward for row in rows]),
        rounds=mean([row.rounds for row in rows]),
        replans=mean([row.replans for row in rows]),
        planning_tokens=mean([row.planning.input_tokens + row.planning.output_tokens for row in rows]),
        tokens=mean([usage.input_tokens + usage.output_tokens for usage in used]),
        seconds=mean([row.seconds for row in rows]),
        cost=sum(used, Usage()).cost,
    )
