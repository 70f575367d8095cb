"""Asking until the answer can be used; and the scripted model that users test their agents with."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import tool_call

from plan_and_act.errors import ModelOutputError, ModelUnavailableError
from plan_and_act.llm import ask, call
from plan_and_act.llm.formats import TextFormat, ToolsFormat, available
from plan_and_act.testing import ScriptedModel

TEXT, TOOLS = TextFormat(available()), ToolsFormat(available())
START = [SystemMessage("Act."), HumanMessage("Buy the kettle.")]
GOOD = 'do(action="Click", element="Buy #3")'


async def test_a_good_answer_is_taken_at_once() -> None:
    model = ScriptedModel([GOOD])
    answer = await ask(model, START, TEXT.parse, role="executor")
    assert (answer.value.action.action, answer.usage.calls, len(model.calls)) == ("click", 1, 1)


async def test_a_wrong_answer_is_shown_to_the_model_with_what_was_wrong() -> None:
    model = ScriptedModel(["I would buy it.", 'do(action="Fly")', GOOD])
    answer = await ask(model, START, TEXT.parse, role="executor")
    assert answer.value.action.action == "click"
    said = model.calls[-1][len(START) :]
    assert [m.text for m in said[::2]] == ["I would buy it.", 'do(action="Fly")']
    assert "holds no action" in said[1].text
    assert 'no action "Fly"' in said[3].text
    assert "Write it like this: do(" in said[3].text
    # Every try counts.
    assert answer.usage.calls == 3
    assert answer.usage.input_tokens == sum(len(m.text.split()) for call in model.calls for m in call)


async def test_a_wrong_tool_call_is_answered_as_tools_are() -> None:
    wrong = AIMessage("", tool_calls=[tool_call(name="click", args={}, id=f"c{i}") for i in (1, 2)])
    right = AIMessage("", tool_calls=[tool_call(name="click", args={"element": "Buy #3"}, id="c3")])
    model = ScriptedModel([wrong, right])
    answer = await ask(model, START, TOOLS.parse, role="executor", **TOOLS.request(model, {}))
    assert answer.value.action.action == "click"
    told = model.calls[-1][-2:]
    assert all(isinstance(m, ToolMessage) and "`element` is missing" in m.text for m in told)
    assert {m.tool_call_id for m in told if isinstance(m, ToolMessage)} == {"c1", "c2"}


async def test_after_three_wrong_answers_it_is_an_error_that_says_what_they_took() -> None:
    model = ScriptedModel(lambda _: "I would buy it.")
    with pytest.raises(ModelOutputError, match=r"no usable answer in 3 tries.*holds no action") as caught:
        await ask(model, START, TEXT.parse, role="executor")
    assert len(model.calls) == 3
    assert caught.value.usage is not None
    assert caught.value.usage.calls == 3


async def test_a_model_that_calls_no_tools_is_told_of_the_other_formats() -> None:
    model = ScriptedModel(lambda _: "I would buy it.")
    with pytest.raises(ModelOutputError, match="needs the executor_format text or json"):
        await ask(model, START, TOOLS.parse, role="executor", **TOOLS.request(model, {}))


async def test_a_very_long_or_empty_wrong_answer_is_not_sent_back_whole() -> None:
    model = ScriptedModel(["x" * 100_000, "", GOOD])
    await ask(model, START, TEXT.parse, role="executor")
    assert sum(len(m.text) for m in model.calls[-1]) < 5_000
    assert all(m.text for m in model.calls[-1])


async def test_what_was_used_before_the_model_went_away_is_not_lost() -> None:
    model = ScriptedModel(["I would buy it.", ValueError("gone")])
    with pytest.raises(ModelUnavailableError) as caught:
        await ask(model, START, TEXT.parse, role="executor")
    assert caught.value.usage is not None
    assert caught.value.usage.calls == 1


async def test_the_scripted_model_streams_and_binds_tools() -> None:
    row = tool_call(name="click", args={"element": "Buy #3"}, id="c1")
    model = ScriptedModel([AIMessage("It is the one", tool_calls=[row])])
    heard: list[str] = []
    tools: list[dict[str, Any]] = TOOLS.request(model, {})["tools"]
    reply = await call(model, START, role="executor", tools=tools, on_token=heard.append)
    assert (reply.text, heard) == ("It is the one", ["It ", "is ", "the ", "one"])
    assert [(c["name"], c["args"]) for c in reply.tool_calls] == [("click", {"element": "Buy #3"})]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (4, 4)
    assert model.tools == tools


async def test_the_scripted_model_answers_by_what_it_is_asked() -> None:
    model = ScriptedModel(lambda messages: f"{len(messages)} messages, last: {messages[-1].text}")
    assert (await model.ainvoke(START)).text == "2 messages, last: Buy the kettle."
    assert model.calls == [START]


async def test_a_script_that_is_used_up_is_an_error() -> None:
    model = ScriptedModel([GOOD])
    await model.ainvoke(START)
    with pytest.raises(IndexError, match="the script has 1 answers, and this is call 2"):
        await model.ainvoke(START)
