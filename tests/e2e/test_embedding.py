"""The agent as a part of other graphs: pages kept apart, questions answered outside, cancelled runs."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from langchain.agents import create_agent as create_langchain_agent
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from typing_extensions import TypedDict

from demo import Demo
from endpoint import call
from follow import PLAN
from plan_and_act import Context, create_agent, pool, web_tool
from plan_and_act.agent import routing, tool_graph
from plan_and_act.errors import ConfigError
from plan_and_act.sites import Site, serve
from plan_and_act.testing import ScriptedModel

Make = Callable[..., Any]
THREAD: Any = {"configurable": {"thread_id": "t"}}


class Parent(TypedDict, total=False):
    task: str
    url: str
    answer: str
    answers: list[str]


def caller(tool: Any, demos: list[Demo], **options: Any) -> Any:
    """An agent of LangChain that calls the tool once for every demo, all at once."""
    calls = [call(tool.name, number, **one.input) for number, one in enumerate(demos)]
    return create_langchain_agent(ScriptedModel([AIMessage("", tool_calls=calls), "Done."]), tools=[tool], **options)


async def test_calls_side_by_side_have_pages_of_their_own(forge: Site, agent_of: Make) -> None:
    demos = [Demo(forge) for _ in range(3)]
    web = agent_of(planner=lambda _: PLAN, context={"approve": "always"})
    agent = caller(web_tool(web), demos, checkpointer=InMemorySaver())
    given: Any = {"messages": [("user", "Go")]}
    places: set[tuple[str, ...]] = set()
    steps = 0
    while True:
        state = await agent.ainvoke(given, THREAD)
        asked = state.get("__interrupt__")
        if not asked:
            break
        # One answer at a time, to the question that was asked last: the runs get out of step.
        steps += 1
        places.add(tuple(sorted(interrupt.value["url"].rpartition("/")[2] for interrupt in asked)))
        assert len(pool().keys) == len(asked)
        given = Command(resume={asked[-1].id: {"decision": "approve"}})
    assert steps == 9
    assert any(len(set(place)) > 1 for place in places)
    answers = [message for message in state["messages"] if isinstance(message, ToolMessage)]
    assert [answer.text for answer in answers] == ["Followed the top contributor."] * 3
    assert [await one.counts() for one in demos] == [{"follow": 1}] * 3
    assert pool().keys == []


async def test_what_runs_do_is_streamed_call_by_call(forge: Site, agent_of: Make) -> None:
    demos = [Demo(forge) for _ in range(2)]
    agent = caller(web_tool(agent_of(planner=lambda _: PLAN)), demos)
    stream = agent.astream({"messages": [("user", "Go")]}, stream_mode="updates", subgraphs=True, version="v2")
    nodes: dict[str, list[str]] = {}
    async for part in stream:
        if part["ns"]:
            nodes.setdefault(part["ns"][0], []).extend(part["data"])
    assert [ran.count("act") for ran in nodes.values()] == [3, 3]


async def test_a_run_that_does_not_succeed_is_an_error_of_the_tool(demo: Demo, agent_of: Make) -> None:
    result = await caller(web_tool(agent_of(context={"max_rounds": 1})), [demo]).ainvoke({"messages": []})
    (answer,) = [message for message in result["messages"] if isinstance(message, ToolMessage)]
    assert answer.status == "error"
    assert answer.text == "The task was not done (stopped, max_rounds): The limit of 1 rounds is reached."


async def test_a_tool_that_must_ask_needs_somebody_to_ask(demo: Demo, agent_of: Make) -> None:
    with pytest.raises(ConfigError, match="inside of a graph with a checkpointer"):
        await web_tool(agent_of(context={"approve": "always"})).ainvoke(demo.input)
    await pool().close()


async def test_a_parents_context_is_its_own(demo: Demo, agent_of: Make) -> None:
    parent = StateGraph(Parent, context_schema=dict).add_node("web", agent_of()).add_edge(START, "web").compile()
    assert (await parent.ainvoke(demo.input, context={"tenant": 7}))["answer"] == "Followed the top contributor."


async def test_a_parents_context_of_the_agents_kind_is_for_the_agent(demo: Demo, agent_of: Make) -> None:
    parent = StateGraph(Parent, context_schema=Context).add_node("web", agent_of()).add_edge(START, "web").compile()
    result = await parent.ainvoke(demo.input, context={"max_rounds": 1, "executor_format": "text"})
    assert result["answer"] == ""


async def test_a_limit_of_steps_meant_for_the_graph_around_does_not_end_the_run(demo: Demo, agent_of: Make) -> None:
    parent = StateGraph(Parent).add_node("web", agent_of()).add_edge(START, "web").compile()
    for whole in (parent, agent_of() | (lambda result: result)):
        result = await whole.ainvoke(demo.input, {"recursion_limit": 5})
        assert result["answer"] == "Followed the top contributor."


async def test_several_runs_in_one_node(forge: Site, agent_of: Make) -> None:
    demos, agent = [Demo(forge) for _ in range(2)], agent_of(planner=lambda _: PLAN)

    async def both(_: Parent) -> Parent:
        results = await asyncio.gather(*(agent.ainvoke(one.input) for one in demos))
        return {"answers": [result["answer"] for result in results]}

    parent = StateGraph(Parent).add_node("both", both).add_edge(START, "both").compile(checkpointer=InMemorySaver())
    assert (await parent.ainvoke({}, THREAD))["answers"] == ["Followed the top contributor."] * 2
    assert [await one.counts() for one in demos] == [{"follow": 1}] * 2


async def test_an_action_that_was_under_way_when_the_run_was_cancelled_is_not_repeated() -> None:
    asked, never = asyncio.Event(), asyncio.Event()
    hits: list[str] = []

    async def start(_: Request) -> HTMLResponse:
        return HTMLResponse("<title>Start</title><a href=/order>Order</a>")

    async def order(_: Request) -> HTMLResponse:
        hits.append("order")
        asked.set()
        await never.wait()
        return HTMLResponse("Ordered")

    async with serve(Starlette(routes=[Route("/", start), Route("/order", order)])) as site:
        executor = ScriptedModel(['do(action="Click", element="Order #1")', 'exit(message="looked")'])
        agent = create_agent(
            models={"planner": executor}, private_origins=[site.url],
            context=Context(planning="none", executor_format="text"),
        )  # fmt: skip
        parent = StateGraph(Parent).add_node("web", agent).add_edge(START, "web")
        graph = parent.compile(checkpointer=InMemorySaver())
        run = graph.ainvoke({"task": "Order it.", "url": site.url}, THREAD, durability="sync")
        running = asyncio.create_task(run)
        await asked.wait()
        assert len(pool().keys) == 1
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        assert pool().keys == []
        result = await graph.ainvoke(None, THREAD)
        never.set()
    assert result["answer"] == "looked"
    assert hits == ["order"]
    assert any("interrupted while this action was under way" in said.text for said in executor.calls[-1])


async def test_where_a_run_goes_on_is_decided_before_it_can_be_cancelled(
    demo: Demo, agent_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    route, threads = routing.after_executor, set()

    def watched(state: Any) -> Any:
        threads.add(threading.current_thread())
        return route(state)

    monkeypatch.setattr(routing, "after_executor", watched)
    await agent_of().ainvoke(demo.input)
    assert threads == {threading.current_thread()}


async def test_a_sibling_that_fails_gives_the_page_back_and_the_run_can_go_on(demo: Demo, agent_of: Make) -> None:
    loop, planned, failed = asyncio.get_running_loop(), asyncio.Event(), []

    def plan(_: Any) -> str:
        loop.call_soon_threadsafe(planned.set)
        return PLAN

    async def fail_once(_: Parent) -> Parent:
        await planned.wait()
        if not failed:
            failed.append(pool().keys)
            raise ZeroDivisionError
        return {"answers": []}

    parent = StateGraph(Parent).add_node("web", agent_of(planner=plan)).add_node("other", fail_once)
    graph = parent.add_edge(START, "web").add_edge(START, "other").compile(checkpointer=InMemorySaver())
    with pytest.raises(ZeroDivisionError):
        await graph.ainvoke(demo.input, THREAD)
    assert len(failed[0]) == 1
    assert pool().keys == []
    assert (await graph.ainvoke(None, THREAD))["answer"] == "Followed the top contributor."
    assert await demo.counts() == {"follow": 1}


async def test_the_graph_for_servers_has_a_tools_face(demo: Demo, agent_of: Make) -> None:
    graph = tool_graph(agent_of())
    assert graph.get_input_jsonschema()["required"] == ["task", "url"]
    assert graph.get_input_jsonschema()["properties"]["url"]["description"] == "The URL of the page to begin on."
    result = await graph.ainvoke(demo.input, context={"executor_format": "text"})
    assert set(result) == {"answer", "ending"}
    assert result["ending"]["status"] == "succeeded"
