"""kill -9 at every node boundary and right after an action: its effect happens once, and the run goes on."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.memory import InMemorySaver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from demo import Demo
from plan_and_act import Context, create_agent
from plan_and_act.sites import Site, serve
from plan_and_act.testing import ScriptedModel

BOUNDARIES = [
    ("start", 1), ("observe", 1), ("planner", 1), ("executor", 1), ("act", 1), ("observe", 2), ("replan", 1),
    ("executor", 3), ("act", 3), ("observe", 4), ("replan", 3), ("executor", 4), ("verify", 1), ("close", 1),
]  # fmt: skip


class Runner:
    """Starts the run in a new process, over and over, on the same thread."""

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.arguments = [str(folder / "checkpoints.sqlite"), "thread", demo.task.intent, demo.task.url]
        self.environment = {**os.environ, "PLAN_AND_ACT_HOME": str(folder)}

    async def start(self, *kill_at: str) -> asyncio.subprocess.Process:
        script = str(Path(__file__).with_name("killable.py"))
        return await asyncio.create_subprocess_exec(
            sys.executable, script, *self.arguments, *kill_at,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def finish(self) -> dict[str, Any]:
        process = await self.start()
        out, problems = await process.communicate()
        assert process.returncode == 0, problems.decode()
        result: dict[str, Any] = json.loads(out)
        return result


@pytest.mark.parametrize(("node", "count"), BOUNDARIES)
async def test_killed_at_a_boundary_the_run_ends_as_if_nothing_had_happened(
    node: str, count: int, demo: Demo, tmp_path: Path
) -> None:
    runner = Runner(demo, tmp_path)
    killed = await runner.start(node, str(count))
    assert await killed.wait() == -signal.SIGKILL, (await killed.communicate())[1].decode()
    result = await runner.finish()
    assert result["ending"]["status"] == "succeeded"
    assert result["answer"] == "Followed the top contributor."
    assert (await demo.verdict()).passed
    assert await demo.counts() == {"follow": 1}


async def test_killed_right_after_the_click_the_click_is_not_repeated(demo: Demo, forge: Site, tmp_path: Path) -> None:
    runner = Runner(demo, tmp_path)
    process = await runner.start()
    while not (await demo.counts()).get("follow"):
        assert process.returncode is None
        await asyncio.sleep(0)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    result = await runner.finish()
    assert result["ending"]["status"] == "succeeded"
    assert await demo.counts() == {"follow": 1}
    assert (await demo.verdict()).passed


async def test_killed_again_and_again_the_run_still_ends(demo: Demo, tmp_path: Path) -> None:
    runner = Runner(demo, tmp_path)
    for node in ("planner", "act", "executor", "act", "observe", "executor"):
        process = await runner.start(node, "1")
        assert await process.wait() in (-signal.SIGKILL, 0)
    result = await runner.finish()
    assert result["ending"]["status"] == "succeeded"
    assert await demo.counts() == {"follow": 1}


async def test_cancelled_during_an_action_the_same_process_does_not_repeat_it() -> None:
    """The page is still live then, and the click would work again: only the lease stands between."""
    hits, release = 0, asyncio.Event()

    async def page(_: Request) -> Response:
        return HTMLResponse("<title>Shop</title><button onclick=\"fetch('/buy', {method: 'POST'})\">Buy</button>")

    async def buy(_: Request) -> Response:
        nonlocal hits
        hits += 1
        await release.wait()
        return Response("bought")

    def decide(messages: Sequence[BaseMessage]) -> str:
        told = any("interrupted while this action was under way" in message.text for message in messages)
        return 'exit(message="looked")' if told else 'do(action="Click", element="Buy #1")'

    async with serve(Starlette(routes=[Route("/", page), Route("/buy", buy, methods=["POST"])])) as shop:
        agent = create_agent(
            models={"planner": ScriptedModel(decide)},
            context=Context(planning="none", executor_format="text"),
            private_origins=[shop.url],
            checkpointer=InMemorySaver(),
        )
        config: Any = {"configurable": {"thread_id": "cancelled"}}
        running = asyncio.create_task(agent.ainvoke({"task": "Buy one.", "url": shop.url}, config))
        while not hits:
            assert not running.done()
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        release.set()
        result = await agent.ainvoke(None, config)
    assert [row["outcome"]["status"] for row in result["rounds"]] == ["unknown", "ok"]
    assert hits == 1
