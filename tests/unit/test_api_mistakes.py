"""The graph API where callers are mistaken, hasty or gone, and where pages say what is no text."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from langgraph.checkpoint.memory import InMemorySaver
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from plan_and_act import create_agent
from plan_and_act.agent.graph import Agent
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


@pytest.fixture
async def client(runs: Runs, agent: Agent) -> AsyncIterator[AsyncClient]:
    """A client of the API of somebody called "me"; no worker works."""
    routes = Starlette(routes=Api(runs, agent, Worker(runs, agent, at_once=1)).routes())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await routes({**scope, "owner": "me"}, receive, send)

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://server") as client:
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
