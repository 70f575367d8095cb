"""The agent on MiniWoB++ tasks, with any model: success by the page's own reward, and why the others failed.

    pip install --no-deps miniwob
    python benchmarks/success.py --model openai:gpt-5-mini --format tools --seeds 2

Every episode is one real page in a real browser. The first reward counts; it ends the episode. The HUD that shows the
reward is hidden from the agent, the time limit is raised to --max-seconds, and the task's text is given as the task.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from langgraph.checkpoint.memory import InMemorySaver
from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from plan_and_act import Context, SessionOptions, Trajectory, create_agent, pool, to_trajectory
from plan_and_act.browser import OriginPolicy
from plan_and_act.trajectory import append

CLICK = """click-button click-button-sequence click-checkboxes click-checkboxes-soft click-checkboxes-transfer
click-collapsible click-collapsible-2 click-dialog click-dialog-2 click-link click-menu click-option click-tab
click-tab-2 click-tab-2-easy click-test click-test-2 click-widget focus-text focus-text-2 navigate-tree unicode-test"""
FORM = """choose-list enter-date enter-password enter-text enter-text-2 enter-text-dynamic enter-time login-user
login-user-popup multi-layouts multi-orderings read-table simple-algebra simple-arithmetic text-transform
use-autocomplete"""
TASKS = [*CLICK.split(), *FORM.split()]

START = """
<script>
  window.addEventListener("load", () => {
    core.EPISODE_MAX_TIME = %(ms)d;
    Math.seedrandom("%(seed)d");
    core.startEpisodeReal();
    core.startEpisode = () => {};
    const style = document.createElement("style");
    style.textContent = "#reward-display, #click-canvas, #sync-task-cover, #query { display: none !important }";
    document.head.append(style);
  });
</script>
"""


def site(html: Path, max_seconds: float) -> Starlette:
    """MiniWoB's own pages, each started with the seed of its URL."""

    async def task(request: Request) -> Response:
        page = html / "miniwob" / f"{request.path_params['name']}.html"
        if not page.is_file():
            return Response("no such task", status_code=404)
        seed = int(request.query_params.get("seed", 0))
        text = page.read_text(encoding="utf-8")
        start = START % {"ms": int(max_seconds * 1000), "seed": seed}
        return HTMLResponse(text.replace("</head>", start + "</head>", 1))

    return Starlette(routes=[Route("/miniwob/{name}.html", task), Mount("/", StaticFiles(directory=html))])


@contextlib.asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        running = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await running


async def goal_of(page: Page, url: str) -> str:
    await page.goto(url)
    await page.wait_for_function("WOB_TASK_READY")
    said = await page.evaluate("core.getUtterance()")
    return str(said["utterance"] if isinstance(said, dict) else said)


async def reward_of(key: str) -> dict[str, Any] | None:
    """The episode's first result, or None while it goes on."""
    session = pool().live(key)
    if session is None:
        return None
    return await session.page.evaluate(
        "typeof WOB_DONE_GLOBAL !== 'undefined' && WOB_DONE_GLOBAL"
        " ? {raw: WOB_RAW_REWARD_GLOBAL, reason: WOB_REWARD_REASON} : null"
    )


Result = tuple[Trajectory, dict[str, Any] | None]


async def episode(agent: Any, goal: str, url: str, context: Context, thread: str) -> Result:
    """Run one episode until the page gives its reward or the agent ends."""
    config = {"configurable": {"thread_id": thread}}
    result: dict[str, Any] | None = None
    key = ""
    stream = agent.astream({"task": goal, "url": url}, config, context=context, stream_mode="updates")
    async with contextlib.aclosing(stream):
        async for update in stream:
            if "act" in update:
                result = await reward_of(key)
            elif "observe" in update:
                key = f"{thread}/{update['observe']['page']['session']}"
                if result:  # and the round that earned it is recorded
                    break
    await pool().release(key)
    state = await agent.aget_state(config)
    return to_trajectory(state.values, thread), result


def why(trajectory: Trajectory, result: dict[str, Any] | None) -> str:
    """The reason of a failure, for the table."""
    if result:
        return f"wrong: {result.get('reason') or 'reward ' + str(result['raw'])}"
    return trajectory.ending.reason if trajectory.ending else "cut off"


async def main(args: argparse.Namespace) -> None:
    found = importlib.util.find_spec("miniwob")
    if not found or not found.submodule_search_locations:
        raise SystemExit("The pages are missing: pip install --no-deps miniwob")
    html = Path(next(iter(found.submodule_search_locations))) / "html"
    models = {"planner": args.planner or args.model, "executor": args.model}
    rows: list[dict[str, Any]] = []
    out = Path(args.out)
    async with serving(site(html, args.max_seconds)) as base:
        agent = create_agent(
            models={role: model for role, model in models.items() if model},
            private_origins=[base],
            checkpointer=InMemorySaver(),
        )
        probe = await pool().session("probe", SessionOptions(policy=OriginPolicy(private=[base])))
        context = Context(
            planning=args.planning, executor_format=args.format, max_rounds=args.max_rounds, viewport=(500, 320),
            max_seconds=args.max_seconds, observation_tokens=args.tokens, model_timeout=args.max_seconds,
        )  # fmt: skip
        for name in args.tasks or TASKS:
            for seed in range(1, args.seeds + 1):
                url = f"{base}/miniwob/{name}.html?seed={seed}"
                goal = await goal_of(probe.page, url)
                began = time.monotonic()
                trajectory, result = await episode(agent, goal, url, context, f"{name}-{seed}-{began}")
                won = bool(result and result["raw"] > 0)
                row = {
                    "task": name, "seed": seed, "goal": goal, "success": won, "raw": result and result["raw"],
                    "reason": "" if won else why(trajectory, result), "rounds": len(trajectory.rounds),
                    "tokens": trajectory.total.input_tokens + trajectory.total.output_tokens,
                    "seconds": round(time.monotonic() - began, 1),
                }  # fmt: skip
                rows.append(row)
                trajectory.reward = result["raw"] if result else None
                append(out.with_suffix(".trajectories.jsonl"), trajectory)
                how = f"{row['rounds']:2} rounds {row['seconds']:6} s  {row['reason']}"
                print(f"{'ok  ' if won else 'FAIL'} {name:26} {seed} {how}", flush=True)
        await pool().close()
    report(rows, args, out)


def report(rows: list[dict[str, Any]], args: argparse.Namespace, out: Path) -> None:
    groups = {"dom-click": set(CLICK.split()), "dom-form": set(FORM.split())}
    print(f"\nmodel {args.model or 'default'}, format {args.format or 'default'}, planning {args.planning}")
    for group, names in groups.items():
        mine = [row for row in rows if row["task"] in names]
        if mine:
            print(f"{group:10} {sum(row['success'] for row in mine):3} of {len(mine):3} succeeded")
    print(f"{'all':10} {sum(row['success'] for row in rows):3} of {len(rows):3} succeeded")
    for reason, count in Counter(row["reason"] for row in rows if not row["success"]).most_common():
        print(f"  {count:3} {reason}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"settings": vars(args), "episodes": rows}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="the executor's model, provider:name")
    parser.add_argument("--planner", help="the planner's model; the executor's when left out")
    parser.add_argument("--format", choices=["tools", "text", "json"])
    parser.add_argument("--planning", choices=["none", "static", "dynamic"], default="dynamic")
    parser.add_argument("--tasks", nargs="*", metavar="TASK")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--max-rounds", type=int, default=10)
    parser.add_argument("--max-seconds", type=float, default=600)
    parser.add_argument("--tokens", type=int, default=1000, help="budget of one observation")
    parser.add_argument("--out", default="results/success.json")
    asyncio.run(main(parser.parse_args()))
