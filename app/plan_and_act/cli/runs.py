"""`runs` and `report`: what is left of runs."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plan_and_act.artefacts import home
from plan_and_act.cli import record
from plan_and_act.cli.text import safe
from plan_and_act.cli.views import emit
from plan_and_act.errors import CheckpointError
from plan_and_act.report import money, write_report

_STYLES = {"succeeded": "green", "failed": "red", "stopped": "yellow", "waiting": "magenta", "running": "cyan"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Runs to list, the latest first.")
def runs(as_json: bool, limit: int) -> int:
    """List the runs, the latest first."""
    found = record.load_all()[:limit]
    if as_json:
        for run in found:
            emit(run.model_dump(mode="json") | {"state": _state(run)})
        return 0
    if not found:
        click.echo(f"There are no runs in {home()} yet.", err=True)
        return 0
    table = Table(box=None, pad_edge=False)
    for name in ("Thread", "Task", "Ending"):
        table.add_column(name, overflow="fold" if name == "Thread" else "ellipsis", no_wrap=name == "Task")
    for name in ("Rounds", "Tokens", "Cost", "When"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in found:
        state = _state(run)
        ending = f"{run.ending.status}: {run.ending.reason}" if run.ending else state
        style = _STYLES.get(run.ending.status if run.ending else state, "")
        table.add_row(
            run.thread,
            Text(safe(run.task, 200)),
            Text(ending, style=style),
            str(run.rounds),
            f"{run.tokens:,}",
            money(run.cost),
            _ago(run.created),
        )
    # On a pipe the width of a terminal means nothing: let each run keep its line.
    Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 200).print(table)
    return 0


@click.command()
@click.argument("thread")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the report.")
@click.option("--checkpoints", envvar="PLAN_AND_ACT_CHECKPOINTS", metavar="URL", help="Where runs are kept.")
def report(thread: str, output: Path | None, checkpoints: str | None) -> int:
    """Write the HTML report of the run THREAD from its checkpoints, finished or not."""
    found = record.load(thread)
    from plan_and_act.agent.record import to_trajectory
    from plan_and_act.cli.engine import Engine

    engine = Engine(found, checkpoints)

    async def values() -> dict[str, object]:
        try:
            await engine.open()
            return dict((await engine.snapshot()).values)
        finally:
            await engine.close()

    state = asyncio.run(values())
    if not state:
        msg = f"The run {thread!r} has no checkpoint here; was it kept elsewhere (--checkpoints)?"
        raise CheckpointError(msg)
    path = output or found.folder / "report.html"
    write_report(to_trajectory(state, thread), path, engine.artefacts)
    click.echo(str(path))
    return 0


def _state(run: record.RunRecord) -> str:
    if run.state == "working":
        return "running" if run.busy else "interrupted"
    return run.state


def _ago(moment: str) -> str:
    """A time as `5 min ago`; from a day on as a date."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    except (ValueError, TypeError):
        return moment
    if seconds < 60:
        return "now"
    if seconds < 3_600:
        return f"{seconds // 60:.0f} min ago"
    return f"{seconds // 3_600:.0f} h ago" if seconds < 86_400 else moment[:16].replace("T", " ")
