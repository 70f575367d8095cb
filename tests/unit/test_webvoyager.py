"""WebVoyager's tasks and patches, and its judge's score."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from plan_and_act.artefacts import Artefacts
from plan_and_act.errors import BrowserLostError, ConfigError, ModelOutputError
from plan_and_act.evaluation import Attempt, EvalTask, Selection, Suite, make_suite
from plan_and_act.evaluation.suites import webvoyager
from plan_and_act.evaluation.suites.webvoyager import Patch, WebVoyager
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Ending, Task, Trajectory

ROWS = [
    {"web_name": "Booking", "id": "Booking--2", "ques": "A hotel for December 20th", "web": "https://www.booking.com/"},
    {"web_name": "ESPN", "id": "ESPN--10", "ques": "Who won?", "web": "https://www.espn.com/"},
    {"web_name": "ESPN", "id": "ESPN--11", "ques": "Who leads?", "web": "https://www.espn.com/"},
]
JUDGE = {"model": "test:scripted", "reasons": False}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "WebVoyager_data.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n")
    return path


def suite(data: Path, patch: Mapping[str, Any] | None = None, **judge: Any) -> Suite:
    settings: dict[str, Any] = {"tasks_file": str(data), "judge": {**JUDGE, **judge}}
    if patch is not None:
        path = data.with_name("patch.yaml")
        path.write_text(yaml.safe_dump(patch))
        settings["patch"] = str(path)
    return make_suite("webvoyager", settings)


def test_tasks_are_those_of_the_file(data: Path) -> None:
    tasks = suite(data).tasks(Selection(sites=("ESPN",), seeds=(1, 2)))
    assert [task.id for task in tasks] == ["ESPN--10@1", "ESPN--11@1", "ESPN--10@2", "ESPN--11@2"]
    assert tasks[0].urls == ("https://www.espn.com/",)
    assert suite(data).versions()["tasks"].startswith("3, ")


def test_a_patch_moves_and_skips_under_its_name(data: Path) -> None:
    patched = suite(data, {"name": "mine", "tasks": {"Booking--2": {"question": "For May 5, 2027"},
                                                     "ESPN--10": {"skip": "over"}}})  # fmt: skip
    assert [(task.id, task.intent) for task in patched.tasks(Selection())] == [
        ("Booking--2", "For May 5, 2027"), ("ESPN--11", "Who leads?"),
    ]  # fmt: skip
    assert patched.versions()["patch"] == "mine: 1 changed, 1 skipped"
    assert patched.versions()["tasks"] != suite(data).versions()["tasks"]


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"name": "x", "tasks": {"Booking--99": {"skip": "gone"}}}, "does not have: Booking--99"),
        ({"name": "x", "tasks": {"ESPN--10": {}}}, "either a new question or a reason"),
        ({"name": "x", "tasks": {"ESPN--10": {"skip": "a", "question": "b"}}}, "either a new question or a reason"),
        ({"tasks": {}}, "name: Field required"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(data: Path, patch: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        suite(data, patch).tasks(Selection())


def test_files_that_cannot_be_used_are_named(data: Path) -> None:
    with pytest.raises(ConfigError, match=r"your copy of WebVoyager_data\.jsonl"):
        suite(data.with_name("nothing.jsonl")).tasks(Selection())
    data.write_text('{"web_name": "ESPN"}\n')
    with pytest.raises(ConfigError, match=r"data\.jsonl:1 is no task of WebVoyager: it needs the fields web_name, id"):
        suite(data).tasks(Selection())


def test_the_shipped_example_is_a_patch() -> None:
    path = files("plan_and_act.evaluation.suites") / "data" / "webvoyager_patch.yaml"
    assert Patch.model_validate(yaml.safe_load(path.read_text())).tasks["Booking--2"].question


class Page:
    """A browser session at the end of a run."""

    text = 'heading "Standings"\nBoston leads'

    async def observe(self, **_: Any) -> "Page":
        return self

    async def screenshot(self) -> bytes:
        return b"\x89PNG"


class Done(Attempt):
    """An attempt whose browser is a stand-in."""

    page: Any = None

    @property
    def session(self) -> Any:
        return self.page


async def scored(
    data: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None, *script: Any, page: Any = None, **judge: Any
) -> Any:
    asked = ScriptedModel(script)
    monkeypatch.setattr("plan_and_act.evaluation.judge.choose", lambda *_: type("Chosen", (), {"model": asked}))
    running = suite(data, **judge)
    assert isinstance(running, WebVoyager)
    task = EvalTask(id="ESPN--11", site="ESPN", intent="Who leads?", urls=("https://www.espn.com/",))
    this = Done(task, "t", data.parent, Artefacts(data.parent / "artefacts"), running.watch)
    this.page = page
    run = Trajectory(
        thread="t", task=Task(intent="Who leads?", url="https://www.espn.com/"), started="2026-01-01", answer=answer,
        ending=Ending(status="succeeded", reason="finished"),
    )  # fmt: skip
    async with running.open():
        start = await running.begin(this)
        return await running.score(this, run), start, asked.calls


async def test_the_judge_sees_answer_page_and_screenshot(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score, start, calls = await scored(data, monkeypatch, "Boston", "YES", page=Page(), screenshots=3)
    assert (score.success, score.reward) == (True, 1.0)
    assert score.judge.startswith("model test:scripted (prompt ")
    assert score.usage.calls == 1
    assert start.settings == {"screenshots": True}
    assert "Boston leads" in calls[0][-1].text
    assert [part["type"] for part in calls[0][-1].content] == ["text", "image"]


async def test_a_no_is_a_failure_with_its_reason(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Reason: The page says New York.\nVerdict: NO"
    score, start, calls = await scored(data, monkeypatch, "Boston", said, page=Page(), reasons=True)
    assert (score.success, score.problems) == (False, ("The page says New York.",))
    assert start.settings == {}
    assert isinstance(calls[0][-1].content, str)


async def test_without_an_answer_the_judge_is_not_asked(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score, _, calls = await scored(data, monkeypatch, None, page=Page())
    assert (score.success, score.judge, calls) == (False, webvoyager.JUDGE, [])


async def test_neither_nonsense_nor_a_lost_browser_is_a_verdict(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelOutputError):
        await scored(data, monkeypatch, "Boston", "Hm.", "Hm.", "Hm.", page=Page())
    with pytest.raises(BrowserLostError):
        await scored(data, monkeypatch, "Boston", "YES")
