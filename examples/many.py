"""More runs than browser sessions: they share one browser, and wait for their turn.

PLAN_AND_ACT_MAX_SESSIONS=2 python examples/many.py     # on the practice site
"""

import asyncio

from plan_and_act import create_agent, pool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread


async def main(tasks: list[dict[str, str]]) -> None:
    """Do the tasks, as many at a time as there may be sessions."""
    agent = create_agent(private_origins=["127.0.0.1:*"])
    # Without the limit, a run that finds no free session within 5 seconds raises PoolFullError.
    results = await agent.abatch(tasks, config={"max_concurrency": pool().limit}, return_exceptions=True)
    for number, result in enumerate(results, 1):
        print(number, repr(result) if isinstance(result, Exception) else result["answer"])
    await pool().close()


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        demos = [demo_task(7, site.url, session=f"run-{number}")[0] for number in range(5)]
        asyncio.run(main([{"task": demo.intent, "url": demo.url} for demo in demos]))
