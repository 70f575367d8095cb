"""The database of runs, where it is busy or broken."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from plan_and_act.server.api import Api
from plan_and_act.server.runs import open_runs


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
