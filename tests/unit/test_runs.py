"""The database of runs, where it is busy or broken."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from plan_and_act.errors import ConfigError
from plan_and_act.server.api import Api
from plan_and_act.server.runs import open_runs
from plan_and_act.server.shapes import thread_in_plain
from plan_and_act.server.worker import Worker


async def test_who_reads_waits_for_nobody_who_writes(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    async with open_runs(str(file), most_queued=10, most_each=10) as runs:
        thread = await runs.make_thread("me")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            assert (await runs.thread("me", thread.thread_id)).owner == "me"
        # A transaction of its own would wait for the other one, up to ten seconds.
        assert time.monotonic() - began < 5


async def test_a_url_of_another_database_is_no_file() -> None:
    with pytest.raises(ConfigError, match="postgress:// is neither"):
        async with open_runs("postgress://user:password@host/db", most_queued=10, most_each=10):
            pass


async def test_times_are_in_utc_and_say_so(tmp_path: Path) -> None:
    async with open_runs(str(tmp_path / "runs.sqlite"), most_queued=10, most_each=10) as runs:
        made = await runs.make_thread("me")
        read = await runs.thread("me", made.thread_id)
    assert thread_in_plain(read)["created_at"] == thread_in_plain(made)["created_at"]
    assert read.created_at.utcoffset() == timedelta(0)


async def test_a_worker_that_cannot_delete_a_thread_deletes_the_others_and_lives_on(tmp_path: Path) -> None:
    class Checkpoints:
        async def adelete_thread(self, thread_id: str) -> None:
            first, second, third = threads
            if thread_id == first:
                await runs.delete_thread("me", second)  # another worker is faster
            if thread_id == third:
                raise sqlite3.OperationalError("database is locked")

    async with open_runs(str(tmp_path / "runs.sqlite"), most_queued=10, most_each=10) as runs:
        for _ in range(3):
            await runs.make_thread("me")
        threads = [thread.thread_id for thread in await runs.unused_since(datetime.now(UTC))]
        agent = cast("Any", SimpleNamespace(checkpointer=Checkpoints()))
        worker = Worker(runs, agent, at_once=1, keep=timedelta(microseconds=1))
        beating = asyncio.create_task(worker._beat())
        done, _ = await asyncio.wait([beating], timeout=1)
        beating.cancel()
        assert not await runs.unused_since(datetime.now(UTC))
    assert not done


async def test_a_database_that_breaks_is_a_503_and_not_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    async with open_runs(str(file), most_queued=10, most_each=10) as runs:
        routes = Starlette(routes=Api(runs, cast("Any", None), cast("Any", None)).routes())

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await routes({**scope, "owner": "me"}, receive, send)

        with closing(sqlite3.connect(file)) as other:
            other.execute("DROP TABLE pa_threads")
        answer = TestClient(app).get("/threads/any")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert "database of runs" in answer.json()["detail"]
