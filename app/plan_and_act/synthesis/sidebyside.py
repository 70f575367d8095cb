"""A page that lays trajectories beside their grounded plans: actions in the colour of the step they belong to.

One file, nothing loaded from anywhere. What is in it may come from a hostile page: the template escapes all of it, and
a content security policy allows nothing but the page's own style sheet.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from plan_and_act.artefacts import storage_error
from plan_and_act.llm.messages import outcome_sentence
from plan_and_act.report.words import action_in_words
from plan_and_act.synthesis.lessons import Beside
from plan_and_act.synthesis.rows import PlanRow, TrajectoryRow
from plan_and_act.synthesis.store import Store

_TEMPLATES = Path(__file__).parent / "templates"
_COLOURS = 8


@dataclass(frozen=True, slots=True)
class _Action:
    """An action in words, what came of it, and the number of its step; 0 when it is in none."""

    index: int
    words: str
    outcome: str
    step: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """A trajectory and its plan."""

    row: TrajectoryRow
    plan: PlanRow
    actions: list[_Action]


def write_page(store: Store, path: Path, *, limit: int) -> int:
    """Write the page of the first plans that were read off trajectories.

    Args:
        store: The pipeline's rows; the stages score and annotate must have been carried out.
        path: Where to write.
        limit: How many to show.

    Returns:
        How many are shown.

    Raises:
        ConfigError: A stage has not been carried out.
        StorageError: The page cannot be written.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["colour"] = lambda step: (step - 1) % _COLOURS + 1 if step else 0
    style = f"\n{(_TEMPLATES / 'plans.css').read_text(encoding='utf-8')}"
    pairs = [pair for pair, _ in zip(_pairs(store), range(limit), strict=False)]
    html = environment.get_template("plans.html.j2").render(
        pairs=pairs,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    try:
        path.write_text(html, encoding="utf-8", errors="replace")
    except OSError as error:
        doing = f"Writing {path}"
        raise storage_error(doing, error) from error
    return len(pairs)


def _pairs(store: Store) -> Iterator[_Pair]:
    plans = Beside("annotate", store.read("annotate", PlanRow), "trajectory")
    for row in store.read("score", TrajectoryRow):
        if plan := plans.of(row):
            steps = {index: number for number, step in enumerate(plan.steps, 1) for index in step.actions}
            actions = [
                _Action(
                    round_.index,
                    action_in_words(round_.action),
                    outcome_sentence(round_.outcome),
                    steps.get(round_.index, 0),
                )
                for round_ in row.trajectory.rounds
            ]
            yield _Pair(row, plan, actions)
