"""What the three ways in which an executor may speak have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from plan_and_act.actions import ACTIONS, AnyAction
from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.shape import Parsed, ShapeError

FormatName = Literal["tools", "text", "json"]

_REASONING = 300
_ARGUMENT = 600


class PageElement(Protocol):
    """What a format needs to know of an element of the page (`plan_and_act.browser.observation.Element` has it)."""

    @property
    def role(self) -> str:
        """ARIA role."""

    @property
    def label(self) -> str:
        """The element as the observation prints it, e.g. link "Blue Kettle #17"."""


def available(*, ask: bool = False, replan: bool = True, upload: bool = False, tabs: bool = True) -> tuple[str, ...]:
    """The names of the actions an executor may choose, in the order in which they are presented.

    Args:
        ask: Whether a person is there to answer questions.
        replan: Whether there is a plan that can be made anew.
        upload: Whether there is a folder with files to upload.
        tabs: Whether there is more than one tab.
    """
    offered = {"ask": ask, "replan": replan, "upload": upload, "switch_tab": tabs, "close_tab": tabs}
    left_out = {name for name, kept in offered.items() if not kept}
    return tuple(name for name in ACTIONS if name not in left_out)


class ActionFormat(ABC):
    """How an executor speaks: what it is told, what is asked of the endpoint, and how its answer is read and written.

    Args:
        actions: The names of the actions that may be chosen, from `available`.
        brief: Whether the model has been trained on this format: it is told nothing of it, and gives no reasons where
            a schema would ask for them.
    """

    name: ClassVar[FormatName]

    def __init__(self, actions: Sequence[str], *, brief: bool = False) -> None:
        self.actions = tuple(actions)
        self.brief = brief

    @abstractmethod
    def instructions(self) -> str:
        """How to answer, for the system prompt. The same for a whole run, so that prompt caches hold it."""

    @abstractmethod
    def form(self, name: str) -> str:
        """An example of one action in this format."""

    @abstractmethod
    def render(self, action: AnyAction, reasoning: str | None = None) -> str:
        """An action as the model writes it; `parse` reads it back."""

    @abstractmethod
    def read(self, reply: Reply) -> Parsed:
        """The action in an answer.

        Raises:
            ShapeError: There is none.
        """

    def parse(self, reply: Reply) -> Parsed:
        """The action in an answer.

        Raises:
            ModelOutputError: There is none; the message tells the model what was wrong and shows the right form.
        """
        try:
            return self.read(reply)
        except ShapeError as error:
            msg = f"{error} Write it like this: {self.form(error.action or 'click')}"
            raise ModelOutputError(msg) from error

    def request(
        self,
        model: BaseChatModel,
        elements: Mapping[int, PageElement],
        steps: int = 0,
        scrolls: Sequence[str] = ("down", "up"),
    ) -> dict[str, Any]:
        """What to ask of the endpoint besides the messages: keyword arguments of `plan_and_act.llm.call.call`.

        Args:
            elements: The elements of the current page by number.
            steps: How many steps the plan has; 0 without a plan.
            scrolls: Where the page can be scrolled.
        """
        return {}

    def decision(self, index: int, action: AnyAction, reasoning: str | None = None) -> AIMessage:
        """The assistant's message that decides on an action, as a model should write it."""
        return AIMessage(self.render(action, reasoning))

    def turn(self, index: int, action: AnyAction, reasoning: str | None = None) -> AIMessage:
        """The assistant's message of a past round, with what is very long cut."""
        return self.decision(index, clipped(action), _shortened(reasoning))

    def answer(self, index: int, text: str) -> BaseMessage:
        """The message that answers an assistant's message: the outcome of the action, or what was wrong with it."""
        return HumanMessage(text)


def clipped(action: AnyAction) -> AnyAction:
    """The action with very long arguments cut, for the rounds in a prompt: a page of typed text is not sent again."""
    long = {
        name: f"{value[:_ARGUMENT]}..."
        for name, value in action
        if isinstance(value, str) and len(value) > _ARGUMENT and name not in ("action", "element")
    }
    return action.model_copy(update=long) if long else action


def _shortened(reasoning: str | None) -> str | None:
    text = " ".join((reasoning or "").split())
    return (text if len(text) <= _REASONING else f"{text[:_REASONING]}...") or None
