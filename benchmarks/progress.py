"""How far agents came in tasks that they failed: the share of the pages on a solver's way that they came to as well.

    python benchmarks/progress.py .plan-and-act/table-one/table

Takes results folders of one evaluation, or a folder with several, as an ablation makes. Solvers do the same tasks
first. Pages are told apart by their addresses without the query; the one where a task begins does not count, and
neither do results of a search: they are no place. Printed are, by folder, the share of the solver's pages that the
agent came to in percent, the mean of all tasks and of each site's, and in how many tasks it came to the last of them.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plan_and_act import pool
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.runner import evaluate
from plan_and_act.trajectory import Trajectory

NO_PLACE = "/search"


def main() -> None:
    """Let the solvers do the tasks, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="Results folders, or a folder of them.")
    given = parser.parse_args().folders
    folders = sorted(file.parent for folder in given for file in folder.glob("**/trajectories.jsonl"))
    if not folders:
        raise SystemExit(f"There are no results in {', '.join(map(str, given))}.")
    solved = asyncio.run(solve(Folder(folders[0]).configuration()))
    ways = {task: way for task, run in solved.items() if run.reward == 1 and (way := places(run))}
    sites = sorted({run.labels["site"] for run in solved.values()})
    print(f"{len(ways)} of {len(solved)} tasks were solved, and lead away from the page where they begin.")
    print(f"{'':45} {'all':>6} " + " ".join(f"{site:>8}" for site in sites) + "  last page")
    for folder in folders:
        runs = Folder(folder).finished()
        shares = {task: share(way, places(runs[task])) for task, way in ways.items() if task in runs}
        if not shares:
            raise SystemExit(f"{folder} has none of the tasks of {folders[0]}; compare folders of the same tasks.")
        by_site = [
            percent(some for task, some in shares.items() if solved[task].labels["site"] == site) for site in sites
        ]
        last = sum(ways[task][-1] in places(runs[task]) for task in shares)
        print(
            f"{folder.name:45} {percent(shares.values()):>6} "
            + " ".join(f"{some:>8}" for some in by_site)
            + f"  {last} of {len(shares)}"
        )


async def solve(configuration: dict[str, Any]) -> dict[str, Trajectory]:
    """The solvers' runs of an evaluation's tasks, by task."""
    kept = {name: configuration[name] for name in ("suite", "settings", "selection")}
    with tempfile.TemporaryDirectory() as folder:
        await evaluate(Evaluation(agent="solver", **kept), Path(folder), parallel=2)
        await pool().close()
        return Folder(Path(folder)).finished()


def percent(shares: Iterable[float]) -> str:
    """The mean of shares."""
    found = list(shares)
    return f"{100 * sum(found) / len(found):.1f}" if found else "-"


def places(run: Trajectory) -> list[str]:
    """The pages that a run came to after the one it began at, each once, in their order."""
    seen = dict.fromkeys(urlsplit(entry.url).path for entry in run.rounds)
    start = urlsplit(run.task.url).path
    return [path for path in seen if path not in (start, NO_PLACE)]


def share(way: Sequence[str], seen: Sequence[str]) -> float:
    """How much of a way was seen."""
    return len({*way} & {*seen}) / len(way)


if __name__ == "__main__":
    main()
