"""The agent as a tool of a LangChain agent: several calls at once, each with a page of its own, approved outside.

OPENAI_API_KEY=... python examples/tool_in_create_agent.py     # the outer agent needs a model that calls tools
"""

import asyncio
import os
from typing import Any

from langchain.agents import create_agent as create_langchain_agent
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from plan_and_act import Context, create_agent, pool, web_tool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread

MODEL = os.environ.get("PLAN_AND_ACT_MODEL", "openai:gpt-5-mini")


async def main(question: str) -> None:
    """Put a question to the outer agent, and approve what the web agents want to do."""
    web = create_agent(context=Context(approve="always"), private_origins=["127.0.0.1:*"])
    agent = create_langchain_agent(MODEL, tools=[web_tool(web)], checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "1"}}

    result = await agent.ainvoke({"messages": [("user", question)]}, thread)
    while asked := result.get("__interrupt__"):
        # Several calls may wait at once: the id says which of them an answer is for.
        answers = {interrupt.id: approve(interrupt.value) for interrupt in asked}
        result = await agent.ainvoke(Command(resume=answers), thread)

    print(result["messages"][-1].text)
    await pool().close()


def approve(question: dict[str, Any]) -> dict[str, Any]:
    """Where a person would decide."""
    print("approved:", question["action"], "on", question["url"])
    return {"decision": "approve"}


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        one, other = (demo_task(7, site.url, session=name)[0] for name in ("one", "other"))
        asyncio.run(main(f"Do both at the same time: {one.intent} On {one.url}. And: {other.intent} On {other.url}."))
