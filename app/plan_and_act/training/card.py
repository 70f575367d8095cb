"""The card of a trained model: what it was made from, how the training went, what it is not good for."""

from collections.abc import Sequence
from importlib.metadata import version
from os.path import commonpath
from pathlib import Path
from typing import Any

from plan_and_act.artefacts import storage_error
from plan_and_act.training.train import Trained

CARD, PLOT = "README.md", "loss.svg"

_WIDE, _HIGH, _LEFT, _BELOW = 560, 260, 48, 28
"""Pixels of the plot, and of its margins."""
_SMOOTH = 10
"""Steps over which the line is averaged; the dots are the steps themselves."""


def write_card(trained: Trained, *, title: str, data: Sequence[Path], limits: Sequence[str] = ()) -> Path:
    """Write the card and the plot of the loss beside a trained model.

    Args:
        trained: The result of the training.
        title: What the model is, e.g. its role.
        data: The files it was trained on.
        limits: What it is known not to do, a sentence each.

    Returns:
        The card.

    Raises:
        StorageError: When it cannot be written.
    """
    settings = trained.settings
    config = settings["config"]
    losses = [(row["step"], row["loss"]) for row in trained.metrics if "loss" in row]
    measured = [row for row in trained.metrics if "eval_loss" in row]
    held = [(row["step"], row["eval_loss"]) for row in measured]
    lines = [
        f"# {title}",
        "",
        f"Trained by plan-and-act {version('plan-and-act')} on {settings['rows']:,} rows with {settings['tokens']:,} "
        f"tokens, {settings['learnt_tokens']:,} of them in the answers, which alone carry loss. "
        f"{settings['too_long']:,} rows did not fit the context and were left out.",
        "",
        f"- Base: `{settings['base']}`",
        f"- Data: {', '.join(f'`{name}`' for name in _told_apart(data))}",
        *(f"- {name.replace('_', ' ')}: {value}" for name, value in config.items() if name != "base"),
        "",
        "## Loss",
        "",
        f"![]({PLOT})",
        "",
        f"First step {losses[0][1]:.3f}, last {losses[-1][1]:.3f}." if losses else "No step was logged.",
        *(
            f"On held-out tasks at the end: {row['eval_loss']:.3f}; {row['eval_exact']:.1%} of "
            f"{settings['validation_rows']:,} answers right word for word."
            for row in measured[-1:]
        ),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in limits or ("Not evaluated yet; see `plan-and-act eval`.",)),
        "",
    ]
    card = trained.folder / CARD
    try:
        card.write_text("\n".join(lines), encoding="utf-8")
        (trained.folder / PLOT).write_text(plot(losses, held), encoding="utf-8")
    except OSError as error:
        doing = f"Writing {card}"
        raise storage_error(doing, error) from error
    return card


def _told_apart(files: Sequence[Path]) -> list[str]:
    """Their names, with the folders in which they are not the same."""
    common = commonpath([file.resolve().parent for file in files])
    return [file.resolve().relative_to(common).as_posix() for file in files]


def plot(losses: Sequence[tuple[int, float]], held: Sequence[tuple[int, float]] = ()) -> str:
    """The loss by step as SVG: dots, their running mean, and the loss on held-out tasks.

    Args:
        losses: Step and loss.
        held: Step and loss on held-out tasks.
    """
    points = [*losses, *held]
    last = max((step for step, _ in points), default=1)
    top = max((loss for _, loss in points), default=1.0) * 1.05

    def place(step: float, loss: float) -> tuple[float, float]:
        return _LEFT + _WIDE * step / last, _HIGH * (1 - loss / top) + 8

    values = [loss for _, loss in losses]
    means = [sum(part := values[max(0, i + 1 - _SMOOTH) : i + 1]) / len(part) for i in range(len(values))]
    line = " ".join("{:.1f},{:.1f}".format(*place(step, mean)) for (step, _), mean in zip(losses, means, strict=True))
    parts: list[Any] = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 20}" height="{_HIGH + _BELOW + 12}" '
        'font-family="sans-serif" font-size="12">',
        *(_mark(top * share, place(0, top * share)[1]) for share in (0, 0.25, 0.5, 0.75)),
        *('<circle cx="{:.1f}" cy="{:.1f}" r="1.5" fill="#a8bcd0"/>'.format(*place(*point)) for point in losses),
        f'<polyline points="{line}" fill="none" stroke="#2b5c8a" stroke-width="2"/>',
        *('<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="#b5482a"/>'.format(*place(*point)) for point in held),
        f'<text x="{_LEFT + _WIDE}" y="{_HIGH + _BELOW}" text-anchor="end">step {last}</text>',
    ]
    return "\n".join([*parts, "</svg>\n"])


def _mark(value: float, y: float) -> str:
    return (
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
    )
