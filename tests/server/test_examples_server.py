"""The examples that need a graph server, as they stand, and what `remote_agent` promises beyond them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from langgraph_sdk import get_client

from examples import load
from plan_and_act import Context, remote_agent
from plan_and_act.errors import RemoteError
from plan_and_act.sites import Site, demo_task

TEXT = {"executor_format": "text"}
THREAD: Any = {"configurable": {"thread_id": "t"}}

Example = Callable[[str], Any]


@pytest.fixture
def example(server: str, monkeypatch: pytest.MonkeyPatch) -> Example:
    """Loads an example that finds the server."""
    monkeypatch.setenv("SERVER", server)
    return load


@pytest.fixture
async def assistant(server: str) -> AsyncIterator[Callable[..., Any]]:
    """Makes assistants with settings; gives their names."""
    client, made = get_client(url=server), []

    async def make(graph: str, **context: Any) -> str:
        name = f"{graph}_{uuid4().hex[:6]}"
        made.append((await client.assistants.create(graph, name=name, context={**TEXT, **context}))["assistant_id"])
        return name

    yield make
    for assistant_id in made:
        await client.assistants.delete(assistant_id)


class Goal:
    """The demo task in a session of its own."""

    def __init__(self, forge: Site) -> None:
        self.forge, self.session = forge, uuid4().hex
        self.task, _ = demo_task(7, forge.url, session=self.session)
        self.input = {"task": self.task.intent, "url": self.task.url}

    async def counts(self) -> dict[str, int]:
        counts: dict[str, int] = (await self.forge.state(self.session))["counts"]
        return counts


@pytest.fixture
async def goal(forge: Site) -> Goal:
    goal = Goal(forge)
    await forge.reset(goal.session)
    return goal


async def test_a_served_agent_in_a_graph(
    goal: Goal, example: Example, assistant: Any, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await get_client(url=server).assistants.search(name=await assistant("agent"))
    await example("remote_graph").main(**goal.input, assistant=found[0]["assistant_id"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:27] for line in lines[:-1]] == ["approved: {'action': 'click'"[:27]] * 3
    assert lines[-1] == "The agent says: Followed the top contributor."
    assert await goal.counts() == {"follow": 1}


async def test_an_mcp_tool(goal: Goal, example: Example, assistant: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await example("mcp_tool").main(**goal.input, name=await assistant("web_agent"))
    out = capsys.readouterr().out
    assert "'answer': 'Followed the top contributor.'" in out
    assert "'status': 'succeeded'" in out
    assert "rounds" not in out
    assert await goal.counts() == {"follow": 1}


async def test_an_a2a_agent(goal: Goal, example: Example, assistant: Any, capsys: pytest.CaptureFixture[str]) -> None:
    message = f"{goal.task.intent} Begin at {goal.task.url}"
    name = await assistant("agent", approve="always")
    await example("a2a_agent").main(message, assistant=name)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"card: {name}"
    assert [line.partition(":")[0] for line in lines[1:4]] == ["approved"] * 3
    assert lines[4:] == ["completed Followed the top contributor."]
    assert await goal.counts() == {"follow": 1}


async def test_a_remote_run_is_cancelled_and_resumed_with_its_parent(goal: Goal, server: str) -> None:
    agent = remote_agent(server, context=Context(**TEXT), checkpointer=InMemorySaver())
    at_work = asyncio.Event()

    async def watch() -> None:
        async for event in agent.astream(goal.input, THREAD, stream_mode="custom"):
            if event["event"] == "model" and event["role"] == "executor":
                at_work.set()

    running = asyncio.create_task(watch())
    await at_work.wait()
    running.cancel()
    await asyncio.wait([running])
    thread = (await agent.aget_state(THREAD)).values["thread"]
    client = get_client(url=server)
    (run,) = await client.runs.list(thread)
    await client.runs.join(thread, run["run_id"])
    (run,) = await client.runs.list(thread)
    assert run["status"] == "interrupted"
    result = await agent.ainvoke(None, THREAD)
    assert result["answer"] == "Followed the top contributor."
    assert result["messages"][-1].text == "Followed the top contributor."
    assert await goal.counts() == {"follow": 1}


async def test_an_answer_that_is_not_taken_is_asked_for_again(goal: Goal, server: str) -> None:
    agent = remote_agent(server, context=Context(**TEXT, approve="always"), checkpointer=InMemorySaver())
    first = (await agent.ainvoke(goal.input, THREAD))["__interrupt__"][0]
    assert first.value["action"]["action"] == "click"
    assert first.response_schema["title"] == "Approval"
    again = (await agent.ainvoke(Command(resume={"decision": "perhaps"}), THREAD))["__interrupt__"][0]
    assert again.value["action"] == first.value["action"]
    assert "decision" in again.value["refused"]
    ended = await agent.ainvoke(Command(resume={"decision": "stop", "reason": "enough"}), THREAD)
    assert ended["ending"]["reason"] == "rejected_by_person"
    assert await goal.counts() == {}


async def test_what_a_server_refuses_is_a_typed_error(server: str) -> None:
    with pytest.raises(RemoteError, match=r"http://127.0.0.1:9 cannot be used"):
        await remote_agent("http://127.0.0.1:9").ainvoke({"task": "Look.", "url": "http://x.test"})
    with pytest.raises(RemoteError, match="nobody"):
        await remote_agent(server, assistant="nobody").ainvoke({"task": "Look.", "url": "http://x.test"})
    with pytest.raises(RemoteError, match="did not end: ConfigError"):
        await remote_agent(server).ainvoke({"task": "Look."})
