"""The agent as a tool of another agent: in this process, or behind a graph server."""

from typing import Annotated, Any

from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool, StructuredTool, ToolException
from langgraph.constants import END, START
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import Field
from typing_extensions import TypedDict  # pydantic makes the servers' schemas of these; 3.11's own it cannot read

from plan_and_act.agent.context import Context
from plan_and_act.agent.graph import Agent
from plan_and_act.errors import ConfigError

NAME = "web_agent"

DESCRIPTION = """Do a task on a web site in a real browser, and tell what came of it.

It opens the page, then clicks, types and reads until the task is done or cannot be. It does not see this conversation
and remembers no earlier call: the task must say all it needs to know."""

Task = Annotated[str, Field(description="What to do or to find out, in full.")]
Url = Annotated[str, Field(description="The URL of the page to begin on.")]


def web_tool(agent: Runnable[Any, Any], *, name: str = NAME, description: str = DESCRIPTION) -> BaseTool:
    """The agent as a tool with the arguments `task` and `url`, for any agent that calls tools.

    Works with `langchain.agents.create_agent`, `ToolNode` and `model.bind_tools`. Every call is a run and a browser
    session of its own, so calls in one message go on side by side. An interrupt of the run (an approval, a question)
    is one of the calling graph, and is answered there; that graph's checkpointer keeps the run.

    The tool answers with the run's answer. A run that did not succeed is an answer with the status `error` which says
    how it ended; errors of the program (no model, no browser, the pool is full) are raised, and with a checkpointer
    the calling graph can be resumed from there.

    Args:
        agent: What `create_agent` or `remote_agent` returns.
        name: What the calling model knows the tool as.
        description: What it reads about it; say here which sites the tool is for.
    """

    async def call(task: Task, url: Url) -> str:
        result = await agent.ainvoke({"task": task, "url": url})
        ending = result["ending"]
        if not ending:
            msg = "The run waits for a person: call the tool inside of a graph with a checkpointer, and answer there."
            raise ConfigError(msg)
        if ending["status"] != "succeeded":
            claimed = f" It said: {result['answer']}" if result.get("answer") else ""
            msg = f"The task was not done ({ending['status']}, {ending['reason']}): {ending['message']}{claimed}"
            raise ToolException(msg)
        return str(result["answer"])

    return StructuredTool.from_function(coroutine=call, name=name, description=description, handle_tool_error=True)


class ToolInput(TypedDict):
    """What the tool is called with."""

    task: Task
    url: Url


class ToolOutput(TypedDict):
    """What it answers with."""

    answer: str
    ending: dict[str, Any]
    """How the run ended: `status`, `reason`, `message`."""


class _Call(ToolInput, ToolOutput):
    pass


def tool_graph(agent: Agent) -> CompiledStateGraph[_Call, Context, ToolInput, ToolOutput]:
    """The agent as a graph that takes and gives what a tool does, and no more.

    A graph server makes an MCP tool of every assistant: of this one, a model that calls it reads the answer instead of
    the whole run.
    """
    graph = StateGraph(_Call, context_schema=Context, input_schema=ToolInput, output_schema=ToolOutput)
    graph.add_node("web", agent)
    graph.add_edge(START, "web")
    graph.add_edge("web", END)
    return graph.compile(name=NAME)
