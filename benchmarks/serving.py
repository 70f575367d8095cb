"""Serving: runs a minute and memory by how many go on at once, what the server costs, and what is left behind.

    python benchmarks/serving.py --at-once 1 4 16 64 --leak 500

A model that answers at once does a short tour of the forge site (two links, then the end), so that what is measured is
ours: browser, graph, checkpoints, queue and HTTP. The library does the same tour in this process, the two in turns.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from plan_and_act import Context, create_agent, open_checkpoints, pool
from plan_and_act.artefacts import Artefacts
from plan_and_act.sites import forge_app, serve_in_thread

TOUR = ("Projects", "People")
CONTEXT = {"planning": "none", "executor_format": "text", "planner_model": "openai:instant"}


def next_step(page: str) -> str:
    """The next action, by the page that is shown: the tour needs no memory."""
    step = TOUR[0] if page.startswith('page "Home') else TOUR[1] if "/projects" in page.splitlines()[0] else None
    label = re.search(rf'link "{step} #\d+"', page) if step else None
    return f"do(action=\"Click\", element='{label[0]}')" if label else 'exit(message="done")'


async def answer(request: Request) -> JSONResponse:
    """A chat endpoint that answers at once."""
    body = await request.json()
    content = body["messages"][-1]["content"]
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    page = re.search(r'^page ".*', text, re.M | re.S)
    message = {"role": "assistant", "content": next_step(page[0] if page else "")}
    return JSONResponse(
        {
            "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    )  # fmt: skip


@asynccontextmanager
async def server(environment: dict[str, str], at_once: int) -> AsyncIterator[tuple[str, int]]:
    """The URL and the process id of `plan-and-act serve`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "plan_and_act", "serve", "--port", str(port), "--at-once", str(at_once)]
    with tempfile.TemporaryDirectory() as folder:
        home = {"PLAN_AND_ACT_HOME": folder, "LOG_LEVEL": "warning"}
        process = subprocess.Popen([*command, "--most-each", "1000"], env={**os.environ, **environment, **home})
        url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient() as client:
                for _ in range(300):
                    try:
                        await client.get(f"{url}/ok")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def served(url: str, start: dict[str, str], count: int, at_once: int) -> float:
    """Seconds of many runs through the API."""
    gate = asyncio.Semaphore(at_once)

    async def one(client: httpx.AsyncClient) -> None:
        async with gate:
            body = {"assistant_id": "agent", "input": start, "context": CONTEXT}
            answered = (await client.post(f"{url}/runs/wait", json=body)).json()
            if answered.get("ending", {}).get("status") != "succeeded" or len(answered["rounds"]) != len(TOUR) + 1:
                raise SystemExit(json.dumps(answered)[:2_000])

    limits = httpx.Limits(max_connections=at_once + 1)
    async with httpx.AsyncClient(timeout=600, limits=limits) as client:
        began = time.perf_counter()
        await asyncio.gather(*(one(client) for _ in range(count)))
        return time.perf_counter() - began


async def in_process(start: dict[str, str], count: int, at_once: int) -> float:
    """Seconds of the same runs by the library, checkpoints included."""
    gate = asyncio.Semaphore(at_once)
    with tempfile.TemporaryDirectory() as folder:
        async with open_checkpoints(f"{folder}/checkpoints.sqlite") as saver:
            agent = create_agent(
                context=Context.model_validate(CONTEXT), private_origins=["*"], artefacts=Artefacts(Path(folder)),
                checkpointer=saver,
            )  # fmt: skip

            async def one(number: int) -> None:
                async with gate:
                    done = await agent.ainvoke(dict(start), {"configurable": {"thread_id": str(number)}})
                    if done["ending"]["status"] != "succeeded":
                        raise SystemExit(str(done["ending"]))

            await one(-1)
            began = time.perf_counter()
            await asyncio.gather(*map(one, range(count)))
            return time.perf_counter() - began


def family(pid: int) -> set[str]:
    """A process and its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[stat.parent.name] = stat.read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
    found = {str(pid)}
    while more := {child for child, parent in parents.items() if parent in found and child not in found}:
        found |= more
    return found


def memory(pid: int) -> tuple[float, float]:
    """Proportional memory in MB of the process alone, and of it with its browser."""

    def of(each: str) -> float:
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{each}/smaps_rollup").read_text(), re.M)
        except OSError:
            return 0.0
        return int(found[1]) / 1024 if found else 0.0

    return of(str(pid)), sum(map(of, family(pid)))


async def peak(pid: int) -> float:
    """The most memory a server and its browser take, until cancelled."""
    most = 0.0
    try:
        while True:
            most = max(most, memory(pid)[1])
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        return most


async def leaks(environment: dict[str, str], start: dict[str, str], count: int) -> dict[str, Any]:
    """What many runs leave behind: memory, open files, browser sessions, temporary files."""
    with tempfile.TemporaryDirectory() as temporary:
        async with server({**environment, "TMPDIR": temporary}, 8) as (url, pid):

            async def look() -> dict[str, Any]:
                async with httpx.AsyncClient() as client:
                    text = (await client.get(f"{url}/metrics/agent")).text
                open_now = re.search(r"^plan_and_act_browser_sessions (\S+)", text, re.M)
                own, whole = memory(pid)
                return {
                    "mb": own,
                    "with_browser_mb": whole,
                    "files": len(list(Path(f"/proc/{pid}/fd").iterdir())),
                    "sessions": float(open_now[1]),  # type: ignore[index]
                    "temporary_files": len(list(Path(temporary).rglob("*"))),
                }

            await served(url, start, count // 5, 8)
            before = await look()
            await served(url, start, count - count // 5, 8)
            after = await look()
    return {"before": before, "after": after, "runs_between": count - count // 5}


async def main(args: argparse.Namespace) -> None:
    endpoint = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    found: dict[str, Any] = {"at_once": {}}
    with serve_in_thread(endpoint) as chat, serve_in_thread(forge_app(seed=7)) as forge:
        environment = {
            "PLAN_AND_ACT_MAX_SESSIONS": str(max(args.at_once)),
            "PLAN_AND_ACT_PRIVATE_ORIGINS": "*",
            "OPENAI_BASE_URL": f"{chat.url}/v1",
            "OPENAI_API_KEY": "none",
        }
        os.environ.update(environment)
        start = {"task": "Take the tour.", "url": f"{forge.url}/"}
        for at_once in args.at_once:
            count = max(args.runs, 2 * at_once)
            ours, theirs, most = [], [], 0.0
            for _ in range(args.repeat):
                async with server(environment, at_once) as (url, pid):
                    await served(url, start, 1, 1)
                    watching = asyncio.create_task(peak(pid))
                    theirs.append(await served(url, start, count, at_once))
                    watching.cancel()
                    most = max(most, await watching)
                ours.append(await in_process(start, count, at_once))
                await pool().close()
            rate, ratio = 60 * count / statistics.median(theirs), statistics.median(theirs) / statistics.median(ours)
            found["at_once"][at_once] = {"runs_a_minute": rate, "ratio_to_library": ratio, "memory_mb": most}
            print(
                f"{at_once:>3} at once: {rate:6.1f} runs/min, {ratio:.2f} of the library's time, {most:.0f} MB",
                flush=True,
            )
        if args.leak:
            found["leaks"] = left = await leaks(environment, start, args.leak)
            for name, value in left["after"].items():
                print(f"after {args.leak} runs, {name}: {value:.0f} (after a fifth: {left['before'].get(name, 0):.0f})")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--runs", type=int, default=16, help="runs a measurement, at least")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--leak", type=int, default=500, help="runs after which to look for what is left; 0 for none")
    parser.add_argument("--out", type=Path, default=Path(".plan-and-act/benchmarks/serving.json"))
    asyncio.run(main(parser.parse_args()))
