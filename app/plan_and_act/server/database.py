"""The database of threads and runs, SQLite or Postgres: its tables, and how it is opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
)  # fmt: skip
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from plan_and_act.artefacts import home
from plan_and_act.checkpoints import is_postgres, sqlite_file
from plan_and_act.errors import CheckpointError


class _Moment(TypeDecorator[datetime]):
    """A time in UTC, also of databases that keep no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


_meta = MetaData()

threads = Table(
    "pa_threads",
    _meta,
    Column("thread_id", String(64), primary_key=True),
    Column("owner", String(256), nullable=False, index=True),
    Column("metadata", JSON, nullable=False),
    Column("status", String(16), nullable=False, default="idle"),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False, index=True),
)

runs = Table(
    "pa_runs",
    _meta,
    Column("run_id", String(64), primary_key=True),
    Column("thread_id", String(64), nullable=False, index=True),
    Column("owner", String(256), nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("metadata", JSON, nullable=False),
    Column("asked", JSON, nullable=False),
    Column("strategy", String(16), nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("queued", Float, nullable=False),
    Column("worker", String(64)),
    Column("alive", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("before", String(64)),
    Column("cancelled", Boolean, nullable=False, default=False),
)
_running = runs.c.status == "running"
Index("pa_one_running", runs.c.thread_id, unique=True, sqlite_where=_running, postgresql_where=_running)

events = Table(
    "pa_events",
    _meta,
    Column("run_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("event", String(64), nullable=False),
    Column("data", Text, nullable=False),
)


@asynccontextmanager
async def open_database(url: str | None = None) -> AsyncIterator[AsyncEngine]:
    """Open it, and make its tables when they are not there.

    Who only reads asks for the isolation level AUTOCOMMIT, and waits for nobody.

    Args:
        url: A `postgres://` URL, or the path of an SQLite file; `runs.sqlite` in `home()` when left out.

    Raises:
        CheckpointError: When it cannot be used.
        ConfigError: When the URL is of another database.
    """
    engine = create_async_engine(_address(url), pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _patient)
        event.listen(engine.sync_engine, "begin", _begin)
    try:
        try:
            async with engine.begin() as db:
                await db.run_sync(_meta.create_all)
        except (SQLAlchemyError, OSError) as error:
            reason = (str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"])[0]
            msg = f"The database of runs cannot be used: {reason}"  # never the URL: it may hold a password
            raise CheckpointError(msg) from error
        yield engine
    finally:
        await engine.dispose()


def _address(url: str | None) -> str:
    if is_postgres(url):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    path = sqlite_file(url) or home() / "runs.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite+aiosqlite:///{path}"


def _patient(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # it begins what it is told to begin; see `_begin`
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that begins to read and goes on to write is refused when another wrote in between: take turns.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
