"""The same episodes on a Ray cluster: its workers make the attempts, this process alone writes what they bring home.

Needs the extra `ray`, and this package with what the suite and the models need on every machine of the cluster.
"""

import asyncio
import logging
import math
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from plan_and_act.browser import pool
from plan_and_act.errors import ConfigError, MissingExtraError, PlanAndActError
from plan_and_act.evaluation.attempt import Failure, attempt, folder_of
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.runner import Perform, Workers
from plan_and_act.evaluation.suite import Agent, EvalTask, Suite
from plan_and_act.trajectory import Trajectory

EACH = 4
"""Episodes that one worker does at once, in one browser."""


def on_ray(address: str) -> Workers:
    """Workers on a Ray cluster.

    Args:
        address: As `ray.init` takes it: `auto`, `ray://HOST:PORT`, or `local` for a cluster of this machine alone.

    Raises:
        MissingExtraError: When Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        what = "A Ray cluster"
        raise MissingExtraError(what, "ray") from error

    @asynccontextmanager
    async def workers(evaluation: Evaluation, out: Path, parallel: int) -> AsyncIterator[Perform]:
        try:
            await asyncio.to_thread(ray.init, address=address, log_to_driver=False, logging_level=logging.WARNING)
        except Exception as error:  # Ray raises its own kinds and plain ones
            msg = f"The Ray cluster {address} cannot be reached: {' '.join(str(error).split())[:500]}"
            raise ConfigError(msg) from error
        try:
            kind: Any = ray.remote(_Worker).options(max_restarts=-1, max_concurrency=EACH + 1)
            settings = evaluation.model_dump_json()
            team = [kind.remote(settings) for _ in range(math.ceil(parallel / EACH))]
            free: asyncio.Queue[Any] = asyncio.Queue()
            for worker in team * EACH:
                free.put_nowait(worker)

            async def perform(task: EvalTask, number: int) -> Trajectory | Failure:
                worker = await free.get()
                try:
                    brought = await worker.perform.remote(task.model_dump_json(), number)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from None
                except ray.exceptions.RayError as error:
                    message = f"The worker was lost: {' '.join(str(error).split())[:500]}"
                    return Failure(task=task.id, site=task.site, kind="worker", message=message, attempt=number)
                finally:
                    free.put_nowait(worker)
                await asyncio.to_thread(shutil.rmtree, folder_of(task, out), ignore_errors=True)
                await asyncio.to_thread(_unpack, brought.files, out)
                if brought.run is None:
                    return Failure.model_validate_json(brought.failure)
                return Trajectory.model_validate_json(brought.run)

            yield perform
            await asyncio.gather(*(worker.close.remote() for worker in team))
        finally:
            await asyncio.to_thread(ray.shutdown)

    return workers


class _Brought(NamedTuple):
    """What a worker brings home from an attempt: the run or the failure as JSON, and its files with their modes."""

    run: str | None
    failure: str
    files: dict[str, tuple[int, bytes]]


class _Worker:
    """Makes attempts on a machine of the cluster, with a suite and a browser of its own."""

    def __init__(self, evaluation: str) -> None:
        self._evaluation = Evaluation.model_validate_json(evaluation)
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._ready: tuple[Suite, Agent] | None = None

    async def perform(self, task: str, number: int) -> _Brought:
        """Make an attempt at a task."""
        try:
            suite, agent = await self._open()
            with tempfile.TemporaryDirectory() as folder:
                done = await attempt(
                    suite,
                    agent,
                    EvalTask.model_validate_json(task),
                    folder=Path(folder),
                    seconds=self._evaluation.seconds,
                    number=number,
                )
                files = await asyncio.to_thread(_packed, Path(folder))
        except PlanAndActError as error:
            # Errors of all kinds end the evaluation here; a plain one travels.
            raise ConfigError(str(error)) from None
        text = done.model_dump_json()
        return _Brought(None, text, files) if isinstance(done, Failure) else _Brought(text, "", files)

    async def close(self) -> None:
        """Close the suite and the browser."""
        await self._stack.aclose()
        await pool().close()

    async def _open(self) -> tuple[Suite, Agent]:
        async with self._opening:
            if self._ready is None:
                suite = self._evaluation.make_suite()
                agent = self._evaluation.make_agent(suite)
                await self._stack.enter_async_context(suite.open())
                self._ready = suite, agent
        return self._ready


def _packed(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.read_bytes()) for path in files}


def _unpack(files: dict[str, tuple[int, bytes]], folder: Path) -> None:
    for name, (mode, content) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        path.write_bytes(content)
