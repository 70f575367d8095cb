"""Ablation files, their cells, and what is said when they are compared."""

import json
import re
from pathlib import Path

import pytest

from fakesuite import Fake, run_of
from plan_and_act.cli import ablate as command
from plan_and_act.cli import app
from plan_and_act.errors import ConfigError
from plan_and_act.evaluation import Agent, Attempt, Start
from plan_and_act.evaluation.ablation import Ablation, Cell, Measured, ablate, load_ablation
from plan_and_act.evaluation.comparison import compared, comparisons, table, write_comparison
from plan_and_act.trajectory import Trajectory, Usage

FILE = """
title: When to replan
suite: practice
selection: {episodes: 3}
context: {max_rounds: 7, executor_model: "openai:small"}
rows:
  alone: {planning: none}
  every 2: {replan_every: 2, max_rounds: 9}
columns:
  "off": {}
  "on": {settings: {disturbed: true}, executor_model: "openai:big"}
paper:
  alone: {"off": 9.85}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "a.yaml"
    file.write_text(text)
    return file


def test_a_cell_is_its_row_and_its_column(tmp_path: Path) -> None:
    cells = {(cell.row, cell.column): cell for cell in load_ablation(written(tmp_path, FILE)).cells}
    assert list(cells) == [("alone", "off"), ("every 2", "off"), ("alone", "on"), ("every 2", "on")]
    one = cells["every 2", "on"]
    assert one.folder == "every-2--on"
    assert one.evaluation.settings == {"disturbed": True}
    assert one.evaluation.context["replan_every"] == 2
    assert one.evaluation.context["max_rounds"] == 9
    assert one.evaluation.context["executor_model"] == "openai:big"
    assert cells["alone", "off"].evaluation.context["executor_model"] == "openai:small"
    assert cells["alone", "off"].evaluation.selection.episodes == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("suite: practice", "suite: chess", "there is no suite 'chess'"),
        ("disturbed: true", "splat: 1", "splat"),
        ("planning: none", "planning: never", "the cell alone / off: context.planning"),
        ("planning: none", "max_seconds: null", "the cell alone / off: context: Value error, a run without end"),
        ("planning: none", "settings: ", "under alone, `settings` must hold settings by name"),
        ("{disturbed: true}", "[disturbed]", "under on, `settings` must hold settings by name"),
        ("planning: none", "plans: none", "the cell alone / off: context.plans"),
        ("every 2:", "Alone!:", "would have the same folder"),
        ("alone: {\"off\"", "nobody: {\"off\"", "name nobody, which is no row or column"),
        ("title:", "titel:", "titel: Extra inputs are not permitted"),
        ("rows:", "rows: {", "is no ablation that can be run"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_said(
    old: str, new: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, FILE.replace(old, new))
    with pytest.raises(ConfigError, match=re.escape(says)):
        load_ablation(file)
    assert app.run(["ablate", str(file), "--out", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


class Half:
    """In the first row it is right; in the second it is wrong on the tasks 0 and 2, and has planned twice as much."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, cell: Cell) -> Agent:
        async def agent(attempt: Attempt, start: Start) -> Trajectory:
            self.calls.append(f"{cell.folder}/{attempt.task.id}")
            if cell.row == "<i>second</i>":
                answer = "done" if attempt.task.seed > 2 else "no"
                return run_of(attempt, start, answer=answer, usage={"planner": Usage(calls=1, input_tokens=240)})
            return run_of(attempt, start)

        return agent


async def measured(out: Path, agents: Half) -> list[Measured]:
    ablation = Ablation(suite="fake", rows={"first": {}, "<i>second</i>": {"planning": "static"}}, agent="solver")
    return await ablate(ablation, out, suite=lambda _: Fake(), agent=agents)


async def test_every_cell_is_evaluated_once(tmp_path: Path) -> None:
    agents = Half()
    first = await measured(tmp_path, agents)
    assert len(agents.calls) == 24
    assert len(set(agents.calls)) == 24
    assert [one.results for one in await measured(tmp_path, agents)] == [one.results for one in first]
    assert len(agents.calls) == 24


async def test_rows_are_compared_on_the_same_episodes(tmp_path: Path) -> None:
    cells = await measured(tmp_path, Half())
    (pair,) = compared(cells)
    found = pair.found
    assert (found.both, found.only_first, found.only_second, found.neither) == (4, 2, 0, 6)
    assert found.difference == pytest.approx(-2 / 12)
    text = table(cells, {"first": {"success": 57.58}})
    assert "| first | 50.0 % [25–75], 6/12, 120 tokens (paper 57.6 %) |" in text
    assert "| <i>second</i> | 33.3 % [14–61], 4/12, 240 tokens |" in text
    assert "-16.7 points" in comparisons([pair], "first")
    assert "12 episodes of 6 tasks" in comparisons([pair], "first")


async def test_the_page_stands_alone_and_escapes_names(tmp_path: Path) -> None:
    cells = await measured(tmp_path, Half())
    html = write_comparison(cells, tmp_path, title="A & B", paper={"first": {"success": 57.58}}).read_text()
    assert "<h1>A &amp; B</h1>" in html
    assert "<i>" not in html
    assert html.count("<circle") == 2 * len(cells)
    assert html.count('class="paper"') == 1
    assert "paper: 57.58 %" in html
    assert not re.search(r"(src|href)=|url\(|@import", html)
    assert (tmp_path / "comparison.md").read_text().startswith("# A & B")


async def test_folders_are_compared_by_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (cell.results.path for cell in await measured(tmp_path / "r", Half()))
    assert app.run(["compare", str(one), str(two), "--out", str(tmp_path / "c")]) == 0
    told = capsys.readouterr().out
    assert "50.0 %" in told
    assert "Against first--success, on the same episodes:" in told
    assert (tmp_path / "c" / "comparison.html").exists()
    assert app.run(["compare", str(tmp_path), "--out", str(tmp_path / "c")]) == 2
    assert "no folder of results" in capsys.readouterr().err


async def test_every_finished_cell_gets_one_line_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path))
    monkeypatch.setattr(command, "_carry", lambda *_: None)
    file = written(tmp_path, "{suite: practice, agent: solver, rows: {first: {}, <i>second</i>: {}}}")
    one, _ = (cell.results.path / "trajectories.jsonl" for cell in await measured(tmp_path / "out", Half()))
    whole = one.read_bytes()
    one.write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))

    def lines() -> tuple[int, list[str]]:
        code = app.run(["ablate", str(file), "--out", str(tmp_path / "out")])
        rows = map(json.loads, (tmp_path / "journal.jsonl").read_text().splitlines())
        return code, [Path(row["folder"]).name for row in rows]

    assert lines() == (8, ["i-second-i--success"])
    one.write_bytes(whole)
    assert lines() == (0, ["i-second-i--success", "first--success"])
    assert lines() == (0, ["i-second-i--success", "first--success"])


async def test_folders_of_one_name_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (cell.results.path for cell in await measured(tmp_path / "r", Half()))
    monday, tuesday = (tmp_path / day / "x" / "all" for day in ("monday", "tuesday"))
    for folder, results in ((monday, one), (tuesday, two)):
        folder.parent.mkdir(parents=True)
        results.rename(folder)
    assert app.run(["compare", str(monday), str(tuesday), "--out", str(tmp_path / "c")]) == 0
    told = capsys.readouterr().out
    assert "| monday/x/all | 50.0 %" in told
    assert "| tuesday/x/all | 33.3 %" in told
    again = monday / ".." / "all"
    assert app.run(["compare", str(monday), str(tuesday), str(again), "--out", str(tmp_path / "c")]) == 2
    assert "monday/x/all is named twice" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["replanning", "planners"])
def test_the_files_that_come_with_it_can_be_run(name: str) -> None:
    file = Path(__file__).parents[2] / "benchmarks" / "ablations" / f"{name}.yaml"
    assert len(load_ablation(file).cells) in (12, 24)
