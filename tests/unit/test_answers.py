"""The JSON Schema of an answer: what is refused before a run begins, and what answers are held against."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from plan_and_act import Context
from plan_and_act.agent.answers import answer_problem, schema_problem

NUMBER = {"$defs": {"n": {"type": "number"}}, "properties": {"price": {"$ref": "#/$defs/n"}}}


def test_nothing_outside_the_schema_is_read(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"const": "what only the disk knows"}')
    for url in (file.as_uri(), "http://127.0.0.1:9/latest/meta-data"):
        assert f"{url} is not in it" in (schema_problem({"$ref": url}) or "")
        said = answer_problem('"x"', {"properties": {}, "$ref": url}) or ""
        assert "cannot be held against the schema" in said
        assert "only the disk knows" not in said


@pytest.mark.parametrize("schema", [{"type": "objekt"}, {"$ref": "#/$defs/none"}, {"$ref": "https://a.example/s"}])
def test_a_run_does_not_begin_with_a_schema_that_cannot_be_used(schema: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"no JSON Schema|is not in it"):
        Context(output_schema=schema)


def test_what_a_schema_refers_to_may_be_in_it() -> None:
    assert Context(output_schema=NUMBER).output_schema == NUMBER
    assert answer_problem('{"price": 3}', NUMBER) is None
    assert "at price" in (answer_problem('{"price": "three"}', NUMBER) or "")


@pytest.mark.parametrize("answer", ["{", "9" * 5_000, "[" * 100_000])
def test_answers_that_are_no_json(answer: str) -> None:
    assert answer_problem(answer, {})


def test_a_schema_that_never_ends_refuses_the_answer() -> None:
    assert answer_problem("1", {"$ref": "#"})
