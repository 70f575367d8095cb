"""Carry a run through: stream it, put its questions to the person, stop cleanly, say how it ended."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from langgraph.types import Command
from rich.text import Text

from plan_and_act import trajectory
from plan_and_act.agent.record import to_trajectory
from plan_and_act.artefacts import storage_error
from plan_and_act.cli import exits, person
from plan_and_act.cli.engine import Engine, beginning, question_of
from plan_and_act.cli.progress import Progress
from plan_and_act.cli.record import RunRecord, at_work
from plan_and_act.cli.text import safe
from plan_and_act.cli.views import BADGES, check_list, emit, err, make_view, numbers
from plan_and_act.errors import PlanAndActError, StorageError
from plan_and_act.report import duration, ending_in_words, write_report
from plan_and_act.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Show:
    """How the run is shown, and where it is kept."""

    as_json: bool = False
    checkpoints: str | None = None

    @property
    def asks(self) -> bool:
        """Whether there is a person at a terminal to ask."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()


def drive(
    record: RunRecord,
    show: Show,
    *,
    forked: tuple[str, int] | None = None,
    answer: Callable[[person.Question | None], Any] | None = None,
) -> int:
    """Begin a run or go on with it, until it ends, waits, or is interrupted.

    Args:
        record: The run.
        show: How it is shown.
        forked: The run and the round to begin from, for a fork.
        answer: Gives the answer to a question that is waiting already, or None.

    Returns:
        The exit code.

    Raises:
        PlanAndActError: When the run cannot go on; what was done is kept, and the report is written.
    """
    with at_work(record.thread), terminable(), asyncio.Runner() as runner:
        engine = Engine(record, show.checkpoints)
        try:
            runner.run(engine.open())
            return _carry(runner, engine, show, forked, answer)
        finally:
            # A browser that Ctrl-C has reached as well is gone already, and says so when it is closed.
            with suppress(Exception):
                runner.run(engine.close())


def _carry(
    runner: asyncio.Runner,
    engine: Engine,
    show: Show,
    forked: tuple[str, int] | None,
    answer: Callable[[person.Question | None], Any] | None,
) -> int:
    record = engine.record
    if forked:
        runner.run(engine.fork(*forked))
    snapshot = runner.run(engine.snapshot())
    question = question_of(snapshot)
    given = answer(question) if answer else None
    graph_input = None
    if question is None or given is not None:
        graph_input = beginning(record, snapshot, given)
    record.state = "working"
    record.save()
    view = make_view(as_json=show.as_json)
    try:
        _announce(record, show)
        while True:
            if question is None or given is not None:
                runner.run(engine.stream(graph_input, view))
            question = question_of(runner.run(engine.snapshot()))
            if question is None or not show.asks:
                break
            given = person.ask(question)
            graph_input = Command(resume=given)
    except person.LaterError:
        pass
    except (KeyboardInterrupt, asyncio.CancelledError):  # the latter where a timeout cancels at the same moment
        _stop(runner, engine, show, "Interrupted", exits.INTERRUPTED)
        return exits.INTERRUPTED
    except PlanAndActError as error:
        _stop(runner, engine, show, None, exits.of_error(error))
        raise
    except Exception:
        _stop(runner, engine, show, "Stopped by an error", exits.BUG)
        raise
    return _end(runner, engine, show)


def _end(runner: asyncio.Runner, engine: Engine, show: Show) -> int:
    """The run has ended or waits: keep its trajectory, write its report, say how it ended."""
    record, snapshot = engine.record, runner.run(engine.snapshot())
    run = to_trajectory(snapshot.values, record.thread)
    question = question_of(snapshot)
    code = exits.of_ending(run.ending)
    record.state = "waiting" if run.ending is None else "ended"
    report = None
    try:
        if run.ending is not None:
            trajectory.append(record.folder / "trajectory.jsonl", run)
        report = keep(engine, run)
    except (StorageError, OSError) as error:  # the run has its answer all the same
        doing = f"Keeping the run in {record.folder}"
        click.echo(str(storage_error(doing, error) if isinstance(error, OSError) else error), err=True)
    if show.as_json:
        emit(_result(run, question, report, code))
        return code
    console, progress = err(), Progress(snapshot.values)
    console.print()
    for line in check_list(progress):
        console.print(line)
    if run.ending is None:
        console.print(Text("The run waits for a person. ", style="bold"), person.in_words(question or {}))
        answer = f"plan-and-act resume {record.thread} {person.ways(question or {})}"
        console.print(f"Answer with: {answer}", soft_wrap=True)
    else:
        badge = Text(f" {run.ending.status} ", style=BADGES[run.ending.status])
        console.print(badge, safe(ending_in_words(run.ending), 2_000), soft_wrap=True)
    _foot(console, run, progress, report)
    if run.answer:
        sys.stdout.write(run.answer.rstrip("\n") + "\n")
        sys.stdout.flush()
    return code


def _stop(runner: asyncio.Runner, engine: Engine, show: Show, why: str | None, code: int) -> None:
    """The run was stopped in the middle: say how to go on, and leave a report of what was done."""
    engine.stopped = True
    snapshot = runner.run(engine.snapshot())
    record, run = engine.record, to_trajectory(snapshot.values, engine.record.thread)
    report = keep(engine, run)
    if show.as_json:
        emit(_result(run, None, report, code))
        return
    console = err()
    console.print()
    if why:
        console.print(f"{why} after {len(run.rounds)} round{'' if len(run.rounds) == 1 else 's'}.", style="bold")
    _foot(console, run, Progress(snapshot.values), report)
    console.print(f"Go on with: plan-and-act resume {record.thread}", soft_wrap=True)


def keep(engine: Engine, run: Trajectory) -> Path | None:
    """Bring the record up to date and write the report, if there is to be one; return its path."""
    record = engine.record
    record.ending, record.rounds = run.ending, len(run.rounds)
    record.tokens, record.cost = run.total.input_tokens + run.total.output_tokens, run.total.cost
    record.save()
    if not record.report:
        return None
    path = record.folder / "report.html"
    write_report(run, path, engine.artefacts)
    return path


def _announce(record: RunRecord, show: Show) -> None:
    if show.as_json:
        emit({"event": "run", "thread": record.thread, "task": record.task, "url": record.url, "forked": record.forked})
        return
    console = err()
    console.print(Text(safe(record.task, 1_000), style="bold"), soft_wrap=True)
    console.print(Text(f"{safe(record.url)} · run {record.thread}", style="dim"), soft_wrap=True)


def _foot(console: Any, run: Trajectory, progress: Progress, report: Path | None) -> None:
    console.print(Text(f"{numbers(progress)} · {duration(run.seconds)}", style="dim"))
    if report:
        console.print(Text(f"Report: {report}", style="dim"), soft_wrap=True)


def _result(run: Trajectory, question: person.Question | None, report: Path | None, code: int) -> dict[str, Any]:
    return {
        "event": "result",
        "thread": run.thread,
        "ending": run.ending.model_dump() if run.ending else None,
        "waiting": question,
        "answer": run.answer,
        "rounds": len(run.rounds),
        "plans": len(run.plans),
        "tokens": run.total.input_tokens + run.total.output_tokens,
        "cost": run.total.cost,
        "seconds": run.seconds,
        "report": str(report) if report else None,
        "exit_code": code,
    }


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM stops a run like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    if ignored:
        # So shells start what runs in the background of a script; SIGTERM would come to nothing.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
