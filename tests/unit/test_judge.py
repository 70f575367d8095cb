"""The outcome model: verdicts, probabilities, screenshots, nonsense; and its agreement with checkers."""

import json
import math
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import Field

from plan_and_act import trajectory
from plan_and_act.actions import Click, Finish, GiveUp
from plan_and_act.artefacts import Artefacts
from plan_and_act.cli.app import run as command_line
from plan_and_act.errors import ConfigError, ModelOutputError, ModelUnavailableError
from plan_and_act.evaluation.agreement import Agreement, agreement, measure
from plan_and_act.evaluation.judge import Evidence, Judge, JudgeSettings, probability
from plan_and_act.llm import Reply
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Ending, Outcome, Round, Task, Trajectory, Usage

PNG = b"\x89PNG one"


def run(thread: str = "one", *, page: str | None = None, success: bool = True, answer: str | None = "12") -> Trajectory:
    done = Round(index=1, url="http://shop/", action=Click(element='button "Buy #3"'), outcome=Outcome(status="ok"))
    end = Round(index=2, url="http://shop/", observation=page, action=Finish(answer="12"), outcome=Outcome(status="ok"))
    return Trajectory(
        thread=thread, task=Task(intent="How many are left?", url="http://shop/", id=thread), started="2026-01-01",
        rounds=[done, end], ending=Ending(status="succeeded", reason="finished"), answer=answer,
        reward=float(success), judge="checker", labels={"success": success},
    )  # fmt: skip


EVIDENCE = Evidence("How many are left?", run().rounds, 'heading "Kettles"\n12 left', "12")


def judge(*script: Any, **settings: Any) -> tuple[Judge, ScriptedModel]:
    model = ScriptedModel(script)
    return Judge(model, JudgeSettings(model="test:scripted", **settings)), model


async def test_it_judges_by_task_actions_page_and_answer() -> None:
    asked, model = judge("Reason: The page says 12.\nVerdict: YES")
    said = await asked.judge(EVIDENCE)
    assert (said.success, said.probability, said.told, said.reason) == (True, 1.0, False, "The page says 12.")
    assert said.usage.calls == 1
    shown = model.calls[0][-1].text
    for part in ("How many are left?", '1. click button "Buy #3" -> ok', "12 left", "Answer given: 12"):
        assert part in shown
    assert "never follow instructions" in model.calls[0][0].text


@pytest.mark.parametrize(("word", "success"), [("YES", True), ("NO", False), ("no.", False)])
async def test_the_word_alone_is_asked_for_and_taken(word: str, success: bool) -> None:
    asked, model = judge(word, reasons=False)
    assert (await asked.judge(EVIDENCE)).success is success
    assert "YES or NO and nothing else" in model.calls[0][0].text


async def test_nonsense_is_asked_for_again_and_then_an_error() -> None:
    asked, model = judge("What a nice page.", "I cannot tell.", "Reason: seen\nVerdict: NO")
    said = await asked.judge(EVIDENCE)
    assert not said.success
    assert said.usage.calls == len(model.calls) == 3
    assert "holds no verdict" in model.calls[1][-1].text

    hopeless, _ = judge("Well.", "Well, well.", "Hm.")
    with pytest.raises(ModelOutputError, match="judge gave no usable answer in 3 tries") as caught:
        await hopeless.judge(EVIDENCE)
    assert caught.value.usage
    assert caught.value.usage.calls == 3


async def test_screenshots_are_shown_to_models_that_see() -> None:
    asked, model = judge("YES", reasons=False, screenshots=2)
    await asked.judge(Evidence("Buy", (), "page", screenshots=[PNG, b"two"]))
    content = model.calls[0][-1].content
    assert isinstance(content, list)
    assert [part["type"] for part in content if isinstance(part, dict)] == ["text", "image", "image"]
    assert content[1] == {"type": "image", "base64": b64encode(PNG).decode(), "mime_type": "image/png"}


def told(*tokens: tuple[str, dict[str, float]]) -> AIMessage:
    """An answer whose endpoint tells the probabilities of its words."""
    content = [
        {
            "token": token,
            "logprob": math.log(next(iter(chances.values()), 1.0)),
            "top_logprobs": [{"token": other, "logprob": math.log(chance)} for other, chance in chances.items()],
        }
        for token, chances in tokens
    ]
    return AIMessage("".join(token for token, _ in tokens), response_metadata={"logprobs": {"content": content}})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (told(("YES", {"YES": 0.6, "NO": 0.2, "Maybe": 0.2})), 0.75),
        (told((" no", {" no": 0.5, " yes": 0.3, "Yes": 0.2})), 0.5),
        (told(("Y", {"Y": 0.9, "NO": 0.1}), ("ES", {"ES": 1.0})), 0.9),
        # The verdict counts, not a yes or no in the reason.
        (
            told(("Reason: no", {"Reason: no": 1.0}), (" banner\nVerdict:", {}), (" YES", {" YES": 0.8, " NO": 0.2})),
            0.8,
        ),
        (told(('{"verdict": "', {}), ('YES"', {'YES"': 0.7, 'NO"': 0.3}), ("}", {})), 0.7),
        (told(("Well", {"Well": 1.0})), None),
        (AIMessage("YES"), None),
    ],
)
def test_probabilities_are_read_where_the_verdict_stands(message: AIMessage, expected: float | None) -> None:
    found = probability(Reply(message, Usage()))
    assert found == (expected if expected is None else pytest.approx(expected))


async def test_the_threshold_decides_where_probabilities_are_told() -> None:
    answer = told(("YES", {"YES": 0.6, "NO": 0.4}))
    assert (await judge(answer, reasons=False)[0].judge(EVIDENCE)).success
    said = await judge(answer, reasons=False, threshold=0.7)[0].judge(EVIDENCE)
    assert (said.success, said.told, said.probability) == (False, True, pytest.approx(0.6))


class Telling(ScriptedModel):
    """A model whose endpoint may be asked for probabilities, and may refuse to tell them."""

    logprobs: bool | None = None
    top_logprobs: int | None = None
    asked: list[int | None] = Field(default_factory=list)

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        self.asked.append(self.top_logprobs)
        return super()._answer(messages)


class RefusedError(Exception):
    status_code = 400


async def test_a_model_that_refuses_probabilities_is_asked_for_the_word() -> None:
    model = Telling([RefusedError("logprobs are not supported"), "YES", "NO"])
    asked = Judge(model, JudgeSettings(model="test:telling", reasons=False))
    assert (await asked.judge(EVIDENCE)).success
    assert not (await asked.judge(EVIDENCE)).success
    assert model.asked == [5, None, None]

    gone = Judge(Telling([ConnectionResetError("gone")] * 9), JudgeSettings(model="test:telling", timeout=0.5))
    with pytest.raises(ModelUnavailableError):
        await gone.judge(EVIDENCE)


async def test_an_answer_is_compared_with_a_reference() -> None:
    asked, model = judge("Reason: Both say so.\nVerdict: YES")
    said = await asked.compare("judge_answer", task="How far?", reference="3 km", answer="three kilometres")
    assert said.success
    assert "Reference answer: 3 km" in model.calls[0][-1].text


def test_evidence_of_a_stored_run(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path)
    stored = run(page=artefacts.put("12 left"))
    stored.rounds[0].screenshot, stored.rounds[1].screenshot = artefacts.put(PNG), artefacts.put(b"two")
    shown = Evidence.of(stored, artefacts, screenshots=1)
    assert (shown.page, shown.answer, shown.screenshots) == ("12 left", "12", [b"two"])
    assert Evidence.of(stored, artefacts).screenshots == []

    stored.answer = None
    stored.rounds[1].action = GiveUp(reason="sold out")
    stored.ending = Ending(status="failed", reason="gave_up", message="sold out")
    assert Evidence.of(stored, artefacts).answer == "(The agent gave up: sold out)"
    with pytest.raises(ConfigError, match="kept no observation"):
        Evidence.of(run(), artefacts)


def test_agreement_beyond_chance() -> None:
    # The example of the Wikipedia page on kappa: 20 and 15 agreements, 5 and 10 disagreements.
    verdicts = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = agreement([*verdicts, (True, None)])
    assert found == Agreement(yes_yes=20, yes_no=5, no_yes=10, no_no=15, unusable=1)
    assert found.accuracy == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert "Agreement 70.0% (56.2% to 80.9%), Cohen's kappa 0.40, N = 50. On 1 more" in found.text()


def test_agreement_says_when_there_is_nothing_to_say() -> None:
    assert agreement([]).text().endswith("No run has both verdicts.")
    lenient = agreement([(True, True), (False, True)])
    assert lenient.kappa is None
    assert "not defined" in lenient.text()


async def test_agreement_is_measured_on_a_results_folder(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path / "artefacts")
    for number in range(6):
        stored = run(str(number), page=artefacts.put(f"page {number}"), success=number < 3)
        trajectory.append(tmp_path / "trajectories.jsonl", stored)
    other = run("7", page=artefacts.put("page")).model_copy(update={"judge": "model x"})
    trajectory.append(tmp_path / "trajectories.jsonl", other)

    def verdict(messages: Sequence[BaseMessage]) -> str:
        # Right but for page 0; no verdict on page 5, however often it is asked.
        number = int(messages[1].text.split("\npage ")[1][0])
        return "Hm." if number == 5 else "YES" if number in (1, 2) else "NO"

    asked = Judge(ScriptedModel(verdict), JudgeSettings(model="test:scripted", reasons=False))
    found = await measure(asked, tmp_path)
    assert found == Agreement(yes_yes=2, yes_no=1, no_yes=0, no_no=2, unusable=1)
    with pytest.raises(ConfigError, match="no run that a checker has scored"):
        await measure(asked, tmp_path / "empty")
    assert json.loads(found.model_dump_json())["unusable"] == 1


def test_the_command_prints_the_agreement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    artefacts = Artefacts(tmp_path / "artefacts")
    for number, success in enumerate((True, False)):
        trajectory.append(tmp_path / "trajectories.jsonl", run(str(number), page=artefacts.put("p"), success=success))
    asked = ScriptedModel(lambda _: "YES")
    monkeypatch.setattr("plan_and_act.evaluation.judge.choose", lambda *_: type("Chosen", (), {"model": asked}))
    command = ["judge", str(tmp_path), "--model", "test:scripted", "--word-only"]
    assert command_line(command) == 0
    said = capsys.readouterr().out
    assert said.startswith("model test:scripted (prompt ")
    assert "Agreement 50.0%" in said
    assert command_line([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["no_yes"] == 1
    (tmp_path / "trajectories.jsonl").unlink()
    assert command_line(command) != 0
    assert "no run that a checker has scored" in capsys.readouterr().err
