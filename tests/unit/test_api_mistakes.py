"""The graph API where callers are mistaken, hasty or gone, and where pages say what is no text."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from langgraph.checkpoint.memory import InMemorySaver
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from plan_and_act import create_agent
from plan_and_act.agent.graph import Agent
from plan_and_act.checkpoints import open_checkpoints
from plan_and_act.server.api import Api
from plan_and_act.server.queue import to_json
from plan_and_act.server.runs import Runs, open_runs
from plan_and_act.server.worker import Worker

HALF = "\ud83d"
"""Half of a character, which a page's script may leave in its title."""


@pytest.fixture
async def runs(tmp_path: Path) -> AsyncIterator[Runs]:
    async with open_runs(str(tmp_path / "runs.sqlite"), most_queued=10, most_each=10) as opened:
        yield opened


@pytest.fixture
def agent() -> Agent:
    return create_agent(checkpointer=InMemorySaver())


def api_of(runs: Runs, agent: Agent) -> ASGIApp:
    """The API as somebody called "me" sees it; no worker works."""
    routes = Starlette(routes=Api(runs, agent, Worker(runs, agent, at_once=1)).routes())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await routes({**scope, "owner": "me"}, receive, send)

    return app


def client_of(runs: Runs, agent: Agent) -> AsyncClient:
    transport = ASGITransport(api_of(runs, agent), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://server")


@pytest.fixture
async def client(runs: Runs, agent: Agent) -> AsyncIterator[AsyncClient]:
    async with client_of(runs, agent) as client:
        yield client


@pytest.fixture
async def thread(client: AsyncClient) -> str:
    return str((await client.post("/threads")).json()["thread_id"])


async def test_what_is_no_text_is_streamed_and_told(runs: Runs, client: AsyncClient, thread: str) -> None:
    await runs.ask("me", thread, {}, strategy="enqueue", metadata={"title": HALF})
    run = await runs.queue.take("worker")
    assert run
    assert await runs.queue.say("worker", run.run_id, "updates", {"title": HALF})
    await runs.queue.end("worker", run, "success", "idle")
    assert [json.loads(event.data) for event in await runs.events_after(run.run_id, 0)] == [{"title": HALF}]
    told = await client.get(f"/threads/{thread}/runs/{run.run_id}")
    assert told.json()["metadata"] == {"title": HALF}
    streamed = await client.get(f"/threads/{thread}/runs/{run.run_id}/stream")
    assert f"data: {to_json({'title': HALF})}" in streamed.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/state", {"values": {"task": "x"}, "as_node": "nosuch"}, 422, "nosuch does not exist"),
        ("POST", "/state", {"values": {"plans": "x"}, "as_node": "observe"}, 422, "valid array"),
        ("POST", "/state", {"values": {"nosuch": 1}, "as_node": "observe"}, 422, "the state has no nosuch"),
        ("POST", "/state", {"values": [{"task": "x"}], "as_node": "observe"}, 422, "Expected dict"),
        ("POST", "/state", {"values": {"messages": [5]}, "as_node": "start"}, 422, "cannot be written"),
        ("POST", "/state", {"values": {"task": "x"}, "as_node": "observe"}, 422, "KeyError: 'planning'"),
        ("POST", "/state", {"values": {}, "as_node": "start", "checkpoint_id": "bogus"}, 404, "no checkpoint 'bogus'"),
        ("GET", "/state/bogus", None, 404, "no checkpoint 'bogus'"),
        ("POST", "/runs", {"assistant_id": "agent", "checkpoint_id": "bogus"}, 404, "no checkpoint 'bogus'"),
        ("POST", "/state", {"as_node": "start", "checkpoint": {"checkpoint_id": 5}}, 422, "valid string"),
        ("POST", "/runs", {"assistant_id": "agent", "checkpoint": {"checkpoint_id": []}}, 422, "valid string"),
        ("POST", "/history", {"before": {"checkpoint_id": 5}}, 422, "valid string"),
        ("GET", "/runs?limit=9999999999999999999", None, 422, "limit"),
        ("GET", "/runs?offset=9999999999999999999", None, 422, "offset"),
    ],
)
async def test_a_mistake_is_told_and_changes_nothing(
    client: AsyncClient, thread: str, method: str, path: str, body: Any, status: int, says: str
) -> None:
    answer = await client.request(method, f"/threads/{thread}{path}", json=body)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert (await client.get(f"/threads/{thread}/state")).json()["values"] == {}


async def test_state_is_written_in_the_forms_that_langgraph_reads(client: AsyncClient, thread: str) -> None:
    for plans in ([{"revision": 1}], [{"revision": 2}], {"__overwrite__": [{"revision": 3}]}):
        message = {"role": "user", "content": "Do it."}
        values = {"task": "Do it.", "plans": plans, "messages": [message], "settings": {"max_replans": 1}}
        written = await client.post(f"/threads/{thread}/state", json={"values": values, "as_node": "start"})
        assert written.status_code == 200, written.text
    assert (await client.get(f"/threads/{thread}/state")).json()["values"]["plans"] == [{"revision": 3}]


async def test_a_filter_that_cannot_be_searched_by_is_refused(runs: Runs, tmp_path: Path) -> None:
    file = str(tmp_path / "checkpoints.sqlite")
    async with open_checkpoints(file) as saver, client_of(runs, create_agent(checkpointer=saver)) as client:
        thread = (await client.post("/threads")).json()["thread_id"]
        answer = await client.post(f"/threads/{thread}/history", json={"metadata": {"a b": 1}})
    assert answer.status_code == 422
    assert "a b" in answer.text


async def test_threads_are_found_by_what_is_true_of_them(client: AsyncClient) -> None:
    for metadata in ({"done": True}, {"done": False}, {"done": "maybe"}, {}):
        await client.post("/threads", json={"metadata": metadata})
    for done in (True, False, "maybe"):
        found = (await client.post("/threads/search", json={"metadata": {"done": done}})).json()
        assert [row["metadata"]["done"] for row in found] == [done]


async def test_a_run_whose_caller_is_gone_is_cancelled_when_it_says_so(runs: Runs, agent: Agent) -> None:
    thread = (await runs.make_thread("me")).thread_id
    body = json.dumps({"assistant_id": "agent", "on_disconnect": "cancel"}).encode()
    said = iter([{"type": "http.request", "body": body}])

    async def receive() -> Any:
        return next(said, {"type": "http.disconnect"})

    async def send(_: Any) -> None: ...

    path = f"/threads/{thread}/runs/wait"
    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}
    await asyncio.wait_for(api_of(runs, agent)(scope, receive, send), 20)
    assert [run.status for run in await runs.runs_of("me", thread, status=None, limit=1, offset=0)] == ["interrupted"]


async def test_a_cancelled_run_that_loses_its_worker_is_not_taken_again(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plan_and_act.server.queue.LOST", -1.0)
    thread = (await runs.make_thread("me")).thread_id
    run = await runs.ask("me", thread, {}, strategy="enqueue", metadata={})
    assert await runs.queue.take("worker")
    await runs.cancel("me", thread, run.run_id)
    assert await runs.queue.reclaim() == [run.run_id]
    assert (await runs.run("me", thread, run.run_id)).status == "interrupted"
    assert (await runs.thread("me", thread)).status == "interrupted"
    assert await runs.queue.take("another") is None
