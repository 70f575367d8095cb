"""Tool calls, read as actions."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages.tool import invalid_tool_call, tool_call

from plan_and_act.actions import ACTIONS, to_action
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.llm.formats import ToolsFormat, available
from plan_and_act.llm.formats.tools import tool_definitions
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Usage

form = ToolsFormat(available())
CLICK = to_action({"action": "click", "element": "Blue Kettle #17"})


def said(text: str = "", *calls: tuple[str, dict[str, Any]], **more: Any) -> Reply:
    rows = [tool_call(name=name, args=args, id=f"c{i}") for i, (name, args) in enumerate(calls)]
    return Reply(AIMessage(text, tool_calls=rows, **more), Usage(), "stop")


def test_there_is_one_tool_an_action_with_its_arguments_described() -> None:
    tools = {tool["function"]["name"]: tool["function"] for tool in tool_definitions(tuple(ACTIONS))}
    assert set(tools) == set(ACTIONS)
    assert tools["type"]["parameters"]["required"] == ["element", "text"]
    assert list(tools["type"]["parameters"]["properties"]) == ["element", "text", "submit", "note", "step"]
    assert all(
        field["type"] and field["description"]
        for tool in tools.values()
        for field in tool["parameters"]["properties"].values()
        if "enum" not in field
    )
    # All tools together stay a small part of a prompt: about 2,000 tokens.
    assert len(json.dumps(list(tools.values()))) < 9_000


def test_only_the_actions_that_may_be_chosen_are_offered() -> None:
    offered = {tool["function"]["name"] for tool in form.request(ScriptedModel([]), {})["tools"]}
    assert offered == set(ACTIONS) - {"ask", "upload"}


@pytest.mark.parametrize(
    "reply",
    [
        said("", ("click", {"element": "Blue Kettle #17"})),
        said("", ("click", {"element": "Blue Kettle #17", "note": None, "step": None})),
        said("", ("click", {"element": "Blue Kettle #17"}), ("finish", {"answer": "done"})),
        said('{"name": "click", "arguments": {"element": "Blue Kettle #17"}}'),
        said('{{"name": "click", "arguments": {"element": "Blue Kettle #17"}}}'),
        said('<tool_call>\n{"name": "click", "arguments": {"element": "Blue Kettle #17"}}\n</tool_call>'),
        said('```json\n{"action": "click", "element": "Blue Kettle #17"}\n```'),
        said('{"function": {"name": "click", "arguments": "{\\"element\\": \\"Blue Kettle #17\\"}"}}'),
        said('click(element="Blue Kettle #17")'),
    ],
)
def test_a_call_is_read_also_when_it_is_written_as_text(reply: Reply) -> None:
    assert form.parse(reply).action == CLICK


def test_text_beside_the_call_is_its_reasoning() -> None:
    parsed = form.parse(said("It is blue.", ("click", {"element": "Blue Kettle #17", "step": 2})))
    assert (parsed.reasoning, parsed.action.step) == ("It is blue.", 2)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (said("I would click the kettle."), "There was no tool call"),
        (said("", ("fly", {})), 'no action "fly"'),
        (said("", ("click", {})), "`element` is missing"),
        (said("", ("type", {"element": 17, "text": "x" * 30_000})), "`text` is not usable"),
        (said("", ("ask", {"question": "Which?"})), 'no action "ask"'),
        (
            said(invalid_tool_calls=[invalid_tool_call(name="click", args='{"element": ', id="c0", error="bad")]),
            "no JSON object",
        ),
    ],
)
def test_a_wrong_call_is_told_what_was_wrong_and_the_right_form(reply: Reply, problem: str) -> None:
    with pytest.raises(ModelOutputError, match="Write it like this: call the tool") as caught:
        form.parse(reply)
    assert problem in str(caught.value)


def test_a_past_round_is_a_call_and_its_outcome() -> None:
    turn, outcome = form.turn(3, CLICK, "It is\nblue."), form.answer(3, "ok: a page opened")
    assert turn.tool_calls[0]["name"] == "click"
    assert turn.tool_calls[0]["args"] == {"element": "Blue Kettle #17"}
    assert turn.text == "It is blue."
    assert isinstance(outcome, ToolMessage)
    assert outcome.tool_call_id == turn.tool_calls[0]["id"]
