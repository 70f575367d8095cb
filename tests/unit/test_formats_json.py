"""Answers under a schema: the two kinds of schema, and how answers are read back."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from plan_and_act.actions import AnyAction, to_action
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.llm.formats import JsonFormat, available
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Usage

ALL = available(ask=True, upload=True)
form = JsonFormat(ALL)


@dataclass(frozen=True)
class Shown:
    role: str
    label: str


PAGE = {
    3: Shown("link", 'link "Blue Kettle #3"'),
    4: Shown("textbox", 'textbox "Name #4"'),
    5: Shown("combobox", 'combobox "Country #5"'),
    6: Shown("file", 'file "Photo #6"'),
    7: Shown("button", "button \"Delete 'foo' #7\""),
}
READING = {3: PAGE[3]}


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> BaseChatModel:
    return model("http://127.0.0.1:9/v1")


def model(base_url: str | None) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="tiny", api_key="x", base_url=base_url)  # type: ignore[arg-type]


def said(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(AIMessage(text), Usage(), finish_reason)


def schema_of(request: dict[str, Any]) -> dict[str, Any]:
    return request["response_format"]["json_schema"]["schema"]  # type: ignore[no-any-return]


GOOD = [
    {"action": "click", "element": "Blue Kettle #3"},
    {"action": "click", "element": "Delete 'foo' #7"},
    {"action": "type", "element": "Name #4", "text": "Ada", "submit": True},
    {"action": "select", "element": "Country #5", "option": "France"},
    {"action": "upload", "element": "Photo #6", "file": "a.png"},
    {"action": "press", "key": "Enter"},
    {"action": "scroll", "direction": "down"},
    {"action": "go_back"},
    {"action": "goto", "url": "https://example.com"},
    {"action": "switch_tab", "tab": 2},
    {"action": "wait", "seconds": 2},
    {"action": "note", "note": "12 €"},
    {"action": "finish", "answer": "twelve"},
    {"action": "give_up", "reason": "no shop"},
    {"action": "replan", "reason": "no results"},
    {"action": "ask", "question": "Which?"},
]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["action"])
def test_the_bounded_schema_takes_every_action_on_an_element_of_the_page(
    local: BaseChatModel, row: dict[str, Any]
) -> None:
    schema = schema_of(form.request(local, PAGE, steps=3))
    written = json.loads(form.render(to_action({**row, "step": 2}), "why"))
    Draft202012Validator(schema).validate(written)


@pytest.mark.parametrize(
    "row",
    [
        {"action": "click", "element": "Red Kettle #3"},
        {"action": "click", "element": "#3"},
        {"action": "type", "element": "Blue Kettle #3", "text": "x"},
        {"action": "select", "element": "Name #4", "option": "x"},
        {"action": "click"},
        {"action": "fly"},
        {"action": "finish", "answer": "x" * 5_000},
        {"action": "click", "element": "Blue Kettle #3", "text": "x"},
        {"action": "click", "element": "Blue Kettle #3", "step": 4},
    ],
    ids=str,
)
def test_the_bounded_schema_takes_nothing_else(local: BaseChatModel, row: dict[str, Any]) -> None:
    schema = schema_of(form.request(local, PAGE, steps=3))
    with_reason = {"reason": "why", "step": 1, **row}
    assert not Draft202012Validator(schema).is_valid(with_reason)


def test_an_action_whose_kind_of_element_the_page_lacks_is_left_out(local: BaseChatModel) -> None:
    def names(elements: dict[int, Shown]) -> set[str]:
        schema = schema_of(form.request(local, elements))
        return {alternative["properties"]["action"]["const"] for alternative in schema["anyOf"]}

    assert {"type", "search", "select"} <= names(PAGE)
    assert not {"type", "search", "select"} & names(READING)
    assert not {"type", "click", "hover", "upload"} & names({})
    assert {"scroll", "go_back", "finish"} <= names({})


def test_llama_cpp_can_make_a_grammar_of_the_bounded_schema(local: BaseChatModel) -> None:
    xllamacpp = pytest.importorskip("xllamacpp")
    for elements in (PAGE, READING, {}):
        grammar = xllamacpp.json_schema_to_grammar(schema_of(form.request(local, elements, steps=3)))
        assert ("Blue Kettle #3" in grammar) == bool(elements)


def _strict_problems(schema: dict[str, Any], at: str = "root") -> list[str]:
    """What OpenAI's strict mode refuses."""
    problems = [f"{at}: {key}" for key in ("minLength", "maxLength", "pattern", "const", "$defs") if key in schema]
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            problems.append(f"{at}: additionalProperties")
        if set(schema["required"]) != set(schema["properties"]):
            problems.append(f"{at}: required")
        for name, inner in schema["properties"].items():
            problems += _strict_problems(inner, f"{at}.{name}")
    for inner in schema.get("anyOf", []):
        problems += _strict_problems(inner, f"{at}|")
    return problems


@pytest.mark.parametrize("base_url", [None, "https://api.openai.com/v1", "https://eu.api.openai.com/v1"])
def test_openai_gets_a_schema_of_its_strict_kind(base_url: str | None) -> None:
    request = form.request(model(base_url), PAGE, steps=3)
    assert request["response_format"]["json_schema"]["strict"] is True
    schema = schema_of(request)
    assert schema["type"] == "object"
    assert not _strict_problems(schema)
    empty = dict.fromkeys(schema["properties"])
    answer = {**empty, "step": 2, "action": "click", "element": "Blue Kettle #3"}
    Draft202012Validator(schema).validate(answer)
    assert form.parse(said(json.dumps(answer))).action == to_action(
        {"action": "click", "element": "Blue Kettle #3", "step": 2}
    )
    assert not Draft202012Validator(schema).is_valid({**answer, "element": "Red Kettle #3"})


def test_a_model_of_another_kind_is_held_to_nothing() -> None:
    assert form.request(ScriptedModel([]), PAGE) == {}


def test_a_page_with_thousands_of_elements_keeps_the_schema_small(local: BaseChatModel) -> None:
    many = {ref: Shown("link", f'link "Item #{ref}"') for ref in range(1, 5_000)}
    assert len(json.dumps(form.request(local, many))) < 20_000


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["action"])
def test_what_is_written_is_read_back(row: dict[str, Any]) -> None:
    action = to_action(row)
    for told in (action, action.model_copy(update={"step": 2})):
        assert form.parse(said(form.render(told, "why"))).action == told


def click(**more: Any) -> AnyAction:
    return to_action({"action": "click", "element": "Blue Kettle #3", **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('```json\n{"action": "click", "element": "Blue Kettle #3"}\n```', click()),
        ('Sure: {"action": "click", "element": "Blue Kettle #3", "note": null, "text": null}', click()),
        ('{"action": {"name": "click", "element": "Blue Kettle #3"}}', click()),
        ('{"action": "click", "ref": 3}', to_action({"action": "click", "element": "#3"})),
        ('{"action": "click", "element": "Blue Kettle #3", "step": "step 2"}', click(step=2)),
        ('{"action": "click", "element": "Blue Kettle #3", "step": 0}', click()),
        ('{"action": "finish", "answer": {"price": 12}}', to_action({"action": "finish", "answer": '{"price": 12}'})),
        ('do(action="Click", element="Blue Kettle #3")', click()),
    ],
)
def test_it_takes_what_models_write(text: str, expected: AnyAction) -> None:
    assert form.parse(said(text)).action == expected


def test_the_reason_of_giving_up_is_an_argument_and_of_a_click_it_is_reasoning() -> None:
    assert form.parse(said('{"reason": "why", "action": "click", "element": "A #3"}')).reasoning == "why"
    given_up = form.parse(said('{"action": "give_up", "reason": "no shop"}'))
    assert given_up.action == to_action({"action": "give_up", "reason": "no shop"})


@pytest.mark.parametrize(
    ("text", "finish", "problem"),
    [
        ('{"action": "click", "element": "Blue', "length", "cut off"),
        ("[1, 2]", "stop", "holds no action"),
        ('{"reason": "why"}', "stop", "names no action"),
        ('{"action": "click", "reason": "why"}', "stop", "`element` is missing"),
    ],
)
def test_a_wrong_answer_is_told_what_was_wrong_and_the_right_form(text: str, finish: str, problem: str) -> None:
    with pytest.raises(ModelOutputError, match=r"Write it like this: \{") as caught:
        form.parse(said(text, finish))
    assert problem in str(caught.value)


@pytest.mark.parametrize("scrolls", [(), ("down",), ("down", "up")])
def test_only_where_the_page_can_be_scrolled_is_scrolling_offered(
    local: BaseChatModel, scrolls: tuple[str, ...]
) -> None:
    schema = schema_of(form.request(local, PAGE, scrolls=scrolls))
    fits = Draft202012Validator(schema).is_valid
    for way in ("down", "up"):
        assert fits({"reason": "more", "action": "scroll", "direction": way}) == (way in scrolls)
    assert fits({"reason": "it", "action": "click", "element": "Blue Kettle #3"})


def test_a_model_that_was_trained_says_the_step_and_the_action_alone(local: BaseChatModel) -> None:
    brief = JsonFormat(ALL, brief=True)
    action = to_action({"action": "click", "element": 'link "Blue Kettle #3"', "step": 2})
    text = brief.render(action, "because")
    assert text == '{"step": 2, "action": "click", "element": "Blue Kettle #3"}'
    schema = Draft202012Validator(schema_of(brief.request(local, PAGE, steps=3)))
    assert schema.is_valid(json.loads(text))
    assert schema.is_valid({"action": "click", "element": "Blue Kettle #3"})  # what lies in the way is on no step
    for more in ({"reason": "because"}, {"step": 4}, {"note": "x"}):
        assert not schema.is_valid({**json.loads(text), **more})
    assert schema.is_valid({"action": "note", "note": "x"})
    assert brief.parse(said(text)).action == action.model_copy(update={"element": "Blue Kettle #3"})


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("steps", [0, 3])
def test_nothing_optional_stands_before_what_is_required(local: BaseChatModel, brief: bool, steps: int) -> None:
    # llama.cpp's grammars put what is optional last, so that an optional step could not be said where it was taught.
    schema = schema_of(JsonFormat(ALL, brief=brief).request(local, PAGE, steps=steps))
    for form_ in schema["anyOf"]:
        assert list(form_["properties"])[: len(form_["required"])] == form_["required"]
    assert any("step" in form_["required"] for form_ in schema["anyOf"]) == bool(steps)


def test_a_reason_is_said_where_the_action_is_none_without(local: BaseChatModel) -> None:
    brief = JsonFormat(ALL, brief=True)
    action = to_action({"action": "give_up", "reason": "There is no such project."})
    text = brief.render(action)
    assert brief.parse(said(text)).action == action
    schema = Draft202012Validator(schema_of(brief.request(local, PAGE, steps=3)))
    assert schema.is_valid(json.loads(text))
    assert not schema.is_valid({"action": "give_up"})
