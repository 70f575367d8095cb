"""Rows and tables of what is in a results folder, and the journal."""

import csv
import io
import json
from pathlib import Path

import pytest

from fakesuite import Fake, FakeAgent, evaluated, run_of
from plan_and_act.errors import BrowserLostError, ConfigError
from plan_and_act.evaluation import Attempt, EvalTask, Selection, Start, tables
from plan_and_act.evaluation.results import Results, groups, read_results
from plan_and_act.trajectory import Ending, Plan, Trajectory, Usage


@pytest.fixture
async def results(tmp_path: Path) -> Results:
    async def agent(this: Attempt, start: Start) -> Trajectory:
        if this.task.id == "t11":
            raise BrowserLostError("gone")
        usage = {"planner": Usage(input_tokens=100, cost=0.01), "replanner": Usage(input_tokens=50), "judge": Usage()}
        if this.task.id == "t10":
            ending = Ending(status="stopped", reason="max_rounds")
            return run_of(this, start, ending=ending, answer=None, usage=usage, plans=[Plan(steps=[])] * 3)
        return run_of(this, start)

    return await evaluated(tmp_path / "out", agent)


async def test_a_row_says_what_became_of_an_episode(results: Results) -> None:
    rows = {row.task: row for row in results.rows}
    assert (rows["t0"].success, rows["t0"].reason, rows["t0"].problems) == (True, "", ())
    assert (rows["t1"].reason, rows["t1"].problems) == ("wrong_end", ("odd",))
    assert (rows["t10"].reason, rows["t10"].replans, rows["t10"].template) == ("max_rounds", 2, "k5")
    assert rows["t10"].planning.input_tokens == 150
    assert rows["t0"].total.cost == 0.01
    assert [row.task for row in results.rows[:3]] == ["t0", "t2", "t4"]


async def test_groups_count_successes_and_means(results: Results) -> None:
    zero, one = results.sites
    assert (zero.name, zero.count, zero.successes) == ("site0", 6, 5)
    assert (one.name, one.count, one.successes) == ("site1", 5, 0)
    assert zero.rate == pytest.approx(5 / 6)
    assert zero.planning_tokens == pytest.approx((5 * 120 + 150) / 6)
    assert zero.cost == pytest.approx(0.06)
    assert results.reasons == {"wrong_end": 5, "max_rounds": 1}
    assert [found.count for found in groups(results.rows, lambda row: row.template)] == [2, 2, 2, 2, 2, 1]


async def test_the_table_as_markdown(results: Results) -> None:
    text = tables.markdown(results)
    assert "| site0 | 6 | 83.3% | 43.6% to 97.0% | 0.0 | 0.3 | 125 | 125 | 1.5 s | $0.0600 |" in text
    assert "| all | 11 | 45.5% |" in text
    assert "Failed because of: wrong_end 5, max_rounds 1." in text
    assert "1 of 12 episodes have no result (1 of them for errors outside of the agent: browser)" in text
    assert "11 episodes of 6 tasks" in text


async def test_the_table_as_csv_and_json(results: Results) -> None:
    tables.write_tables(results)
    rows = list(csv.DictReader(io.StringIO((results.path / "results.csv").read_text())))
    assert len(rows) == 11
    ten = next(row for row in rows if row["task"] == "t10")
    assert (ten["planner_input_tokens"], ten["replanner_input_tokens"], ten["reason"]) == ("100", "50", "max_rounds")
    whole = json.loads((results.path / "results.json").read_text())
    assert (whole["n"], whole["successes"], whole["errors"]) == (11, 5, 1)
    assert whole["usage"]["planner"]["cost"] == pytest.approx(0.11)
    assert len(whole["rows"]) == 11


async def test_a_line_of_the_journal_can_be_traced(results: Results) -> None:
    path = tables.journal(results)
    tables.journal(results)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 2
    assert path.name == "journal.jsonl"
    line = lines[0]
    config = json.loads((results.path / "config.json").read_text())
    assert line["config"] == config["hash"]
    assert line["versions"] == config["versions"]
    assert (line["n"], line["episodes"], line["judges"]) == (11, 12, ["fake"])
    assert line["interval"] == pytest.approx([0.213, 0.720], abs=0.001)


@pytest.mark.parametrize("answer", ["done", "no"])
async def test_the_bootstrap_is_told_where_tasks_differ(answer: str, tmp_path: Path) -> None:
    class Twice(Fake):
        """Eleven tasks, each twice; the last of them is always wrong."""

        def tasks(self, selection: Selection) -> list[EvalTask]:
            return [
                task.model_copy(update={"extra": {"number": int(task.seed > 19)}}) for task in super().tasks(selection)
            ]

    async def agent(this: Attempt, start: Start) -> Trajectory:
        return run_of(this, start, answer=answer)

    note = (await evaluated(tmp_path, agent, Twice(count=22))).note or ""
    assert "22 episodes of 11 tasks" in note
    assert ("A bootstrap that draws whole tasks gives" in note) == (answer == "done")


async def test_nothing_done_yet_is_an_empty_table(tmp_path: Path) -> None:
    await evaluated(tmp_path, FakeAgent(), Fake(count=2))
    (tmp_path / "trajectories.jsonl").unlink()
    found = read_results(tmp_path)
    assert (found.all.count, found.all.rate, found.complete) == (0, 0, False)
    assert "2 of 2 episodes have no result; the same command does them." in tables.markdown(found)


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder of results"):
        read_results(tmp_path)
