"""How a run is shown while it goes on: live on a terminal, as plain lines, or as JSON for machines.

What a person reads goes to standard error, so that standard output holds the answer (or the JSON) and nothing else.
"""

import json
import sys
from time import monotonic
from typing import Any, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from plan_and_act.cli.progress import Event, Progress
from plan_and_act.cli.text import safe
from plan_and_act.report import StepState, action_in_words, duration, money

TICKS: dict[StepState, tuple[str, str]] = {
    "done": ("✓", "green"), "under_way": ("▸", "bold cyan"), "open": ("·", ""), "dropped": ("–", "dim strike"),
}  # fmt: skip
STATUS = {"ok": ("✓", "green"), "no_effect": ("○", "yellow"), "error": ("✗", "red"), "unknown": ("?", "magenta")}
BADGES = {"succeeded": "black on green", "failed": "white on red", "stopped": "black on yellow"}

_STEPS_SHOWN = 12


class View(Protocol):
    """Someone who is told what happens in a run."""

    def start(self, progress: Progress) -> None:
        """The run goes on from here."""

    def event(self, event: Event) -> None:
        """Something has happened."""

    def stop(self) -> None:
        """The run has stopped, for a person's answer or for good."""


class JsonView:
    """One JSON object a line on standard output."""

    def start(self, progress: Progress) -> None:
        """Nothing to show yet."""

    def event(self, event: Event) -> None:
        """Print the event."""
        emit(event)

    def stop(self) -> None:
        """Nothing to put away."""


class PlainView:
    """One line for each thing that happens, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def start(self, progress: Progress) -> None:
        """Nothing to show yet."""

    def event(self, event: Event) -> None:
        """Print the event as a line of words."""
        for line in lines(event):
            self.console.print(line, soft_wrap=True)

    def stop(self) -> None:
        """Nothing to put away."""


class LiveView(PlainView):
    """Done rounds as lines that stay; below them the plan as a check list, the action under way, and the numbers."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._live: Live | None = None
        self._progress: Progress | None = None
        self._since = monotonic()
        self._spinner = Spinner("dots")

    def start(self, progress: Progress) -> None:
        """Show the picture of the run and keep it up to date."""
        self._progress = progress
        self._live = Live(
            console=self.console, get_renderable=self.picture, refresh_per_second=8, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._live.start()

    def event(self, event: Event) -> None:
        """Let what stays pass above the picture; plan, page and action are part of it."""
        if event["event"] in {"outcome", "start"}:
            super().event(event)
        elif event["event"] == "plan" and event["revision"] > 1:
            # Its steps are in the picture.
            self.console.print(lines(event)[0], soft_wrap=True)

    def stop(self) -> None:
        """Take the picture away; what is to stay has been printed."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def picture(self) -> RenderableType:
        """The run as it stands."""
        progress = self._progress
        if progress is None:
            return Text()
        rows: list[RenderableType] = [Text()]
        rows += check_list(progress)
        doing = "Looking at the page"
        if progress.thinking:
            doing = f"The {safe(progress.thinking, 40)} thinks"
        elif progress.pending:
            doing = action_in_words(progress.pending)
        self._spinner.update(text=Text(safe(doing, 160)))
        rows += [self._spinner, Text(safe(progress.url, 120), style="dim")]
        rows.append(Text(f"{numbers(progress)} · {duration(monotonic() - self._since)} · Ctrl-C stops", style="dim"))
        return Group(*rows)


def check_list(progress: Progress) -> list[Text]:
    """The plan, a line a step; a long one is cut in the middle of what replans left out."""
    steps = progress.checklist()
    gone = [step for step in steps if step.number is None]
    shown = [*gone[max(0, len(steps) - _STEPS_SHOWN) :], *(step for step in steps if step.number is not None)]
    found: list[Text] = []
    for step in shown:
        tick, style = TICKS[step.state]
        number = f"{step.number}. " if step.number else ""
        found.append(
            Text.assemble((f" {tick} ", style.replace(" strike", "")), (f"{number}{safe(step.goal, 160)}", style))
        )
    return found


def numbers(progress: Progress) -> str:
    """Rounds, tokens and cost on one line."""
    total = progress.total
    count = len(progress.rounds)
    cost = f" · {money(total.cost)}" if total.cost is not None else ""
    rounds = f"{count} round{'' if count == 1 else 's'}"
    return f"{rounds} · {total.input_tokens + total.output_tokens:,} tokens{cost}"


def lines(event: Event) -> list[Text]:
    """An event as lines for a person."""
    match event:
        case {"event": "start", "models": dict(models)}:
            names = ", ".join(dict.fromkeys(models.values()))
            rows = [Text(f"Model: {safe(names)}", style="dim")] if names else []
            if "embedded" in models.values():
                rows.append(Text("The embedded model is small, for trying things only; --model names a better one."))
            return rows
        case {"event": "page", "url": url, "title": title}:
            return [Text(f"On {safe(title, 120) or 'a page without a title'} ({safe(url, 200)})", style="dim")]
        case {"event": "plan", "revision": revision, "steps": steps, "cause": cause}:
            head = "Plan" if revision == 1 else f"Plan, revision {revision}"
            because = f" ({safe(cause)})" if cause else ""
            rows = [Text(f"  {i}. {safe(step['goal'])}") for i, step in enumerate(steps, 1)]
            return [Text(f"{head}{because}:", style="bold"), *rows]
        case {"event": "action", "round": number, "words": words}:
            return [Text(f"Round {number}: {safe(words)}")]
        case {"event": "outcome", "round": number, "status": status, "words": words, "message": message, **more}:
            sign, style = STATUS[status]
            changes = more.get("changes") or []
            said = [part.rstrip(".") for part in (message, *changes) if part]
            told = safe("; ".join(said) or status.replace("_", " "), 200)
            row = Text.assemble((f"{number:>3} {sign} ", style), safe(words, 160), (f"  {told}", "dim"))
            return [row]
        case _:
            return []


def emit(event: dict[str, Any]) -> None:
    """Print an object as one line of JSON, at once."""
    sys.stdout.write(json.dumps(event, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def make_view(*, as_json: bool) -> View:
    """The view that fits: JSON when asked for, live on a terminal, else plain lines."""
    if as_json:
        return JsonView()
    console = err()
    return LiveView(console) if console.is_terminal and not console.is_dumb_terminal else PlainView(console)


def err() -> Console:
    """The console for what a person reads: standard error, with no markup read from text."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)
