"""What is evaluated: the agent with its settings, or a suite's own solvers."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.memory import InMemorySaver

from plan_and_act.agent import Context, Input, create_agent, to_trajectory
from plan_and_act.evaluation.suite import Agent, Attempt, Start
from plan_and_act.trajectory import Ending, Role, Trajectory

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


def web_agent(context: Context, *, models: Mapping[Role, str | BaseChatModel] | None = None) -> Agent:
    """The agent of this package.

    Args:
        context: Its settings; those a suite insists on replace them. `max_seconds` holds even where a model hangs.
        models: Chat models by role, as `create_agent` takes them.
    """

    async def run(attempt: Attempt, start: Start) -> Trajectory:
        settings = Context.model_validate({**context.model_dump(), **start.settings})
        graph = create_agent(
            models=models,
            private_origins=start.private_origins,
            uploads=start.session.uploads,
            artefacts=attempt.artefacts,
            session=start.session,
            keep_open=True,
            checkpointer=InMemorySaver(),
        )
        config: Any = {"configurable": {"thread_id": attempt.token}}
        begin = Input(task=start.task.intent, url=start.task.url)
        stream = graph.astream(begin, config, context=settings, stream_mode="updates")
        ending = None
        try:
            async with asyncio.timeout(settings.max_seconds), aclosing(cast("AsyncGenerator[Any]", stream)) as updates:
                async for update in updates:
                    if "act" in update:
                        await attempt.over()
                    elif "observe" in update and attempt.score:
                        # The round that ended the episode is recorded by now.
                        break
        except TimeoutError:
            message = f"{settings.max_seconds:.0f} s have passed, and the model or the page had not answered."
            ending = Ending(status="stopped", reason="deadline", message=message)
        done = to_trajectory((await graph.aget_state(config)).values, attempt.token)
        done.ending = done.ending or ending
        return done

    return run
