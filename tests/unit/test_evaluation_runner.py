"""An evaluation around its episodes: each once, errors apart, stopping and going on; with a suite without sites."""

import asyncio
import fcntl
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from fakesuite import BrokenError, Fake, FakeAgent, Told, evaluated, run_of
from plan_and_act.errors import (
    BrowserLostError,
    ConfigError,
    ContextTooLongError,
    EvaluationStoppedError,
    ModelTimeoutError,
    ModelUnavailableError,
    StorageError,
)
from plan_and_act.evaluation import Attempt, Score, Selection, Start, attempt, make_suite
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.folder import Folder, hash_of
from plan_and_act.evaluation.results import read_results
from plan_and_act.evaluation.runner import STOP_AFTER, evaluate
from plan_and_act.llm import embedded
from plan_and_act.trajectory import Ending, Trajectory
from webarena_standin import fake_tool


async def test_every_episode_is_done_once_and_at_most_so_many_at_once(tmp_path: Path) -> None:
    agent, told = FakeAgent(), Told()
    results = await evaluated(tmp_path, agent, parallel=3, watcher=told)
    assert set(agent.times.values()) == {1}
    assert agent.most == 3
    assert (results.all.count, results.all.successes, results.total) == (12, 6, 12)
    assert results.complete
    assert sorted(told.rows) == sorted(f"t{number}" for number in range(12))


async def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    await evaluated(tmp_path, FakeAgent())
    agent, told = FakeAgent(), Told()
    again = await evaluated(tmp_path, agent, watcher=told)
    assert agent.calls == []
    assert (told.before, told.rows) == (12, [])
    assert again.all.count == 12


async def test_a_line_that_a_crash_cut_off_is_no_finished_episode(tmp_path: Path) -> None:
    await evaluated(tmp_path / "whole", FakeAgent())
    lines = (tmp_path / "whole" / "trajectories.jsonl").read_bytes().splitlines(keepends=True)
    await evaluated(tmp_path / "cut", FakeAgent())
    cut = tmp_path / "cut" / "trajectories.jsonl"
    cut.write_bytes(b"".join(lines[:5]) + lines[5][:200])
    agent = FakeAgent()
    results = await evaluated(tmp_path / "cut", agent)
    assert len(agent.calls) == 7
    assert results.all.count == 12


async def test_a_line_may_be_cut_off_within_a_character(tmp_path: Path) -> None:
    async def agent(this: Attempt, start: Start) -> Trajectory:
        if this.task.id == "t11":
            raise BrowserLostError("Größe\u2028unbekannt")
        return run_of(this, start, answer="12 €")

    await evaluated(tmp_path, agent)
    folder = Folder(tmp_path)
    for path, letter in ((folder.trajectories, "€"), (folder.errors, "ß")):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][: lines[-1].index(letter.encode()) + 1])
    assert [failure.message for failure in folder.failures()] == ["Größe\u2028unbekannt"] * 2
    assert len(folder.finished()) == 10
    assert (await evaluated(tmp_path, FakeAgent())).complete


async def test_an_episode_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    await evaluated(tmp_path, FakeAgent())
    path = tmp_path / "trajectories.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    results = await evaluated(tmp_path, FakeAgent())
    assert results.all.count == 12


@pytest.mark.parametrize("change", [{"suite": Fake(count=11)}, {"context": {"planning": "none"}}])
async def test_a_folder_of_another_configuration_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    await evaluated(tmp_path, FakeAgent())
    before = (tmp_path / "trajectories.jsonl").read_bytes()
    named = "settings.count is 12 there and 11 here" if "suite" in change else 'context.planning is null there and "no'
    with pytest.raises(ConfigError, match=named):
        await evaluated(tmp_path, FakeAgent(), **change)
    assert (tmp_path / "trajectories.jsonl").read_bytes() == before


async def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("everything")
    with pytest.raises(ConfigError, match=r"no folder of results \(it holds thesis.tex\)"):
        await evaluated(tmp_path, FakeAgent())


async def test_a_folder_that_another_process_writes_into_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match="Another process"):
            await evaluated(tmp_path, FakeAgent())


async def test_a_folder_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Writing results"):
        await evaluated(tmp_path / "file" / "out", FakeAgent())


# -- infrastructure errors --------------------------------------------------------------------------------------------


async def test_errors_around_an_episode_are_tried_again_and_counted_apart(tmp_path: Path) -> None:
    agent, told = FakeAgent({"t3": [BrowserLostError("gone"), ModelTimeoutError("slow")]}), Told()
    results = await evaluated(tmp_path, agent, watcher=told)
    assert agent.times["t3"] == 3
    assert told.failures == [("t3", "browser", True), ("t3", "model_timeout", True)]
    assert results.all.count == 12
    assert next(row.attempt for row in results.rows if row.task == "t3") == 3
    assert results.failures == []
    assert [failure.message for failure in Folder(tmp_path).failures()] == ["gone", "slow"]


async def test_an_episode_that_is_given_up_is_neither_success_nor_failure(tmp_path: Path) -> None:
    agent = FakeAgent({"t3": [BrowserLostError("gone")] * 3})
    results = await evaluated(tmp_path, agent)
    assert agent.times["t3"] == 3
    assert (results.all.count, results.total, results.complete) == (11, 12, False)
    assert [(failure.task, failure.kind) for failure in results.failures] == [("t3", "browser")]
    assert sum(results.reasons.values()) == 5
    # The next call tries it once more.
    again = await evaluated(tmp_path, FakeAgent())
    assert again.complete
    assert again.failures == []


@pytest.mark.parametrize("error", [BrokenError("the judge talks nonsense"), ZeroDivisionError("1/0")])
async def test_a_scorer_that_raises_is_no_verdict(tmp_path: Path, error: Exception) -> None:
    suite = Fake()

    def score(attempt: Attempt) -> None:
        if attempt.task.id == "t2":
            raise error

    suite._score = score
    results = await evaluated(tmp_path, FakeAgent(), suite)
    assert results.all.count == 11
    (failure,) = results.failures
    assert (failure.task, failure.kind, failure.attempt) == ("t2", "score", 3)
    assert str(error) in failure.message


async def test_a_site_that_cannot_be_reset_is_told_from_a_bug(tmp_path: Path) -> None:
    suite = Fake()

    def begin(attempt: Attempt) -> None:
        if attempt.task.id == "t2":
            raise ConfigError("the site does not answer")
        if attempt.task.id == "t3":
            raise KeyError("oops")

    suite._begin = begin
    results = await evaluated(tmp_path, FakeAgent(), suite)
    assert {(failure.task, failure.kind) for failure in results.failures} == {("t2", "site"), ("t3", "bug")}
    assert any("KeyError: 'oops' (test_evaluation_runner.py:" in failure.message for failure in results.failures)


@pytest.mark.parametrize(("reason", "kind"), [("browser_lost", "browser"), ("page_unreachable", "site")])
async def test_endings_that_say_nothing_of_the_agent(tmp_path: Path, reason: str, kind: str) -> None:
    async def agent(attempt: Attempt, start: Start) -> Trajectory:
        ending: Any = Ending(status="failed", reason=reason) if attempt.task.id == "t0" else None  # type: ignore[arg-type]
        return run_of(attempt, start, **({"ending": ending} if ending else {}))

    results = await evaluated(tmp_path, agent)
    assert [(failure.task, failure.kind) for failure in results.failures] == [("t0", kind)]


async def test_a_prompt_too_long_for_the_model_is_a_failure_of_the_agent(tmp_path: Path) -> None:
    agent = FakeAgent({"t0": [ContextTooLongError("too long")]})
    results = await evaluated(tmp_path, agent)
    row = next(row for row in results.rows if row.task == "t0")
    assert (row.success, row.reason, agent.times["t0"]) == (False, "model_output", 1)


async def test_a_model_that_dies_half_way_stops_it_and_the_same_call_goes_on(tmp_path: Path) -> None:
    calls = 0

    async def agent(attempt: Attempt, start: Start) -> Trajectory:
        nonlocal calls
        calls += 1
        if calls > 6:
            raise ModelUnavailableError("The endpoint cannot be reached.")
        return run_of(attempt, start)

    with pytest.raises(EvaluationStoppedError, match=r"cannot be reached\. 6 of 12 episodes are finished") as caught:
        await evaluated(tmp_path, agent, parallel=1)
    assert caught.value.kind == "model"
    assert calls == 6 + 3
    alive = FakeAgent()
    results = await evaluated(tmp_path, alive)
    assert len(alive.calls) == 6
    assert results.complete


async def test_it_stops_when_one_episode_after_the_other_comes_to_nothing(tmp_path: Path) -> None:
    agent = FakeAgent({f"t{number}": [BrowserLostError("gone")] * 3 for number in range(3, 12)})
    with pytest.raises(EvaluationStoppedError, match="5 episodes in a row came to nothing"):
        await evaluated(tmp_path, agent, parallel=1)
    assert len(set(agent.calls)) == 3 + STOP_AFTER


async def test_a_setting_that_cannot_be_used_ends_it_at_once(tmp_path: Path) -> None:
    agent = FakeAgent({"t0": [ConfigError("no such model")]})
    with pytest.raises(ConfigError, match="no such model"):
        await evaluated(tmp_path, agent, parallel=1)
    assert agent.calls == ["t0"]


async def test_a_suite_without_solvers_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the suite fake has no solvers"):
        await evaluate(Evaluation(suite="fake", agent="solver"), tmp_path, suite=Fake())


async def test_interrupted_it_keeps_what_is_finished(tmp_path: Path) -> None:
    fifth = asyncio.Event()

    async def agent(this: Attempt, start: Start) -> Trajectory:
        if this.task.id == "t4":
            fifth.set()
            await asyncio.sleep(60)
        return run_of(this, start)

    task = asyncio.create_task(evaluated(tmp_path, agent, parallel=1))
    await fifth.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert read_results(tmp_path).all.count == 4
    rest = FakeAgent()
    assert (await evaluated(tmp_path, rest)).complete
    assert len(rest.calls) == 8


# -- order, time, early ends ------------------------------------------------------------------------------------------


async def test_a_group_is_done_in_order_after_all_others_are_over(tmp_path: Path) -> None:
    agent = FakeAgent({"t7": [BrowserLostError("gone")]})
    beside: dict[str, int] = {}

    async def watched(this: Attempt, start: Start) -> Trajectory:
        beside[this.task.id] = agent.at_once
        return await agent(this, start)

    await evaluated(tmp_path, watched, Fake(grouped=True), parallel=4)
    assert agent.calls[9:] == ["t0", "t1", "t2", "t3"]
    assert [beside[name] for name in agent.calls[9:]] == [0, 0, 0, 0]
    assert agent.most == 4


async def test_a_suite_that_needs_one_process_gets_no_workers(tmp_path: Path) -> None:
    settings = {"sites": {"gitlab": "http://localhost"}, "reset": {"gitlab": "http://localhost/init"}}
    evaluation = Evaluation(suite="webarena", settings={**settings, "evaluator": fake_tool(tmp_path)})
    with pytest.raises(ConfigError, match=r"webarena cannot be shared .* leave out --ray, or the setting `reset`"):
        await evaluate(evaluation, tmp_path / "out", workers=lambda *_: pytest.fail("they were asked for"))
    assert not (tmp_path / "out").exists()


async def test_after_an_episode_without_result_its_group_does_not_go_on(tmp_path: Path) -> None:
    agent = FakeAgent({"t1": [BrowserLostError("gone")] * 3})
    results = await evaluated(tmp_path, agent, Fake(grouped=True))
    assert not {"t2", "t3"} & set(agent.calls)
    assert results.all.count == 9
    again = FakeAgent()
    assert (await evaluated(tmp_path, again, Fake(grouped=True))).complete
    assert again.calls == ["t1", "t2", "t3"]


async def test_a_run_that_does_not_end_is_cut_off_and_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "_GRACE", 0.0)

    async def agent(this: Attempt, start: Start) -> Trajectory:
        if this.task.id == "t0":
            await asyncio.sleep(60)
        return run_of(this, start)

    results = await evaluated(tmp_path, agent, context={"max_seconds": 0.2})
    row = next(row for row in results.rows if row.task == "t0")
    assert (row.success, row.reason) == (False, "deadline")
    assert results.complete


async def test_a_score_may_end_an_episode_early(tmp_path: Path) -> None:
    class Watching(Fake):
        async def watch(self, attempt: Attempt) -> Score | None:
            return Score(reward=0.5, success=True, judge="page") if attempt.task.id == "t1" else None

    async def agent(this: Attempt, start: Start) -> Trajectory:
        return run_of(this, start, ending=None) if await this.over() else run_of(this, start)

    results = await evaluated(tmp_path, agent, Watching())
    row = next(row for row in results.rows if row.task == "t1")
    assert (row.success, row.reward, row.judge, row.reason) == (True, 0.5, "page", "")


# -- configuration ----------------------------------------------------------------------------------------------------


def test_a_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert hash_of({"a": 1, "b": {"c": 2, "d": 3}}) == hash_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert hash_of({"a": 1}) != hash_of({"a": 2})


def test_the_folder_says_what_it_is_made_of(tmp_path: Path) -> None:
    asyncio.run(evaluated(tmp_path, FakeAgent()))
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["suite"] == "fake"
    assert config["tasks"]["count"] == 12
    assert set(config["versions"]) == {"plan-and-act", "prompts"}


@pytest.mark.parametrize("changed", ["weights", "packaged", "own"])
async def test_embedded_models_are_told_apart_by_what_their_files_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    pytest.importorskip("xllamacpp")
    monkeypatch.delenv("PLAN_AND_ACT_EMBEDDED_MODEL", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    weights = tmp_path / "plan-and-act" / "SmolLM2-135M-Instruct.Q8_0.gguf"
    files = {"weights": weights, "packaged": tmp_path / "packaged.gguf", "own": tmp_path / "own.gguf"}
    monkeypatch.setattr(embedded, "ADAPTER", files["packaged"])
    weights.parent.mkdir()
    for name, file in files.items():
        file.write_text(name)
    context = {"planner_model": f"embedded:{files['own']}", "executor_model": "embedded"}
    evaluation = Evaluation(suite="fake", context=context)

    async def evaluated() -> None:
        await evaluate(evaluation, tmp_path / "out", suite=Fake(), agent=FakeAgent())

    await evaluated()
    files[changed].touch()
    await evaluated()
    files[changed].write_text("something else")
    with pytest.raises(ConfigError, match=r"holds results of another configuration \(versions\.embedded"):
        await evaluated()


@pytest.mark.parametrize("context", [{"ask": True}, {"approve": "risky"}, {"review_plan": True}])
def test_nobody_is_there_to_be_asked(context: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="nobody is there to ask"):
        Evaluation(suite="fake", context=context)


def test_every_run_ends() -> None:
    assert Evaluation(suite="fake").seconds == 900
    with pytest.raises(ValidationError, match="a run without end would hold up the evaluation"):
        Evaluation(suite="fake", context={"max_seconds": None})


def test_what_is_no_suite_or_setting() -> None:
    with pytest.raises(ConfigError, match="there is no suite 'chess'; there are: practice, custom"):
        make_suite("chess", {})
    with pytest.raises(ConfigError, match=r"splat: Extra inputs are not permitted \(there are: split, lite, disturbed"):
        make_suite("practice", {"splat": 1})


def test_a_selection_is_spread_and_checked() -> None:
    def ids(**given: Any) -> list[str]:
        return [task.id for task in Fake().tasks(Selection(**given))]

    assert ids(episodes=3) == ["t0", "t4", "t8"]
    assert ids(episodes=99) == [f"t{number}" for number in range(12)]
    assert ids(sites=("site1",), episodes=2) == ["t1", "t7"]
    assert ids(without_sites=("site1",), tasks=("k0", "k1")) == ["t0", "t2"]
    assert ids(tasks=("t5",)) == ["t5"]
    with pytest.raises(ConfigError, match="there is no site moon; there are site0, site1"):
        ids(sites=("moon",))
    with pytest.raises(ConfigError, match="there is no task t99"):
        ids(tasks=("t99",))
    with pytest.raises(ConfigError, match="no task is left"):
        ids(sites=("site0",), without_sites=("site0",))


async def test_two_tasks_of_one_name_are_refused(tmp_path: Path) -> None:
    class Twice(Fake):
        def tasks(self, selection: Selection) -> Any:
            return super().tasks(selection) * 2

    with pytest.raises(ConfigError, match="12 tasks twice"):
        await evaluated(tmp_path, FakeAgent(), Twice())


async def test_more_episodes_at_once_than_browser_sessions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PLAN_AND_ACT_MAX_SESSIONS=500"):
        await evaluated(tmp_path, FakeAgent(), parallel=500)
