"""What goes over the wire: the bodies that are taken, and threads, runs and states as LangGraph's SDK reads them."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from plan_and_act.agent.context import Context
from plan_and_act.agent.state import State
from plan_and_act.server.records import Run, Thread
from plan_and_act.server.worker import interrupt_in_plain

GRAPH = "agent"
ASSISTANT = str(uuid5(NAMESPACE_URL, "plan-and-act/agent"))
"""Id of the one assistant there is; runs may also name it `agent`."""

_MOST = 2**31 - 1
"""The largest number that every database takes."""

_STATE = TypeAdapter(State)

StreamMode = Literal["values", "updates", "custom", "messages"]


class _Body(BaseModel):
    # What is not known is refused, not passed over: a caller who asks for a webhook must learn that there is none.
    model_config = ConfigDict(extra="forbid")


class Checkpoint(BaseModel):
    """A place in a thread's history, as clients got it; of what it holds, the id says all."""

    checkpoint_id: str | None = None


class _PlacedBody(_Body):
    checkpoint_id: str | None = None
    checkpoint: Checkpoint | None = None

    @property
    def place(self) -> str | None:
        """The id of the checkpoint that is meant; None is the newest."""
        return self.checkpoint_id or (self.checkpoint.checkpoint_id if self.checkpoint else None)


class ThreadBody(_Body):
    """A thread to be made."""

    thread_id: str | None = Field(None, max_length=64)
    metadata: dict[str, Any] = Field(default_factory=dict)
    if_exists: Literal["raise", "do_nothing"] = "raise"


class DescribeBody(_Body):
    """What is added to a thread's metadata."""

    metadata: dict[str, Any]


class SearchBody(_Body):
    """Which threads to list."""

    metadata: dict[str, Any] = Field(default_factory=dict)
    status: str | None = None
    limit: int = Field(10, ge=1, le=1_000)
    offset: int = Field(0, ge=0, le=_MOST)
    sort_by: Literal["updated_at"] = "updated_at"
    sort_order: Literal["desc"] = "desc"
    select: list[str] | None = None


class AssistantsBody(_Body):
    """Which assistants to list."""

    graph_id: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    limit: int = 10
    offset: int = 0
    sort_by: str | None = None
    sort_order: str | None = None
    select: list[str] | None = None


class CommandBody(_Body):
    """An answer to what the run waits for, or a change of state to go on with."""

    resume: Any = None
    update: Any = None
    goto: str | list[str] | None = None


class RunBody(_PlacedBody):
    """A run to be carried out."""

    assistant_id: str
    input: dict[str, Any] | None = None
    command: CommandBody | None = None
    context: Context | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    stream_mode: list[StreamMode] = Field(default=["values"])
    interrupt_before: list[str] | Literal["*"] | None = None
    interrupt_after: list[str] | Literal["*"] | None = None
    multitask_strategy: Literal["enqueue", "reject", "interrupt"] = "enqueue"
    if_not_exists: Literal["create", "reject"] = "reject"
    on_disconnect: Literal["cancel", "continue"] = "continue"
    on_completion: Literal["keep"] = "keep"
    durability: Literal["sync"] = "sync"
    stream_subgraphs: Literal[False] = False
    stream_resumable: bool = True

    @field_validator("assistant_id")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in (GRAPH, ASSISTANT):
            msg = f"there is no assistant {value!r}; this server has {GRAPH!r}"
            raise ValueError(msg)
        return value

    @field_validator("stream_mode", mode="before")
    @classmethod
    def _modes(cls, value: Any) -> Any:
        modes = [value] if isinstance(value, str) else value
        return [{"messages-tuple": "messages"}.get(mode, mode) for mode in modes] if isinstance(modes, list) else modes

    @field_validator("durability", mode="before")
    @classmethod
    def _always_sync(cls, value: Any) -> Any:
        return "sync" if value in ("async", "exit") else value

    def asked(self) -> dict[str, Any]:
        """What the worker is told."""
        kept = {name: self.config[name] for name in ("tags", "metadata", "recursion_limit") if self.config.get(name)}
        asked = {
            "input": self.input,
            "command": self.command.model_dump(exclude_none=True) if self.command else None,
            "checkpoint_id": self.place,
            "config": kept,
            "stream_mode": self.stream_mode,
            "interrupt_before": self.interrupt_before,
            "interrupt_after": self.interrupt_after,
        }
        if self.context is not None:
            asked["context"] = self.context.model_dump(mode="json", exclude_unset=True)
        return asked


class StateBody(_PlacedBody):
    """A change of a thread's state."""

    values: dict[str, Any] | list[dict[str, Any]] | None = None
    as_node: str | None = None

    @field_validator("values")
    @classmethod
    def _fits(cls, value: Any) -> Any:
        if isinstance(value, dict):
            if unknown := value.keys() - State.__annotations__.keys():
                msg = f"the state has no {', '.join(sorted(unknown))}"
                raise ValueError(msg)
            # LangGraph reads messages in several forms, and a channel's whole new value from `__overwrite__`.
            own = {name: _overwriting(one) for name, one in value.items() if name != "messages"}
            _STATE.validate_python(own)
        return value


class RunsQuery(BaseModel):
    """Which runs of a thread to list."""

    status: str | None = None
    limit: int = Field(10, ge=1, le=1_000)
    offset: int = Field(0, ge=0, le=_MOST)


class HistoryBody(_Body):
    """Which checkpoints to tell of."""

    limit: int = Field(10, ge=1, le=1_000)
    before: Checkpoint | str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    checkpoint: Checkpoint | None = None


def thread_in_plain(thread: Thread, snapshot: StateSnapshot | None = None) -> dict[str, Any]:
    """A thread, with its values where they are asked for."""
    plain: dict[str, Any] = {
        "thread_id": thread.thread_id,
        "created_at": thread.created_at.isoformat(),
        "updated_at": thread.updated_at.isoformat(),
        "metadata": {**thread.metadata, "graph_id": GRAPH},
        "status": thread.status,
        "config": {},
        "values": None,
        "interrupts": {},
    }
    if snapshot is not None:
        waiting = {task.id: [interrupt_in_plain(each) for each in task.interrupts] for task in snapshot.tasks}
        plain |= {"values": snapshot.values or None, "interrupts": {k: v for k, v in waiting.items() if v}}
    return plain


def run_in_plain(run: Run) -> dict[str, Any]:
    """A run."""
    return {
        "run_id": run.run_id,
        "thread_id": run.thread_id,
        "assistant_id": ASSISTANT,
        "created_at": run.created_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
        "status": run.status,
        "metadata": run.metadata,
        "kwargs": run.asked,
        "multitask_strategy": run.strategy,
    }


def state_in_plain(snapshot: StateSnapshot) -> dict[str, Any]:
    """A thread's state at a checkpoint."""
    place, parent = _place(snapshot.config), _place(snapshot.parent_config)
    return {
        "values": snapshot.values,
        "next": list(snapshot.next),
        "tasks": [
            {
                "id": task.id,
                "name": task.name,
                "path": list(task.path),
                "error": str(task.error) if task.error else None,
                "interrupts": [interrupt_in_plain(each) for each in task.interrupts],
                "checkpoint": None,
                "state": None,
                "result": task.result,
            }
            for task in snapshot.tasks
        ],
        "metadata": snapshot.metadata,
        "created_at": snapshot.created_at,
        "checkpoint": place,
        "parent_checkpoint": parent,
        "interrupts": [interrupt_in_plain(each) for each in snapshot.interrupts],
        "checkpoint_id": (place or {}).get("checkpoint_id"),
        "parent_checkpoint_id": (parent or {}).get("checkpoint_id"),
    }


def _overwriting(value: Any) -> Any:
    return value["__overwrite__"] if isinstance(value, dict) and value.keys() == {"__overwrite__"} else value


def _place(config: RunnableConfig | Mapping[str, Any] | None) -> dict[str, Any] | None:
    place = (config or {}).get("configurable") or {}
    names = ("thread_id", "checkpoint_ns", "checkpoint_id")
    return {name: place.get(name, "") for name in names} if place.get("checkpoint_id") else None
