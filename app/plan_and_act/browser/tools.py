"""The browser as LangChain tools, for any agent that calls tools.

The tools are the actions of `plan_and_act.actions` that the browser carries out, and `observe`. The executor of this
package does not go through them: it decides on an action, and the node `act` performs it.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.tools import BaseTool, StructuredTool, ToolException

from plan_and_act.actions import ACTIONS
from plan_and_act.browser.perform import perform
from plan_and_act.errors import PlanAndActError
from plan_and_act.llm.formats.shape import from_mapping
from plan_and_act.llm.formats.tools import tool_definitions
from plan_and_act.trajectory import Outcome

if TYPE_CHECKING:
    from plan_and_act.browser.session import Session

_OF_A_RUN = ("step", "note")
"""Arguments that only mean something in a run of our own agent."""


def browser_tools(
    session: "Session",
    *,
    tokens: int = 2_000,
    rendering: Literal["outline", "html"] = "outline",
    timeout: float = 5.0,
    navigation_timeout: float = 30.0,
) -> list[BaseTool]:
    """Tools that act in a browser session; each answers with what came of it and the page as it is then.

    Works with `langchain.agents.create_agent`, `ToolNode` and `model.bind_tools`. What goes wrong (an element that is
    gone, a page that cannot be opened, arguments that make no sense) is an answer with the status `error`, never an
    exception. Calls made at the same time are carried out one after the other.

    Args:
        session: The session; `pool().session(key, options)` makes one.
        tokens: Budget of the page's text in each answer.
        rendering: The page as an outline, or as simplified HTML.
        timeout: Seconds an element gets to become usable.
        navigation_timeout: Seconds opening a page may take.
    """
    turn = asyncio.Lock()

    async def look() -> str:
        observation = await session.observe(tokens=tokens, rendering=rendering)
        return observation.text

    async def observe() -> str:
        async with turn:
            try:
                return await look()
            except PlanAndActError as error:
                raise ToolException(str(error)) from error

    async def act(name: str, arguments: dict[str, Any]) -> str:
        async with turn:
            try:
                action = from_mapping({**arguments, "action": name}, names).action
                outcome = await perform(action, session, timeout=timeout, navigation_timeout=navigation_timeout)
            except PlanAndActError as error:
                raise ToolException(str(error)) from error
            try:
                page = await look()
            except PlanAndActError as error:
                page = f"The page cannot be seen: {error}"
            text = f"{_told(outcome)}\n\n{page}"
            if outcome.status == "error":
                raise ToolException(text)
            return text

    names = tuple(name for name, action in ACTIONS.items() if action.on_page)
    looking = StructuredTool.from_function(
        coroutine=observe,
        name="observe",
        description="Look at the page in the browser as it is now.",
        handle_tool_error=True,
    )
    return [looking, *(_tool(definition["function"], act) for definition in tool_definitions(names))]


def _tool(definition: dict[str, Any], act: Any) -> BaseTool:
    name, parameters = definition["name"], definition["parameters"]
    properties = {key: value for key, value in parameters["properties"].items() if key not in _OF_A_RUN}

    async def call(**arguments: Any) -> str:
        return str(await act(name, arguments))

    # A schema instead of a model, so that arguments which do not fit come here and are answered in one sentence.
    return StructuredTool(
        name=name,
        description=definition["description"],
        args_schema={**parameters, "title": name, "properties": properties},
        coroutine=call,
        handle_tool_error=True,
    )


def _told(outcome: Outcome) -> str:
    """An outcome as text: the sentence, then what changed."""
    return "\n".join([outcome.message, *(f"- {change}" for change in outcome.changes)])
