"""The browser without the agent: its actions as tools of a LangChain agent, in one session.

OPENAI_API_KEY=... python examples/browser_tools.py     # needs a model that calls tools
"""

import asyncio
import os

from langchain.agents import create_agent

from plan_and_act import SessionOptions, pool
from plan_and_act.browser import OriginPolicy, browser_tools
from plan_and_act.sites import demo_task, forge_app, serve_in_thread

MODEL = os.environ.get("PLAN_AND_ACT_MODEL", "openai:gpt-5-mini")


async def main(task: str, url: str) -> None:
    """Let an agent of LangChain do a task in a browser."""
    session = await pool().session("mine", SessionOptions(policy=OriginPolicy(private=["127.0.0.1:*"])))
    await session.goto(url)
    agent = create_agent(MODEL, tools=browser_tools(session), system_prompt="You work in a browser; look first.")
    result = await agent.ainvoke({"messages": [("user", task)]})
    print(result["messages"][-1].text)
    await pool().close()


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        demo, _ = demo_task(7, site.url)
        asyncio.run(main(demo.intent, demo.url))
