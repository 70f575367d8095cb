"""The agent of a graph server as an A2A agent: its card, and a message that it answers.

make serve                       # in one terminal
python examples/a2a_agent.py     # in another
"""

import asyncio
import os
from typing import Any
from uuid import uuid4

import httpx
from langgraph_sdk import get_client

from plan_and_act.sites import demo_task, forge_app, serve_in_thread

SERVER = os.environ.get("SERVER", "http://127.0.0.1:2024")


async def main(message: str, assistant: str = "plan_and_act") -> None:
    """Read the agent's card, send it a task and a URL, and approve what it asks about."""
    (found,) = await get_client(url=SERVER).assistants.search(name=assistant, limit=1)
    async with httpx.AsyncClient(base_url=SERVER, timeout=600) as http:
        card = await http.get("/.well-known/agent-card.json", params={"assistant_id": found["assistant_id"]})
        print("card:", card.json()["name"])

        async def send(part: dict[str, Any], **task: str) -> dict[str, Any]:
            said = {"role": "user", "messageId": str(uuid4()), "parts": [part], **task}
            call = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": said}}
            answer = await http.post(f"/a2a/{found['assistant_id']}", json=call)
            result: dict[str, Any] = answer.raise_for_status().json()["result"]
            return result

        task = await send({"kind": "text", "text": message})
        while task["status"]["state"] == "input-required":
            print("approved:", task["artifacts"][-1]["parts"][0]["data"]["value"]["action"])
            approval = {"kind": "data", "data": {"resume": {"decision": "approve"}}}
            task = await send(approval, taskId=task["id"], contextId=task["contextId"])
        print(task["status"]["state"], task["artifacts"][-1]["parts"][0].get("text"))


if __name__ == "__main__":
    # The server must be told that it may reach this site: PLAN_AND_ACT_PRIVATE_ORIGINS=127.0.0.1:* make serve
    with serve_in_thread(forge_app(seed=7)) as site:
        demo, _ = demo_task(7, site.url)
        asyncio.run(main(f"{demo.intent} Begin at {demo.url}"))
