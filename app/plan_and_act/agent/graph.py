"""The state graph: nodes, edges, compile."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from typing import Any, cast, get_args

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs
from langgraph.constants import END, START
from langgraph.errors import GraphBubbleUp
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from langgraph.types import Checkpointer, TracePolicy

from plan_and_act.agent import routing
from plan_and_act.agent.act import act
from plan_and_act.agent.approve import approve
from plan_and_act.agent.ask import ask
from plan_and_act.agent.close import close
from plan_and_act.agent.context import Context
from plan_and_act.agent.executor import executor
from plan_and_act.agent.observe import observe
from plan_and_act.agent.planner import planner
from plan_and_act.agent.replan import replan
from plan_and_act.agent.review import review
from plan_and_act.agent.rules import Policy, rules_of
from plan_and_act.agent.run import SESSIONS, Run, Services
from plan_and_act.agent.start import start
from plan_and_act.agent.state import Input, Output, State
from plan_and_act.agent.verify import verify
from plan_and_act.artefacts import Artefacts, open_artefacts
from plan_and_act.browser.pool import pool
from plan_and_act.browser.secrets import Secrets
from plan_and_act.browser.session import SessionOptions
from plan_and_act.errors import BrowserLostError, PageError
from plan_and_act.llm import keep_pages_out_of_traces, pages_are_traced
from plan_and_act.telemetry import tell
from plan_and_act.trajectory import Ending, EndingReason, Role

Node = Callable[[State, Run], Awaitable[dict[str, Any]]]

NAME = "plan_and_act"

_RECURSION_LIMIT = 10_000
"""Far beyond what `max_rounds` allows (at most 5 supersteps a round); the limits in state end a run first."""


class Agent(CompiledStateGraph[State, Context, Input, Output]):
    """A graph of LangGraph, of which a run that is cancelled gives its browser session back.

    One that fails keeps it for whoever resumes it, until another run needs its place.
    """

    async def astream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """As LangGraph's. A run that is resumed after it was cancelled gets its page opened anew."""
        sessions: set[str] = set()
        # The limit of steps of a graph or a chain around is meant for that.
        own: RunnableConfig = {"recursion_limit": _RECURSION_LIMIT, "configurable": {SESSIONS: sessions}}
        config = merge_configs(config, own)
        try:
            stream = cast("AsyncGenerator[Any, None]", super().astream(input, config, **options))
            async with aclosing(stream) as parts:
                async for part in parts:
                    yield part
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.gather(*map(pool().release, sessions)))
            raise
        except GraphBubbleUp:  # in a graph around this one: a person is waited for
            raise
        except Exception:
            for key in sessions:
                pool().spare(key)
            raise


def create_agent(
    *,
    models: Mapping[Role, str | BaseChatModel] | None = None,
    context: Context | None = None,
    secrets: Secrets | None = None,
    allowed_origins: Sequence[str] = (),
    private_origins: Sequence[str] = (),
    approval: Policy = "never",
    uploads: Path | None = None,
    artefacts: Artefacts | None = None,
    headed: bool = False,
    session: SessionOptions | None = None,
    keep_open: bool = False,
    checkpointer: Checkpointer = None,
    store: BaseStore | None = None,
) -> Agent:
    """The agent as a compiled LangGraph graph, to be run, streamed, served or embedded.

    Source: PLAN-AND-ACT (arXiv 2503.09572) section 3 and figure 1.

    Args:
        models: Chat models by role, as objects or `provider:name`. A missing role uses the planner's; without any, the
            context, the environment and at last the embedded model decide.
        context: Settings for runs that bring none of their own (a run's context replaces it as a whole).
        secrets: Values that models must never see; they write `<secret:name>` instead.
        allowed_origins: The only origins any run may reach; a run's own setting narrows them. Empty: any public origin.
        private_origins: Origins on private addresses (localhost, a company's network) it may reach; `*` for all.
        approval: Which actions a person must approve, or nobody may have carried out, whatever a run's context says:
            `risky`, `always`, or a list of `ApprovalRule`s. A run's own policy decides what these leave open.
        uploads: Folder whose files the agent may upload.
        artefacts: Where observations, screenshots and login states are kept; `.plan-and-act` when left out.
        headed: Show the browser's window.
        session: What browser sessions are made with beyond what the context and these arguments say, e.g. a login
            state to begin with.
        keep_open: Leave a run's browser session open at its end, for who judges it; `pool().release` closes it.
        checkpointer: Keeps threads, so that runs can be resumed, forked and answered. LangGraph Server brings its own.
        store: LangGraph's long-term store, for graphs this one is part of.

    Returns:
        A graph that takes `{"task": ..., "url": ...}` (or `messages`) and returns `answer`, `ending` and `rounds`.
    """
    services = Services(
        models=dict(models or {}),
        context=context or Context(),
        secrets=secrets or Secrets(),
        allowed_origins=tuple(allowed_origins),
        private_origins=tuple(private_origins),
        approval=rules_of(approval),
        uploads=uploads,
        artefacts=artefacts or open_artefacts(),
        headed=headed,
        session=session or SessionOptions(),
        keep_open=keep_open,
    )
    graph = StateGraph(State, context_schema=Context, input_schema=Input, output_schema=Output)
    nodes: list[Node] = [start, observe, planner, review, executor, approve, ask, act, replan, verify, close]
    for node in nodes:
        graph.add_node(node.__name__, _bound(node, services), trace_policy=_trace_policy())
    graph.add_edge(START, "start")
    graph.add_edge("start", "observe")
    graph.add_conditional_edges("observe", routing.Route(routing.after_observe), _paths(routing.AfterObserve))
    graph.add_conditional_edges("planner", routing.Route(routing.after_plan), _paths(routing.AfterPlan))
    graph.add_conditional_edges("replan", routing.Route(routing.after_plan), _paths(routing.AfterPlan))
    graph.add_conditional_edges("review", routing.Route(routing.after_review), _paths(routing.AfterReview))
    graph.add_conditional_edges("executor", routing.Route(routing.after_executor), _paths(routing.AfterExecutor))
    graph.add_conditional_edges("approve", routing.Route(routing.after_approve), _paths(routing.AfterApprove))
    graph.add_edge("ask", "observe")
    graph.add_edge("act", "observe")
    graph.add_conditional_edges("verify", routing.Route(routing.after_verify), _paths(routing.AfterVerify))
    graph.add_edge("close", END)
    compiled = Agent(**vars(graph.compile(checkpointer=checkpointer, store=store, name=NAME)))
    config: RunnableConfig = {}
    if checkpointer:
        # The decision is on disk before its action begins, so that a killed run knows what may have happened. Without
        # (a server that writes later) it looks at the page and decides anew.
        config["configurable"] = {"__pregel_durability": "sync"}
    return compiled.with_config(config)


def _paths(targets: Any) -> list[str]:
    return list(get_args(targets))


def _trace_policy() -> TracePolicy | None:
    """Node runs in LangSmith carry the state; without page text when that is switched off."""
    if pages_are_traced():
        return None
    keep_pages_out_of_traces()
    return TracePolicy(process_inputs=_without_pages, process_outputs=_without_pages)


def _without_pages(value: Any) -> Any:
    return {k: v for k, v in value.items() if k != "observation"} if isinstance(value, dict) else value


def _a_person_is_next(node: Node, state: State) -> bool:
    """Whether the run may wait now, and lose what is not checkpointed."""
    if node is executor:
        return routing.after_executor(state) in ("approve", "ask")
    return node is planner and routing.after_plan(state) == "review"


def _bound(node: Node, services: Services) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The node as LangGraph calls it, with what it needs, its time counted, and a lost browser as an ending."""

    async def run(state: State, config: RunnableConfig, runtime: Runtime[Context]) -> dict[str, Any]:
        began = monotonic()
        # A parent graph's context comes down to this one; only one of our own kind is meant for it.
        context = runtime.context if isinstance(runtime.context, Context) else services.context
        try:
            update = await node(state, Run(services, context, config, runtime.stream_writer))
        except (BrowserLostError, PageError) as error:
            reason: EndingReason = "browser_lost" if isinstance(error, BrowserLostError) else "page_unreachable"
            message = services.secrets.redact(str(error))
            update = {"ending": Ending(status="failed", reason=reason, message=message).model_dump()}
        took = monotonic() - began
        tell(node.__name__, state, update, config, took)
        worked = (state.get("worked") or 0.0) + took
        if node not in (observe, close) and not _a_person_is_next(node, {**state, **update}):  # type: ignore[typeddict-item]
            return update | {"worked": worked}
        return update | {"seconds": round((state.get("seconds") or 0.0) + worked, 3), "worked": 0.0}

    run.__name__ = node.__name__
    run.__doc__ = node.__doc__
    return run
