"""The paper's Table 1, small: planners and executors of 135 million parameters, trained on more and more of the data.

    python benchmarks/table_one.py --teacher openai:NAME [--episodes 12]

Makes the data (solvers do tasks of the training split, the teacher expands and augments their plans), trains a planner
for each row and an executor for each column, and evaluates every pair of them on the same tasks of the lite set: of the
sites it was trained on, and of one that it never saw. All trainings of a role have the same number of steps, so that
they differ in their data and in nothing else. A chain of thought is not among the rows: models of this size answer
under a schema, which has no place for it.

Each step is a command of `plan-and-act` that goes on where it was stopped, and so does this script. It needs the extra
`train`. The table, the paper's figures beside it, is `table/comparison.html` in the folder.
"""

import argparse
from pathlib import Path
from typing import Any

from experiment import ROUNDS, Experiment, read_ablation

SITES = {
    "forge": {"about": "a site where people host code, with projects, issues and merge requests"},
    "shop": {"about": "a shop with products, a cart, orders and reviews, and an office for those who run it"},
    "board": {"about": "a board where people write threads and comments in communities, and messages to each other"},
}
UNSEEN = "flights"
"""The site that is only evaluated on."""

STEPS = {"executor": 80, "planner": 128, "replanner": 48}
"""Of every training of a role, of 8 rows each: on two CPU cores about three hours in all."""

KINDS = {"synthetic": ["expand", "augment"], "expanded": ["augment"], "augmented": []}
"""The data sets that planners are trained on beside the first, and the stages each is without."""


def main() -> None:
    """Make, train, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".plan-and-act/table-one"))
    parser.add_argument("--teacher", required=True, help="The model that expands and augments plans, provider:name.")
    parser.add_argument("--tasks", type=int, default=20, help="First trajectories of each of three sites.")
    parser.add_argument("--more", type=int, default=100, help="Synthetic trajectories of each site, beside those.")
    parser.add_argument("--invented", type=int, default=40, help="Expanded plans, and half as many augmented ones.")
    parser.add_argument("--episodes", type=int, default=12, help="Tasks of the lite set in every cell, of four sites.")
    options = parser.parse_args()
    table = Table(options.folder, options.teacher)
    table.make(options.tasks, options.more, options.invented)
    table.teach()
    table.evaluate(options.episodes)


class Table(Experiment):
    """Everything the table is made of."""

    def __init__(self, folder: Path, teacher: str) -> None:
        super().__init__(folder)
        self.teacher = teacher

    def make(self, tasks: int, more: int, invented: int) -> None:
        """Write the data sets: one of the first tasks, and one for each thing that is added."""
        first = {"seed": 1, "collect": {"solver": dict.fromkeys(SITES, tasks)}}
        self._stages("seeds", first, ["collect", "score", "annotate"])
        self._export("seeds", 1, "datasets")
        grown = {
            "seed": 2,
            "collect": {
                "solver": dict.fromkeys(SITES, more),
                "validation": 6,
                "agent": {"planner_model": "embedded", "executor_model": "embedded", **ROUNDS},
            },
            "expand": {"count": invented, "seeds": 3, "each": 4},  # A small teacher begins to repeat itself.
            "augment": {"count": invented // 2},
        }
        self._stages("grown", grown, ["collect", "score", "annotate", "expand", "augment"])
        for name, without in KINDS.items():
            self._export("grown", 2, f"datasets-{name}", without=without)
        self._export("grown", 2, "datasets-replanned", planning="dynamic")

    def teach(self) -> None:
        """Train the planners of the rows, the executors of the columns, and the replanner."""
        seeds, grown = self.folder / "seeds" / "datasets", self.folder / "grown"
        self._train("executor-finetuned", seeds)
        self._train("executor-synthetic", seeds, grown / "datasets-synthetic")
        self._train("planner-finetuned", seeds)
        for name in KINDS:
            self._train(f"planner-{name}", seeds, grown / f"datasets-{name}")
        self._train("replanner", grown / "datasets-replanned")

    def evaluate(self, episodes: int) -> None:
        """Evaluate every row with every column."""
        table = read_ablation("planners")
        table["title"] = f"Table 1, small: SmolLM2-135M, tasks of the lite set, {UNSEEN} never trained on"
        table["selection"] = {"episodes": episodes, "sites": [*SITES, UNSEEN]}
        table["context"] = ROUNDS | {"max_rounds": 20}  # A solver takes up to 19 actions for one of these tasks.
        for part in ("rows", "paper"):
            del table[part]["+ chain of thought"]
        for variant in (*table["rows"].values(), *table["columns"].values()):
            for field in [field for field in variant if field.endswith("_model")]:
                name = variant[field].removeprefix("openai:")
                variant[field] = "embedded:base" if name == "base" else self.model(field.removesuffix("_model"), name)
        self.ablate(table)

    def _stages(self, name: str, settings: dict[str, Any], stages: list[str]) -> None:
        # Teachers see as much of a page as agents do.
        pages = {"page_tokens": ROUNDS["observation_tokens"]}
        teacher = {"model": self.teacher, "constrained": True, "concurrency": 1, **pages}
        config = {"sites": SITES, "teacher": teacher, "stages": stages, "annotate": {"own": True}, **settings}
        self.synthesize(name, config)

    def _train(self, name: str, *data: Path) -> None:
        role = name.partition("-")[0]
        self.train(role, name, data, "--max-steps", str(STEPS[role]))

    def _export(self, name: str, seed: int, into: str, **export: Any) -> None:
        export = {"planning": "static", "validation": 0, "into": into, **export}
        config = {"sites": SITES, "seed": seed, "stages": ["export"], "export": export}
        self.synthesize(name, config, file=f"{name}-{into}")


if __name__ == "__main__":
    main()
