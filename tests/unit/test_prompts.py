"""Prompts: our files, overrides, and what is wrong with them."""

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
