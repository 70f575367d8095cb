"""The graph's state: plain JSON values, so that checkpoints survive refactoring and Studio can edit them."""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.channels.untracked_value import UntrackedValue
from langgraph.graph.message import _messages_delta_reducer


def _extend(rows: list[Any], writes: Sequence[list[Any]]) -> list[Any]:
    return [*rows, *(row for write in writes for row in write)]


Rows = Annotated[list[dict[str, Any]], DeltaChannel(_extend, list)]
"""A list that only grows; a checkpoint stores what was added, not the list."""

Messages = Annotated[list[AnyMessage], DeltaChannel(_messages_delta_reducer, list)]


class Input(TypedDict, total=False):
    """What starts a run: a task and its URL, or a chat message that holds both."""

    task: str
    url: str
    messages: Annotated[list[AnyMessage], "a person's message stands for the task"]


class Output(TypedDict, total=False):
    """What a run leaves: the answer, how it ended, and everything that was done."""

    answer: str | None
    ending: dict[str, Any]
    plan: dict[str, Any] | None
    rounds: list[dict[str, Any]]
    usage: dict[str, Any]
    messages: list[AnyMessage]


class Page(TypedDict, total=False):
    """The live page that state speaks of. The page itself is never in state."""

    session: str
    """Key of the session in the browser pool."""
    rev: str
    """Changes with every observation; a live page with another rev is not the one state speaks of."""
    url: str
    title: str
    tabs: list[str]
    storage: str | None
    """Hash of the login state (cookies, local storage) among the private artefacts."""
    fingerprint: str
    observation: str
    """Hash of the observation's text among the artefacts."""
    screenshot: str | None


class State(TypedDict, total=False):
    """What the nodes read and write. Values are dumps of the models in `plan_and_act.trajectory`."""

    task: str
    url: str
    messages: Messages
    started: str
    limits: dict[str, Any]
    page: Page
    observation: Annotated[dict[str, Any], UntrackedValue(dict)]
    plan: dict[str, Any] | None
    plans: Rows
    pending: dict[str, Any] | None
    """The action under way: {action, reasoning, lease}; None between rounds."""
    outcome: dict[str, Any] | None
    rounds: Rows
    replan: str | None
    """Why the plan must be looked at again; None when it need not."""
    hint: str | None
    """A word to the executor for the next round (a stall, a refused finish)."""
    stall: dict[str, Any]
    refusals: int
    usage: dict[str, Any]
    seconds: float
    answer: str | None
    ending: dict[str, Any] | None
