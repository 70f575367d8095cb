"""How an evaluation is shown while it goes on: a bar on a terminal, a line an episode on a pipe, JSON for machines."""

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from plan_and_act.cli.text import safe
from plan_and_act.cli.views import emit, err
from plan_and_act.report import duration

if TYPE_CHECKING:
    from plan_and_act.evaluation.attempt import Failure
    from plan_and_act.evaluation.results import Row


class JsonWatcher:
    """One JSON object a line on standard output."""

    done = 0
    """Episodes finished since it began to watch."""

    def begin(self, total: int, rows: Sequence["Row"]) -> None:
        """See `Watcher`."""
        emit({"event": "begin", "episodes": total, "finished": len(rows)})

    def finished(self, row: "Row") -> None:
        """See `Watcher`."""
        self.done += 1
        emit({"event": "episode", **row.model_dump(mode="json")})

    def failed(self, failure: "Failure", *, again: bool) -> None:
        """See `Watcher`."""
        emit({"event": "error", "again": again, **failure.model_dump(mode="json")})

    def close(self) -> None:
        """Nothing to put away."""


class PlainWatcher:
    """A line for every episode, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.done = 0
        self._total = self._before = self._successes = 0
        self._since = monotonic()

    def begin(self, total: int, rows: Sequence["Row"]) -> None:
        """See `Watcher`."""
        self._total, self._before, self._successes = total, len(rows), sum(row.success for row in rows)
        self._since = monotonic()
        if rows:
            self.console.print(f"{len(rows)} of {total} episodes are finished already.", style="dim")

    def finished(self, row: "Row") -> None:
        """See `Watcher`."""
        self.done += 1
        self._successes += row.success
        self.show(row)

    def show(self, row: "Row") -> None:
        """Show an episode that is finished."""
        self._line(row)
        self.console.print(Text(f"    {self.standing}", style="dim"), soft_wrap=True)

    def failed(self, failure: "Failure", *, again: bool) -> None:
        """See `Watcher`."""
        what = "tried again" if again else "given up, and counted apart"
        told = f"! {failure.task}: {failure.kind} error, {what}: {safe(failure.message)}"
        self.console.print(Text(told, style="yellow"), soft_wrap=True)

    def close(self) -> None:
        """Nothing to put away."""

    @property
    def standing(self) -> str:
        """How far it is, how fast it goes, how long it will take, and how many succeeded."""
        finished = self._before + self.done
        told = [f"{finished} of {self._total}"]
        if self.done:
            each = (monotonic() - self._since) / self.done
            pace = f"{1 / each:.1f} episodes/s" if each < 1 else f"{60 / each:.1f} episodes/min"
            told += [pace, f"{duration(each * (self._total - finished))} left"]
        if finished:
            told.append(f"{self._successes / finished:.1%} succeeded")
        return " · ".join(told)

    def _line(self, row: "Row") -> None:
        sign, style = ("✓", "green") if row.success else ("✗", "red")
        why = ""
        if not row.success:
            details = "; ".join(row.problems) if row.reason == "wrong_end" else row.message
            why = f"  {row.reason}{': ' if details else ''}{safe(details, 120)}"
        rounds = f"{row.rounds} round{'' if row.rounds == 1 else 's'}"
        told = Text.assemble((f"{sign} ", style), f"{row.task}  {rounds}, {duration(row.seconds)}", (why, "dim"))
        self.console.print(told, soft_wrap=True)


class LiveWatcher(PlainWatcher):
    """A bar that stays at the bottom; above it the episodes that failed."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        columns = (BarColumn(30), TextColumn("{task.description}"))
        self._progress = Progress(*columns, console=console, transient=True)
        self._bar = self._progress.add_task("", total=None)

    def begin(self, total: int, rows: Sequence["Row"]) -> None:
        """See `Watcher`."""
        super().begin(total, rows)
        self._progress.update(self._bar, total=total, completed=len(rows), description=self.standing)
        self._progress.start()

    def show(self, row: "Row") -> None:
        """See `PlainWatcher`."""
        if not row.success:
            self._line(row)
        self._progress.update(self._bar, completed=self._before + self.done, description=self.standing)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def make_watcher(*, as_json: bool) -> JsonWatcher | PlainWatcher:
    """The watcher that fits: JSON when asked for, a bar on a terminal, else plain lines."""
    if as_json:
        return JsonWatcher()
    console = err()
    return LiveWatcher(console) if console.is_terminal and not console.is_dumb_terminal else PlainWatcher(console)
