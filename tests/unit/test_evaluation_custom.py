"""A suite of one's own as a YAML file: what is wrong in it is named."""

from pathlib import Path

import pytest

from plan_and_act.errors import ConfigError
from plan_and_act.evaluation import Selection, make_suite

TASK = "- {id: one, url: 'https://a.example/x', intent: Do it., checks: %s}"


def written(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return {"file": str(path)}


def test_its_tasks(tmp_path: Path) -> None:
    text = "tasks:\n" + TASK % "[url: '*/done']" + "\n" + (TASK % "[text: Hello]").replace("one", "two, site: shop")
    suite = make_suite("custom", written(tmp_path, text))
    assert [(task.id, task.site) for task in suite.tasks(Selection())] == [("one", "a.example"), ("two", "shop")]
    repeated = suite.tasks(Selection(seeds=(1, 2), tasks=("one",)))
    assert [(task.id, task.template, task.seed) for task in repeated] == [("one@1", "one", 1), ("one@2", "one", 2)]
    before = suite.versions()
    assert make_suite("custom", written(tmp_path, text.replace("Hello", "Hullo"))).versions() != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "tasks:\n" + TASK % "[telepathy: yes]",
            r"task one, check 1: there is no check 'telepathy'; there are url, text",
        ),
        ("tasks:\n" + TASK % "[{url: x, text: y}]", "task one, check 1: a check is one of url, text, no_text"),
        ("tasks:\n" + TASK % "[{}]", "task one, check 1: a check is one of"),
        ("tasks:\n" + TASK % "[]", "task one, checks: "),
        ("tasks:\n" + TASK % "[answer_number: many]", "task one, check 1, answer_number: .*valid number"),
        ("tasks:\n" + TASK % "[element: {role: button}]", r"task one, check 1, element.name: Field required"),
        ("tasks:\n" + TASK % "[element: {name: Buy, state: happy}]", "element.state: Input should be 'checked'"),
        ("tasks:\n- {id: one, url: 'https://a.example'}", "task one, intent: Field required"),
        ("tasks:\n- {url: 'file:///etc/passwd', intent: x, id: one, checks: [text: x]}", "task one, url: "),
        ("tasks:\n- 7", "task 1: "),
        ("tasks: []", "tasks: "),
        ("[]", "the file: "),
        ("", "the file: "),
        ("tasks: {", "cannot be read as YAML"),
        ("tasks:\n" + "\n".join([TASK % "[text: x]"] * 2), "two tasks of the name one"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        make_suite("custom", written(tmp_path, text))
    assert "mine.yaml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read as YAML"):
        make_suite("custom", {"file": str(tmp_path / "nowhere.yaml")})
    with pytest.raises(ConfigError, match="The suite custom cannot be made: file: Field required"):
        make_suite("custom", {})
