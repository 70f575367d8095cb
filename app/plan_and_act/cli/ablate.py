"""`ablate` and `compare`: evaluations side by side."""

import asyncio
import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plan_and_act.artefacts import home
from plan_and_act.cli import exits
from plan_and_act.errors import ConfigError, EvaluationStoppedError

if TYPE_CHECKING:
    from plan_and_act.cli.watchers import JsonWatcher, PlainWatcher
    from plan_and_act.evaluation.ablation import Ablation, Cell, Measured
    from plan_and_act.evaluation.results import Results
    from plan_and_act.evaluation.runner import Watcher, Workers

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(epilog=exits.HELP)
@click.argument("file", type=_FILE)
@click.option("--parallel", type=click.IntRange(1, 500), default=4, show_default=True, help="Episodes at once.")
@click.option("--out", type=_FOLDER, help="The folder for the results.  [default: one named after FILE]")
@click.option("--ray", metavar="ADDRESS", help="Let the workers of a Ray cluster do the episodes (auto, ray://...).")
def ablate(file: Path, parallel: int, out: Path | None, ray: str | None) -> int:
    """Evaluate every row of FILE with every column, and compare them on the same episodes.

    FILE is YAML: a suite, and rows and columns of settings; docs/evaluation.md has one. Every cell is an evaluation
    with a folder of its own; after Ctrl-C, a crash or a kill the same command goes on. The table comes on standard
    output, the page comparison.html into the folder.
    """
    from plan_and_act.cli.eval import make_room
    from plan_and_act.evaluation.ablation import load_ablation
    from plan_and_act.evaluation.results import read_results
    from plan_and_act.evaluation.tables import journal, write_tables

    ablation = load_ablation(file)
    out = out or home() / "ablations" / file.stem
    workers = None
    if ray:
        from plan_and_act.evaluation.remote import on_ray

        workers = on_ray(ray)
    make_room(parallel)
    stopped = _carry(ablation, out, parallel, workers)
    measured = _measured(ablation, out)
    for one in measured:
        if one.results.complete and not _told_of(one.results):
            journal(one.results)
        write_tables(one.results)
    if measured:
        _tell(measured, out, ablation.title, ablation.paper)
    if isinstance(stopped, EvaluationStoppedError):
        raise stopped
    if stopped:
        click.echo("Interrupted; the same command goes on.", err=True)
        return exits.INTERRUPTED
    complete = all(read_results(out / cell.folder).complete for cell in ablation.cells)
    return exits.SUCCEEDED if complete else exits.INCOMPLETE


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=_FOLDER, help="The folder for comparison.html and comparison.md.")
@click.option("--title", default="Comparison", help="The page's heading.")
def compare(folders: tuple[Path, ...], out: Path, title: str) -> None:
    """Compare the results in FOLDERS with those in the first, on the episodes that both have done."""
    from plan_and_act.evaluation.ablation import Measured
    from plan_and_act.evaluation.results import read_results

    read = [(name, read_results(folder)) for name, folder in _told_apart(folders).items()]
    _tell([Measured(name, results.configuration["suite"], results) for name, results in read], out, title, {})


def _told_apart(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by name, with as many of the folders above them as it takes to tell them apart.

    Raises:
        ConfigError: When one is there twice.
    """
    paths = [folder.resolve() for folder in folders]
    if twice := [path for path in paths if paths.count(path) > 1]:
        msg = f"{twice[0]} is named twice; compare it with other results"
        raise ConfigError(msg)
    depth = next(depth for depth in count(1) if len({path.parts[-depth:] for path in paths}) == len(paths))
    names = [str(Path(*path.parts[-depth:])) for path in paths]
    return dict(zip(names, folders, strict=True))


def _carry(ablation: "Ablation", out: Path, parallel: int, workers: "Workers | None") -> BaseException | None:
    from plan_and_act.browser import pool
    from plan_and_act.cli.drive import terminable
    from plan_and_act.cli.watchers import make_watcher
    from plan_and_act.evaluation.ablation import ablate

    cells = ablation.cells
    open_: list[JsonWatcher | PlainWatcher] = []

    def watch(cell: "Cell") -> "Watcher":
        for watcher in open_:
            watcher.close()
        number = 1 + [one.folder for one in cells].index(cell.folder)
        click.echo(f"[{number} of {len(cells)}] {cell.row} / {cell.column}", err=True)
        open_.append(made := make_watcher(as_json=False))
        return made

    async def carry() -> None:
        try:
            await ablate(ablation, out, parallel=parallel, watcher=watch, workers=workers)
        finally:
            await pool().close()

    with terminable(), asyncio.Runner() as runner:
        try:
            runner.run(carry())
        except (KeyboardInterrupt, asyncio.CancelledError, EvaluationStoppedError) as error:
            return error
        finally:
            for watcher in open_:
                watcher.close()
    return None


def _measured(ablation: "Ablation", out: Path) -> "list[Measured]":
    from plan_and_act.evaluation.ablation import Measured
    from plan_and_act.evaluation.results import read_results

    found = []
    for cell in ablation.cells:
        if (out / cell.folder / "config.json").exists():
            results = read_results(out / cell.folder)
            found += [Measured(cell.row, cell.column, results)] if results.rows else []
    return found


def _told_of(results: "Results") -> bool:
    """Whether the journal has the whole result: tables are written after it, and also when it was interrupted."""
    try:
        kept = json.loads((results.path / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(kept["n"] == results.total)


def _tell(measured: "list[Measured]", out: Path, title: str, paper: dict[str, dict[str, float]]) -> None:
    from plan_and_act.evaluation.comparison import compared, comparisons, table, write_comparison

    page = write_comparison(measured, out, title=title, paper=paper)
    click.echo(table(measured, paper))
    click.echo(comparisons(compared(measured), measured[0].row))
    click.echo(f"Page: {page}")
