"""The agent of a graph server as a graph of this process, to be embedded like one that runs here.

`langgraph.pregel.remote.RemoteGraph` streams, but loses the answer to an interrupt: it sends the input again. Here
state names the server's thread, and the server's interrupts are interrupts of this graph, one a step, so that an answer
reaches the question it was given to, also after a restart.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx
from langchain_core.messages import convert_to_messages
from langgraph.constants import END, START
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Checkpointer, interrupt
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from plan_and_act.agent.context import Context
from plan_and_act.agent.routing import Route
from plan_and_act.agent.state import Input, Output
from plan_and_act.errors import RemoteError

NAME = "remote_agent"


class Remote(Input, Output, total=False):
    """What the nodes read and write."""

    thread: str
    """The server's thread."""
    asked: dict[str, Any] | None
    """The interrupt that the run waits at: `id`, `value`, and `response_schema` where there is one."""
    reply: Any
    """The person's answer to it."""


RemoteAgent = CompiledStateGraph[Remote, Context, Input, Output]


def remote_agent(
    url: str,
    *,
    assistant: str = "agent",
    context: Context | None = None,
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    checkpointer: Checkpointer = None,
) -> RemoteAgent:
    """The agent of a graph server as a graph that can stand wherever `create_agent`'s can.

    It takes and gives the same, interrupts included, and streams what the server's run streams as `custom`. Browser,
    models and checkpoints are the server's. Every run has a thread of its own there; a run that is cancelled here is
    cancelled there, and resumed there when it is resumed here.

    Args:
        url: Where the server is.
        assistant: Name or id of the assistant: a graph of the server, or one with settings.
        context: Settings for runs that bring none of their own; what it leaves unset is as the assistant has it.
        api_key: Sent as `x-api-key`.
        headers: Sent with every request, e.g. `Authorization`.
        checkpointer: Keeps threads, where this is no part of another graph.

    Returns:
        A graph that takes `{"task": ..., "url": ...}` (or `messages`) and returns `answer`, `ending` and `rounds`. A
        run raises RemoteError when the server cannot be used, or the run there raises an error or is stopped.
    """

    @asynccontextmanager
    async def server() -> AsyncIterator[LangGraphClient]:
        try:
            async with get_client(url=url, api_key=api_key, headers=headers) as client:
                yield client
        except httpx.HTTPError as error:  # the SDK's own errors are among them
            msg = f"The graph server at {url} cannot be used: {error or type(error).__name__}"
            raise RemoteError(msg) from error

    async def start(state: Remote) -> dict[str, Any]:  # noqa: ARG001
        """Begin a thread on the server."""
        async with server() as client:
            return {"thread": (await client.threads.create())["thread_id"], "asked": None}

    async def run(state: Remote, runtime: Runtime[Context]) -> dict[str, Any]:
        """Let the run go on to its end or its next interrupt. How far it is, the server's thread tells."""
        settings = runtime.context if isinstance(runtime.context, Context) else context
        asked, error = state.get("asked"), None
        async with server() as client:
            there: Any = await client.threads.get_state(state["thread"])
            waits_at = _interrupt(there)
            if waits_at and waits_at["id"] != (asked or {}).get("id"):
                return {"asked": waits_at}  # the answer had arrived when this step was cut short
            parts = client.runs.stream(
                state["thread"],
                assistant,
                **_go_on(state, there, waits_at),
                context=settings.model_dump(mode="json", exclude_unset=True) if settings else None,
                stream_mode="custom",
                on_disconnect="cancel",
                durability="sync",
            )
            async for part in parts:
                if part.event == "custom":
                    runtime.stream_writer(part.data)
                elif part.event == "error":
                    error = f"{part.data['error']}: {part.data['message']}"
            there = await client.threads.get_state(state["thread"])
        refused, waits_at = waits_at, _interrupt(there)
        if error and waits_at and waits_at == refused:
            return {"asked": {**waits_at, "value": {**waits_at["value"], "refused": error}}}
        if waits_at:
            return {"asked": waits_at}
        if error or not there["values"].get("ending"):
            msg = f"The run at {url} (thread {state['thread']}) did not end: {error or 'it was stopped there'}"
            raise RemoteError(msg)
        result = {key: there["values"][key] for key in Output.__annotations__ if key in there["values"]}
        return {**result, "messages": convert_to_messages(result["messages"]), "asked": None}

    async def ask(state: Remote) -> dict[str, Any]:
        """Put the run's question to who runs this graph."""
        asked = state["asked"] or {}
        return {"reply": interrupt(asked["value"], response_schema=asked.get("response_schema"))}

    graph = StateGraph(Remote, context_schema=Context, input_schema=Input, output_schema=Output)
    graph.add_node("start", start)
    graph.add_node("run", run)
    graph.add_node("ask", ask)
    graph.add_edge(START, "start")
    graph.add_edge("start", "run")
    graph.add_conditional_edges("run", Route(_after_run), {"ask": "ask", END: END})
    graph.add_edge("ask", "run")
    return graph.compile(checkpointer=checkpointer, name=NAME)


def _go_on(state: Remote, there: Any, waits_at: dict[str, Any] | None) -> dict[str, Any]:
    """What the server's thread needs next: the input, an answer, or just to be resumed."""
    if waits_at:
        return {"command": {"resume": {waits_at["id"]: state.get("reply")}}}
    if there["values"]:
        return {"input": None}
    return {"input": {key: state[key] for key in Input.__annotations__ if key in state}}  # type: ignore[literal-required]


def _interrupt(there: Any) -> dict[str, Any] | None:
    """The interrupt that a thread of the server waits at; the agent has one at a time."""
    return next((dict(found) for task in there["tasks"] for found in task["interrupts"]), None)


def _after_run(state: Remote) -> Literal["ask", "__end__"]:
    return "ask" if state.get("asked") else "__end__"
