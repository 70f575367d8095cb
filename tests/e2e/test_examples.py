"""Every example that needs no server, as it stands, on the practice site; the others are in tests/server."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

from demo import Demo
from endpoint import Answer, call, serve_endpoint
from examples import FOLDER, load, use_endpoint
from plan_and_act import pool
from plan_and_act.browser.pool import BrowserPool
from plan_and_act.sites import Site

Example = Callable[..., Any]
WISH = "Follow the contributor with the most commits."


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Example]:
    """Loads an example whose models answer by script."""
    with serve_endpoint(lambda messages, tools: answer[0](messages, tools)) as url:
        answer: list[Answer] = [lambda *_: None]
        use_endpoint(url, monkeypatch)

        def loaded(name: str, said: Answer = lambda *_: None) -> Any:
            answer[0] = said
            return load(name)

        yield loaded


def urls(message: BaseMessage) -> list[str]:
    return [url.rstrip(".") for url in re.findall(r"https?://\S+", message.text)]


async def test_a_node_of_a_graph(demo: Demo, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    await example("subgraph_node").main(demo.task.intent, demo.task.url)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["graph: prepare", "  web: start", "  web: observe"]
    assert sum(line.startswith("approved: {'action': 'click'") for line in lines) == 3
    places = [line.removeprefix("after ") for line in lines if line.startswith("after ")]
    assert [place[:9] for place in places] == ["0 rounds,", "1 rounds,", "2 rounds,"]
    assert places[1].endswith("/saltmarsh/inkwell/contributors")
    assert lines[-3:] == ["graph: web", "graph: report", "succeeded: Followed the top contributor."]
    assert (await demo.verdict()).passed


async def test_a_tool_of_an_agent(forge: Site, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    demos = [Demo(forge), Demo(forge)]

    def outer(messages: list[BaseMessage], tools: set[str]) -> AIMessage | str | None:
        if "web_agent" not in tools:
            return None
        if isinstance(messages[-1], ToolMessage):
            return " ".join(message.text for message in messages if isinstance(message, ToolMessage))
        calls = [call("web_agent", number, task=WISH, url=url) for number, url in enumerate(urls(messages[-1]))]
        return AIMessage("", tool_calls=calls)

    module = example("tool_in_create_agent", outer)
    await module.main(f"Two tasks. On {demos[0].task.url}. And on {demos[1].task.url}.")
    out = capsys.readouterr().out
    assert out.count("approved: {'action': 'click'") == 6
    assert out.splitlines()[-1] == "Followed the top contributor. Followed the top contributor."
    assert [await one.counts() for one in demos] == [{"follow": 1}, {"follow": 1}]


async def test_a_worker_of_a_supervisor(demo: Demo, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    def lead(messages: list[BaseMessage], tools: set[str]) -> AIMessage | str | None:
        if messages[-1].text == "Write a line.":
            return f"Done: {messages[-2].text}"
        if not isinstance(messages[0], SystemMessage) or not messages[0].text.startswith("You lead two workers"):
            return None
        known = len(messages) // 2
        instruction = [f"{WISH} Begin at {urls(messages[1])[0]}", "Write a line.", ""][known - 1]
        return json.dumps({"worker": ["web", "writer", "nobody"][known - 1], "instruction": instruction})

    await example("supervisor", lead).main(f"{demo.task.intent} On {demo.task.url}. Then write a line.")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["human", "supervisor", "ai", "supervisor", "ai"]
    assert lines[-1] == "ai: Done: Followed the top contributor."
    assert (await demo.verdict()).passed


async def test_a_batch_of_a_chain(forge: Site, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    demos = [Demo(forge), Demo(forge)]
    await example("chain").main([{"wish": one.task.intent, "url": one.task.url} for one in demos])
    assert capsys.readouterr().out.splitlines() == ["Followed the top contributor."] * 2
    assert [(await one.verdict()).passed for one in demos] == [True, True]


async def test_the_browser_alone(demo: Demo, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    def look_first(messages: list[BaseMessage], tools: set[str]) -> AIMessage | None:
        return AIMessage("", tool_calls=[call("observe")]) if messages[-1].type == "human" else None

    await example("browser_tools", look_first).main(demo.task.intent, demo.task.url)
    assert capsys.readouterr().out == "Followed the top contributor.\n"
    assert (await demo.verdict()).passed


async def test_a_cancelled_run(demo: Demo, example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    await example("cancel").main(demo.task.intent, demo.task.url)
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["sessions while it runs: 1", "sessions once it is cancelled: 0"]
    assert told[2].endswith("rounds in all: Followed the top contributor.")
    assert await demo.counts() == {"follow": 1}


async def test_more_runs_than_sessions(
    forge: Site, example: Example, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool().close()
    small = BrowserPool(limit=2)
    monkeypatch.setitem(sys.modules["plan_and_act.browser.pool"]._pools, asyncio.get_running_loop(), small)
    open_at_once: set[int] = set()

    def watch(*_: Any) -> None:
        open_at_once.add(len(small.keys))

    demos = [Demo(forge) for _ in range(5)]
    await example("many", watch).main([one.input for one in demos])
    assert capsys.readouterr().out.splitlines() == [f"{n} Followed the top contributor." for n in range(1, 6)]
    assert max(open_at_once) == 2
    assert [await one.counts() for one in demos] == [{"follow": 1}] * 5


async def test_an_example_is_a_program(example: Example) -> None:
    example("chain")
    run = await asyncio.create_subprocess_exec(
        sys.executable, str(FOLDER / "chain.py"), env={**os.environ}, stdout=-1, stderr=-1
    )
    out, errors = await run.communicate()
    assert out.decode().splitlines() == ["Followed the top contributor."] * 2, errors.decode()
    assert run.returncode == 0
