"""The agent as one of the workers of a supervisor, in plain LangGraph.

OPENAI_API_KEY=... python examples/supervisor.py     # the supervisor needs a model that answers in a given shape
"""

import asyncio
import os
from typing import Literal

from langchain.chat_models import init_chat_model
from langchain_core.messages import HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command
from pydantic import BaseModel, Field

from plan_and_act import create_agent, pool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread

MODEL = os.environ.get("PLAN_AND_ACT_MODEL", "openai:gpt-5-mini")
TEAM = """You lead two workers. `web` does one task on one web site; its instruction must hold the task in full and the
URL to begin on. `writer` writes a text from what is known. Say who works next, on what; `nobody` when all is done."""


class Next(BaseModel):
    """Who works next."""

    worker: Literal["web", "writer", "nobody"]
    instruction: str = Field("", description="What to do, in full: a worker sees nothing else.")


async def supervisor(state: MessagesState) -> Command[Literal["web", "writer", "__end__"]]:
    """Choose the next worker."""
    model = init_chat_model(MODEL).with_structured_output(Next)
    chosen = Next.model_validate(await model.ainvoke([("system", TEAM), *state["messages"]]))
    if chosen.worker == "nobody":
        return Command(goto="__end__")
    return Command(goto=chosen.worker, update={"messages": [HumanMessage(chosen.instruction, name="supervisor")]})


async def web(state: MessagesState) -> MessagesState:
    """Do a task on the web: the instruction in, the answer out. The rest of its messages is its own affair."""
    agent = create_agent(private_origins=["127.0.0.1:*"])
    result = await agent.ainvoke({"messages": state["messages"][-1:]})
    return {"messages": result["messages"][-1:]}


async def writer(state: MessagesState) -> MessagesState:
    """Write a text."""
    return {"messages": [await init_chat_model(MODEL).ainvoke(state["messages"])]}


builder = StateGraph(MessagesState)
for worker in (web, writer):
    builder.add_node(worker)
    builder.add_edge(worker.__name__, "supervisor")
builder.add_node(supervisor)
builder.add_edge(START, "supervisor")
graph = builder.compile()


async def main(wish: str) -> None:
    """Let the team fulfil a wish."""
    result = await graph.ainvoke({"messages": [("user", wish)]})
    for message in result["messages"]:
        print(f"{message.name or message.type}: {message.text}")
    await pool().close()


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        task, _ = demo_task(7, site.url)
        asyncio.run(main(f"{task.intent} On {task.url}. Then write a line to the team that says who it was."))
