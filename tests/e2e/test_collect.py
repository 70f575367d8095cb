"""Trajectories for training: by solvers and by the agent, on the practice web, kept with their pages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage

from follow import PLAN, follow
from plan_and_act.errors import BudgetSpentError, ConfigError
from plan_and_act.sites.tasks import WORLDS
from plan_and_act.synthesis.rows import Provenance, QueryRow, TrajectoryRow
from teachers import carry, pipeline, write


def act(messages: Sequence[BaseMessage]) -> str:
    """Plans and acts like the demo's scripts."""
    return PLAN if messages[-1].text.rstrip().endswith("Write the plan.") else follow(messages)


async def test_solvers_and_the_agent_leave_trajectories_to_learn_from(tmp_path: Path) -> None:
    sites = {"forge": {"about": "a code hosting site"}}
    agent = {"executor_format": "text", "max_rounds": 5}
    made, model = pipeline(
        tmp_path, act, sites=sites, collect={"solver": 2, "validation": 1, "parallel": 2, "agent": agent}
    )
    made_by = Provenance(stage="queries", teacher="t", prompt="p")
    query = QueryRow(site="forge", query="Open the project.", feasible="yes", seeds=[], made_by=made_by)
    write(made.store, "queries", [query])
    report = await carry(made, "collect")
    rows = list(made.store.read("collect", TrajectoryRow))
    assert [(row.source, row.split) for row in rows] == [
        ("solver", "train"), ("solver", "train"), ("agent", "validation"), ("agent", "train"),
    ]  # fmt: skip
    assert report.rows == 4
    assert report.paid.calls == len(model.calls) > 0
    solved, checked, free = rows[0], rows[2], rows[3]
    assert solved.success
    assert solved.checked is True
    assert str(WORLDS["train"]) in str(solved.trajectory.task.id)
    assert str(WORLDS["validation"]) in str(checked.trajectory.task.id)
    assert checked.checked is not None
    # Nobody has judged a free query yet.
    assert (free.checked, free.trajectory.reward, free.trajectory.judge) == (None, None, None)
    assert free.query == "Open the project."
    assert free.made_by.parents == [query.id]
    for row in rows:
        assert all(made.store.page(str(round_.observation)) for round_ in row.trajectory.rounds)

    # Carried out again it does nothing again, and nothing changes.
    before, calls = made.store.path("collect").read_bytes(), len(model.calls)
    again = await carry(made, "collect")
    assert (made.store.path("collect").read_bytes(), len(model.calls)) == (before, calls)
    assert again.paid.calls == 0


@pytest.mark.parametrize(
    ("collect", "said"),
    [
        ({}, "nothing to do"),
        ({"solver": 3}, "needs a practice site"),
        ({"queries": True, "agent": {"max_rounds": 0}}, "agent: max_rounds"),
        ({"queries": True, "agent": {"ask": True}}, "agent: .*nobody is there to ask"),
    ],
)
async def test_what_cannot_be_collected_is_said(tmp_path: Path, collect: dict[str, Any], said: str) -> None:
    made, _ = pipeline(tmp_path, [], collect=collect)
    if "queries" in collect:
        made_by = Provenance(stage="queries", teacher="t", prompt="p")
        rows = [QueryRow(site="forge", query="x" * 9, url="http://forge.test", feasible="", seeds=[], made_by=made_by)]
        write(made.store, "queries", rows)
    with pytest.raises(ConfigError, match=said):
        await carry(made, "collect")


async def test_a_budget_of_money_holds_for_the_agent(tmp_path: Path) -> None:
    given: dict[str, Any] = {"sites": {"forge": {}}, "budget": {"cost": 0.001}}
    given["collect"] = {"validation": 2, "parallel": 1, "agent": {"executor_format": "text", "max_rounds": 2}}
    made, model = pipeline(tmp_path, act, **given)
    with pytest.raises(ConfigError, match="there is no price for scripted"):
        await carry(made, "collect")
    assert not model.calls
    made, _ = pipeline(tmp_path, act, prices={"scripted": [1.0, 1.0]}, **given)
    with pytest.raises(BudgetSpentError, match=r"\$0.001 is spent"):
        await carry(made, "collect")


async def test_an_agent_without_a_model_is_not_pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    made, _ = pipeline(tmp_path, [], sites={"forge": {}}, collect={"tasks": 2})
    made.models = {}
    with pytest.raises(ConfigError, match="the agent has no model"):
        await carry(made, "collect")


async def test_a_cluster_may_do_the_practice_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "180")  # a cluster takes its time on a busy machine
    made, _ = pipeline(tmp_path, act, sites={"forge": {}}, collect={"solver": {"forge": 2}, "ray": "local"})
    report = await carry(made, "collect")
    rows = list(made.store.read("collect", TrajectoryRow))
    assert report.rows == len(rows) == 2
    assert all(row.success for row in rows)
    for row in rows:
        assert all(made.store.page(str(round_.observation)) for round_ in row.trajectory.rounds)
