"""The graph's state: plain JSON values, so that checkpoints survive refactoring and Studio can edit them.

Every channel stores what was written, not its whole value in every checkpoint (`DeltaChannel`): a checkpoint grows by
what a round adds, whatever the length of the run and the size of the page.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from langchain_core.messages import AnyMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.channels.untracked_value import UntrackedValue
from langgraph.graph.message import _messages_delta_reducer
from typing_extensions import TypedDict  # pydantic makes Studio's schemas of these; 3.11's own it cannot read


def _extend(rows: list[Any], writes: Sequence[list[Any]]) -> list[Any]:
    return [*rows, *(row for write in writes for row in write)]


def _last(_: Any, writes: Sequence[Any]) -> Any:
    return writes[-1]


def _merge(old: dict[str, Any], writes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for part in (old, *writes) for key, value in part.items()}


Rows = Annotated[list[dict[str, Any]], DeltaChannel(_extend, list)]
"""A list that only grows."""

Facts = Annotated[dict[str, Any], DeltaChannel(_last, dict)]
"""A mapping whose last write counts; empty until written."""

Merged = Annotated[dict[str, Any], DeltaChannel(_merge, dict)]
"""A mapping to which writes add keys, or replace them."""

Text = Annotated[str, DeltaChannel(_last, str)]
"""A string whose last write counts; empty until written."""

Messages = Annotated[list[AnyMessage], DeltaChannel(_messages_delta_reducer, list)]


class Page(TypedDict, total=False):
    """The live page that state speaks of. The page itself is never in state."""

    session: str
    """Key of the session in the browser pool."""
    rev: str
    """Changes with every save; a live page with another rev is not the one state speaks of."""
    url: str
    title: str
    tabs: list[str]
    storage: str | None
    """Hash of the login state (cookies, local storage) among the private artefacts."""
    fingerprint: str
    observation: str
    """Hash of the observation's text among the artefacts."""
    screenshot: str | None


class Pending(TypedDict, total=False):
    """The action under way, from the executor's decision to the observation of what it did."""

    action: dict[str, Any]
    reasoning: str | None
    call: str
    """Id of the tool call that stands for it among the messages."""
    element: str
    """The label of its element as the page has it; models may write less, or other words."""
    lease: str
    """Right to carry it out once, in the process that issued it (`agent.lease`)."""
    outcome: dict[str, Any]
    url: str
    title: str
    tabs: int
    """Of the page before the action, and how many tabs there were."""
    target: list[float] | None
    seconds: float


class Control(TypedDict, total=False):
    """What steers the next round."""

    replan: str
    """Why the plan must be looked at again; absent when it need not."""
    reviewed: bool
    """Whether a person has let the first plan pass."""
    hint: str
    """A word to the executor for the next round: a stall, a refused finish, a restored page."""
    repeats: int
    """How often in a row the same action met the same page."""
    same: str
    """What is being repeated."""
    refusals: int
    """How often a claimed finish was refused."""


class Input(TypedDict, total=False):
    """What starts a run: a task and the URL it starts on, or a chat message that holds both."""

    task: Text
    url: Text
    messages: Messages


class Output(TypedDict, total=False):
    """What a run leaves: the answer, how it ended, and everything that was done."""

    answer: Text
    ending: Facts
    plans: Rows
    rounds: Rows
    usage: Merged
    messages: Messages


class State(TypedDict, total=False):
    """What the nodes read and write. Values are dumps of the models in `plan_and_act.trajectory`."""

    task: Text
    url: Text
    settings: Facts
    """The limits and the replan policy, copied from the context at the start, so that routers read nothing else."""
    messages: Messages
    page: Merged
    """A `Page`."""
    observation: Annotated[dict[str, Any], UntrackedValue(dict)]
    """The page as the models see it: taken anew after a resume, never checkpointed."""
    plans: Rows
    """Every revision of the plan; the last one counts."""
    pending: Facts
    """A `Pending`; empty between rounds."""
    rounds: Rows
    control: Facts
    """A `Control`."""
    usage: Merged
    """`Usage` by role."""
    seconds: Annotated[float, DeltaChannel(_last, float)]
    """Seconds worked up to the last observation; waiting for a person does not count."""
    worked: Annotated[float, UntrackedValue(float)]
    """Seconds worked since then."""
    answer: Text
    ending: Facts
    """An `Ending`; empty while the run goes on."""
