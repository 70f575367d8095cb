"""Carries out the runs of a queue; several workers, on several machines, may share one.

A worker says every few seconds that it lives. When it is killed, its runs go back into the queue and another worker
goes on from their last checkpoints; an action that was under way is not repeated (`agent.lease`), the page is
opened anew.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from langgraph.types import Command, Interrupt
from sqlalchemy.exc import SQLAlchemyError

from plan_and_act.agent.context import Context
from plan_and_act.agent.graph import Agent
from plan_and_act.errors import BusyThreadError, NoSuchThreadError
from plan_and_act.server.queue import LOST
from plan_and_act.server.records import Run, Thread
from plan_and_act.server.runs import Runs

_log = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds between two signs of life."""
POLL = 0.5
"""Seconds between two looks at the queue when nobody in this process has said that there is something new."""
GRACE = 20.0
"""Seconds a worker that is told to stop waits for the steps under way; then it leaves them."""

_Why = Literal["cancelled", "lost", "drained"]


@dataclass
class _Work:
    """A run under way."""

    run: Run
    task: asyncio.Task[None] | None = None
    control: RunControl = field(default_factory=RunControl)
    why: _Why | None = None
    """Why its task has been cancelled."""

    def stop(self, why: _Why) -> None:
        if self.task and self.why is None:
            self.why = why
            self.task.cancel()


class Worker:
    """Takes runs from the queue and carries them out, until it is told to stop.

    Args:
        runs: Threads and runs, and the queue.
        agent: The graph, with the checkpointer that all workers of the queue share.
        at_once: Runs it carries out side by side.
        keep: How long a thread is kept in which nothing happens any more; None keeps threads for good.
    """

    def __init__(self, runs: Runs, agent: Agent, *, at_once: int, keep: timedelta | None = None) -> None:
        self.name = uuid4().hex[:12]
        self._runs = runs
        self._agent = agent
        self._at_once = at_once
        self._keep = keep
        self._works: dict[str, _Work] = {}
        self._awake = asyncio.Event()
        self._stopping = False

    @property
    def at_work(self) -> int:
        """How many runs it carries out now."""
        return len(self._works)

    @property
    def stopping(self) -> bool:
        """Whether it has been told to stop."""
        return self._stopping

    def wake(self) -> None:
        """Say that the queue has something new."""
        self._awake.set()

    def cancel(self, run_id: str) -> None:
        """Stop a run at once if it is this worker's; another worker finds the mark in the database."""
        self._stop({run_id}, "cancelled")

    def stop(self) -> None:
        """Take no more runs, and leave those under way at their next step; another worker goes on with them."""
        self._stopping = True
        for work in self._works.values():
            work.control.request_drain("the worker stops")
        self._awake.set()

    async def work(self) -> None:
        """Carry out runs until `stop`."""
        beating = asyncio.create_task(self._beat())
        try:
            while not self._stopping:
                self._awake.clear()
                if not await self._take_one():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL):
                            await self._awake.wait()
            await self._leave()
        finally:
            beating.cancel()
            for work in self._works.values():
                work.stop("drained")
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take_one(self) -> bool:
        if len(self._works) >= self._at_once:
            return False
        try:
            run = await self._runs.queue.take(self.name)
        except SQLAlchemyError as error:
            _log.warning("The queue of runs cannot be read: %s", error)
            return False
        if run is None:
            return False
        work = self._works[run.run_id] = _Work(run)
        work.task = asyncio.create_task(self._carry(work))
        return True

    async def _leave(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)

    @property
    def _tasks(self) -> list[asyncio.Task[None]]:
        return [work.task for work in self._works.values() if work.task]

    async def _beat(self) -> None:
        """Say that it lives, see what is to be cancelled, look after the runs of others that do not live any more."""
        heard = time.monotonic()
        swept = 0.0
        while True:
            try:
                lost, cancelled = await self._runs.queue.alive(self.name, list(self._works))
                heard = time.monotonic()
                self._stop(lost, "lost")
                self._stop(cancelled, "cancelled")
                for run_id in await self._runs.queue.reclaim():
                    _log.warning("The run %s has lost its worker", run_id)
                    self._awake.set()
                if self._keep and time.monotonic() - swept > 60:
                    swept = time.monotonic()
                    await self._forget(self._keep)
            except Exception as error:  # whatever it is: a worker that is not heard of loses the runs it carries out
                _log.warning("The database of runs does not answer: %s", error)
                # Others take these runs when they hear nothing: be gone before that.
                if time.monotonic() - heard > LOST * 2 / 3:
                    self._stop(set(self._works), "lost")
            await asyncio.sleep(BEAT)

    def _stop(self, run_ids: set[str], why: _Why) -> None:
        for run_id in run_ids & set(self._works):
            self._works[run_id].stop(why)

    async def _forget(self, keep: timedelta) -> None:
        for thread in await self._runs.unused_since(datetime.now(UTC) - keep):
            # Another worker may have been faster, or somebody may use it again.
            with contextlib.suppress(NoSuchThreadError, BusyThreadError):
                await forget(self._runs, self._agent, thread)

    async def _carry(self, work: _Work) -> None:
        run = work.run
        status, thread_status = "error", "error"
        try:
            try:
                await self._stream(work)
                waits = (await self._agent.aget_state(config_of(run.thread_id))).next
                status, thread_status = "success", "interrupted" if waits else "idle"
            except GraphDrained:
                await self._runs.queue.give_back(self.name, run)
                return
            except asyncio.CancelledError:
                if work.why == "lost":
                    return
                if work.why != "cancelled":
                    await self._runs.queue.give_back(self.name, run)
                    return
                status, thread_status = "interrupted", "interrupted"
            except Exception as error:
                _log.exception("The run %s has failed", run.run_id)
                await self._say(run, "error", {"error": type(error).__name__, "message": str(error)})
            await self._runs.queue.end(self.name, run, status, thread_status)
        except SQLAlchemyError:
            # The run is still this worker's, and will be given to another when nothing is heard of it.
            _log.exception("How the run %s has ended could not be written down", run.run_id)
        finally:
            del self._works[run.run_id]
            self._awake.set()

    async def _stream(self, work: _Work) -> None:
        run, asked = work.run, work.run.asked
        here = config_of(run.thread_id)
        now = (await self._agent.aget_state(here)).config["configurable"].get("checkpoint_id") or ""
        begun = run.before is not None and run.before != now
        if run.before is None:
            await self._runs.queue.begun(run.run_id, now)
        if self._stopping:
            work.control.request_drain("the worker stops")
        await self._say(run, "metadata", {"run_id": run.run_id, "attempt": run.attempts})
        async for part in self._agent.astream(
            None if begun else _input(asked),
            here if begun else config_of(run.thread_id, asked),
            context=Context.model_validate(asked.get("context") or {}) if "context" in asked else None,
            stream_mode=asked["stream_mode"],
            interrupt_before=asked.get("interrupt_before"),
            interrupt_after=asked.get("interrupt_after"),
            version="v2",
            durability="sync",
            control=work.control,
        ):
            data: Any = part["data"]
            if not await self._say(run, part["type"], _in_plain(data)):
                work.stop("lost")

    async def _say(self, run: Run, event: str, data: Any) -> bool:
        return await self._runs.queue.say(self.name, run.run_id, event, data)


async def forget(runs: Runs, agent: Agent, thread: Thread) -> None:
    """Delete a thread with its runs and checkpoints.

    Raises:
        BusyThreadError: While one of its runs is unfinished.
    """
    await runs.delete_thread(thread.owner, thread.thread_id)
    if not isinstance(agent.checkpointer, bool) and agent.checkpointer is not None:
        await agent.checkpointer.adelete_thread(thread.thread_id)


def config_of(thread_id: str, asked: Mapping[str, Any] | None = None) -> RunnableConfig:
    """Where a thread stands, or a checkpoint of it, for LangGraph."""
    place: dict[str, Any] = {"thread_id": thread_id}
    if asked and asked.get("checkpoint_id"):
        place |= {"checkpoint_id": asked["checkpoint_id"], "checkpoint_ns": ""}
    return {**((asked or {}).get("config") or {}), "configurable": place}  # type: ignore[typeddict-item]


def _input(asked: Mapping[str, Any]) -> Any:
    command = asked.get("command")
    if not command:
        return asked.get("input")
    return Command(update=command.get("update"), goto=command.get("goto") or (), resume=command.get("resume"))


def _in_plain(data: Any) -> Any:
    if isinstance(data, dict) and "__interrupt__" in data:
        return {**data, "__interrupt__": [interrupt_in_plain(each) for each in data["__interrupt__"]]}
    return data


def interrupt_in_plain(each: Interrupt) -> dict[str, Any]:
    """An interrupt as the API tells of it."""
    plain = {"id": each.id, "value": each.value}
    schema = getattr(each, "response_schema", None)
    return plain | ({"response_schema": schema} if isinstance(schema, dict) else {})
