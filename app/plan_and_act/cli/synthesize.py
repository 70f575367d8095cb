"""`synthesize`: the stages that make training data."""

import asyncio
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from plan_and_act.cli import exits
from plan_and_act.cli.views import emit, err
from plan_and_act.report import duration, money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plan_and_act.synthesis import Estimate, Pipeline, Report
    from plan_and_act.synthesis import Progress as Done


@click.command(epilog=exits.HELP)
@click.argument("stage")
@click.option(
    "--config",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The YAML file that describes the pipeline.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would make and use, and ask nobody.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line: progress, and each stage's report."
)
def synthesize(stage: str, config: Path, dry_run: bool, as_json: bool) -> int:
    """Make training data: carry out STAGE, or all of them.

    The stages are queries, collect, score, describe, annotate, expand, augment, replans, reason and export; each reads
    the rows of those before it and writes its own. A teacher's answers are kept: after Ctrl-C, a kill or a spent budget
    the same command goes on, and pays for no answer twice.
    """
    from plan_and_act.synthesis import Pipeline

    pipeline = Pipeline.load(config)
    names = pipeline.named(stage)
    if dry_run:
        estimates = pipeline.estimate(names)
        if as_json:
            emit(
                {
                    name: asdict(estimate) | {"cost": pipeline.cost(name, estimate)}
                    for name, estimate in estimates.items()
                }
            )
        else:
            _tell_estimates(pipeline, estimates)
        return 0
    reports: list[Report] = []
    try:
        # A stage that the configuration names is meant to be carried out.
        skip = stage == "all" and not pipeline.config.stages
        _carry(pipeline, names, skip=skip, told=reports.append, as_json=as_json)
    finally:
        if reports and not as_json:
            _tell_reports(reports, pipeline)
    return 0


def _carry(
    pipeline: "Pipeline", names: list[str], *, skip: bool, told: "Callable[[Report], None]", as_json: bool
) -> None:
    from plan_and_act.browser import pool
    from plan_and_act.browser.pool import LIMIT, LIMIT_VARIABLE
    from plan_and_act.cli.drive import terminable

    os.environ.setdefault(LIMIT_VARIABLE, str(max(LIMIT, pipeline.episodes_at_once)))
    bar = _Lines() if as_json else _Bar(err())

    def tell(report: "Report") -> None:
        told(report)
        bar.told(report)

    async def carry() -> None:
        try:
            await pipeline.run(names, skip=skip, watch=bar.show, told=tell)
        finally:
            await pool().close()

    with terminable(), bar, asyncio.Runner() as runner:
        runner.run(carry())


class _Lines:
    """One JSON object a line on standard output."""

    def __enter__(self) -> "_Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to put away."""

    def show(self, done: "Done") -> None:
        """Tell how far a stage has come."""
        emit({"event": "progress", **asdict(done)})

    def told(self, report: "Report") -> None:
        """Tell what became of a stage."""
        emit({"event": "report", **report.model_dump(mode="json")})


class _Bar:
    """How far the stage at work has come, with its rate and the time left; nothing where nobody looks."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None, rate="")
        self._stage = ""

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def told(self, report: "Report") -> None:
        """Told at the end, as a table."""

    def show(self, done: "Done") -> None:
        """Show how far a stage has come."""
        if done.stage != self._stage:
            self._stage = done.stage
            self._progress.reset(self._task, description=done.stage)
        speed = self._progress.tasks[0].speed
        rate = f"{speed:.1f}/s" if speed else ""
        dropped = f", {done.dropped:,} dropped" if done.dropped else ""
        self._progress.update(self._task, completed=done.done, total=done.total, rate=f"{rate}{dropped}")


def _tell_estimates(pipeline: "Pipeline", estimates: "Mapping[str, Estimate]") -> None:
    table = _table("Stage", "Rows", "Calls", "Input tokens", "Output tokens", "Cost")
    for name, estimate in estimates.items():
        table.add_row(
            name,
            f"{estimate.rows:,}",
            f"{estimate.calls:,}",
            f"{estimate.input_tokens:,}",
            f"{estimate.output_tokens:,}",
            money(pipeline.cost(name, estimate)) if estimate.calls else "",
        )
    _print(table)


def _tell_reports(reports: "list[Report]", pipeline: "Pipeline") -> None:
    table = _table("Stage", "Rows", "Dropped", "Calls", "Cached", "Tokens", "Cost", "Time")
    for report in reports:
        paid = report.paid
        table.add_row(
            report.stage,
            "skipped" if report.skipped else f"{report.rows:,}",
            f"{sum(report.drops.values()):,}",
            f"{paid.calls:,}",
            f"{report.saved.calls:,}",
            f"{paid.input_tokens + paid.output_tokens:,}",
            money(paid.cost) if paid.calls else "",
            duration(report.seconds),
        )
    _print(table)
    for report in reports:
        for reason, count in report.drops.items():
            click.echo(f"{report.stage}: {count:,} dropped: {reason}")
        for note in [*report.notes, *([f"skipped: {report.skipped}"] if report.skipped else [])]:
            click.echo(f"{report.stage}: {note}")
    click.echo(f"Rows: {pipeline.store.folder}")


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _print(table: Table) -> None:
    # On a pipe the width of a terminal means nothing: let each row keep its line.
    Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 200).print(table)
