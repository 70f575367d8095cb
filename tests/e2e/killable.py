"""A run in a process of its own that kills itself: killable.py DATABASE THREAD TASK URL [NODE COUNT].

It ends with SIGKILL right after the NODE has finished for the COUNT-th time; without NODE it runs to its end. A thread
that is already known goes on. Prints the ending.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


from follow import PLAN, follow
from plan_and_act import Context, create_agent, open_checkpoints, pool
from plan_and_act.testing import ScriptedModel


async def main(database: str, thread: str, task: str, url: str, node: str = "", count: str = "0") -> None:
    async with open_checkpoints(database) as saver:
        agent = create_agent(
            models={"planner": ScriptedModel(lambda _: PLAN), "executor": ScriptedModel(follow)},
            context=Context(executor_format="text", replan_every=1),
            private_origins=["*"],
            checkpointer=saver,
        )
        config = {"configurable": {"thread_id": thread}}
        known = (await agent.aget_state(config)).values
        seen = 0
        async for update in agent.astream(None if known else {"task": task, "url": url}, config, stream_mode="updates"):
            seen += node in update
            if node and seen == int(count):
                os.kill(os.getpid(), signal.SIGKILL)
        values = (await agent.aget_state(config)).values
        outcomes = [row["outcome"]["status"] for row in values["rounds"]]
        print(json.dumps({"ending": values["ending"], "outcomes": outcomes, "answer": values["answer"]}))
        await pool().close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
