"""The pipeline as a whole: its graph, its command, its estimates."""

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage

from plan_and_act.cli import app
from plan_and_act.errors import ConfigError
from plan_and_act.synthesis import STAGES
from plan_and_act.synthesis.graph import StageError, create_pipeline
from teachers import endpoint, pipeline


def teach(messages: Sequence[BaseMessage]) -> str:
    """New tasks in every call."""
    if "Can it be done" in messages[-1].text:
        return "Reason: ok\nVerdict: YES"
    rng = random.Random(messages[-1].text)
    return "\n".join(f"{n}. " + " ".join("".join(rng.choices("abcdefgh", k=5)) for _ in range(6)) for n in range(1, 11))


def answer(messages: Sequence[BaseMessage]) -> str:
    asked = messages[-1].text
    if "Can it be done" in asked:
        return "Reason: ok\nVerdict: YES"
    return "1. Star Loomwork for me.\n2. Who wrote the newest release notes of Tern?\n3. Archive Kestrel Notes."


@pytest.fixture
def teacher(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """An endpoint with a teacher; what it was asked."""
    monkeypatch.delenv("PLAN_AND_ACT_MODEL", raising=False)
    with endpoint(answer) as (url, asked):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        yield asked


TEACHER = {"model": "openai:small"}


async def test_the_graph_has_a_node_a_stage_and_reports_each(tmp_path: Path, teacher: list[str]) -> None:
    made, _ = pipeline(tmp_path, [], teacher=TEACHER, queries={"count": 3}, stages=["queries", "annotate"])
    graph = create_pipeline(tmp_path)
    assert list(graph.get_graph().nodes)[1:-1] == list(STAGES)
    seen: list[dict[str, Any]] = []
    state: dict[str, Any] = {}
    async for mode, part in graph.astream({"config": "pipeline.yaml"}, stream_mode=["custom", "values"]):
        if mode == "custom":
            seen.append(part)
        else:
            state = part
    assert state["reports"]["queries"]["rows"] == 3
    assert state["reports"]["queries"]["paid"]["calls"] == len(teacher)
    assert "carry out the stage score first" in state["reports"]["annotate"]["skipped"]
    assert set(state["reports"]) == {"queries", "annotate"}
    assert {"event": "progress", "stage": "queries", "done": 3, "total": 3, "dropped": 0} in seen
    assert made.store.count("queries") == 3


async def test_a_stage_that_breaks_off_says_why(tmp_path: Path, teacher: list[str]) -> None:
    pipeline(tmp_path, [], teacher=TEACHER, queries={"count": 3}, budget={"tokens": 15})
    with pytest.raises(StageError, match=r"The budget of 15 tokens is spent \(15 used\)"):
        await create_pipeline(tmp_path).ainvoke({"config": "pipeline.yaml"})


@pytest.mark.parametrize("config", ["../secret.yaml", "/etc/passwd", "none.yaml"])
async def test_the_graph_reads_no_other_file(tmp_path: Path, config: str) -> None:
    (tmp_path / "secret.yaml").write_text("key: 1")
    (tmp_path / "in").mkdir()
    with pytest.raises(ConfigError, match="There is no configuration"):
        await create_pipeline(tmp_path / "in").ainvoke({"config": config})


async def test_a_cancelled_graph_stops_its_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came, go = threading.Event(), threading.Event()

    def slow(_: Sequence[BaseMessage]) -> str:
        came.set()
        go.wait(30)
        return ""

    pipeline(tmp_path, [], teacher=TEACHER, queries={"count": 3})
    with endpoint(slow) as (url, _):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        run = asyncio.ensure_future(create_pipeline(tmp_path).ainvoke({"config": "pipeline.yaml"}))
        assert await asyncio.to_thread(came.wait, 30)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(run, 60)
        go.set()


# -- killed -----------------------------------------------------------------------------------------------------------


def test_killed_for_real_the_same_command_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    with endpoint(lambda messages: (time.sleep(0.03), teach(messages))[1]) as (url, asked):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        for name in ("whole", "killed"):
            pipeline(tmp_path / name, [], teacher=TEACHER, queries={"count": 40})
        command = [
            sys.executable,
            "-c",
            "from plan_and_act.cli import main; main()",
            "synthesize",
            "queries",
            "--config",
        ]
        subprocess.run([*command, tmp_path / "whole" / "pipeline.yaml"], check=True, timeout=120)
        needed = len(asked)
        asked.clear()
        process = subprocess.Popen([*command, tmp_path / "killed" / "pipeline.yaml"])
        while len(asked) < needed // 2:
            time.sleep(0.01)
        process.kill()
        process.wait(30)
        subprocess.run([*command, tmp_path / "killed" / "pipeline.yaml"], check=True, timeout=120)
    in_flight = len(asked) - needed
    assert 0 <= in_flight <= 4, "only calls in flight are paid for twice"
    assert Counter(asked).most_common(1)[0][1] <= 2
    one, other = (tmp_path / name / "data" / "queries.jsonl" for name in ("whole", "killed"))
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes().count(b"\n") == 40


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_dry_run_asks_nobody_and_estimates_the_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    made, _ = pipeline(
        tmp_path,
        answer,
        teacher={"model": "openai:small"},
        prices={"small": [1, 2]},
        queries={"count": 30},
        stages=["queries", "describe"],
    )
    assert app.run(["synthesize", "all", "--config", str(tmp_path / "pipeline.yaml"), "--dry-run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["Stage", "Rows", "Calls", "Input", "tokens", "Output", "tokens", "Cost"]
    assert said[1].split()[:3] == ["queries", "30", "33"]
    assert "$" in said[1]
    assert len(said) == 3
    assert not made.store.folder.exists()


def test_what_the_agent_will_cost_goes_by_the_agents_own_model(tmp_path: Path) -> None:
    agent = {"planner_model": "openai:large", "executor_model": "openai:medium"}
    given: dict[str, Any] = {"teacher": TEACHER, "prices": {"small": [1, 1], "medium": [100, 100]}}
    dear, _ = pipeline(tmp_path, answer, collect={"tasks": 5, "agent": agent}, **given)
    estimate = dear.estimate(["collect"])["collect"]
    used = estimate.input_tokens + estimate.output_tokens
    assert dear.cost("collect", estimate) == pytest.approx(used * 100 / 1e6)
    unknown, _ = pipeline(tmp_path, answer, collect={"tasks": 5, "agent": {"planner_model": "openai:large"}}, **given)
    assert unknown.cost("collect", estimate) is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["quieres"], 2, "there is no stage 'quieres'; did you mean queries?"),
        (["annotate"], 2, "carry out the stage score first"),
        (["queries"], 2, "The stage queries needs a teacher, and there is none"),
        (["all"], 2, "The stage queries needs a teacher, and there is none"),
    ],
)
def test_what_cannot_be_carried_out_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    pipeline(tmp_path, answer, stages=["queries"])
    assert app.run(["synthesize", *arguments, "--config", str(tmp_path / "pipeline.yaml")]) == code
    assert said in capsys.readouterr().err
