"""The plots of a comparison, as SVG that takes its colours from the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from plan_and_act.evaluation.statistics import Interval

_LABELS, _WIDE, _LINE, _GAP = 190, 520, 20, 14
"""Pixels: room for names, the axis, a line, a gap between rows."""
_HIGH, _LEFT = 280, 46
"""Pixels: height and left margin of the frontier."""


@dataclass(frozen=True, slots=True)
class Point:
    """A cell as the plots show it."""

    row: str
    column: str
    rate: float
    interval: Interval
    tokens: float
    """Of planner and replanner, an episode."""
    paper: float | None = None
    """The paper's success rate in %."""


def rates(points: Sequence[Point], columns: Sequence[str]) -> str:
    """Success rates with their intervals, a line a cell, grouped by row; a diamond is the paper's figure."""
    parts, y, row = [], 24.0, None
    for point in sorted(points, key=lambda one: _first(points, one.row)):
        if point.row != row:
            y += _GAP if row is not None else 0
            parts.append(f'<text x="{_LABELS - 8}" y="{y + 4}" text-anchor="end">{escape(point.row)}</text>')
            row = point.row
        low, middle, high = (_LABELS + _WIDE * part for part in (point.interval.low, point.rate, point.interval.high))
        tone = f"c{columns.index(point.column) % 6}"
        told = f"{point.row}, {point.column}: {point.rate:.1%} ({point.interval.low:.1%} to {point.interval.high:.1%})"
        parts += [
            f'<g class="{tone}"><title>{escape(told)}</title>'
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke-width="2"/>'
            f'<circle cx="{middle:.1f}" cy="{y}" r="5"/></g>'
        ]
        if point.paper is not None:
            x = _LABELS + _WIDE * point.paper / 100
            parts.append(f'<path class="paper" d="M{x:.1f} {y - 6}l6 6-6 6-6-6z"><title>paper</title></path>')
        y += _LINE
    axis = [
        f'<line class="grid" x1="{x}" x2="{x}" y1="10" y2="{y}"/><text x="{x}" y="{y + 16}" text-anchor="middle">'
        f"{share} %</text>"
        for share in (0, 25, 50, 75, 100)
        for x in (_LABELS + _WIDE * share / 100,)
    ]
    return _svg(_LABELS + _WIDE + 30, y + 24, [*axis, *parts])


def frontier(points: Sequence[Point], columns: Sequence[str]) -> str:
    """Success against planning tokens an episode."""
    most = max((point.tokens for point in points), default=0) or 1
    parts = []
    for share in (0, 25, 50, 75, 100):
        y = _HIGH * (1 - share / 100) + 16
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y}" y2="{y}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{share} %</text>'
        )
    for point in points:
        x, y = _LEFT + 10 + (_WIDE - 150) * point.tokens / most, _HIGH * (1 - point.rate) + 16
        parts.append(
            f'<g class="c{columns.index(point.column) % 6}"><circle cx="{x:.1f}" cy="{y:.1f}" r="5"/></g>'
            f'<text x="{x + 9:.1f}" y="{y + 4:.1f}">{escape(point.row)}</text>'
        )
    parts.append(f'<text x="{_LEFT + _WIDE}" y="{_HIGH + 38}" text-anchor="end">planning tokens, to {most:,.0f}</text>')
    return _svg(_LEFT + _WIDE + 20, _HIGH + 48, parts)


def _first(points: Sequence[Point], row: str) -> int:
    return next(place for place, point in enumerate(points) if point.row == row)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img">'
    return "\n".join([head, *parts, "</svg>"])
