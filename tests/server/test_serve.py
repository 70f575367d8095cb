"""Our own server as real processes: the SDK, several workers on one Postgres, owners, limits."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from langgraph_sdk import get_client
from langgraph_sdk.errors import ConflictError

from plan_and_act import ApprovalRule, Context, remote_agent
from plan_and_act.sites import Site, demo_task
from postgres import postgres_server
from servers import environment, free_port, started

TEXT = {"executor_format": "text"}

Start = Callable[..., tuple[str, "subprocess.Popen[bytes]"]]


@pytest.fixture(scope="module")
def serve(endpoint: str, forge: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts servers, which share a folder when they are given one; gives their URL and their process."""
    with ExitStack() as servers:

        def start(*options: str, folder: Path | None = None, **more: str) -> tuple[str, subprocess.Popen[bytes]]:
            folder = folder or tmp_path_factory.mktemp("serve")
            port = free_port()
            command = [sys.executable, "-m", "plan_and_act", "serve", "--port", str(port), *options]
            variables = environment(endpoint, forge, folder / "home", **more)
            process = servers.enter_context(started(command, folder, port, env=variables))
            return f"http://127.0.0.1:{port}", process

        yield start


@pytest.fixture(scope="module")
def here(serve: Start) -> str:
    """The URL of a server on SQLite."""
    return serve()[0]


def goal(forge: Site, name: str) -> tuple[dict[str, str], Any]:
    task, check = demo_task(7, forge.url, session=name)
    return {"task": task.intent, "url": task.url}, check


async def test_a_run_is_streamed_and_its_thread_can_be_read(here: str, forge: Site) -> None:
    client = get_client(url=here)
    start, check = goal(forge, "own-stream")
    thread = (await client.threads.create(metadata={"note": "mine"}))["thread_id"]
    nodes: list[str] = []
    async for part in client.runs.stream(thread, "agent", input=start, context=TEXT, stream_mode=["updates", "custom"]):
        assert part.event != "error", part.data
        if part.event == "updates":
            nodes += list(part.data)
    assert nodes == ["start", "observe", "planner", *["executor", "act", "observe"] * 3, "executor", "verify", "close"]
    assert check(await forge.state("own-stream")).passed
    state: Any = await client.threads.get_state(thread)
    assert state["values"]["ending"]["status"] == "succeeded"
    assert state["next"] == []
    found: Any = await client.threads.search(metadata={"note": "mine"})
    assert [row["thread_id"] for row in found] == [thread]
    assert found[0]["status"] == "idle"
    history: Any = await client.threads.get_history(thread, limit=100)
    assert len(history) == len({row["checkpoint"]["checkpoint_id"] for row in history}) > 10
    run: Any = (await client.runs.list(thread))[0]
    assert run["status"] == "success"
    await client.runs.cancel(thread, run["run_id"])
    assert (await client.threads.get(thread))["status"] == "idle"
    again = [part.event async for part in client.runs.join_stream(thread, run["run_id"])]
    assert again.count("updates") == len(nodes)
    assert again[-1] == "end"


async def test_an_action_is_edited_and_the_run_forked(here: str, forge: Site) -> None:
    client = get_client(url=here)
    start, check = goal(forge, "own-person")
    thread = (await client.threads.create())["thread_id"]
    asking = {**TEXT, "approve": "always"}
    waiting: Any = await client.runs.wait(thread, "agent", input=start, context=asking)
    assert waiting["__interrupt__"][0]["value"]["type"] == "approval"
    assert (await client.threads.get(thread))["status"] == "interrupted"
    before: Any = await client.threads.get_state(thread)
    away = {"decision": "edit", "action": {"action": "goto", "url": "/people"}}
    await client.runs.wait(thread, "agent", command={"resume": away}, context=asking)
    after: Any = await client.threads.get_state(thread)
    assert after["values"]["page"]["url"].endswith("/people")
    place = before["checkpoint"]["checkpoint_id"]
    forked: Any = await client.threads.update_state(thread, {}, checkpoint_id=place)
    await client.runs.wait(
        thread, "agent", input=None, context=TEXT, checkpoint_id=forked["checkpoint"]["checkpoint_id"]
    )
    for _ in range(5):
        state: Any = await client.threads.get_state(thread)
        if not state["next"]:
            break
        await client.runs.wait(thread, "agent", command={"resume": {"decision": "approve"}}, context=asking)
    assert state["values"]["ending"]["status"] == "succeeded"
    assert check(await forge.state("own-person")).passed


async def test_a_run_is_cancelled_and_resumed(here: str, forge: Site) -> None:
    client = get_client(url=here)
    start, check = goal(forge, "own-cancel")
    thread = (await client.threads.create())["thread_id"]
    run = await client.runs.create(thread, "agent", input=start, context=TEXT, stream_mode="updates")
    async for part in client.runs.join_stream(thread, run["run_id"]):
        if part.event == "updates" and "act" in part.data:
            break
    await client.runs.cancel(thread, run["run_id"], wait=True)
    assert (await client.runs.get(thread, run["run_id"]))["status"] == "interrupted"
    assert not check(await forge.state("own-cancel")).passed
    done: Any = await client.runs.wait(thread, "agent", input=None, context=TEXT)
    assert done["ending"]["status"] == "succeeded"
    assert check(await forge.state("own-cancel")).passed


async def test_a_thread_has_one_run_at_a_time(here: str, forge: Site) -> None:
    client = get_client(url=here)
    thread = (await client.threads.create())["thread_id"]
    first = await client.runs.create(thread, "agent", input=goal(forge, "own-one")[0], context=TEXT)
    with pytest.raises(ConflictError, match="unfinished run"):
        await client.runs.create(thread, "agent", input=None, multitask_strategy="reject")
    second = await client.runs.create(thread, "agent", input=goal(forge, "own-two")[0], context=TEXT)
    await client.runs.join(thread, first["run_id"])
    done: Any = await client.runs.join(thread, second["run_id"])
    assert done["ending"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/threads", {"thread_id": "x", "ttl": 3}, 422, "ttl"),
        ("GET", "/threads/nothing", None, 404, "no thread 'nothing'"),
        ("POST", "/threads/nothing/runs", {"assistant_id": "agent"}, 404, "no thread"),
        ("POST", "/runs/wait", {"assistant_id": "other"}, 422, "there is no assistant 'other'"),
        ("POST", "/runs/wait", {"assistant_id": "agent", "webhook": "http://x"}, 422, "webhook"),
        ("POST", "/runs/wait", {"assistant_id": "agent", "context": {"max_rounds": 0}}, 422, "max_rounds"),
        ("POST", "/threads", "{", 422, "JSON"),
        ("POST", "/runs/crons", {}, 404, "has no POST /runs/crons"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_word(
    here: str, method: str, path: str, body: Any, status: int, says: str
) -> None:
    async with httpx.AsyncClient(base_url=here) as client:
        data = body.encode() if isinstance(body, str) else None
        json = {"content-type": "application/json"}
        answer = await client.request(method, path, content=data, json=None if data else body, headers=json)
    assert answer.status_code == status
    assert says in answer.text


async def test_health_and_metrics_tell_of_the_runs(here: str) -> None:
    async with httpx.AsyncClient(base_url=here) as client:
        assert (await client.get("/ready")).json() == {"ready": True, "problems": []}
        counted = (await client.get("/metrics/agent")).text
    assert 'plan_and_act_runs_ended_total{reason="finished",status="succeeded"}' in counted
    assert 'plan_and_act_model_tokens_total{direction="input",role="executor"}' in counted


async def test_owners_do_not_see_each_other(serve: Start, forge: Site, tmp_path: Path) -> None:
    keys = tmp_path / "keys.yaml"
    keys.write_text("alice: alices-long-random-key\nbob: bobs-long-random-key\n")
    secret = "a secret that is at least 32 bytes long"
    url, _ = serve("--most-each", "1", PLAN_AND_ACT_API_KEYS=str(keys), PLAN_AND_ACT_JWT_KEY=secret, folder=tmp_path)
    start, _check = goal(forge, "owned")
    alice = get_client(url=url, api_key="alices-long-random-key")
    thread = (await alice.threads.create())["thread_id"]
    await alice.runs.create(thread, "agent", input=start, context=TEXT)
    async with httpx.AsyncClient(base_url=url) as anybody:
        assert (await anybody.get(f"/threads/{thread}")).status_code == 401
        wrong = {"x-api-key": "alices-long-random-keY"}
        assert (await anybody.get(f"/threads/{thread}", headers=wrong)).status_code == 401
        bob = {"x-api-key": "bobs-long-random-key"}
        for path in (f"/threads/{thread}", f"/threads/{thread}/state", f"/threads/{thread}/runs"):
            assert (await anybody.get(path, headers=bob)).status_code == 404
        assert (await anybody.post("/threads/search", json={}, headers=bob)).json() == []
        taken = await anybody.post("/threads", json={"thread_id": thread, "if_exists": "do_nothing"}, headers=bob)
        assert taken.status_code == 404
        signed = jwt.encode({"sub": "alice", "exp": time.time() + 60}, secret, "HS256")
        own = await anybody.get(f"/threads/{thread}", headers={"authorization": f"Bearer {signed}"})
        assert own.status_code == 200
        stale = jwt.encode({"sub": "alice", "exp": time.time() - 60}, secret, "HS256")
        late = await anybody.get(f"/threads/{thread}", headers={"authorization": f"Bearer {stale}"})
        assert late.status_code == 401
        assert (await anybody.get("/artefacts/" + "0" * 64)).status_code == 401
        more = {"assistant_id": "agent", "input": start}
        refused = await anybody.post(
            f"/threads/{thread}/runs", json=more, headers={"x-api-key": "alices-long-random-key"}
        )
        assert refused.status_code == 429
        assert "1 unfinished" in refused.text


def test_a_server_that_others_reach_asks_for_keys(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "plan_and_act", "serve", "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "PLAN_AND_ACT_API_KEYS" in refused.stderr


@pytest.mark.parametrize(
    ("options", "variables", "says"),
    [
        (
            ["--database", "postgres://me:sesame@127.0.0.1:1/none"],
            {},
            "The Postgres store of checkpoints cannot be used",
        ),
        ([], {"PLAN_AND_ACT_APPROVAL": "nowhere.yaml"}, "The approval policy nowhere.yaml cannot be read"),
        ([], {"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'"),
        (["--port", "{taken}"], {}, "The server could not listen on 127.0.0.1:{taken}"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_a_sentence(
    tmp_path: Path, options: list[str], variables: dict[str, str], says: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        asked = [option.format(taken=taken) for option in options]
        command = [sys.executable, "-m", "plan_and_act", "serve", "--port", "0", *asked]
        refused = subprocess.run(
            command, cwd=tmp_path, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False
        )
    assert refused.returncode == 2
    assert f"plan-and-act: {says.format(taken=taken)}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "sesame" not in refused.stderr


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_told_to_stop_ends_well(serve: Start, end: signal.Signals) -> None:
    _, process = serve()
    process.send_signal(end)
    assert process.wait(60) == 0


async def test_a_killed_worker_loses_nothing_and_does_nothing_twice(serve: Start, forge: Site, tmp_path: Path) -> None:
    """Eight runs on two workers; one is killed in the middle, the other finishes all of them."""
    with postgres_server() as database:
        first, doomed = serve("--database", database, "--at-once", "5", folder=tmp_path)
        second, _ = serve("--database", database, "--at-once", "5", folder=tmp_path)
        client = get_client(url=second)
        names = [f"killed-{uuid4().hex[:8]}" for _ in range(8)]
        asked = []
        for name in names:
            thread = (await client.threads.create())["thread_id"]
            run = await client.runs.create(
                thread, "agent", input=goal(forge, name)[0], context=TEXT, stream_mode="updates"
            )
            asked.append((thread, run["run_id"]))
        await _acts(client, *asked[0])
        assert doomed.poll() is None, first
        doomed.send_signal(signal.SIGKILL)
        ended: Any = await asyncio.wait_for(asyncio.gather(*(client.runs.join(*pair) for pair in asked)), 120)
        assert [row["ending"]["status"] for row in ended] == ["succeeded"] * 8
        streams = await asyncio.gather(*(_events(client, *pair) for pair in asked))
        attempts = [max(event.data["attempt"] for event in said if event.event == "metadata") for said in streams]
        assert 2 in attempts
        for name in names:
            state = await forge.state(name)
            assert goal(forge, name)[1](state).problems == ()
            assert state["counts"]["follow"] == 1


async def test_a_server_that_is_stopped_leaves_its_runs_to_another(serve: Start, forge: Site, tmp_path: Path) -> None:
    with postgres_server() as database:
        first, stopped = serve("--database", database, folder=tmp_path)
        client = get_client(url=first)
        thread = (await client.threads.create())["thread_id"]
        start, check = goal(forge, "drained")
        run = await client.runs.create(thread, "agent", input=start, context=TEXT, stream_mode="updates")
        await _acts(client, thread, run["run_id"])
        stopped.terminate()
        assert stopped.wait(60) == 0
        second, _ = serve("--database", database, folder=tmp_path)
        ended: Any = await get_client(url=second).runs.join(thread, run["run_id"])
        assert ended["ending"]["status"] == "succeeded"
        assert check(await forge.state("drained")).passed


async def _acts(client: Any, thread: str, run: str) -> None:
    """Wait until a run has carried out an action."""
    async for part in client.runs.join_stream(thread, run):
        if part.event == "updates" and "act" in part.data:
            return


async def _events(client: Any, thread: str, run: str) -> list[Any]:
    return [part async for part in client.runs.join_stream(thread, run)]


async def test_the_agent_of_our_own_server_is_embedded_with_its_questions(here: str, forge: Site) -> None:
    start, check = goal(forge, "own-remote")
    rule = ApprovalRule(element='*"Follow*', decision="ask", reason="people notice")
    agent = remote_agent(here, context=Context(executor_format="text", approve=[rule]), checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "t"}}
    waiting = await agent.ainvoke(start, thread)
    assert waiting["__interrupt__"][0].value["rule"]["reason"] == "people notice"
    done = await agent.ainvoke(Command(resume={"decision": "approve"}), thread)
    assert done["ending"]["status"] == "succeeded"
    assert check(await forge.state("own-remote")).passed
