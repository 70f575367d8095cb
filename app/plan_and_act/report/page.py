"""The HTML report of a run: one file, nothing loaded from anywhere, readable by a person and by a printer.

Everything in a run may come from a hostile page. The template escapes all of it, and a content security policy allows
nothing but the report's own style sheet and embedded images, so that a mistake in escaping would still run nothing.
"""

import base64
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from plan_and_act.actions import to_dict
from plan_and_act.artefacts import storage_error
from plan_and_act.errors import PlanAndActError
from plan_and_act.report.images import ImageFacts, image_facts
from plan_and_act.report.progress import checklist, revisions
from plan_and_act.report.words import action_in_words, duration, ending_in_words, money
from plan_and_act.trajectory import Round, Trajectory

_TEMPLATES = Path(__file__).parent / "templates"

STATUS_WORDS = {"ok": "ok", "no_effect": "no effect", "error": "error", "unknown": "unknown"}


class ReadsArtefacts(Protocol):
    """Where screenshots and observations are read from, by their hash."""

    def get(self, digest: str, /) -> bytes:
        """The bytes behind a hash; OSError, KeyError or PlanAndActError when they are not there."""
        ...


@dataclass(frozen=True, slots=True)
class _Shot:
    """A screenshot, embedded once however many rounds show it."""

    name: str
    facts: ImageFacts
    data: str


@dataclass(frozen=True, slots=True)
class _Card:
    """What the template needs to know of a round besides the round itself."""

    round: Round
    words: str
    raw: str
    step: str | None
    shot: _Shot | None
    box: tuple[float, float, float, float] | None
    observation: str | None


def write_report(trajectory: Trajectory, path: Path, artefacts: ReadsArtefacts) -> None:
    """Write the report of a run, finished or not, as one self-contained HTML file.

    The file appears whole or not at all. Screenshots and observations that are no longer among the artefacts are left
    out.

    Args:
        trajectory: The run.
        path: Where to write; folders are made.
        artefacts: Where screenshots and observations are.

    Raises:
        StorageError: When the file cannot be written.
    """
    html = render_report(trajectory, artefacts)
    try:
        _write(html, path)
    except OSError as error:
        doing = f"Writing the report {path}"
        raise storage_error(doing, error) from error


def _write(html: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # Page text can hold lone surrogates, which UTF-8 has no bytes for.
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(html)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def render_report(trajectory: Trajectory, artefacts: ReadsArtefacts) -> str:
    """The report of a run as HTML; see `write_report`."""
    template, style = _template()
    shots: dict[str, _Shot] = {}
    cards = [_card(round_, trajectory, artefacts, shots) for round_ in trajectory.rounds]
    return template.render(
        run=trajectory,
        cards=cards,
        shots=list(shots.values()),
        revisions=revisions(trajectory.plans),
        checklist=checklist(trajectory.plans, trajectory.rounds, trajectory.ending),
        status_words=STATUS_WORDS,
        answer=_answer(trajectory.answer),
        started=_moment(trajectory.started),
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


@cache
def _template() -> tuple[Template, str]:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": duration,
        "money": money,
        "ending_in_words": ending_in_words,
        "thousands": lambda number: f"{number:,}",
        "link": _link,
        "json": lambda value: json.dumps(value, ensure_ascii=False, indent=1),
    }
    style = (_TEMPLATES / "run.css").read_text(encoding="utf-8")
    return environment.get_template("run.html.j2"), f"\n{style}"


def _card(round_: Round, run: Trajectory, artefacts: ReadsArtefacts, shots: dict[str, _Shot]) -> _Card:
    text = _get(artefacts, round_.observation)
    shot = _shot(artefacts, round_.screenshot, shots)
    return _Card(
        round=round_,
        words=action_in_words(round_.action),
        raw=json.dumps(to_dict(round_.action), ensure_ascii=False),
        step=_step(round_, run),
        shot=shot,
        box=_box(round_.target, shot),
        observation=None if text is None else text.decode("utf-8", "replace"),
    )


def _step(round_: Round, run: Trajectory) -> str | None:
    """The goal of the step a round worked on, when the executor named one."""
    number = round_.action.step
    plan = next((plan for plan in run.plans if plan.revision == round_.plan), None)
    if plan is None or number is None or number > len(plan.steps):
        return None
    return plan.steps[number - 1].goal


def _shot(artefacts: ReadsArtefacts, digest: str | None, shots: dict[str, _Shot]) -> _Shot | None:
    if digest is None or digest in shots:
        return shots.get(digest or "")
    data = _get(artefacts, digest)
    facts = image_facts(data) if data else None
    if data is None or facts is None:
        return None
    shots[digest] = _Shot(f"shot-{len(shots) + 1}", facts, base64.b64encode(data).decode())
    return shots[digest]


def _box(target: list[float] | None, shot: _Shot | None) -> tuple[float, float, float, float] | None:
    """The target's box, a little larger than the target and kept on the image; None when it lies outside."""
    if shot is None or target is None or len(target) != 4:
        return None
    x, y, width, height = target
    left, top = max(x - 4, 2), max(y - 4, 2)
    right, bottom = min(x + width + 4, shot.facts.width - 2), min(y + height + 4, shot.facts.height - 2)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def _get(artefacts: ReadsArtefacts, digest: str | None) -> bytes | None:
    if digest is None:
        return None
    try:
        return artefacts.get(digest)
    except (OSError, KeyError, PlanAndActError):
        return None


def _answer(answer: str | None) -> tuple[str, bool] | None:
    """The answer, and whether it is JSON (then laid out over lines)."""
    if not answer:
        return None
    try:
        value: Any = json.loads(answer)
    except ValueError:
        return answer, False
    if not isinstance(value, dict | list):
        return answer, False
    return json.dumps(value, ensure_ascii=False, indent=2), True


def _moment(started: str) -> str:
    """An ISO 8601 time as `2026-11-21 03:41 UTC`; what is no time stays as it is."""
    try:
        return datetime.fromisoformat(started).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return started


def _link(url: str) -> bool:
    """Whether a URL may be a link in the report: a page must not hand a `javascript:` link to its reader."""
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False
