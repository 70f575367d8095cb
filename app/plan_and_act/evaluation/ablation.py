"""Ablations: rows against columns, every cell an evaluation on the same episodes.

    title: When to replan
    suite: practice
    selection: {episodes: 40}
    rows:                                   # planner designs, or replanning policies
      no planner: {planning: none}
      plan once: {planning: static}
      every round: {replan_every: 1, replan_on: []}
    columns:                                # executors, or what the sites do
      undisturbed: {}
      disturbed: {settings: {disturbed: true}}

A row and a column hold fields of `Context`, and under `settings` fields of the suite; where both name one, the column
wins. The paper's tables have this form (Table 1: planner designs in rows, executors in columns).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.results import Results
from plan_and_act.evaluation.runner import Watcher, Workers, evaluate
from plan_and_act.evaluation.suite import Agent, Selection, Suite

Variant = dict[str, Any]
"""Fields of `Context`; under `settings` those of the suite."""


class Ablation(BaseModel):
    """What an ablation file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = "Ablation"
    suite: str = Field(description="Name of the suite.")
    settings: dict[str, Any] = Field(default_factory=dict, description="The suite's settings in every cell.")
    selection: Selection = Field(default_factory=Selection)
    context: dict[str, Any] = Field(default_factory=dict, description="The agent's settings in every cell.")
    agent: Literal["agent", "solver"] = "agent"
    rows: dict[str, Variant] = Field(min_length=1)
    columns: dict[str, Variant] = Field(default={"success": {}}, min_length=1)
    paper: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="Success rates in % to be shown beside ours: by row and column."
    )

    @field_validator("rows", "columns")
    @classmethod
    def _settings_are_named(cls, variants: dict[str, Variant]) -> dict[str, Variant]:
        for name, variant in variants.items():
            if not isinstance(variant.get("settings", {}), dict):
                msg = f"under {name}, `settings` must hold settings by name, e.g. `disturbed: true`"
                raise ValueError(msg)
        return variants

    @model_validator(mode="after")
    def _names_fit(self) -> "Ablation":
        for row, found in self.paper.items():
            if unknown := sorted({row} - {*self.rows}) or sorted({*found} - {*self.columns}):
                msg = f"the paper's numbers name {', '.join(unknown)}, which is no row or column"
                raise ValueError(msg)
        for names in (self.rows, self.columns):
            if len({_slug(name) for name in names}) < len(names):
                msg = f"two of {', '.join(names)} would have the same folder; name them by other letters or digits"
                raise ValueError(msg)
        return self

    @property
    def cells(self) -> "list[Cell]":
        """Every row with every column.

        Raises:
            ConfigError: When a setting of a cell cannot be used.
        """
        return [self._cell(row, column) for column in self.columns for row in self.rows]

    def _cell(self, row: str, column: str) -> "Cell":
        of_row, of_column = self.rows[row], self.columns[column]
        try:
            evaluation = Evaluation(
                suite=self.suite,
                settings={**self.settings, **of_row.get("settings", {}), **of_column.get("settings", {})},
                selection=self.selection,
                agent=self.agent,
                context={**self.context, **_context(of_row), **_context(of_column)},
            )
        except ValidationError as error:
            msg = f"the cell {row} / {column}: {_first(error)}"
            raise ConfigError(msg) from error
        return Cell(row, column, evaluation)


@dataclass(frozen=True, slots=True)
class Cell:
    """A row with a column."""

    row: str
    column: str
    evaluation: Evaluation

    @property
    def folder(self) -> str:
        """The name of its results folder."""
        return f"{_slug(self.row)}--{_slug(self.column)}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A cell with its results."""

    row: str
    column: str
    results: Results


def load_ablation(file: Path) -> Ablation:
    """Read an ablation file.

    Raises:
        ConfigError: When it cannot be read, or something in it cannot be used.
    """
    try:
        ablation = Ablation.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = _first(error) if isinstance(error, ValidationError) else " ".join(str(error).split())
        msg = f"{file} is no ablation that can be run: {reason}"
        raise ConfigError(msg) from error
    for cell in ablation.cells:
        cell.evaluation.make_suite()
    return ablation


async def ablate(
    ablation: Ablation,
    out: Path,
    *,
    parallel: int = 4,
    watcher: Callable[[Cell], Watcher] | None = None,
    suite: Callable[[Cell], Suite] | None = None,
    agent: Callable[[Cell], Agent] | None = None,
    workers: Workers | None = None,
) -> list[Measured]:
    """Evaluate the cells one after the other, each in a folder of its own; what is finished is not done again.

    Args:
        ablation: The cells.
        out: The folder of their folders.
        parallel: Episodes at once.
        watcher: Makes who is told how a cell goes on.
        suite: Makes a cell's suite, where it is one of your own.
        agent: Makes a cell's agent, where it is one of your own.
        workers: Where attempts are made; see `evaluate`.

    Raises:
        ConfigError: See `evaluate`.
        SuiteNotReadyError: See `evaluate`.
        EvaluationStoppedError: See `evaluate`.
        StorageError: See `evaluate`.
    """
    found = []
    for cell in ablation.cells:
        results = await evaluate(
            cell.evaluation,
            out / cell.folder,
            parallel=parallel,
            watcher=watcher(cell) if watcher else None,
            suite=suite(cell) if suite else None,
            agent=agent(cell) if agent else None,
            workers=workers,
        )
        found.append(Measured(cell.row, cell.column, results))
    return found


def names(values: Iterable[str]) -> list[str]:
    """Each once, in the order of their first appearance."""
    return list(dict.fromkeys(values))


def cell_of(measured: Sequence[Measured], row: str, column: str) -> Measured | None:
    """The cell of a row and a column; None when it has not been measured."""
    return next((one for one in measured if (one.row, one.column) == (row, column)), None)


def _context(variant: Variant) -> dict[str, Any]:
    return {name: value for name, value in variant.items() if name != "settings"}


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "x"
