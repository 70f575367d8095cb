"""Every snippet of docs/embedding.md is part of an example, word for word, and every example is in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "embedding.md").read_text()
SNIPPETS = re.findall(r"```python\n# (examples/\w+\.py)\n(.*?)```", DOC, re.S)


@pytest.mark.parametrize(("path", "code"), SNIPPETS, ids=[path for path, _ in SNIPPETS])
def test_a_snippet_is_what_the_example_says(path: str, code: str) -> None:
    assert code in (ROOT / path).read_text()


def test_nothing_is_left_out() -> None:
    assert DOC.count("```python") == len(SNIPPETS)
    assert {path for path, _ in SNIPPETS} == {f"examples/{file.name}" for file in (ROOT / "examples").glob("*.py")}
