"""A run is cancelled from outside: its page is given back at once, and a resume goes on where it was.

python examples/cancel.py     # on the practice site, with the model of your environment or the embedded one
"""

import asyncio
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from plan_and_act import create_agent, pool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread


async def main(task: str, url: str) -> None:
    """Cancel a run after its first action, and resume it."""
    agent = create_agent(private_origins=["127.0.0.1:*"], checkpointer=InMemorySaver())
    thread: Any = {"configurable": {"thread_id": "1"}}
    acted = asyncio.Event()

    async def work() -> None:
        async for part in agent.astream({"task": task, "url": url}, thread, stream_mode="updates"):
            if "act" in part:
                acted.set()

    running = asyncio.create_task(work())
    await acted.wait()
    print("sessions while it runs:", len(pool().keys))
    running.cancel()
    await asyncio.wait([running])
    print("sessions once it is cancelled:", len(pool().keys))

    result = await agent.ainvoke(None, thread)  # the page is opened anew, with its cookies
    print(f"{len(result['rounds'])} rounds in all: {result['answer']}")
    await pool().close()


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        demo, _ = demo_task(7, site.url)
        asyncio.run(main(demo.intent, demo.url))
