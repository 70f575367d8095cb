"""The agent in a chain: a prompt before it, an answer after it, a batch of two.

python examples/chain.py     # on the practice site, with the model of your environment or the embedded one
"""

import asyncio
from operator import itemgetter

from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import ChatPromptTemplate

from plan_and_act import create_agent, pool
from plan_and_act.sites import demo_task, forge_app, serve_in_thread

agent = create_agent(private_origins=["127.0.0.1:*"])


def to_input(prompt: PromptValue) -> dict[str, object]:
    """A chat message that names a URL is all the agent needs."""
    return {"messages": prompt.to_messages()}


prompt = ChatPromptTemplate.from_template("{wish} Begin at {url} and do nothing else.")
chain = prompt | to_input | agent | itemgetter("answer")


async def main(wishes: list[dict[str, str]]) -> None:
    """Fulfil the wishes, two at a time."""
    for answer in await chain.abatch(wishes, config={"max_concurrency": 2}):
        print(answer)
    await pool().close()


if __name__ == "__main__":
    with serve_in_thread(forge_app(seed=7)) as site:
        tasks = [demo_task(7, site.url, session=name)[0] for name in ("one", "other")]
        asyncio.run(main([{"wish": task.intent, "url": task.url} for task in tasks]))
