"""The agent behind LangGraph Server, driven through the public SDK."""

from typing import Any

import pytest
from langgraph_sdk import get_client

from plan_and_act.sites import Site, demo_task
from snippets import run_snippet

TEXT = {"executor_format": "text"}


async def test_a_task_runs_through_the_sdk_and_streams_its_rounds(server: str, forge: Site) -> None:
    client = get_client(url=server)
    task, check = demo_task(7, forge.url, session="sdk")
    thread = await client.threads.create()
    seen: list[str] = []
    async for part in client.runs.stream(
        thread["thread_id"], "agent", input={"task": task.intent, "url": task.url}, context=TEXT, stream_mode="updates"
    ):
        assert part.event != "error", part.data
        if part.event == "updates":
            seen += list(part.data)
    assert seen == ["start", "observe", "planner", *["executor", "act", "observe"] * 3, "executor", "verify", "close"]
    state: Any = await client.threads.get_state(thread["thread_id"])
    assert state["values"]["ending"]["status"] == "succeeded"
    assert check(await forge.state("sdk")).passed


async def test_a_pending_action_is_shown_edited_and_the_run_forked(server: str, forge: Site) -> None:
    client = get_client(url=server)
    task, check = demo_task(7, forge.url, session="person")
    thread = (await client.threads.create())["thread_id"]
    asking = {**TEXT, "approve": "always"}
    start = {"task": task.intent, "url": task.url}
    await client.runs.wait(thread, "agent", input=start, context=asking)
    waiting: Any = await client.threads.get_state(thread)
    question = waiting["tasks"][0]["interrupts"][0]["value"]
    assert question["type"] == "approval"
    assert question["action"]["action"] == "click"
    away = {"decision": "edit", "action": {"action": "goto", "url": "/people"}}
    await client.runs.wait(thread, "agent", command={"resume": away}, context=asking)
    after: Any = await client.threads.get_state(thread)
    assert after["values"]["page"]["url"].endswith("/people")
    # From the checkpoint of the question, this time approved: the page goes back to where it was asked.
    forked = await client.threads.update_state(thread, {}, checkpoint_id=waiting["checkpoint"]["checkpoint_id"])
    await client.runs.wait(thread, "agent", input=None, context=TEXT, checkpoint_id=forked["checkpoint_id"])
    ended: Any = await client.threads.get_state(thread)
    for _ in range(5):
        if not ended["next"]:
            break
        await client.runs.wait(thread, "agent", command={"resume": {"decision": "approve"}}, context=asking)
        ended = await client.threads.get_state(thread)
    assert ended["values"]["ending"]["status"] == "succeeded"
    assert check(await forge.state("person")).passed


async def test_the_context_is_a_form_with_descriptions(server: str) -> None:
    client = get_client(url=server)
    assistant = (await client.assistants.search(graph_id="agent"))[0]
    schemas: Any = await client.assistants.get_schemas(assistant["assistant_id"])
    fields = schemas["context_schema"]["properties"]
    assert all(field.get("description") for field in fields.values())
    assert fields["planner_model"]["langgraph_type"] == "model"
    assert set(schemas["input_schema"]["properties"]) == {"task", "url", "messages"}
    graph: Any = await client.assistants.get_graph(assistant["assistant_id"])
    assert {node["id"] for node in graph["nodes"]} >= {"observe", "planner", "executor", "act", "replan", "verify"}


async def test_the_snippet_of_the_readme_runs(server: str, forge: Site, capsys: pytest.CaptureFixture[str]) -> None:
    task, check = demo_task(7, forge.url, session="readme")
    names = {"SERVER": server, "TASK": task.intent, "URL": task.url}
    await run_snippet("api", names)
    assert "succeeded" in capsys.readouterr().out
    assert check(await forge.state("readme")).passed
