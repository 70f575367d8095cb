"""What a round costs outside model and page, against a bare Playwright script that does the same actions.

    python benchmarks/rounds.py [--rounds 50] [--repeat 3]

A scripted model (it answers at once) and a bare script do the same tour of the forge practice site, in turns: follow a
link, type into the search field, search, go back... The bare script clicks and waits until the page has loaded. Reports
the time of a round of each and the ratio; the growth of the checkpoint file a round, on a small page and on one of
200 kB; and the memory of an extra session.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage
from playwright.async_api import async_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from plan_and_act import Context, create_agent
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import OriginPolicy, SessionOptions, pool
from plan_and_act.browser.chromium import launch
from plan_and_act.checkpoints import open_checkpoints
from plan_and_act.sites import forge_app, serve
from plan_and_act.testing import ScriptedModel

TOUR = ["Projects", "People", "search", "Your issues", "back"]
"""One lap: three links, one search (typing and Enter), one step back."""


def steps(rounds: int) -> list[str]:
    return [TOUR[index % len(TOUR)] for index in range(rounds)]


async def bare(url: str, rounds: int) -> float:
    """Seconds of the tour by a bare Playwright script."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page(viewport={"width": 1280, "height": 720})
        await page.goto(url)
        began = time.perf_counter()
        for step in steps(rounds):
            if step == "search":
                await page.get_by_role("searchbox", name="Search Emberforge").fill("parser")
                await page.get_by_role("searchbox", name="Search Emberforge").press("Enter")
            elif step == "back":
                await page.go_back()
            else:
                await page.get_by_role("link", name=step, exact=True).first.click()
            await page.wait_for_load_state()
        took = time.perf_counter() - began
        await browser.close()
    return took


def scripted(rounds: int) -> Callable[[Sequence[BaseMessage]], str]:
    """The same tour as a model that reads the labels from the page."""
    todo = iter(steps(rounds))

    def answer(messages: Sequence[BaseMessage]) -> str:
        step = next(todo, None)
        if step is None:
            return 'exit(message="done")'
        if step == "back":
            return "go_backward()"
        page = messages[-1].text
        role = "searchbox" if step == "search" else "link"
        label = re.search(rf'{role} "{"Search Emberforge" if step == "search" else step} #\d+"', page)
        if label is None:
            raise SystemExit(f"{step} is not on the page:\n{page}")
        if step == "search":
            return f'do(action="Search", element=\'{label[0]}\', argument="parser")'
        return f"do(action=\"Click\", element='{label[0]}')"

    return answer


async def ours(url: str, rounds: int, folder: Path) -> float:
    """Seconds of the tour by the agent: observing, settling, checkpointing and at-most-once included."""
    async with open_checkpoints(str(folder / "checkpoints.sqlite")) as saver:
        agent = create_agent(
            models={"planner": ScriptedModel(scripted(rounds))},
            context=Context(planning="none", executor_format="text", max_rounds=rounds + 1),
            private_origins=["*"], artefacts=Artefacts(folder), checkpointer=saver,
        )  # fmt: skip
        stamps: list[float] = []
        config = {"configurable": {"thread_id": "tour"}}
        async for update in agent.astream({"task": "Take the tour.", "url": url}, config, stream_mode="updates"):
            if "observe" in update:
                stamps.append(time.perf_counter())
    if len(stamps) != rounds + 1:
        raise SystemExit(f"{len(stamps) - 1} rounds instead of {rounds}")
    return stamps[-1] - stamps[0]


def big_page(size: int) -> Starlette:
    """A page of about `size` bytes with a counter."""
    row = "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.</p>"
    html = (
        '<title>Counter</title><button onclick="n.textContent = +n.textContent + 1">Add one</button>'
        f"<output id=n>0</output>{row * (size // len(row))}"
    )

    async def page(_: Any) -> HTMLResponse:
        return HTMLResponse(html)

    return Starlette(routes=[Route("/", page)])


async def growth(size: int, rounds: int) -> list[float]:
    """Bytes by which the checkpoint file grows a round, for each fifth of the run, on a page of `size` bytes."""

    def answer(messages: Sequence[BaseMessage]) -> str:
        label = re.search(r'button "Add one #\d+"', messages[-1].text)
        return f"do(action=\"Click\", element='{label[0]}')" if label else "exit()"

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "checkpoints.sqlite"
        sizes: list[int] = []
        async with serve(big_page(size)) as site, open_checkpoints(str(file)) as saver:
            agent = create_agent(
                models={"planner": ScriptedModel(answer)},
                context=Context(planning="none", executor_format="text", max_rounds=rounds),
                private_origins=["*"], artefacts=Artefacts(Path(name)), checkpointer=saver,
            )  # fmt: skip
            config = {"configurable": {"thread_id": "growth"}}
            async for update in agent.astream({"task": "Count.", "url": site.url}, config, stream_mode="updates"):
                if "observe" in update:
                    sizes.append(await stored(saver))
    fifth = max(1, rounds // 5)
    return [(sizes[i + fifth] - sizes[i]) / fifth for i in range(0, rounds - fifth + 1, fifth)]


async def stored(saver: Any) -> int:
    """Bytes of all checkpoints and writes, without the slack of the file's pages."""
    total = 0
    for query in (
        "SELECT SUM(LENGTH(thread_id) + LENGTH(checkpoint_id) + LENGTH(checkpoint) + LENGTH(metadata))"
        " FROM checkpoints",
        "SELECT SUM(LENGTH(thread_id) + LENGTH(checkpoint_id) + LENGTH(task_id) + LENGTH(channel) + LENGTH(value))"
        " FROM writes",
    ):
        async with saver.conn.execute(query) as cursor:
            row = await cursor.fetchone()
            total += int(row[0] or 0) if row else 0
    return total


def memory() -> float:
    """Proportional memory of this process and its browser, in MB."""
    total, mine = 0, {str(Path("/proc/self").resolve().name)}
    parents: dict[str, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[stat.parent.name] = stat.read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
    while more := {pid for pid, parent in parents.items() if parent in mine and pid not in mine}:
        mine |= more
    for pid in mine:
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total / 1024


async def sessions(url: str, count: int) -> float:
    """MB an extra session takes, with a page of the forge site observed."""
    options = SessionOptions(policy=OriginPolicy(private=["*"]))

    async def open_one(number: int) -> None:
        session = await pool().session(f"memory-{number}", options)
        await session.goto(url)
        await session.observe()

    await open_one(0)
    before = memory()
    for number in range(1, count + 1):
        await open_one(number)
    took = (memory() - before) / count
    await pool().close()
    return took


async def main(args: argparse.Namespace) -> None:
    times: list[tuple[float, float]] = []
    async with serve(forge_app(seed=7)) as site:
        url = f"{site.url}/projects?session=tour"
        for turn in range(args.repeat + 1):
            with tempfile.TemporaryDirectory() as folder:
                pair = await bare(url, args.rounds), await ours(url, args.rounds, Path(folder))
            if turn:  # the first pair warms up
                times.append(pair)
        await pool().close()
        extra = await sessions(url, 8) if Path("/proc/self/smaps_rollup").exists() else None
    small, large = await growth(2_000, args.rounds), await growth(200_000, args.rounds)
    await pool().close()
    result = {
        "bare_ms": statistics.median(bare for bare, _ in times) / args.rounds * 1000,
        "ours_ms": statistics.median(ours for _, ours in times) / args.rounds * 1000,
        "ratios": [ours / bare for bare, ours in times],
        "growth_small_page": small,
        "growth_200kB_page": large,
        "session_mb": extra,
    }
    ratios, fifths = result["ratios"], "by fifth of the run"
    print(f"a round, bare Playwright    {result['bare_ms']:7.1f} ms")
    print(f"a round, the agent          {result['ours_ms']:7.1f} ms")
    print(f"ratio, median of {len(times):2} pairs   {statistics.median(ratios):7.2f}   {[round(r, 2) for r in ratios]}")
    print(f"checkpoints grow a round, bytes, {fifths}: {[round(b) for b in small]} on a page of 2 kB")
    print(f"{'':32} {fifths}: {[round(b) for b in large]} on a page of 200 kB")
    print(f"memory of an extra session  {'not measured on this system' if extra is None else f'{extra:7.1f} MB'}")
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", default="results/rounds.json")
    asyncio.run(main(parser.parse_args()))
