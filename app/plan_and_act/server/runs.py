"""Threads and runs, as their owners see them: asked for, watched, cancelled and forgotten."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from plan_and_act.errors import BusyThreadError, NoSuchRunError, NoSuchThreadError, QueueFullError, QuotaError
from plan_and_act.server.database import events, open_database, runs, threads
from plan_and_act.server.queue import Queue
from plan_and_act.server.records import UNFINISHED, Event, Run, Thread, clock, moment, run_of, settle, thread_of, touch


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
        self._now = clock(engine)
        self.queue = Queue(engine)

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
            "created_at": moment(),
            "updated_at": moment(),
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
        return thread_of(row)

    async def search(
        self, owner: str, *, metadata: Mapping[str, Any], status: str | None, limit: int, offset: int
    ) -> list[Thread]:
        """An owner's threads, the one that changed last first."""
        query = _own(threads, owner).order_by(threads.c.updated_at.desc(), threads.c.thread_id)
        if status:
            query = query.where(threads.c.status == status)
        for name, value in metadata.items():
            # Postgres tells truth as JSON does, SQLite as a number.
            said = (str(value).lower(), str(int(value))) if isinstance(value, bool) else (str(value),)
            query = query.where(threads.c.metadata[name].as_string().in_(said))
        async with self._reader.connect() as db:
            return [thread_of(row) for row in await db.execute(query.limit(limit).offset(offset))]

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
                .values(metadata={**thread.metadata, **metadata}, updated_at=moment())
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
            return [thread_of(row) for row in await db.execute(query)]

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
                "created_at": moment(),
                "updated_at": moment(),
                "attempts": 0,
                "before": None,
                "cancelled": False,
            }
            await db.execute(insert(runs).values({**row, "queued": self._now}))
            await touch(db, thread_id, "busy")
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
        return run_of(row)

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
            return [run_of(row) for row in await db.execute(query.limit(limit).offset(offset))]

    async def cancel(self, owner: str, thread_id: str, run_id: str) -> None:
        """Ask for a run to be stopped; whoever works on it sees the mark.

        Raises:
            NoSuchRunError: When the thread has no such run, or is not the owner's.
        """
        run = await self.run(owner, thread_id, run_id)
        async with self._engine.begin() as db:
            if await self._stop(db, runs.c.run_id == run_id):
                await settle(db, run.thread_id, "interrupted")

    async def events_after(self, run_id: str, number: int) -> list[Event]:
        """What a run has streamed after an event, in order."""
        query = select(events).where(events.c.run_id == run_id, events.c.number > number).order_by(events.c.number)
        async with self._reader.connect() as db:
            return [Event(row.number, row.event, row.data) for row in await db.execute(query)]

    async def count(self) -> dict[str, int]:
        """Unfinished runs by status."""
        query = select(runs.c.status, func.count()).where(runs.c.status.in_(UNFINISHED)).group_by(runs.c.status)
        async with self._reader.connect() as db:
            return {"pending": 0, "running": 0} | {row[0]: row[1] for row in await db.execute(query)}

    async def _stop(self, db: AsyncConnection, *which: Any) -> bool:
        """End pending runs, mark running ones; whether there were pending ones."""
        pending, running = runs.c.status == "pending", runs.c.status == "running"
        ended = await db.execute(
            update(runs).where(*which, pending).values(status="interrupted", cancelled=True, updated_at=moment())
        )
        await db.execute(update(runs).where(*which, running).values(cancelled=True))
        return bool(ended.rowcount)

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


def _own(table: Table, owner: str) -> Any:
    return select(table).where(table.c.owner == owner)
