"""The agent of a graph server as a node of your own graph, its questions included.

make serve                          # in one terminal
python examples/remote_graph.py     # in another
"""

import asyncio
import os
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from typing_extensions import TypedDict

from plan_and_act import Context, remote_agent
from plan_and_act.sites import demo_task, forge_app, serve_in_thread

SERVER = os.environ.get("SERVER", "http://127.0.0.1:2024")


class State(TypedDict, total=False):
    """Keys that the agent has too are handed to it and back."""

    task: str
    url: str
    answer: str
    report: str


def report(state: State) -> State:
    """What to do with the answer."""
    return {"report": f"The agent says: {state['answer']}"}


async def main(task: str, url: str, assistant: str = "agent") -> None:
    """Run the graph, and approve here what the agent wants to do there."""
    builder = StateGraph(State)
    builder.add_node("web", remote_agent(SERVER, assistant=assistant, context=Context(approve="always")))
    builder.add_node("report", report)
    builder.add_edge(START, "web")
    builder.add_edge("web", "report")
    builder.add_edge("report", END)
    graph = builder.compile(checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "1"}}

    result = await graph.ainvoke({"task": task, "url": url}, thread)
    while asked := result.get("__interrupt__"):
        result = await graph.ainvoke(Command(resume={asked[0].id: approve(asked[0].value)}), thread)
    print(result["report"])


def approve(question: dict[str, Any]) -> dict[str, Any]:
    """Where a person would decide."""
    print("approved:", question["action"])
    return {"decision": "approve"}


if __name__ == "__main__":
    # The server must be told that it may reach this site: PLAN_AND_ACT_PRIVATE_ORIGINS=127.0.0.1:* make serve
    with serve_in_thread(forge_app(seed=7)) as site:
        demo, _ = demo_task(7, site.url)
        asyncio.run(main(demo.intent, demo.url))
