"""The paper's Table 1, small: planners and executors of 135 million parameters, trained on more and more of the data.

    OPENAI_BASE_URL=... python benchmarks/table_one.py --teacher openai:NAME [--steps 40] [--episodes 8]

Makes the data (solvers do forge's tasks of the training split, the teacher expands and augments their plans), trains a
planner for each row and an executor for each column, and evaluates every pair of them on the same held-out episodes.
All trainings have the same number of steps, so that rows differ in their data and in nothing else. Without `--teacher`
the rows that need one are left out. A chain of thought is not among the rows: models of this size answer under a
schema, which has no place for it.

Each step is a command of `plan-and-act` that goes on where it was stopped, and so does this script. It needs the extra
`train`. The table, the paper's figures beside it, is `table/comparison.html` in the folder.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SEEDS = {"forge": 16, "forge/follow-top-contributor": 8}
"""Tasks of the first data set: what is there before anything is synthesized."""

ROUNDS = {"max_rounds": 12, "max_seconds": 400, "observation_tokens": 600}
PAPER = {
    "no planner": [9.85, 36.36, 36.97],
    "base": [14.21, 17.16, 23.63],
    "+ fine-tuning": [22.42, 16.36, 20.60],
    "+ synthetic trajectories": [24.24, 27.28, 30.30],
    "+ plan expansion": [27.10, 38.18, 39.40],
    "+ targeted augmentation": [29.63, 42.42, 43.63],
    "+ dynamic replanning": [44.24, 48.48, 53.94],
}
"""Success on WebArena-Lite in %, Llama-3.3-70B, with the base executor, + fine-tuning, + synthetic trajectories."""


def main() -> None:
    """Make, train, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".plan-and-act/table-one"))
    parser.add_argument("--teacher", help="The model that expands and augments plans, provider:name.")
    parser.add_argument("--tasks", type=int, default=96, help="Synthetic trajectories, beside the first 24.")
    parser.add_argument("--invented", type=int, default=40, help="Expanded plans, and half as many augmented ones.")
    parser.add_argument("--steps", type=int, default=40, help="Of every training, with batches of 8 rows.")
    parser.add_argument("--episodes", type=int, default=8, help="Held-out episodes in every cell.")
    options = parser.parse_args()
    table = Table(options.folder.resolve(), options.teacher, options.steps)
    table.make(options.tasks, options.invented)
    table.train()
    table.evaluate(options.episodes)


class Table:
    """Everything the table is made of, in one folder."""

    def __init__(self, folder: Path, teacher: str | None, steps: int) -> None:
        self.folder, self.teacher, self.steps = folder, teacher, steps
        folder.mkdir(parents=True, exist_ok=True)

    def make(self, tasks: int, invented: int) -> None:
        """Write the data sets: one of the first tasks, and one for each thing that is added."""
        self._synthesize("seeds", {"seed": 1, "collect": {"solver": SEEDS}}, ["collect", "score", "annotate"])
        self._synthesize("seeds", {"seed": 1}, ["export"])
        share = tasks // 3
        grown = {
            "seed": 2,
            "collect": {
                "solver": {"forge": tasks - share, "forge/follow-top-contributor": share},
                "validation": 6 if self.teacher else 0,
                "agent": {"planner_model": "embedded", "executor_model": "embedded", **ROUNDS},
            },
            "expand": {"count": invented},
            "augment": {"count": invented // 2},
        }
        stages = ["collect", "score", "annotate", *(["expand", "augment"] if self.teacher else [])]
        self._synthesize("grown", grown, stages)
        for name, without in self._kinds().items():
            self._synthesize("grown", {"seed": 2}, ["export"], into=f"datasets-{name}", without=without)

    def train(self) -> None:
        """Train the planners of the rows, the executors of the columns, and the replanner."""
        seeds = self.folder / "seeds" / "datasets"
        grown = {name: self.folder / "grown" / f"datasets-{name}" for name in self._kinds()}
        self._train("planner", "finetuned", seeds)
        for name in [name for name in grown if name != "replanning"]:
            self._train("planner", name, seeds, grown[name])
        self._train("replanner", "replanning", grown["replanning"])
        self._train("executor", "finetuned", seeds)
        self._train("executor", "synthetic", seeds, grown["synthetic"])

    def evaluate(self, episodes: int) -> None:
        """Evaluate every row with every column."""
        planned: dict[str, Any] = {"planning": "static", "planner_model": "embedded:base"}
        rows: dict[str, Any] = {"no planner": {"planning": "none"}, "base": planned}
        names = {
            "+ fine-tuning": "finetuned",
            "+ synthetic trajectories": "synthetic",
            **({"+ plan expansion": "expanded", "+ targeted augmentation": "augmented"} if self.teacher else {}),
        }
        for row, name in names.items():
            rows[row] = {"planning": "static", "planner_model": self._model("planner", name)}
        rows["+ dynamic replanning"] = {
            "planning": "dynamic",
            "replan_every": 1,
            "replan_on": [],
            "max_replans": 30,
            "planner_model": rows[[*names][-1]]["planner_model"],
            "replanner_model": self._model("replanner", "replanning"),
        }
        columns = {
            "base executor": "embedded:base",
            "+ fine-tuned": self._model("executor", "finetuned"),
            "+ synthetic": self._model("executor", "synthetic"),
        }
        ablation = {
            "title": f"Table 1, small: SmolLM2-135M, {self.steps} steps each, forge",
            "suite": "practice",
            "settings": {"split": "test"},
            "selection": {"episodes": episodes, "sites": ["forge"], "tasks": ["forge/follow-top-contributor"]},
            "context": ROUNDS,
            "rows": rows,
            "columns": {name: {"executor_model": model} for name, model in columns.items()},
            "paper": {row: dict(zip(columns, PAPER[row], strict=True)) for row in rows},
        }
        path = self._write("table-one.yaml", ablation)
        self._run("ablate", str(path), "--parallel", "1", "--out", str(self.folder / "table"))

    def _kinds(self) -> dict[str, list[str]]:
        """The data sets that grow, and the stages each is without."""
        if not self.teacher:
            return {"synthetic": [], "replanning": []}
        return {"synthetic": ["expand", "augment"], "expanded": ["augment"], "augmented": [], "replanning": []}

    def _synthesize(self, name: str, settings: dict[str, Any], stages: list[str], **export: Any) -> None:
        dynamic = export.get("into") == "datasets-replanning"
        config = {
            "folder": str(self.folder / name),
            "sites": {"forge": {"about": "a site where people host code, with projects, issues and merge requests"}},
            "teacher": {"model": self.teacher, "constrained": True, "concurrency": 1},
            "stages": stages,
            "annotate": {"own": True},
            "export": {
                "planning": "dynamic" if dynamic else "static",
                "executor_format": "json",
                "instructions": "brief",
                "validation": 0,
                **export,
            },
            **settings,
        }
        if "collect" in config:
            config["collect"] = {"queries": False, "observation_tokens": 600, "parallel": 2, **config["collect"]}
        path = self._write(f"{name}-{export.get('into', stages[-1])}.yaml", config)
        self._run("synthesize", "all", "--config", str(path))

    def _train(self, role: str, name: str, *data: Path) -> None:
        out = self.folder / "models" / f"{role}-{name}"
        given = [part for folder in data for part in ("--data", str(folder))]
        settings = ["--preset", "cpu-135m", "--max-steps", str(self.steps), "--gguf"]
        self._run("train", role, *given, "--out", str(out), *settings)

    def _model(self, role: str, name: str) -> str:
        return f"embedded:{self.folder / 'models' / f'{role}-{name}' / f'{role}.gguf'}"

    def _write(self, name: str, content: dict[str, Any]) -> Path:
        path = self.folder / name
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    def _run(self, *command: str) -> None:
        print("plan-and-act", *command, flush=True)
        subprocess.run([sys.executable, "-m", "plan_and_act", *command], check=True)


if __name__ == "__main__":
    main()
