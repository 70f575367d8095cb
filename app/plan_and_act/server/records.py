"""Threads, runs and events, as rows of the database and outside it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from plan_and_act.server.database import runs, threads

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


def clock(engine: AsyncEngine) -> ColumnElement[float]:
    """Seconds by the database's clock: those of workers on several machines may differ."""
    postgres = engine.dialect.name == "postgresql"
    return literal_column(
        "extract(epoch from clock_timestamp())" if postgres else "(julianday('now') - 2440587.5) * 86400.0"
    )


async def settle(db: AsyncConnection, thread_id: str, status: str) -> None:
    """A thread whose run has ended is busy while others wait, else as that run has left it."""
    waiting = select(exists().where(runs.c.thread_id == thread_id, runs.c.status.in_(UNFINISHED)))
    await touch(db, thread_id, "busy" if (await db.execute(waiting)).scalar_one() else status)


async def touch(db: AsyncConnection, thread_id: str, status: str) -> None:
    """Note that something has happened in a thread."""
    await db.execute(update(threads).where(threads.c.thread_id == thread_id).values(status=status, updated_at=moment()))


def thread_of(row: Row[Any]) -> Thread:
    """A row of the table of threads."""
    return Thread(**{name: getattr(row, name) for name in Thread.__slots__})


def run_of(row: Row[Any]) -> Run:
    """A row of the table of runs."""
    return Run(**{name: getattr(row, name) for name in Run.__slots__})


def moment() -> datetime:
    """Now."""
    return datetime.now(UTC)
