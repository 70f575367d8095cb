"""`dataset`: looking at the data sets that `synthesize` has made, and sharing them through LangSmith."""

import random
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plan_and_act.cli.views import emit
from plan_and_act.errors import ConfigError

_PATH = click.Path(exists=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_COLOURS = {"system": "magenta", "user": "cyan", "tool": "yellow", "assistant": "green"}
_LISTED = 10


@click.group()
def dataset() -> None:
    """Look at data sets and at the plans they were made from, and share them.

    PATH is a file of a data set, a folder of them, or the folder of a pipeline.
    """


@dataset.command()
@click.argument("path", type=_PATH)
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the row as it is in the file.")
def show(path: Path, id_: str, as_json: bool) -> int:
    """Show the row of PATH whose id begins with ID."""
    from plan_and_act.synthesis.look import files_of, rows_of

    for file in files_of(path):
        for row in rows_of(file):
            if row["id"].startswith(id_):
                _print(file, row, as_json=as_json)
                return 0
    msg = f"No row of {path} has an id that begins with {id_!r}; `plan-and-act dataset sample` shows some"
    raise ConfigError(msg)


@dataset.command()
@click.argument("path", type=_PATH)
@click.option("-n", "--count", default=3, show_default=True, type=click.IntRange(1, 1_000), help="Rows of each file.")
@click.option("--seed", default=0, show_default=True, help="Draws other rows.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as they are in the files.")
def sample(path: Path, count: int, seed: int, as_json: bool) -> int:
    """Show rows of PATH, drawn at random."""
    from plan_and_act.synthesis.look import files_of, rows_of

    for file in files_of(path):
        rng, drawn = random.Random(f"{seed}/{file.name}"), []
        # One pass, whatever the size: every row has the same chance of a place.
        for number, row in enumerate(rows_of(file)):
            place = number if number < count else rng.randrange(number + 1)
            if number < count:
                drawn.append(row)
            elif place < count:
                drawn[place] = row
        for row in drawn:
            _print(file, row, as_json=as_json)
    return 0


@dataset.command()
@click.argument("path", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def stats(path: Path, as_json: bool) -> int:
    """Count the rows of PATH, and say how long they are (in characters) and of which sites."""
    from plan_and_act.synthesis.look import FileStatistics, files_of, rows_of

    table = Table(box=None, pad_edge=False)
    table.add_column("File")
    for name in ("Rows", "Prompt", "longest", "Answer", "longest"):
        table.add_column(name, justify="right")
    table.add_column("Sites")
    for file in files_of(path):
        found = FileStatistics()
        for row in rows_of(file):
            found.add(row)
        sites = dict(found.sites.most_common())
        if as_json:
            emit({"file": str(file), **vars(found), "sites": sites})
        rows = max(1, found.rows)
        table.add_row(
            file.name,
            f"{found.rows:,}",
            f"{found.prompt // rows:,}",
            f"{found.longest_prompt:,}",
            f"{found.answer // rows:,}",
            f"{found.longest_answer:,}",
            ", ".join(f"{site} {count:,}" for site, count in sites.items()),
        )
    if not as_json:
        _console().print(table)
    return 0


@dataset.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all ids.")
def diff(before: Path, after: Path, as_json: bool) -> int:
    """Say which rows two files of a data set do not have in common."""
    from plan_and_act.synthesis.look import difference

    found = difference(before, after)
    named = {"gone": found.gone, "new": found.new, "changed": found.changed}
    if as_json:
        emit(named)
        return 0
    for what, ids in named.items():
        more = f" and {len(ids) - _LISTED:,} more" if len(ids) > _LISTED else ""
        click.echo(f"{what}: {len(ids):,}{': ' if ids else ''}{', '.join(ids[:_LISTED])}{more}")
    return 0


@dataset.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the page.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="Plans to show.")
def page(folder: Path, output: Path | None, limit: int) -> int:
    """Write an HTML page of the plans in a pipeline's FOLDER, each beside the actions it was read off."""
    from plan_and_act.synthesis.sidebyside import write_page
    from plan_and_act.synthesis.store import Store

    path = output or folder / "plans.html"
    count = write_page(Store(folder), path, limit=limit)
    click.echo(f"{path} ({count:,} plans)")
    return 0


@dataset.command()
@click.argument("file", type=_FILE)
@click.option("--name", required=True, help="Name of the data set in LangSmith; made if there is none.")
def push(file: Path, name: str) -> int:
    """Send the rows of FILE, pages included, to LangSmith (LANGSMITH_API_KEY); those that are there stay."""
    from plan_and_act.synthesis.langsmith import push as send

    count = send(file, name, say=lambda line: click.echo(line, err=True))
    click.echo(f"{count:,} rows sent to the data set {name}.")
    return 0


@dataset.command()
@click.argument("name")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
def pull(name: str, output: Path) -> int:
    """Write the data set NAME of LangSmith, as it was pushed, into a file."""
    from plan_and_act.synthesis.langsmith import pull as fetch

    click.echo(f"{output} ({fetch(name, output):,} rows)")
    return 0


def _print(file: Path, row: dict[str, Any], *, as_json: bool) -> None:
    from plan_and_act.synthesis.look import turns

    if as_json:
        emit(row)
        return
    console = _console()
    console.rule(Text(f"{file.name} · {row['id']}"))
    for who, text in turns(row):
        console.print(Text(f"[{who}]", style=f"bold {_COLOURS.get(who, '')}"))
        console.print(Text(_clean(text)))


def _clean(text: str) -> str:
    """Text without control characters: page text may hold escape sequences."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _console() -> Console:
    # On a pipe the width of a terminal means nothing: let each line be as long as it is.
    return Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 200)
