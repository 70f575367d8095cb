"""The agent of a graph server as an MCP tool; so is every assistant of the server, by its name.

make serve                      # in one terminal
python examples/mcp_tool.py     # in another
"""

import asyncio
import os

from langchain_mcp_adapters.client import MultiServerMCPClient

from plan_and_act.sites import demo_task, forge_app, serve_in_thread

SERVER = os.environ.get("SERVER", "http://127.0.0.1:2024")


async def main(task: str, url: str, name: str = "web_agent") -> None:
    """Call the tool. An agent does the same: `create_agent(model, tools=[web])`."""
    client = MultiServerMCPClient({"web": {"transport": "streamable_http", "url": f"{SERVER}/mcp"}})
    tools = {tool.name: tool for tool in await client.get_tools()}
    web = tools[name]
    print(await web.ainvoke({"task": task, "url": url}))


if __name__ == "__main__":
    # The server must be told that it may reach this site: PLAN_AND_ACT_PRIVATE_ORIGINS=127.0.0.1:* make serve
    with serve_in_thread(forge_app(seed=7)) as site:
        demo, _ = demo_task(7, site.url)
        asyncio.run(main(demo.intent, demo.url))
