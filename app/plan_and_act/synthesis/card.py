"""The card of the data sets: what is in them, where it comes from, and what was left out; as text and as numbers."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from plan_and_act.artefacts import storage_error
from plan_and_act.browser.observation import estimate_tokens
from plan_and_act.llm.prompts import prompts_hash
from plan_and_act.synthesis.rows import DatasetRow, PlanRow, Row
from plan_and_act.synthesis.samples import Sample
from plan_and_act.synthesis.stage import Job, Report
from plan_and_act.trajectory import Plan

CARD, STATISTICS = "README.md", "statistics.json"

_BAR, _GAP, _WIDE, _LABELS = 18, 6, 420, 190
"""Pixels of a plot."""


class Statistics:
    """What is counted while the data sets are written."""

    def __init__(self) -> None:
        self.samples: dict[str, Counter[str]] = {}
        self.prompt_tokens: dict[str, Counter[int]] = {}
        self.answer_tokens: dict[str, Counter[int]] = {}
        self.sites: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.steps: Counter[int] = Counter()
        self.actions: Counter[str] = Counter()

    def add(self, row: Row, sample: Sample, part: str) -> None:
        """Count a sample."""
        self.samples.setdefault(sample.role, Counter())[part] += 1
        prompt = sum(estimate_tokens(message.text) for message in sample.prompt)
        calls = sample.answer.tool_calls
        said = sample.answer.text + "".join(json.dumps(call["args"]) for call in calls)
        self.prompt_tokens.setdefault(sample.role, Counter())[_bucket(prompt)] += 1
        self.answer_tokens.setdefault(sample.role, Counter())[_bucket(estimate_tokens(said))] += 1
        self.sites[row.site] += 1
        self.sources[row.source if isinstance(row, PlanRow) else "trajectory"] += 1
        if isinstance(sample.what, Plan):
            self.steps[len(sample.what.steps)] += 1
        else:
            self.actions[sample.what.action] += 1

    def plain(self) -> dict[str, Any]:
        """The counts as plain JSON, sorted, so that the same data give the same bytes."""
        found: dict[str, Any] = {}
        for name, value in vars(self).items():
            nested = not isinstance(value, Counter)
            found[name] = {k: _sorted(v) for k, v in sorted(value.items())} if nested else _sorted(value)
        return found


def write_card(
    job: Job,
    settings: Mapping[str, Any],
    statistics: Statistics,
    rows: Sequence[DatasetRow],
    *,
    folder: Path,
    reports: Mapping[str, Report],
    held_out: int,
) -> None:
    """Write the card, its plots and its numbers beside the data sets.

    Args:
        job: The stage `export`, with its drops.
        settings: Its settings.
        statistics: What was counted.
        rows: The files.
        folder: Where the data sets are.
        reports: What became of the stages before.
        held_out: How many names were kept out of training.

    Raises:
        StorageError: When it cannot be written.
    """
    plots = {
        "prompts.svg": {f"{role} {_span(b)}": n for role, c in _roles(statistics.prompt_tokens) for b, n in c},
        "sites.svg": dict(statistics.sites.most_common()),
        "actions.svg": dict(statistics.actions.most_common()),
    }
    lost = [row for report in reports.values() for row in _lost(report.stage, report.rows, report.drops)]
    lost += _lost(job.stage, sum(row.rows for row in rows), job.drops)
    lines = [
        "# Data sets for planner, replanner and executor",
        "",
        f"Made by plan-and-act {version('plan-and-act')}, prompts {prompts_hash()}. Settings: "
        f"`{json.dumps(settings, sort_keys=True)}`. Prompts are those the running agent sends; one row is one answer. "
        "Tasks, not rows, are split: what was made from a task stays on its side.",
        "",
        *_table(("file", "rows", "sha256"), [(row.file, f"{row.rows:,}", row.sha256[:16]) for row in rows]),
        *_table(("site", "rows"), [(site, f"{n:,}") for site, n in statistics.sites.most_common()]),
        *_table(("made from", "rows"), [(source, f"{n:,}") for source, n in statistics.sources.most_common()]),
        *_table(("steps of a plan", "plans"), [(n, f"{count:,}") for n, count in sorted(statistics.steps.items())]),
        "## Lengths of prompts, in tokens (estimated)",
        "",
        "![](prompts.svg)",
        "",
        "## Sites and actions",
        "",
        "![](sites.svg) ![](actions.svg)",
        "",
        "## Where rows were lost",
        "",
        *_table(("stage", "rows", "dropped", "why"), lost),
        f"{held_out:,} names of tasks that models are judged by were looked for, and rows that have one left out.",
        "",
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CARD).write_text("\n".join(lines), encoding="utf-8")
        (folder / STATISTICS).write_text(json.dumps(statistics.plain(), indent=1), encoding="utf-8")
        for name, bars in plots.items():
            (folder / name).write_text(_plot(bars), encoding="utf-8")
    except OSError as error:
        doing = f"Writing {folder / CARD}"
        raise storage_error(doing, error) from error


def _bucket(tokens: int) -> int:
    """The power of two below which a number of tokens lies."""
    return 1 << tokens.bit_length()


def _span(bucket: int) -> str:
    return f"< {bucket:,}"


def _sorted(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(key): count for key, count in sorted(counts.items())}


def _roles(counts: Mapping[str, Counter[int]]) -> list[tuple[str, list[tuple[int, int]]]]:
    return [(role, sorted(counter.items())) for role, counter in sorted(counts.items())]


def _lost(stage: str, rows: int, drops: Mapping[str, int]) -> list[tuple[str, ...]]:
    """A line for each reason why a stage dropped something, the most frequent first."""
    reasons = sorted(drops.items(), key=lambda pair: (-pair[1], pair[0])) or [("", 0)]
    return [(stage, f"{rows:,}", f"{count:,}", reason) for reason, count in reasons]


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    def line(cells: Sequence[Any]) -> str:
        return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"

    return [line(head), line(["---"] * len(head)), *map(line, rows), ""]


def _plot(bars: Mapping[str, int]) -> str:
    """Bars with their names and numbers, as SVG."""
    most = max(bars.values(), default=1)
    height = len(bars) * (_BAR + _GAP) + _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LABELS + _WIDE + 70}" height="{height}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for place, (name, count) in enumerate(bars.items()):
        top, long = _GAP + place * (_BAR + _GAP), max(1, round(_WIDE * count / most))
        parts += [
            f'<text x="{_LABELS - 6}" y="{top + 13}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LABELS}" y="{top}" width="{long}" height="{_BAR}" fill="#4878a8"/>',
            f'<text x="{_LABELS + long + 6}" y="{top + 13}">{count:,}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
