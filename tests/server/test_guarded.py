"""LangGraph Server with keys: owners apart, and the rest of what the public SDK offers on one session."""

import asyncio
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.errors import NotFoundError

from plan_and_act.sites import Site, demo_task

TEXT = {"executor_format": "text"}


async def test_two_owners_cannot_see_each_other(guarded: str, forge: Site) -> None:
    alice = get_client(url=guarded, api_key="alices-long-random-key")
    bob = get_client(url=guarded, api_key="bobs-long-random-key")
    task, check = demo_task(7, forge.url, session="alice")
    thread = (await alice.threads.create())["thread_id"]
    await alice.runs.wait(thread, "agent", input={"task": task.intent, "url": task.url}, context=TEXT)
    assert check(await forge.state("alice")).passed
    for forbidden in (bob.threads.get(thread), bob.threads.get_state(thread), bob.runs.list(thread)):
        with pytest.raises(NotFoundError):
            await forbidden
    assert await bob.threads.search() == []
    assert [row["thread_id"] for row in await alice.threads.search()] == [thread]


async def test_only_the_page_and_health_are_for_everybody(guarded: str) -> None:
    async with httpx.AsyncClient(base_url=guarded) as anybody:
        for path in ("/ui", "/health", "/ready", "/metrics/agent"):
            assert (await anybody.get(path)).status_code == 200, path
        for path in (f"/artefacts/{'0' * 64}", "/threads/00000000-0000-0000-0000-000000000000"):
            assert (await anybody.get(path)).status_code == 401, path
        assert (await anybody.post("/threads/search", json={})).status_code == 401
        assert (await anybody.post("/threads/search", json={}, headers={"x-api-key": "guess"})).status_code == 401


async def test_an_assistant_has_settings_of_its_own_and_a_cron_runs_it(guarded: str, forge: Site) -> None:
    client = get_client(url=guarded, api_key="alices-long-random-key")
    short: Any = await client.assistants.create("agent", context={**TEXT, "max_rounds": 1}, name="one round")
    task, _ = demo_task(7, forge.url, session="assistant")
    start = {"task": task.intent, "url": task.url}
    done: Any = await client.runs.wait(None, short["assistant_id"], input=start)
    assert done["ending"]["reason"] == "max_rounds"
    cron: Any = await client.crons.create(short["assistant_id"], schedule="0 4 * * *", input=start)
    found: Any = await client.crons.search()
    assert [row["cron_id"] for row in found] == [cron["cron_id"]]
    await client.crons.delete(cron["cron_id"])


async def test_sixteen_runs_at_once_keep_their_pages_apart(guarded: str, forge: Site) -> None:
    client = get_client(url=guarded, api_key="alices-long-random-key")
    names = [f"many-{number}" for number in range(16)]

    async def follow(name: str) -> str:
        task, _ = demo_task(7, forge.url, session=name)
        done: Any = await client.runs.wait(None, "agent", input={"task": task.intent, "url": task.url}, context=TEXT)
        return str(done["ending"]["status"])

    assert await asyncio.gather(*map(follow, names)) == ["succeeded"] * 16
    for name in names:
        assert (await forge.state(name))["counts"] == {"follow": 1}
