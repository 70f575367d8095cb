"""The agent as a node of your own graph: shared state, one stream, one checkpointer, one place to answer questions.

python examples/subgraph_node.py     # on the practice site, with the model of your environment or the embedded one
"""

import asyncio
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from typing_extensions import TypedDict

from plan_and_act import Context, create_agent, pool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread


class State(TypedDict, total=False):
    """Keys that the agent has too are handed to it and back: `task`, `url`, `answer`, `ending`."""

    wish: str
    url: str
    task: str
    answer: str
    ending: dict[str, Any]
    report: str


def prepare(state: State) -> State:
    """Your state to the agent's input."""
    return {"task": f"{state['wish']} Do nothing else."}


def report(state: State) -> State:
    """The agent's output to your state."""
    return {"report": f"{state['ending']['status']}: {state['answer']}"}


agent = create_agent(context=Context(approve="always"), private_origins=["127.0.0.1:*"])
builder = StateGraph(State)
builder.add_node("prepare", prepare)
builder.add_node("web", agent)
builder.add_node("report", report)
builder.add_edge(START, "prepare")
builder.add_edge("prepare", "web")
builder.add_edge("web", "report")
builder.add_edge("report", END)
graph = builder.compile(checkpointer=InMemorySaver())  # the agent's checkpoints are kept here too


async def main(wish: str, url: str) -> None:
    """Stream the graph, the agent's nodes included, and approve every action."""
    thread: Any = {"configurable": {"thread_id": "1"}}
    given: Any = {"wish": wish, "url": url}
    while given is not None:
        # "sync": a decision is on disk before its action begins, so a run that is killed never repeats it.
        stream = graph.astream(given, thread, stream_mode="updates", subgraphs=True, durability="sync", version="v2")
        async for part in stream:
            print("  web:" if part["ns"] else "graph:", ", ".join(part["data"]))
        state = await graph.aget_state(thread, subgraphs=True)
        given = Command(resume={asked.id: approve(asked.value) for asked in state.interrupts}) if state.next else None
        if given:
            inside = state.tasks[0].state.values  # the agent's own state
            print(f"after {len(inside['rounds'])} rounds, on {inside['page']['url']}")
    print(state.values["report"])
    await pool().close()


def approve(question: dict[str, Any]) -> dict[str, Any]:
    """Where a person would decide."""
    print("approved:", question["action"])
    return {"decision": "approve"}


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        task, _ = demo_task(7, site.url)
        asyncio.run(main(task.intent, task.url))
