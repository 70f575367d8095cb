"""Learning when to replan: the embedded model is taught to ask, and asking is compared with fixed policies.

    python benchmarks/when_to_replan.py [--tasks 48] [--steps 88] [--episodes 4]

Solvers do forge's tasks of the training split on disturbed sites. Where something lies in the way the executor's row
asks for a replan and the replanner's row is the plan that clears the way; where nothing does, it is the next action of
the plan there is. Beside them, so that nothing is asked without need: half as many tasks on calm sites. The embedded
model goes on training on both, and is then run with every policy of `ablations/embedded-replanning.yaml`, on calm and
on disturbed sites of the test split.

It needs the extra `train`, and goes on where it was stopped. The tables, among them success against planner tokens, are
`table/comparison.html` in the folder.
"""

import argparse
from pathlib import Path
from typing import Any

from experiment import Experiment, read_ablation

TASK = "forge/follow-top-contributor"


def main() -> None:
    """Make, train, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".plan-and-act/when-to-replan"))
    parser.add_argument("--tasks", type=int, default=48, help="Tasks on disturbed sites; half as many on calm ones.")
    parser.add_argument("--steps", type=int, default=88, help="Of training, with batches of 8 rows.")
    parser.add_argument("--episodes", type=int, default=4, help="Of each of two seeds, in every cell.")
    options = parser.parse_args()
    made = Experiment(options.folder)
    disturbed = made.synthesize("disturbed", recipe(11, options.tasks // 2, options.tasks // 2, disturbed=True))
    calm = made.synthesize("calm", recipe(12, options.tasks // 6, options.tasks // 3, disturbed=False))
    settings = made.write("train.yaml", {"adapter": "embedded", "learning_rate": 5e-4, "max_steps": options.steps})
    made.train("all", "asks", [disturbed / "datasets", calm / "datasets"], "--config", str(settings))
    table = read_ablation("embedded-replanning")
    model = made.model("all", "asks")
    table["context"] |= dict.fromkeys(("planner_model", "replanner_model", "executor_model"), model)
    table["selection"]["episodes"] = options.episodes
    made.ablate(table)


def recipe(seed: int, tasks: int, demos: int, *, disturbed: bool) -> dict[str, Any]:
    """The settings of the data pipeline."""
    planning = {"planning": "dynamic", "replans": "asked"} if disturbed else {"planning": "static"}
    return {
        "seed": seed,
        "stages": ["collect", "score", "export"],
        "collect": {"solver": {"forge": tasks, TASK: demos}, "disturbed": disturbed},
        "export": {**planning, "validation": 0.03},
    }


if __name__ == "__main__":
    main()
