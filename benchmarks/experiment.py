"""A folder in which commands of `plan-and-act` make data, models and tables; each goes on where it was stopped."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from plan_and_act.training.base import require_training

ROUNDS = {"max_rounds": 12, "max_seconds": 400, "observation_tokens": 600}
"""What agents of the embedded model are run with."""
ABLATIONS = Path(__file__).parent / "ablations"
COLLECT = {"queries": False, "observation_tokens": 600, "parallel": 2}
EXPORT = {"executor_format": "json", "instructions": "brief", "narrow": 0.85}


class Experiment:
    """What a benchmark is made of, in one folder; it needs the extra `train`."""

    def __init__(self, folder: Path) -> None:
        require_training()
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    def synthesize(self, name: str, config: dict[str, Any], *, file: str = "") -> Path:
        """Carry out stages of the data pipeline in the folder `name`, which is returned."""
        config = {"folder": str(self.folder / name), "sites": {"forge": {}}, **config}
        for stage, settings in (("collect", COLLECT), ("export", EXPORT)):
            if stage in config["stages"]:
                config[stage] = {**settings, **config.get(stage, {})}
        path = self.write(f"{file or name}.yaml", config)
        self.run("synthesize", "all", "--config", str(path))
        for stage in config["stages"]:
            if not (self.folder / name / f"{stage}.jsonl").stat().st_size:
                raise SystemExit(f"The stage {stage} of {name} has made nothing; what it dropped is told above.")
        return self.folder / name

    def train(self, role: str, name: str, data: Sequence[Path], *settings: str) -> None:
        """Train the embedded model for a role, in the folder models/`name`."""
        given = [part for folder in data for part in ("--data", str(folder))]
        out = self.folder / "models" / name
        self.run("train", role, *given, "--out", str(out), "--preset", "cpu-135m", "--gguf", *settings)

    def model(self, role: str, name: str) -> str:
        """What the trained model is called."""
        return f"embedded:{self.folder / 'models' / name / role}.gguf"

    def ablate(self, ablation: dict[str, Any]) -> None:
        """Evaluate; the table is `table/comparison.html` in the folder."""
        path = self.write("ablation.yaml", ablation)
        self.run("ablate", str(path), "--parallel", "2", "--out", str(self.folder / "table"))

    def write(self, name: str, content: dict[str, Any]) -> Path:
        """Write a YAML file of the folder."""
        path = self.folder / name
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return path

    def run(self, *command: str) -> None:
        """Carry out a command of `plan-and-act`."""
        print("plan-and-act", *command, flush=True)
        subprocess.run([sys.executable, "-m", "plan_and_act", *command], check=True)


def read_ablation(name: str) -> dict[str, Any]:
    """An ablation of the folder `ablations`, to be changed."""
    ablation: dict[str, Any] = yaml.safe_load((ABLATIONS / f"{name}.yaml").read_text(encoding="utf-8"))
    return ablation
