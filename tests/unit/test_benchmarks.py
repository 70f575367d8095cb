"""The benchmarks: every script says what it does, and what Table 1 asks of the commands is what they take."""

import runpy
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from plan_and_act.actions import Finish
from plan_and_act.evaluation.ablation import Cell, load_ablation
from plan_and_act.synthesis import STAGES
from plan_and_act.synthesis.config import read
from plan_and_act.trajectory import Outcome, Round, Task, Trajectory

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(path.stem for path in BENCHMARKS.glob("*.py") if '__name__ == "__main__"' in path.read_text())


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_says_what_it_does(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [script, "--help"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(BENCHMARKS / f"{script}.py"), run_name="__main__")
    assert stopped.value.code == 0
    assert f"python benchmarks/{script}.py" in capsys.readouterr().out


def test_table_one_trains_on_what_it_exports_and_evaluates_what_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import table_one

    def carry_out(_: object, *command: str) -> None:
        """Check what a command is given, and leave behind what it would."""
        match command:
            case ("synthesize", "all", "--config", config):
                shared, sections = read(Path(config), {name: stage.Settings for name, stage in STAGES.items()})
                shared.folder.mkdir(exist_ok=True)
                for stage in shared.stages:
                    (shared.folder / f"{stage}.jsonl").write_text("{}")
                if "export" in shared.stages:
                    (shared.folder / sections["export"].into).mkdir()
            case ("train", role, *settings):
                given = list(pairwise(settings))
                data = [Path(value) for name, value in given if name == "--data"]
                assert data
                assert all(folder.is_dir() for folder in data)
                out = Path(dict(given)["--out"])
                out.mkdir(parents=True)
                (out / f"{role}.gguf").touch()
            case ("ablate", file, *_):
                cells.extend(load_ablation(Path(file)).cells)

    cells: list[Cell] = []
    monkeypatch.setattr("experiment.require_training", lambda: None)
    monkeypatch.setattr(table_one.Table, "run", carry_out)
    table = table_one.Table(tmp_path, "openai:teacher")
    table.make(2, 2, 4)
    table.teach()
    table.evaluate(8)
    assert len(cells) == 21
    used = set()
    for cell in cells:
        context = cell.evaluation.context
        used |= {name for field, name in context.items() if field.endswith("_model") and name}
        assert cell.evaluation.selection.sites == ("forge", "shop", "board", "flights")
    trained = {f"embedded:{path}" for path in tmp_path.glob("models/*/*.gguf")}
    assert used == trained | {"embedded:base"}


def test_progress_is_the_share_of_the_places_on_a_way() -> None:
    import progress

    def run(*urls: str) -> Trajectory:
        rounds = [
            Round(index=index, url=f"http://127.0.0.1:80{url}", action=Finish(answer=""), outcome=Outcome(status="ok"))
            for index, url in enumerate(urls, 1)
        ]
        return Trajectory(
            thread="t", started="", task=Task(intent="i", url="http://127.0.0.1:80/?session=t"), rounds=rounds
        )

    way = progress.places(run("/", "/search?q=mug", "/p/mug", "/p/mug?size=2", "/cart", "/"))
    assert way == ["/p/mug", "/cart"]
    assert progress.places(run("/", "/search?q=cup", "/")) == []
    assert progress.share(way, progress.places(run("/", "/p/cup", "/p/mug"))) == 0.5
