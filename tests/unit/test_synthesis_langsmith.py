"""Data sets to LangSmith and back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client

from langsmithstandin import Server, serve
from plan_and_act.errors import ConfigError
from plan_and_act.synthesis.langsmith import pull, push

CHAT = {"prompt": [{"role": "user", "content": "Plan."}], "completion": [{"role": "assistant", "content": "Go."}]}
SHAPES: dict[str, dict[str, Any]] = {
    "chat": CHAT | {"site": "forge"},
    "instruction": {"system": "s", "instruction": "i", "history": [["a", "b"]], "output": "o", "site": "shop"},
    "torchtune": {"messages": [{"role": "user", "content": "Plan."}], "site": "shop"},
}


@pytest.fixture
def langsmith() -> Iterator[tuple[Server, Client]]:
    with serve() as both:
        yield both


def written(folder: Path, row: dict[str, Any], count: int = 230) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps({**row, "id": f"{number:04}"}) + "\n" for number in range(count)))
    return file


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_pushed_comes_back(shape: str, langsmith: tuple[Server, Client], tmp_path: Path) -> None:
    server, client = langsmith
    file = written(tmp_path, SHAPES[shape])
    assert push(file, "mine", client=client) == 230
    assert pull("mine", tmp_path / "back" / "rows.jsonl", client=client) == 230
    assert rows(tmp_path / "back" / "rows.jsonl") == rows(file)
    assert push(file, "mine", client=client) == 0
    assert len(server.examples) == 230
    asked = server.examples[0]
    assert "site" in asked["metadata"]
    assert "site" not in asked["inputs"]


def test_what_is_no_data_set_of_ours_is_said(langsmith: tuple[Server, Client], tmp_path: Path) -> None:
    server, client = langsmith
    server.made = True
    with pytest.raises(ConfigError, match="holds no rows"):
        pull("mine", tmp_path / "rows.jsonl", client=client)
    server.refuses = True
    with pytest.raises(ConfigError, match="could not be pushed to LangSmith"):
        push(written(tmp_path, CHAT), "mine", client=client)
    with pytest.raises(ConfigError, match="could not be pulled from LangSmith"):
        pull("mine", tmp_path / "back.jsonl", client=client)
    assert not (tmp_path / "back.jsonl").exists()
