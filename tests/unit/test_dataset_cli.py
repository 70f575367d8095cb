"""`dataset`: rows of every shape are shown, counted, drawn and compared; plans stand beside their actions."""

import json
from pathlib import Path
from typing import Any

import pytest

from plan_and_act.cli.app import run
from plan_and_act.synthesis.export import Export, ExportSettings
from plan_and_act.synthesis.rows import PlanRow, TrajectoryRow
from plan_and_act.synthesis.store import Store
from synthetic import carry_out, fill, plan_row, trajectory_row


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    fill(tmp_path, 4, "annotate", "replans")
    await carry_out(tmp_path, Export(ExportSettings(shapes=["chat", "instruction", "torchtune"], validation=0)))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["dataset", *arguments]) == 0
    return capsys.readouterr().out


async def test_a_row_is_shown_the_same_in_every_shape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = json.loads((folder / "datasets/executor-train.chat.jsonl").read_text().splitlines()[1])["id"]
    shown = [
        said(capsys, "show", str(folder / f"datasets/executor-train.{shape}.jsonl"), id_).partition("\n")[2]
        for shape in ("chat", "instruction", "torchtune")
    ]
    assert shown[0] == shown[1] == shown[2]
    assert "[system]" in shown[0]
    assert 'do(action="Click", element="kettle 0 #3")' in shown[0]
    assert run(["dataset", "show", str(folder), "nothing"]) != 0
    assert "begins with 'nothing'" in capsys.readouterr().err


async def test_stats_and_samples(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in said(capsys, "stats", str(folder), "--json").splitlines()]
    assert {(Path(row["file"]).name, row["rows"]) for row in rows if "chat" in row["file"]} == {
        ("executor-train.chat.jsonl", 12), ("planner-train.chat.jsonl", 4), ("replanner-train.chat.jsonl", 8),
    }  # fmt: skip
    assert "planner-train.chat.jsonl" in said(capsys, "stats", str(folder))
    path = str(folder / "datasets/executor-train.chat.jsonl")
    drawn: list[dict[str, Any]] = [json.loads(r) for r in said(capsys, "sample", path, "-n5", "--json").splitlines()]
    assert len({row["id"] for row in drawn}) == 5
    assert said(capsys, "sample", path, "-n5") == said(capsys, "sample", path, "-n5")
    assert said(capsys, "sample", path, "-n5") != said(capsys, "sample", path, "-n5", "--seed", "1")


async def test_differences_are_named_by_id(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "datasets/planner-train.chat.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    changed = {**rows[1], "site": "elsewhere"}
    other = folder / "other.jsonl"
    other.write_text("".join(json.dumps(row) + "\n" for row in [{**rows[0], "id": "new"}, changed, rows[3], rows[2]]))
    assert json.loads(said(capsys, "diff", str(path), str(other), "--json")) == {
        "gone": [rows[0]["id"]], "new": ["new"], "changed": [rows[1]["id"]],
    }  # fmt: skip
    assert said(capsys, "diff", str(path), str(path)) == "gone: 0\nnew: 0\nchanged: 0\n"


async def test_a_file_that_is_no_data_set_and_a_folder_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["dataset", "stats", str(tmp_path)]) != 0
    assert "no data sets" in capsys.readouterr().err
    (tmp_path / "x.jsonl").write_text('{"half a li\n{"a": 1}\n')
    assert run(["dataset", "stats", str(tmp_path / "x.jsonl")]) != 0
    assert "x.jsonl:2 is no row of a data set" in capsys.readouterr().err


async def test_the_page_lays_actions_beside_their_steps(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(folder)
    row = trajectory_row(store, 0)
    task = row.trajectory.task.model_copy(update={"intent": "<script>alert(1)</script> kettle"})
    hostile = TrajectoryRow.model_validate(
        row.model_dump(exclude={"id"}) | {"trajectory": row.trajectory.model_copy(update={"task": task}).model_dump()}
    )
    for stage, value in (("score", hostile), ("annotate", plan_row(hostile))):
        with store.writer(stage) as write:
            write(value)
    assert isinstance(plan_row(hostile), PlanRow)
    assert "plans.html (1 plans)" in said(capsys, "page", str(folder))
    html = (folder / "plans.html").read_text()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    colours = [line.partition('class="')[2][:2] for line in html.splitlines() if line.startswith('<li class="c')]
    assert colours == ["c1", "c2", "c1", "c1", "c2"]  # two steps, then three actions
    assert "Search for “kettle 0”" in html
