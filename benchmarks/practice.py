"""The practice web under load: many solvers in one process, each in a browser context and a session of its own.

    python benchmarks/practice.py --episodes 200 --parallel 16

Episodes of all templates are done by their solvers through the browser, first some of them one after the other, then
all of them in parallel; every single one has to pass its checker, so that a session that sees another one's state
shows. Resets are timed through the sites' control API, on worlds that are built already.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("PLAN_AND_ACT_MAX_SESSIONS", "500")

from plan_and_act import pool
from plan_and_act.evaluation import Selection
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.results import Results
from plan_and_act.evaluation.runner import evaluate
from plan_and_act.sites.practice import practice_web
from plan_and_act.sites.tasks import episodes


async def resets(count: int, disturbed: bool) -> list[float]:
    """Milliseconds that each of many resets takes, all sites of the episode together."""
    drawn = episodes("test", count, disturbed=disturbed)
    took = []
    async with practice_web() as web:
        for episode in drawn:
            await web.begin(episode, "warm-up")
        for number, episode in enumerate(drawn):
            began = time.perf_counter()
            await web.begin(episode, f"reset-{number}")
            took.append((time.perf_counter() - began) * 1_000)
    return took


async def solved(count: int, parallel: int, disturbed: bool, seed: int) -> tuple[Results, float]:
    """Episodes done by solvers, and the episodes a second."""
    selection = Selection(episodes=count, seeds=(seed,))
    settings = {"disturbed": disturbed}
    evaluation = Evaluation(suite="practice", settings=settings, selection=selection, agent="solver")
    began = 0.0

    class Clock:
        def begin(self, total: int, rows: Any) -> None:
            nonlocal began
            began = time.perf_counter()

        def finished(self, row: Any) -> None:
            if not row.success:
                print(f"FAIL {row.task} {row.reason} {(row.message or '; '.join(row.problems))[:300]}", flush=True)

        def failed(self, failure: Any, *, again: bool) -> None:
            print(f"ERROR {failure.task} {failure.kind} {failure.message[:300]}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        results = await evaluate(evaluation, Path(folder), parallel=parallel, watcher=Clock())
        return results, results.all.count / (time.perf_counter() - began)


async def main(args: argparse.Namespace) -> None:
    took = await resets(args.episodes, args.disturbed)
    print(
        f"reset: median {statistics.median(took):.1f} ms, 95th percentile {sorted(took)[int(len(took) * 0.95)]:.1f} ms"
    )
    few = max(args.episodes // 10, 1)
    alone, slow = await solved(few, 1, args.disturbed, seed=7)
    print(f"one after the other: {alone.all.successes} of {few} passed, {slow:.2f} episodes/s")
    together, fast = await solved(args.episodes, args.parallel, args.disturbed, seed=0)
    print(f"{args.parallel} at once: {together.all.successes} of {args.episodes} passed, {fast:.2f} episodes/s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"ratio {fast / slow:.2f}; this process took {memory:.0f} MB; {together.all.rounds:.1f} actions an episode")
    await pool().close()
    found = {
        "episodes": args.episodes, "parallel": args.parallel, "disturbed": args.disturbed,
        "reset_ms": statistics.median(took), "passed": together.all.successes, "errors": len(together.failures),
        "episodes_per_second": fast, "one_after_the_other": slow, "ratio": fast / slow, "memory_mb": memory,
        "failed": [row.task for row in together.rows if not row.success],
    }  # fmt: skip
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=16)
    parser.add_argument("--disturbed", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("results/practice.json"))
    asyncio.run(main(parser.parse_args()))
