"""`plan-and-act eval`: its options, what is said when they are wrong, and how an evaluation is shown."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from plan_and_act.cli import app, exits
from plan_and_act.cli import eval as command
from plan_and_act.cli.watchers import JsonWatcher, LiveWatcher, PlainWatcher
from plan_and_act.errors import ConfigError, EvaluationStoppedError
from plan_and_act.evaluation.attempt import Failure
from plan_and_act.evaluation.results import Row


def row(**more: object) -> Row:
    values = {
        "task": "t1", "site": "s", "template": "k", "seed": 1, "success": True, "reward": 1.0, "judge": "checker",
        "also": {}, "reason": "", "problems": (), "message": "", "rounds": 4, "replans": 0,
        "seconds": 1.0, "usage": {}, "attempt": 1, "extra": {}, "thread": "x",
    }  # fmt: skip
    return Row.model_validate(values | more)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chess"], "there is no suite 'chess'; there are: practice, custom, miniwob"),
        (["practice", "--agent", "solver", "--set", "splat=1"], "splat: Extra inputs are not permitted"),
        (["practice", "--agent", "solver", "--set", "split"], "--set split: write it like"),
        (["practice", "--agent", "solver", "--set", "split={"], "--set split={: '{' cannot be read"),
        (["practice", "--agent", "solver", "--seeds", "one"], "--seeds one: write them like 1,2,5-8"),
        (["practice", "--agent", "solver", "--seeds", "5-2"], "--seeds 5-2: write them like"),
        (["practice", "--agent", "solver", "--site", "moon"], "there is no site moon; there are board, flights, forge"),
        (["practice", "--agent", "solver", "--task", "forge/fly"], "there is no task forge/fly"),
        (["practice", "--agent", "solver", "--set", "lite=true", "--seeds", "1"], "the lite set is fixed"),
        (["nowhere.yaml"], "The suite nowhere.yaml cannot be read as YAML"),
        (["practice", "--agent", "robot"], "'robot' is not one of 'agent', 'solver'"),
        (["practice", "--episodes", "0"], "0 is not in the range"),
        (["practice", "--model", "nonsense"], "'nonsense' is no model"),
        (["practice", "--config", "nowhere.yaml"], "does not exist"),
        (["practice", "--max-cost", "1"], "--price"),
        (["practice", "--ask"], "No such option"),
    ],
)
def test_usage_errors_are_sentences(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["eval", *arguments]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_seeds_are_numbers_and_ranges() -> None:
    assert command._seeds("1,2,5-8,2") == (1, 2, 5, 6, 7, 8)
    assert command._seeds(None) == ()


def test_settings_come_from_the_file_and_the_options_replace_them(tmp_path: Path) -> None:
    file = tmp_path / "practice.yaml"
    file.write_text("split: train\ndisturbed: true\n")
    assert command._settings(file, ("disturbed=false", "sites=[a, b]")) == {
        "split": "train", "disturbed": False, "sites": ["a", "b"],
    }  # fmt: skip
    file.write_text("- split")
    with pytest.raises(ConfigError, match="must hold settings by name"):
        command._settings(file, ())
    file.write_text("{")
    with pytest.raises(ConfigError, match="cannot be read as YAML"):
        command._settings(file, ())


@pytest.mark.parametrize(("kind", "code"), [("model", 4), ("browser", 5), ("site", 5), ("score", 8), ("bug", 70)])
def test_a_stopped_evaluation_has_an_exit_code(kind: str, code: int) -> None:
    assert exits.of_error(EvaluationStoppedError(kind, "x")) == code


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError])
def test_interrupted_before_it_has_begun(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def stopped(*_: object) -> None:
        raise error

    monkeypatch.setattr(command, "_evaluate", stopped)
    assert app.run(["eval", "practice", "--agent", "solver", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


def test_plain_lines_tell_rate_time_left_and_success() -> None:
    out = io.StringIO()
    watcher = PlainWatcher(Console(file=out, width=200))
    watcher.begin(4, [row(task="t0")])
    watcher._since -= 30.0
    watcher.finished(row(success=False, reason="wrong_end", problems=["nothing\x1b[31m followed"]))
    watcher.failed(Failure(task="t2", site="s", kind="browser", message="It went away."), again=True)
    watcher.failed(Failure(task="t2", site="s", kind="browser", message="It went away."), again=False)
    told = out.getvalue()
    assert "1 of 4 episodes are finished already." in told
    assert "✗ t1  4 rounds, 1.0 s  wrong_end: nothing[31m followed" in told
    assert "2 of 4 · 2.0 episodes/min · 1 min 00 s left · 50.0% succeeded" in told
    assert "! t2: browser error, tried again: It went away." in told
    assert "! t2: browser error, given up, and counted apart" in told


def test_a_terminal_shows_a_bar_and_what_failed() -> None:
    out = io.StringIO()
    watcher = LiveWatcher(Console(file=out, width=200, force_terminal=True))
    watcher.begin(3, [])
    watcher.finished(row())
    watcher.finished(row(task="t2", success=False, reason="gave_up"))
    watcher.close()
    told = out.getvalue()
    assert "t1" not in told
    assert "t2  4 rounds" in told
    assert "2 of 3" in told
    assert watcher.done == 2


def test_machines_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    watcher = JsonWatcher()
    watcher.begin(2, [])
    watcher.finished(row())
    watcher.failed(Failure(task="t2", site="s", kind="site", message="x"), again=True)
    watcher.close()
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["begin", "episode", "error"]
    assert events[1]["task"] == "t1"
    assert events[2]["again"] is True
