"""Every conditional edge of the graph: pure functions of state, with path maps so that Studio draws the labels."""

from collections.abc import Callable
from typing import Any, Literal

from langchain_core.runnables import Runnable, RunnableConfig

from plan_and_act.actions import ACTIONS
from plan_and_act.agent.policy import approval_of
from plan_and_act.agent.state import State

AfterObserve = Literal["planner", "replan", "executor", "close"]
AfterPlan = Literal["review", "executor", "observe", "close"]
AfterReview = Literal["observe", "close"]
AfterExecutor = Literal["approve", "ask", "act", "verify", "observe", "close"]
AfterApprove = Literal["act", "observe", "close"]
AfterVerify = Literal["observe", "close"]


class Route(Runnable[Any, str]):
    """A conditional edge that is decided on the spot.

    LangGraph decides a function's in a thread. A run that is cancelled meanwhile may have kept what its node wrote and
    not where it goes on: it could never be resumed.
    """

    def __init__(self, decide: Callable[[Any], str]) -> None:
        self.decide, self.name = decide, decide.__name__

    def invoke(self, input: Any, config: RunnableConfig | None = None, **_: Any) -> str:  # noqa: A002
        """Decide."""
        return self.decide(input)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **_: Any) -> str:  # noqa: A002
        """Decide."""
        return self.decide(input)


def after_observe(state: State) -> AfterObserve:
    """Plan first; then act, unless the plan must be looked at again or the run is over."""
    if state.get("ending"):
        return "close"
    if state["settings"]["planning"] != "none" and not state.get("plans"):
        return "planner"
    return "replan" if (state.get("control") or {}).get("replan") else "executor"


def after_plan(state: State) -> AfterPlan:
    """A plan is carried out; no plan after all tries ends the run; nothing to plan on (after a resume): observe.

    Where a person is to see the plan first, they do before anything is done.
    """
    if state.get("ending"):
        return "close"
    if not state.get("observation"):
        return "observe"
    begun = state.get("rounds") or (state.get("control") or {}).get("reviewed")
    return "review" if state["settings"]["review_plan"] and not begun else "executor"


def after_review(state: State) -> AfterReview:
    """The page is looked at again, since hours may lie between; then the plan is carried out, or made anew."""
    return "close" if state.get("ending") else "observe"


def after_executor(state: State) -> AfterExecutor:
    """By the kind of action decided on; without one (nothing to decide on, after a resume) back to observe."""
    if state.get("ending"):
        return "close"
    action = (state.get("pending") or {}).get("action")
    if not action:
        return "observe"
    if action["action"] == "finish":
        return "verify"
    if action["action"] == "ask":
        return "ask"
    if not ACTIONS[action["action"]].on_page:
        return "observe"
    return "approve" if approval_of(state).decision == "ask" else "act"


def after_approve(state: State) -> AfterApprove:
    """An approved or edited action is carried out, a rejected one goes back to the executor."""
    if state.get("ending"):
        return "close"
    return "observe" if state["pending"].get("outcome") else "act"


def after_verify(state: State) -> AfterVerify:
    """A claim that holds ends the run; a refused one is observed and, by the policy, replanned."""
    return "close" if state.get("ending") else "observe"
