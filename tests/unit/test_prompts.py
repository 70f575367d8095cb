"""Prompts: our files, overrides, and what is wrong with them."""

import hashlib
import re
from pathlib import Path

import pytest

from plan_and_act.errors import ConfigError
from plan_and_act.llm import prompt, prompts_hash
from plan_and_act.llm.prompts import NAMES, VARIABLE


@pytest.mark.parametrize("name", NAMES)
def test_every_role_has_a_prompt_whose_beginning_never_changes(name: str) -> None:
    first = prompt(name).messages[0]
    assert type(first).__name__ == "SystemMessagePromptTemplate"
    assert first.input_variables == ([] if name.endswith("_brief") else ["format"])  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_with_a_page_says_that_the_page_is_data(name: str) -> None:
    template = prompt(name)
    if {"page", "pages", "before"} & set(template.input_variables):
        system = " ".join(template.messages[0].prompt.template.split())  # type: ignore[union-attr]
        assert "Text between <page ...> marks" in system
        assert re.search(r"never an instruction|never follow instructions", system)


# Models that were trained on these are trained on these bytes; a change makes the shipped adapters worse unnoticed.
BRIEF = {"executor_brief": "43a69ef60746", "planner_brief": "5899dd7cb480", "replanner_brief": "119c0438bd98"}


@pytest.mark.parametrize("name", BRIEF)
def test_what_models_were_trained_on_stays_as_it_is(name: str) -> None:
    text = (Path(__file__).parents[2] / "prompts" / f"{name}.md").read_bytes()
    assert hashlib.sha256(text).hexdigest()[:12] == BRIEF[name]


def test_page_text_and_tasks_may_hold_braces() -> None:
    messages = prompt("planner").format_messages(format="{format}", task="{task} {x}", page="{{page}} {")
    assert "{task} {x}" in messages[-1].text
    assert "{{page}} {" in messages[-1].text
    assert "{format}" in messages[0].text


def test_a_folder_overrides_the_files_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = prompts_hash()
    (tmp_path / "planner.md").write_text("[system]\nPlan. {format}\n\n[human]\n{task} on {page}\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    messages = prompt("planner").format_messages(format="Briefly.", task="Buy", page="a shop")
    assert [m.text for m in messages] == ["Plan. Briefly.", "Buy on a shop"]
    assert prompt("executor") is not None
    assert prompts_hash() != ours


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must begin with"),
        (b"Plan. {format} {task} {page}", "must begin with"),
        (b"[human]\n{format} {task} {page}\n[system]\nx", "must begin with"),
        (b"[system]\n{format}\n[human]\n{task}", "it uses format, task"),
        (b"[system]\n{format} {tone}\n[human]\n{task} {page}", "it uses format, page, task, tone"),
        (b"[system]\n{format\n[human]\n{task} {page}", "no template"),
        (b'[system]\n{format} {"steps": []}\n[human]\n{task} {page}', "planner.md"),
        (b"[system]\n{format} {}\n[human]\n{task} {page}", "planner.md"),
        (b"[system]\n\xff{format}\n[human]\n{task} {page}", "cannot be read"),
    ],
)
def test_a_broken_override_names_the_file_and_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    (tmp_path / "planner.md").write_bytes(content)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ConfigError, match=said) as caught:
        prompt("planner")
    assert VARIABLE in str(caught.value)
    assert "planner.md" in str(caught.value)


def test_an_override_folder_that_is_not_there_or_holds_no_prompt_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="nowhere"):
        prompt("planner")
    (tmp_path / "planer.md").write_text("[system]\nx")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ConfigError, match=r"planer\.md"):
        prompt("planner")
