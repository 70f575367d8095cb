"""Threads, runs and what they stream: the queue that workers take runs from.

A run is `pending`, then `running` under a worker that says every few seconds that it lives, then `success`,
`interrupted` or `error`. A thread has one running run at most; the database sees to it, whichever workers ask at
the same moment. What the agent did is in the checkpoints, not here.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, Table, delete, exists, func, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from plan_and_act.errors import BusyThreadError, NoSuchRunError, NoSuchThreadError, QueueFullError, QuotaError
from plan_and_act.server.database import events, open_database, runs, threads

LOST = 15.0
"""Seconds without a word from its worker after which a run is given to another one."""

ATTEMPTS = 5
"""Workers that may die over one run before it is ended with an error."""

UNFINISHED = ("pending", "running")


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread: one task and all that was done for it."""

    thread_id: str
    owner: str
    metadata: dict[str, Any]
    status: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One stretch of work on a thread, as it was asked for."""

    run_id: str
    thread_id: str
    owner: str
    status: str
    metadata: dict[str, Any]
    asked: dict[str, Any]
    """What to do: input, command, context, checkpoint_id, stream_mode, interrupt_before, interrupt_after."""
    strategy: str
    created_at: datetime
    updated_at: datetime
    attempts: int
    before: str | None
    """Id of the thread's checkpoint when the first worker took the run; another one since means that it has begun."""
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something a run has streamed; numbers count from 1 in each run."""

    number: int
    event: str
    data: str


class Runs:
    """The threads and runs of a server. Made by `open_runs`.

    Args:
        engine: The database.
        most_queued: Pending runs there may be.
        most_each: Unfinished runs an owner may have.
    """

    def __init__(self, engine: AsyncEngine, *, most_queued: int, most_each: int) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._most_queued = most_queued
        self._most_each = most_each
        postgres = engine.dialect.name == "postgresql"
        # The database's clock: those of workers on several machines may differ.
        self._now: ColumnElement[float] = literal_column(
            "extract(epoch from clock_timestamp())" if postgres else "(julianday('now') - 2440587.5) * 86400.0"
        )

    # Threads

    async def make_thread(
        self, owner: str, *, thread_id: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> Thread:
        """Make a thread; one that is there already stays as it is.

        Raises:
            NoSuchThreadError: When the id is another owner's; whether it is there is not told.
        """
        row: dict[str, Any] = {
            "thread_id": thread_id or str(uuid4()),
            "owner": owner,
            "metadata": dict(metadata or {}),
            "status": "idle",
            "created_at": _moment(),
            "updated_at": _moment(),
        }
        try:
            async with self._engine.begin() as db:
                await db.execute(insert(threads).values(row))
        except IntegrityError:
            return await self.thread(owner, row["thread_id"])
        return Thread(**row)

    async def thread(self, owner: str, thread_id: str) -> Thread:
        """A thread of an owner.

        Raises:
            NoSuchThreadError: When the owner has no such thread.
        """
        async with self._reader.connect() as db:
            found = await db.execute(_own(threads, owner).where(threads.c.thread_id == thread_id))
            row = found.one_or_none()
        if row is None:
            raise NoSuchThreadError(thread_id)
        return _thread(row)

    async def search(
        self, owner: str, *, metadata: Mapping[str, Any], status: str | None, limit: int, offset: int
    ) -> list[Thread]:
        """An owner's threads, the one that changed last first."""
        query = _own(threads, owner).order_by(threads.c.updated_at.desc(), threads.c.thread_id)
        if status:
            query = query.where(threads.c.status == status)
        for name, value in metadata.items():
            query = query.where(threads.c.metadata[name].as_string() == str(value))
        async with self._reader.connect() as db:
            return [_thread(row) for row in await db.execute(query.limit(limit).offset(offset))]

    async def describe_thread(self, owner: str, thread_id: str, metadata: Mapping[str, Any]) -> Thread:
        """Add to a thread's metadata.

        Raises:
            NoSuchThreadError: When the owner has no such thread.
        """
        thread = await self.thread(owner, thread_id)
        async with self._engine.begin() as db:
            await db.execute(
                update(threads)
                .where(threads.c.thread_id == thread_id)
                .values(metadata={**thread.metadata, **metadata}, updated_at=_moment())
            )
        return await self.thread(owner, thread_id)

    async def delete_thread(self, owner: str, thread_id: str) -> None:
        """Forget a thread, its runs and what they streamed.

        Raises:
            NoSuchThreadError: When the owner has no such thread.
            BusyThreadError: While one of its runs is unfinished.
        """
        await self.thread(owner, thread_id)
        async with self._engine.begin() as db:
            mine = runs.c.thread_id == thread_id
            if (await db.execute(select(exists().where(mine, runs.c.status.in_(UNFINISHED))))).scalar_one():
                raise BusyThreadError(thread_id)
            await db.execute(delete(events).where(events.c.run_id.in_(select(runs.c.run_id).where(mine))))
            await db.execute(delete(runs).where(mine))
            await db.execute(delete(threads).where(threads.c.thread_id == thread_id))

    async def unused_since(self, moment: datetime) -> list[Thread]:
        """Threads of any owner in which nothing has happened since a moment and nothing is going on."""
        query = select(threads).where(threads.c.updated_at < moment, threads.c.status != "busy")
        async with self._reader.connect() as db:
            return [_thread(row) for row in await db.execute(query)]

    # Runs, as they are asked for and watched

    async def ask(
        self, owner: str, thread_id: str, asked: Mapping[str, Any], *, strategy: str, metadata: Mapping[str, Any]
    ) -> Run:
        """Put a run into the queue.

        Args:
            owner: Who asks.
            thread_id: The thread it goes on with.
            asked: What to do; see `Run.asked`.
            strategy: When the thread is busy: `enqueue` waits, `reject` refuses, `interrupt` cancels what is under way.
            metadata: Whatever the caller wants to know it by.

        Raises:
            NoSuchThreadError: When the owner has no such thread.
            BusyThreadError: When the thread is busy and the strategy is `reject`.
            QuotaError: When the owner has as many unfinished runs as one may have.
            QueueFullError: When as many runs wait as may.
        """
        await self.thread(owner, thread_id)
        async with self._engine.begin() as db:
            await self._admit(db, owner)
            busy = runs.c.thread_id == thread_id, runs.c.status.in_(UNFINISHED)
            if strategy == "reject" and (await db.execute(select(exists().where(*busy)))).scalar_one():
                raise BusyThreadError(thread_id)
            if strategy == "interrupt":
                await self._stop(db, *busy)
            row: dict[str, Any] = {
                "run_id": str(uuid4()),
                "thread_id": thread_id,
                "owner": owner,
                "status": "pending",
                "metadata": dict(metadata),
                "asked": dict(asked),
                "strategy": strategy,
                "created_at": _moment(),
                "updated_at": _moment(),
                "attempts": 0,
                "before": None,
                "cancelled": False,
            }
            await db.execute(insert(runs).values({**row, "queued": self._now}))
            await _touch(db, thread_id, "busy")
        return Run(**row)

    async def run(self, owner: str, thread_id: str, run_id: str) -> Run:
        """A run of an owner.

        Raises:
            NoSuchRunError: When the thread has no such run, or is not the owner's.
        """
        query = _own(runs, owner).where(runs.c.thread_id == thread_id, runs.c.run_id == run_id)
        async with self._reader.connect() as db:
            row = (await db.execute(query)).one_or_none()
        if row is None:
            raise NoSuchRunError(run_id)
        return _run(row)

    async def runs_of(self, owner: str, thread_id: str, *, status: str | None, limit: int, offset: int) -> list[Run]:
        """The runs of a thread, the newest first.

        Raises:
            NoSuchThreadError: When the owner has no such thread.
        """
        await self.thread(owner, thread_id)
        query = _own(runs, owner).where(runs.c.thread_id == thread_id).order_by(runs.c.queued.desc())
        if status:
            query = query.where(runs.c.status == status)
        async with self._reader.connect() as db:
            return [_run(row) for row in await db.execute(query.limit(limit).offset(offset))]

    async def cancel(self, owner: str, thread_id: str, run_id: str) -> None:
        """Ask for a run to be stopped; whoever works on it sees the mark.

        Raises:
            NoSuchRunError: When the thread has no such run, or is not the owner's.
        """
        run = await self.run(owner, thread_id, run_id)
        async with self._engine.begin() as db:
            if await self._stop(db, runs.c.run_id == run_id):
                await self._settle(db, run.thread_id, "interrupted")

    async def events_after(self, run_id: str, number: int) -> list[Event]:
        """What a run has streamed after an event, in order."""
        query = select(events).where(events.c.run_id == run_id, events.c.number > number).order_by(events.c.number)
        async with self._reader.connect() as db:
            return [Event(row.number, row.event, row.data) for row in await db.execute(query)]

    # Runs, as workers carry them out

    async def take(self, worker: str) -> Run | None:
        """Take the run that has waited longest, of a thread on which nobody works; None when there is none."""
        other = runs.alias()
        busy = exists().where(other.c.thread_id == runs.c.thread_id, other.c.status == "running")
        next_one = (
            select(runs)
            .where(runs.c.status == "pending", ~busy)
            .order_by(runs.c.queued)
            .limit(1)
            .with_for_update(skip_locked=True, of=runs)
        )
        try:
            async with self._engine.begin() as db:
                row = (await db.execute(next_one)).one_or_none()
                if row is None:
                    return None
                mine = {"status": "running", "worker": worker, "alive": self._now, "attempts": row.attempts + 1}
                taken = await db.execute(
                    update(runs).where(runs.c.run_id == row.run_id, runs.c.status == "pending").values(mine)
                )
                found = (await db.execute(select(runs).where(runs.c.run_id == row.run_id))).one()
                return _run(found) if taken.rowcount else None
        except IntegrityError:  # another worker has taken another run of the same thread in this moment
            return None

    async def begun(self, run_id: str, before: str) -> None:
        """Note the checkpoint a run begins at."""
        async with self._engine.begin() as db:
            await db.execute(update(runs).where(runs.c.run_id == run_id).values(before=before))

    async def alive(self, worker: str, run_ids: Sequence[str]) -> tuple[set[str], set[str]]:
        """Say that a worker lives.

        Args:
            worker: Its name.
            run_ids: What it works on.

        Returns:
            Those of them that are no longer its own, since they were given away, and those that are to be cancelled.
        """
        mine = runs.c.run_id.in_(run_ids), runs.c.worker == worker, runs.c.status == "running"
        async with self._engine.begin() as db:
            await db.execute(update(runs).where(*mine).values(alive=self._now))
            kept = {row.run_id: row.cancelled for row in await db.execute(select(runs).where(*mine))}
        return set(run_ids) - set(kept), {run_id for run_id, cancelled in kept.items() if cancelled}

    async def say(self, worker: str, run_id: str, event_name: str, data: Any) -> bool:
        """Add to what a run streams.

        Returns:
            False when the run is no longer the worker's.
        """
        mine = exists().where(runs.c.run_id == run_id, runs.c.worker == worker, runs.c.status == "running")
        next_number = select(func.coalesce(func.max(events.c.number), 0) + 1).where(events.c.run_id == run_id)
        row = {"run_id": run_id, "number": next_number.scalar_subquery(), "event": event_name, "data": to_json(data)}
        async with self._engine.begin() as db:
            if not (await db.execute(select(mine))).scalar_one():
                return False
            await db.execute(insert(events).values(row))
        return True

    async def end(self, worker: str, run: Run, status: str, thread_status: str) -> None:
        """End a run; nothing happens when it is no longer the worker's."""
        await self._leave(worker, run, {"status": status}, thread_status)

    async def give_back(self, worker: str, run: Run) -> None:
        """Put a run back into the queue, for another worker; that is no failed attempt."""
        again = {"status": "pending", "worker": None, "attempts": run.attempts - 1}
        await self._leave(worker, run, again, "busy")

    async def reclaim(self) -> list[str]:
        """Put the runs of workers that are gone back into the queue, or end those that took too many workers with them.

        Returns:
            The ids of all of them.
        """
        lost = runs.c.status == "running", runs.c.alive < self._now - LOST
        async with self._engine.begin() as db:
            found = [_run(row) for row in await db.execute(select(runs).where(*lost).with_for_update(skip_locked=True))]
            for run in found:
                hopeless = run.attempts >= ATTEMPTS
                status = "error" if hopeless else "pending"
                await db.execute(
                    update(runs)
                    .where(runs.c.run_id == run.run_id, *lost)
                    .values(status=status, worker=None, updated_at=_moment())
                )
                if hopeless:
                    await self._settle(db, run.thread_id, "error")
        return [run.run_id for run in found]

    async def count(self) -> dict[str, int]:
        """Unfinished runs by status."""
        query = select(runs.c.status, func.count()).where(runs.c.status.in_(UNFINISHED)).group_by(runs.c.status)
        async with self._reader.connect() as db:
            return {"pending": 0, "running": 0} | {row[0]: row[1] for row in await db.execute(query)}

    async def _stop(self, db: AsyncConnection, *which: Any) -> bool:
        """End pending runs, mark running ones; whether there were pending ones."""
        pending, running = runs.c.status == "pending", runs.c.status == "running"
        ended = await db.execute(
            update(runs).where(*which, pending).values(status="interrupted", cancelled=True, updated_at=_moment())
        )
        await db.execute(update(runs).where(*which, running).values(cancelled=True))
        return bool(ended.rowcount)

    async def _leave(self, worker: str, run: Run, values: dict[str, Any], thread_status: str) -> None:
        async with self._engine.begin() as db:
            left = await db.execute(
                update(runs)
                .where(runs.c.run_id == run.run_id, runs.c.worker == worker, runs.c.status == "running")
                .values({**values, "updated_at": _moment()})
            )
            if left.rowcount:
                await self._settle(db, run.thread_id, thread_status)

    async def _settle(self, db: AsyncConnection, thread_id: str, status: str) -> None:
        waiting = select(exists().where(runs.c.thread_id == thread_id, runs.c.status.in_(UNFINISHED)))
        await _touch(db, thread_id, "busy" if (await db.execute(waiting)).scalar_one() else status)

    async def _admit(self, db: AsyncConnection, owner: str) -> None:
        unfinished = select(func.count()).select_from(runs).where(runs.c.status.in_(UNFINISHED))
        pending = select(func.count()).select_from(runs).where(runs.c.status == "pending")
        if (await db.execute(unfinished.where(runs.c.owner == owner))).scalar_one() >= self._most_each:
            raise QuotaError(self._most_each)
        if (await db.execute(pending)).scalar_one() >= self._most_queued:
            raise QueueFullError(self._most_queued)


@asynccontextmanager
async def open_runs(url: str | None = None, *, most_queued: int = 1_000, most_each: int = 100) -> AsyncIterator[Runs]:
    """Open the database of threads and runs, and make its tables when they are not there.

    Args:
        url: A `postgres://` URL, or the path of an SQLite file; `runs.sqlite` in `home()` when left out.
        most_queued: Pending runs there may be.
        most_each: Unfinished runs an owner may have.

    Raises:
        CheckpointError: When the database cannot be used.
    """
    async with open_database(url) as engine:
        yield Runs(engine, most_queued=most_queued, most_each=most_each)


def to_json(value: Any) -> str:
    """Plain JSON of what a graph streams: messages and models as their dumps."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "_asdict"):
        return value._asdict()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)


async def _touch(db: AsyncConnection, thread_id: str, status: str) -> None:
    await db.execute(
        update(threads).where(threads.c.thread_id == thread_id).values(status=status, updated_at=_moment())
    )


def _own(table: Table, owner: str) -> Any:
    return select(table).where(table.c.owner == owner)


def _thread(row: Row[Any]) -> Thread:
    return Thread(**{name: getattr(row, name) for name in Thread.__slots__})


def _run(row: Row[Any]) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__slots__})


def _moment() -> datetime:
    return datetime.now(UTC)
