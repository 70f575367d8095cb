"""The scripted model, which people test their own agents with."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from plan_and_act.llm import call
from plan_and_act.testing import ScriptedModel

ASKED = [HumanMessage("one two three")]


async def test_it_answers_from_its_list_and_keeps_what_it_was_asked() -> None:
    model = ScriptedModel(["first", AIMessage("second")])
    assert (await model.ainvoke(ASKED)).text == "first"
    assert model.invoke("more").text == "second"
    assert [[m.text for m in messages] for messages in model.calls] == [["one two three"], ["more"]]


async def test_a_list_that_is_used_up_is_no_answer() -> None:
    model = ScriptedModel(["only"])
    await model.ainvoke(ASKED)
    with pytest.raises(IndexError):
        await model.ainvoke(ASKED)


async def test_a_function_answers_by_what_was_asked() -> None:
    model = ScriptedModel(lambda messages: messages[-1].text.upper())
    assert (await model.ainvoke(ASKED)).text == "ONE TWO THREE"


async def test_an_error_is_raised_and_the_next_line_follows() -> None:
    model = ScriptedModel([ValueError("no"), "yes"])
    with pytest.raises(ValueError, match="no"):
        await model.ainvoke(ASKED)
    assert (await model.ainvoke(ASKED)).text == "yes"


@pytest.mark.parametrize("stream", [False, True])
async def test_usage_text_and_tool_calls_are_the_same_streamed_or_not(stream: bool) -> None:
    tool = {"name": "click", "args": {"element": "Buy #3"}, "id": "1", "type": "tool_call"}
    pieces: list[str] = []
    model = ScriptedModel([AIMessage("I click it.", tool_calls=[tool])])
    reply = await call(model, ASKED, role="executor", on_token=pieces.append if stream else None)
    assert (reply.text, reply.finish_reason) == ("I click it.", "stop")
    assert [row["args"] for row in reply.tool_calls] == [{"element": "Buy #3"}]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (3, 3)
    assert pieces == (["I ", "click ", "it."] if stream else [])


async def test_the_tools_it_was_given_can_be_looked_at() -> None:
    model = ScriptedModel(["done"])
    tools = [{"type": "function", "function": {"name": "click", "parameters": {}}}]
    await call(model, ASKED, role="executor", tools=tools)
    assert model.tools == tools
