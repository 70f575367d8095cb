"""One run in this process: its graph, its checkpoints, its browser."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

from langgraph.types import Command, StateSnapshot

from plan_and_act.agent.context import Context
from plan_and_act.agent.graph import Agent, create_agent
from plan_and_act.artefacts import open_artefacts
from plan_and_act.browser.pool import pool
from plan_and_act.browser.secrets import Secrets
from plan_and_act.checkpoints import in_words, open_checkpoints
from plan_and_act.cli.person import Question
from plan_and_act.cli.progress import Progress
from plan_and_act.cli.record import RunRecord
from plan_and_act.cli.views import View
from plan_and_act.errors import CheckpointError, ConfigError
from plan_and_act.llm import choose


class Engine:
    """Streams a run and tells a view of it.

    Args:
        record: The run.
        checkpoints: Where checkpoints are kept; see `open_checkpoints`.
    """

    def __init__(self, record: RunRecord, checkpoints: str | None) -> None:
        self.record = record
        self.artefacts = open_artefacts()
        self._checkpoints = checkpoints
        self._stack = AsyncExitStack()
        self._graph: Agent | None = None
        self.stopped = False
        """Whether the run has been interrupted: an interrupt that comes before the loop runs leaves `stream` to it."""

    async def open(self) -> None:
        """Open the checkpoints and make the graph; the browser starts when it is needed.

        Raises:
            CheckpointError: When the checkpoints cannot be used.
            ConfigError: When a setting or the file of secrets cannot be used.
        """
        record = self.record
        secrets = Secrets.load(Path(record.secrets)) if record.secrets else Secrets.from_environment()
        saver = await self._stack.enter_async_context(open_checkpoints(self._checkpoints))
        self._graph = create_agent(
            context=self.context,
            secrets=secrets,
            private_origins=record.private_origins,
            uploads=Path(record.uploads) if record.uploads else None,
            artefacts=self.artefacts,
            headed=record.headed,
            checkpointer=saver,
        )

    async def close(self) -> None:
        """Close the browser and the checkpoints."""
        await pool().close()
        await self._stack.aclose()

    @property
    def context(self) -> Context:
        """The run's settings; screenshots are taken for the report."""
        return Context.model_validate({**self.record.context, "screenshots": self.record.report})

    async def snapshot(self) -> StateSnapshot:
        """Where the run stands.

        Raises:
            CheckpointError: When the checkpoints cannot be read.
        """
        try:
            return await self._agent.aget_state(_config(self.record.thread))
        except sqlite3.Error as error:
            raise in_words(error) from error

    async def stream(self, graph_input: Any, view: View) -> None:
        """Let the run go on until it ends, waits for a person, or is cancelled; checkpoints hold what was done.

        Args:
            graph_input: What starts the run, `Command(resume=...)`, or None to go on.
            view: Is told what happens.

        Raises:
            PlanAndActError: When the run cannot go on; it can be resumed once the cause is gone.
        """
        if self.stopped:
            return
        progress = Progress((await self.snapshot()).values)
        view.start(progress)
        try:
            async for part in self._agent.astream(
                graph_input,
                _config(self.record.thread),
                context=self.context,
                stream_mode=["updates", "custom"],
                version="v2",
                durability="sync",
            ):
                data: Any = part["data"]
                if part["type"] == "custom":
                    for event in progress.told(data):
                        view.event(event)
                    continue
                for node, update in data.items():
                    if isinstance(update, Mapping):
                        for event in progress.update(node, update):
                            view.event(event)
                        self._note(progress)
        except sqlite3.Error as error:
            raise in_words(error) from error
        finally:
            view.stop()

    async def fork(self, thread: str, round_: int) -> None:
        """Make this run a copy of another one as it was before a round.

        Args:
            thread: The other run.
            round_: The round to be done anew, from 1.

        Raises:
            CheckpointError: When the other run has no checkpoint before that round.
        """
        try:
            found = await self._before(thread, round_)
        except sqlite3.Error as error:
            raise in_words(error) from error
        values = {name: value for name, value in found.items() if name != "observation"}
        context = self.context.model_dump(mode="json")
        values["settings"] = {name: context.get(name, value) for name, value in found["settings"].items()}
        values["settings"]["made_by"] = {**found["settings"]["made_by"], **await asyncio.to_thread(self._made_by)}
        # A session of its own: the new run gets the saved page and login state, not the other one's live page.
        values["page"] = {**found["page"], "session": uuid4().hex[:12]}
        await self._agent.aupdate_state(_config(self.record.thread), values, as_node="observe")

    def _made_by(self) -> dict[str, Any]:
        """What a fork is made by otherwise than the run it is of."""
        context = self.context
        models = {role: choose(role, context.named_models, {}).name for role in context.roles}
        return {"models": models, "config": context.model_dump(mode="json", exclude_defaults=True)}

    async def _before(self, thread: str, round_: int) -> dict[str, Any]:
        rounds = 0
        async for snapshot in self._agent.aget_state_history(_config(thread)):
            done = len(snapshot.values.get("rounds") or [])
            rounds = max(rounds, done)
            if done == round_ - 1 and snapshot.next == ("executor",):
                return dict(snapshot.values)
        msg = f"The run {thread!r} has {rounds} rounds and no checkpoint before round {round_}"
        raise CheckpointError(msg)

    def _note(self, progress: Progress) -> None:
        """Keep the record true, also for a run that is killed."""
        record, total = self.record, progress.total
        if record.rounds != len(progress.rounds):
            record.rounds = len(progress.rounds)
            record.tokens, record.cost = total.input_tokens + total.output_tokens, total.cost
            record.save()

    @property
    def _agent(self) -> Agent:
        if self._graph is None:
            msg = "open() comes first"
            raise RuntimeError(msg)
        return self._graph


def question_of(snapshot: StateSnapshot) -> Question | None:
    """What the run waits for, or None."""
    return snapshot.interrupts[0].value if snapshot.interrupts else None


def beginning(record: RunRecord, snapshot: StateSnapshot, answer: Any) -> Any:
    """What to give the graph: the task when nothing is checkpointed yet, a person's answer, or None to go on.

    Raises:
        ConfigError: When the run has ended.
    """
    if not snapshot.values and not snapshot.next:
        return {"task": record.task, "url": record.url}
    if answer is not None:
        return Command(resume=answer)
    if not snapshot.next:
        msg = f"The run {record.thread!r} has ended; `plan-and-act fork {record.thread} --round N` does a round anew"
        raise ConfigError(msg)
    return None


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}
