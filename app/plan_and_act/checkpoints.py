"""Where checkpoints are kept: an SQLite file in `home()`, or Postgres by URL.

async with open_checkpoints() as saver:
    agent = create_agent(checkpointer=saver)
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from plan_and_act.artefacts import home, storage_error
from plan_and_act.errors import CheckpointError, ConfigError, MissingExtraError

if TYPE_CHECKING:
    import aiosqlite
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

_COLUMNS = {
    "checkpoints": {
        "thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata",
    },
    "writes": {"thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "idx", "channel", "type", "value"},
}  # fmt: skip
"""What LangGraph's SQLite saver (3.1) reads and writes; columns it adds by itself are not in here."""

_PATIENCE = 5.0
"""Seconds to wait for another process's write to end, or for a connection."""

_CONNECTIONS = 8
"""Connections to Postgres a process may have."""


@asynccontextmanager
async def open_checkpoints(url: str | None = None) -> AsyncIterator["BaseCheckpointSaver[str]"]:
    """Open the store of checkpoints.

    Args:
        url: A `postgres://` URL, or the path of an SQLite file; `checkpoints.sqlite` in `home()` when left out.

    Raises:
        CheckpointError: When the store is locked, corrupt, from another schema, or does not answer.
        ConfigError: When the URL is of another database.
        MissingExtraError: When the store's driver is not installed.
    """
    if is_postgres(url):
        async with _postgres(url) as saver:
            yield saver
        return
    async with _sqlite(sqlite_file(url) or home() / "checkpoints.sqlite") as saver:
        yield saver


def is_postgres(url: str | None) -> TypeGuard[str]:
    """Whether a database is named by a `postgres://` URL."""
    return url is not None and url.startswith(("postgres://", "postgresql://"))


def sqlite_file(url: str | None) -> Path | None:
    """The SQLite file that a database is named by, as a path or an `sqlite:///` URL; None when it is not named.

    Raises:
        ConfigError: When it is a URL of something else; what stands in it is not told, for it may hold a password.
    """
    if not url:
        return None
    path = url.removeprefix("sqlite:///")
    if "://" in path:
        msg = f"A database is a postgres:// URL or a file; {path.partition('://')[0]}:// is neither"
        raise ConfigError(msg)
    return Path(path)


def in_words(error: sqlite3.Error, path: Path | str = "the checkpoint file") -> CheckpointError:
    """A sentence for an error of SQLite."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return CheckpointError(f"{path} is locked by another process; wait for it, or close it, and resume")
    if "not a database" in text or "malformed" in text or "encrypted" in text:
        return CheckpointError(f"{path} is no SQLite database, or is damaged; move it away to begin with a new one")
    if "full" in text:
        return CheckpointError(f"{path} cannot be written: the disk is full; free some space and resume")
    if "readonly" in text or "unable to open" in text:
        return CheckpointError(f"{path} cannot be opened for writing; set PLAN_AND_ACT_HOME to a writable folder")
    return CheckpointError(f"{path} cannot be used: {text}")


@asynccontextmanager
async def _sqlite(path: Path) -> AsyncIterator["BaseCheckpointSaver[str]"]:
    try:
        import aiosqlite
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    except ImportError as error:
        what = "A checkpoint file (SQLite)"
        raise MissingExtraError(what, "sqlite") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        doing = f"Making the folder {path.parent}"
        raise storage_error(doing, error) from error
    connection: aiosqlite.Connection | None = None
    try:
        try:
            connection = await aiosqlite.connect(path, timeout=_PATIENCE)
            await _check(connection, path)
            saver = _compact(AsyncSqliteSaver)(connection)
            await saver.setup()
            # With its write-ahead log SQLite loses nothing to a killed process, and to a power cut the last moment.
            await connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise in_words(error, path) from error
        yield saver
    finally:
        if connection is not None:
            await connection.close()


def _compact(base: "type[AsyncSqliteSaver]") -> "type[AsyncSqliteSaver]":
    """A saver that numbers versions of channels 1, 2, 3 instead of by 51 characters.

    Every checkpoint lists every channel's version; the long form is for stores that keep values apart by version.
    """

    class Compact(base):  # type: ignore[valid-type, misc]
        def get_next_version(self, current: int | None, channel: None) -> int:
            return (current or 0) + 1

    return Compact


async def _check(connection: "aiosqlite.Connection", path: Path) -> None:
    """Look at the tables that are there: with a column missing, the saver would fail only in the middle of a run."""
    for table, needed in _COLUMNS.items():
        rows = await connection.execute_fetchall("SELECT name FROM pragma_table_info(?)", (table,))
        present = {str(row[0]) for row in rows}
        if present and not needed <= present:
            missing = ", ".join(sorted(needed - present))
            msg = f"{path} is from another version (its table {table} has no {missing}); move it away to begin anew"
            raise CheckpointError(msg)


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator["BaseCheckpointSaver[str]"]:
    try:
        import psycopg
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg.rows import dict_row
        from psycopg_pool import AsyncConnectionPool, PoolTimeout
    except ImportError as error:
        what = "Keeping checkpoints in Postgres"
        raise MissingExtraError(what, "postgres") from error
    # As the saver wants its connections; a pool replaces those that break.
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    try:
        async with AsyncConnectionPool(
            url, min_size=1, max_size=_CONNECTIONS, kwargs=options, open=False, timeout=_PATIENCE
        ) as connections:
            saver = AsyncPostgresSaver(connections)  # type: ignore[arg-type]
            await saver.setup()
            yield saver
    except (psycopg.Error, PoolTimeout) as error:
        # The first line only, and never the URL: it holds the password.
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        msg = f"The Postgres store of checkpoints cannot be used: {reason}"
        raise CheckpointError(msg) from error
