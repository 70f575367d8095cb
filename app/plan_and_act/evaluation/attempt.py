"""One attempt at a task, from its beginning to its score; what goes wrong around it is no failure of the agent."""

import asyncio
import shutil
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel

from plan_and_act.artefacts import Artefacts
from plan_and_act.errors import (
    BrowserLostError,
    BrowserNotFoundError,
    ConfigError,
    ContextTooLongError,
    ModelTimeoutError,
    ModelUnavailableError,
    PlanAndActError,
    PoolFullError,
    StorageError,
)
from plan_and_act.evaluation.suite import Agent, Attempt, EvalTask, Score, Start, Suite
from plan_and_act.trajectory import Ending, EndingReason, Trajectory, Usage

Kind = Literal["model", "model_timeout", "browser", "site", "score", "worker", "bug"]
"""What an infrastructure error concerns. `score`: the episode was done, and its judge could not say what it was worth.
`worker`: the machine that did it is gone. `bug`: an error that should not happen."""

_PATIENCE = 300.0
"""Seconds that a suite gets to begin a task, and as many to score it."""
_GRACE = 30.0
"""Seconds that an agent gets to end by itself when its time is over."""
_KINDS: list[tuple[tuple[type[Exception], ...], Kind]] = [
    ((ModelTimeoutError,), "model_timeout"),
    ((ModelUnavailableError,), "model"),
    ((BrowserLostError, BrowserNotFoundError, PoolFullError, PlaywrightError), "browser"),
]
_LOST: dict[str, Kind] = {"browser_lost": "browser", "page_unreachable": "site"}
"""Endings that say nothing of the agent."""


class Failure(BaseModel):
    """An attempt that came to nothing for a reason outside of the agent."""

    task: str
    site: str
    kind: Kind
    message: str
    attempt: int = 1
    token: str = ""
    when: str = ""


def folder_of(task: EvalTask, results: Path) -> Path:
    """Where the attempts at a task keep their own files: a folder named by its id, as far as files can be."""
    name = "".join(c if c.isalnum() or c in "-_.+@" else "_" for c in task.id)[:120]
    return results / "episodes" / name


async def attempt(
    suite: Suite, agent: Agent, task: EvalTask, *, folder: Path, seconds: float, number: int = 1
) -> Trajectory | Failure:
    """Try a task once.

    Args:
        suite: The suite, open.
        agent: Who does it.
        task: The task.
        folder: The results folder; artefacts and the attempt's own files go beneath it.
        seconds: What the run may take.
        number: Which try at this task it is, from 1.

    Returns:
        The run with its reward and labels, or why there is none.

    Raises:
        ConfigError: When the agent cannot be made from its settings: the next attempt would end alike.
        StorageError: When files cannot be written.
    """
    await asyncio.to_thread(shutil.rmtree, folder_of(task, folder), ignore_errors=True)
    this = Attempt(
        task=task,
        token=f"{suite.name}-{uuid4().hex}",
        folder=folder_of(task, folder),
        artefacts=Artefacts(folder / "artefacts"),
        watch=suite.watch,
    )
    try:
        done = await _carry(suite, agent, this, seconds)
    finally:
        await this.close()
    if isinstance(done, Failure):
        when = datetime.now(UTC).isoformat(timespec="seconds")
        return done.model_copy(update={"attempt": number, "token": this.token, "when": when})
    done.labels["attempt"] = number
    return done


async def _carry(suite: Suite, agent: Agent, this: Attempt, seconds: float) -> Trajectory | Failure:
    """Begin, run, score; each with its own idea of whose fault an error is."""
    try:
        async with asyncio.timeout(_PATIENCE):
            start = await suite.begin(this)
    except Exception as error:
        return _failure(this, error, otherwise="site")
    try:
        async with asyncio.timeout(seconds + _GRACE):
            run = await agent(this, start)
    except TimeoutError:
        run = _cut_off(this, start, "deadline", f"The limit of {seconds:.0f} s is reached.")
    except ContextTooLongError as error:
        # The model's limit, not the endpoint's fault: it would be as long the next time.
        run = _cut_off(this, start, "model_output", str(error))
    except ConfigError:
        raise
    except Exception as error:
        return _failure(this, error, otherwise="site")
    if run.ending and not this.score and (lost := _LOST.get(run.ending.reason)):
        return Failure(task=this.task.id, site=this.task.site, kind=lost, message=run.ending.message)
    try:
        async with asyncio.timeout(_PATIENCE):
            score = this.score or await suite.score(this, run)
    except Exception as error:
        return _failure(this, error, otherwise="score")
    return _scored(suite, this, run, score)


def _scored(suite: Suite, this: Attempt, run: Trajectory, score: Score) -> Trajectory:
    task = this.task
    run.task = run.task.model_copy(update={"id": task.id})
    if run.ending is None:
        message = "The suite ended the episode with its score."
        run.ending = Ending(status="succeeded" if score.success else "failed", reason="finished", message=message)
    run.reward, run.judge = score.reward, score.judge
    if score.usage:
        run.usage["judge"] = run.usage.get("judge", Usage()) + score.usage
    run.labels = {
        "suite": suite.name,
        "site": task.site,
        "template": task.template or task.id,
        "seed": task.seed,
        "success": score.success,
        "problems": list(score.problems),
        "also": score.also,
        "extra": task.extra,
    }
    return run


def _cut_off(this: Attempt, start: Start, reason: EndingReason, message: str) -> Trajectory:
    ending = Ending(status="stopped" if reason == "deadline" else "failed", reason=reason, message=message)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Trajectory(thread=this.token, task=start.task, started=started, ending=ending)


def _failure(this: Attempt, error: Exception, *, otherwise: Kind) -> Failure:
    """What an error concerns; our own errors are sentences, of any other one it is told where it comes from.

    Raises:
        StorageError: When that is the error: no attempt can do without its files.
    """
    kind = next((kind for kinds, kind in _KINDS if isinstance(error, kinds)), otherwise)
    if isinstance(error, StorageError):
        raise error
    if isinstance(error, PlanAndActError):
        message = str(error)
    elif isinstance(error, TimeoutError):
        message = f"It took longer than {_PATIENCE:.0f} s. {error}".rstrip()
    else:
        kind = "bug" if kind == "site" else kind
        frame = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"
    return Failure(task=this.task.id, site=this.task.site, kind=kind, message=message[:2_000])
