"""Results side by side: one table, one page with plots, and whether a difference can be chance."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from plan_and_act.artefacts import storage_error
from plan_and_act.evaluation.ablation import Measured, cell_of, names
from plan_and_act.evaluation.plots import Point, frontier, rates
from plan_and_act.evaluation.results import Group, Results
from plan_and_act.evaluation.statistics import Comparison, compare
from plan_and_act.report import duration, money

_TEMPLATES = Path(__file__).parent / "templates"

Paper = Mapping[str, Mapping[str, float]]
"""Success rates in % by row and column."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A row against the first one of its column."""

    row: str
    column: str
    found: Comparison


def compared(measured: Sequence[Measured]) -> list[Pair]:
    """Every row against the first row, column by column, on the episodes that both have done."""
    pairs = []
    for column in names(one.column for one in measured):
        first, *others = [one for one in measured if one.column == column]
        pairs += [Pair(one.row, column, _against(first.results, one.results)) for one in others]
    return [pair for pair in pairs if pair.found.pairs]


def table(measured: Sequence[Measured], paper: Paper | None = None) -> str:
    """Success rates with Wilson's 95 % interval, planning tokens an episode, and the paper's figures, as Markdown."""
    columns = names(one.column for one in measured)
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for row in names(one.row for one in measured):
        cells = [_words(cell_of(measured, row, column), (paper or {}).get(row, {}).get(column)) for column in columns]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def comparisons(pairs: Sequence[Pair], first: str) -> str:
    """The comparisons as Markdown, with what to bear in mind."""
    if not pairs:
        return ""
    lines = [
        f"Against {first}, on the same episodes:",
        "",
        "| | column | pairs | difference | 95 % interval | McNemar p |",
        "|---|---|--:|--:|--:|--:|",
        *(
            f"| {pair.row} | {pair.column} | {pair.found.pairs} | {pair.found.difference * 100:+.1f} points | "
            f"{pair.found.interval.low * 100:+.1f} to {pair.found.interval.high * 100:+.1f} | {pair.found.p:.3f} |"
            for pair in pairs
        ),
        "",
    ]
    notes = names(pair.found.note for pair in pairs if pair.found.note)
    return "\n".join([*lines, *notes]).rstrip() + "\n"


def write_comparison(
    measured: Sequence[Measured], folder: Path, *, title: str = "Comparison", paper: Paper | None = None
) -> Path:
    """Write `comparison.html` and `comparison.md`.

    Args:
        measured: The cells; the first row is what the others are compared with.
        folder: Where to write.
        title: The page's heading.
        paper: Figures to be shown beside ours.

    Returns:
        The page.

    Raises:
        StorageError: When it cannot be written.
    """
    page, pairs = folder / "comparison.html", compared(measured)
    first = measured[0].row
    text = f"# {title}\n\n{table(measured, paper)}\n{comparisons(pairs, first)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(render(measured, pairs, title=title, paper=paper or {}), encoding="utf-8")
        (folder / "comparison.md").write_text(text, encoding="utf-8")
    except OSError as error:
        doing = f"Writing the comparison to {folder}"
        raise storage_error(doing, error) from error
    return page


def render(measured: Sequence[Measured], pairs: Sequence[Pair], *, title: str, paper: Paper) -> str:
    """The page: table, plots, comparisons, reasons of failures, and what was run. It loads nothing from anywhere."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "money": money}
    columns, rows = names(one.column for one in measured), names(one.row for one in measured)
    points = [_point(one, paper) for one in measured]
    style = (_TEMPLATES / "comparison.css").read_text(encoding="utf-8")
    return environment.get_template("comparison.html.j2").render(
        title=title,
        rows=rows,
        columns=columns,
        cell=lambda row, column: _group(cell_of(measured, row, column)),
        paper=paper,
        rates=Markup(rates(points, columns)),
        frontier=Markup(frontier(points, columns)),
        pairs=pairs,
        notes=names(pair.found.note for pair in pairs if pair.found.note),
        measured=measured,
        reasons=names(reason for one in measured for reason in one.results.reasons),
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _against(first: Results, second: Results) -> Comparison:
    return compare(
        {row.task: row.success for row in first.rows},
        {row.task: row.success for row in second.rows},
        {row.task: row.template for row in first.rows},
    )


def _group(one: Measured | None) -> Group | None:
    return one.results.all if one and one.results.rows else None


def _words(one: Measured | None, paper: float | None) -> str:
    group = _group(one)
    beside = f" (paper {paper:.1f} %)" if paper is not None else ""
    if not group:
        return f"–{beside}"
    low, high = (round(100 * edge) for edge in group.interval)
    return (
        f"{group.rate * 100:.1f} % [{low}–{high}], {group.successes}/{group.count}, "
        f"{group.planning_tokens:,.0f} tokens{beside}"
    )


def _point(one: Measured, paper: Paper) -> Point:
    group = one.results.all
    return Point(
        one.row, one.column, group.rate, group.interval, group.planning_tokens, paper.get(one.row, {}).get(one.column)
    )
