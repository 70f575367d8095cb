"""The browser as tools of an agent that is not ours."""

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from plan_and_act.actions import ACTIONS
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.secrets import Secret, Secrets
from plan_and_act.browser.session import Session
from plan_and_act.browser.tools import browser_tools
from standin import Opener, StandIn

FORM = """<!doctype html><title>Sign up</title><form action="/welcome"><label>Name <input name=name></label>
<label>Password <input type=password name=word></label>
<label>Country <select name=country><option>France</option><option>Peru</option></select></label>
<button>Join</button></form>"""


class Scripted(GenericFakeChatModel):
    """A chat model that calls the tools it was told to."""

    def bind_tools(self, tools: Any, **_: Any) -> "Scripted":
        return self


def call(name: str, number: int = 1, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "args": arguments, "id": f"call_{number}", "type": "tool_call"}


@pytest.fixture
def site(web: StandIn) -> StandIn:
    web.page("/", FORM)
    web.page("/welcome", "<title>Welcome</title><h1>Welcome aboard</h1>")
    return web


async def run(session: Session, *calls: dict[str, Any]) -> list[ToolMessage]:
    """The answers of a ToolNode to calls in one message."""
    graph = StateGraph(MessagesState).add_node("tools", ToolNode(browser_tools(session))).set_entry_point("tools")
    result = await graph.compile().ainvoke({"messages": [AIMessage("", tool_calls=list(calls))]})
    return [message for message in result["messages"] if isinstance(message, ToolMessage)]


async def test_tools_are_the_actions_of_the_browser_and_observe(session: Session) -> None:
    tools = {tool.name: tool for tool in browser_tools(session)}
    assert set(tools) == {"observe", *(name for name, action in ACTIONS.items() if action.on_page)}
    definition = convert_to_openai_tool(tools["type"])["function"]
    assert definition["description"] == ACTIONS["type"].__doc__
    assert list(definition["parameters"]["properties"]) == ["element", "text", "submit"]
    assert definition["parameters"]["required"] == ["element", "text"]
    assert tools["go_back"].args == {}


async def test_an_agent_of_langchain_fills_in_a_form(session: Session, site: StandIn) -> None:
    turns = [
        AIMessage("", tool_calls=[call("goto", url=f"{site.url}/")]),
        AIMessage("", tool_calls=[call("type", 2, element="Name", text="Ada")]),
        AIMessage("", tool_calls=[call("select", 3, element="Country", option="Peru")]),
        AIMessage("", tool_calls=[call("click", 4, element="Join")]),
        AIMessage("Done."),
    ]
    agent = create_agent(Scripted(messages=iter(turns)), tools=browser_tools(session))
    result = await agent.ainvoke({"messages": [("user", "Join")]})
    answers = [message for message in result["messages"] if isinstance(message, ToolMessage)]
    assert [answer.status for answer in answers] == ["success"] * 4
    assert 'textbox "Name #' in answers[0].text
    assert "Welcome aboard" in answers[3].text
    assert f"{site.url}/welcome?name=Ada&word=&country=Peru" in answers[3].text
    assert result["messages"][-1].text == "Done."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (call("click", element="Nothing #99"), "not on the page"),
        (call("click"), "`element` is missing"),
        (call("type", element="Name", text="x" * 100_000), "`text` is not usable"),
        (call("scroll", direction="sideways"), "`direction` is not usable"),
        (call("goto", url="http://127.0.0.1:1/"), "origin policy"),
        (call("press", key="AnyKey"), "There is no key"),
        (call("switch_tab", tab=9), "There is no tab 9"),
    ],
)
async def test_what_goes_wrong_is_an_answer(session: Session, site: StandIn, wrong: dict[str, Any], words: str) -> None:
    await session.goto(f"{site.url}/")
    await session.observe()
    (answer,) = await run(session, wrong)
    assert answer.status == "error"
    assert words in answer.text
    assert len(answer.text) < 3_000


async def test_calls_in_one_message_are_carried_out_in_turn(session: Session, site: StandIn) -> None:
    await session.goto(f"{site.url}/")
    await session.observe()
    answers = await run(
        session,
        call("type", 1, element="Name", text="Ada"),
        call("select", 2, element="Country", option="Peru"),
        call("click", 3, element="Join"),
    )
    assert [answer.status for answer in answers] == ["success"] * 3
    assert session.page.url == f"{site.url}/welcome?name=Ada&word=&country=Peru"


async def test_an_agent_never_sees_a_secret(open_session: Opener, site: StandIn) -> None:
    secrets = Secrets({"word": Secret("hunter2-hunter2", origins=[site.url])})
    session = await open_session(policy=OriginPolicy(private=[site.url]), secrets=secrets)
    await session.goto(f"{site.url}/")
    await session.observe()
    answers = await run(session, call("type", 1, element="Password", text="<secret:word>", submit=True))
    assert session.page.url == f"{site.url}/welcome?name=&word=hunter2-hunter2&country=France"
    assert "hunter2" not in answers[0].text


async def test_a_lost_browser_is_an_answer(session: Session, site: StandIn) -> None:
    tools = {tool.name: tool for tool in browser_tools(session)}
    await session.close()
    for name, arguments in (("observe", {}), ("click", {"element": "Join #1"})):
        answer = await tools[name].ainvoke(call(name, **arguments))
        assert answer.status == "error"
        assert "gone" in answer.text
