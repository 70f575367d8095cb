"""The graph API: what LangGraph's SDK, `RemoteGraph` and the operator's page ask of a server, on `Runs` and a graph.

It is the part of LangGraph Server's API that a web agent needs; what is not here is refused with a word, not ignored.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from langgraph.errors import InvalidUpdateError
from langgraph.types import StateSnapshot
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from plan_and_act.agent.graph import Agent
from plan_and_act.errors import (
    BusyThreadError,
    CheckpointError,
    ConfigError,
    NoSuchRunError,
    NoSuchThreadError,
    PlanAndActError,
    QueueFullError,
    QuotaError,
)
from plan_and_act.server import shapes
from plan_and_act.server.queue import to_json
from plan_and_act.server.records import UNFINISHED, Run, Thread
from plan_and_act.server.runs import Runs
from plan_and_act.server.worker import Worker, config_of, forget, interrupt_in_plain

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

B = TypeVar("B", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger(__name__)

LOOK = 0.1
"""Seconds between two looks for what a run has streamed meanwhile."""
PING = 15
"""Seconds after which a silent stream says that it is still there."""

_STATUS: dict[type[PlanAndActError], int] = {
    NoSuchThreadError: 404,
    NoSuchRunError: 404,
    CheckpointError: 404,
    BusyThreadError: 409,
    ConfigError: 422,
    QuotaError: 429,
    QueueFullError: 503,
}


class Api:
    """The handlers of the API's routes.

    Args:
        runs: Threads and runs.
        agent: The graph, with its checkpointer.
        worker: The worker of this process, which is told at once of what is new.
    """

    def __init__(self, runs: Runs, agent: Agent, worker: Worker) -> None:
        self._runs = runs
        self._agent = agent
        self._worker = worker

    def routes(self) -> list[BaseRoute]:
        """The API as routes, with the errors of this package as answers."""
        thread, run = "/threads/{thread}", "/threads/{thread}/runs/{run}"
        table: list[tuple[str, str, Callable[[Request, str], Awaitable[Response]]]] = [
            ("POST", "/assistants/search", self._assistants),
            ("GET", "/assistants/{assistant}", self._assistant),
            ("GET", "/assistants/{assistant}/schemas", self._schemas),
            ("GET", "/assistants/{assistant}/graph", self._graph),
            ("POST", "/threads", self._make_thread),
            ("POST", "/threads/search", self._search),
            ("GET", thread, self._get_thread),
            ("PATCH", thread, self._describe_thread),
            ("DELETE", thread, self._delete_thread),
            ("GET", f"{thread}/state", self._state),
            ("POST", f"{thread}/state", self._update_state),
            ("GET", f"{thread}/state/{{checkpoint}}", self._state),
            ("POST", f"{thread}/history", self._history),
            ("GET", f"{thread}/runs", self._list_runs),
            ("POST", f"{thread}/runs", self._create_run),
            ("POST", f"{thread}/runs/stream", self._stream_run),
            ("POST", f"{thread}/runs/wait", self._wait_run),
            ("GET", run, self._get_run),
            ("GET", f"{run}/join", self._join_run),
            ("GET", f"{run}/stream", self._join_stream),
            ("POST", f"{run}/cancel", self._cancel_run),
            ("POST", "/runs/stream", self._stream_run),
            ("POST", "/runs/wait", self._wait_run),
        ]
        return [Route(path, self._guarded(handler), methods=[method]) for method, path, handler in table]

    def _guarded(self, handler: Callable[[Request, str], Awaitable[Response]]) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                return await handler(request, request.scope["owner"])
            except ValidationError as error:
                return _json({"detail": error.errors(include_url=False, include_context=False)}, 422)
            except PlanAndActError as error:
                return _json({"detail": str(error)}, _STATUS.get(type(error), 500))
            except DataError:
                return _json({"detail": "The database cannot hold what this call says, such as text with a NUL."}, 422)
            except (OperationalError, NoConnectionError):
                _log.exception("the database of runs")
                detail = "The database of runs cannot be used at the moment; try again, or see the server's log."
                return _json({"detail": detail}, 503, {"retry-after": "1"})

        return guarded

    # Assistants

    async def _assistants(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.AssistantsBody)
        shown = body.graph_id in (None, shapes.GRAPH) and body.offset == 0 and not body.metadata
        return _json([_ASSISTANT] if shown else [])

    async def _assistant(self, request: Request, owner: str) -> Response:
        return _json(_ASSISTANT if _is_ours(request) else _NO_ASSISTANT, 200 if _is_ours(request) else 404)

    async def _schemas(self, request: Request, owner: str) -> Response:
        if not _is_ours(request):
            return _json(_NO_ASSISTANT, 404)
        agent = self._agent
        return _json(
            {
                "graph_id": shapes.GRAPH,
                "input_schema": agent.get_input_jsonschema(),
                "output_schema": agent.get_output_jsonschema(),
                "state_schema": None,
                "config_schema": None,
                "context_schema": agent.get_context_jsonschema(),
            }
        )

    async def _graph(self, request: Request, owner: str) -> Response:
        if not _is_ours(request):
            return _json(_NO_ASSISTANT, 404)
        return _json(self._agent.get_graph().to_json())

    # Threads

    async def _make_thread(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.ThreadBody)
        if body.thread_id and body.if_exists == "raise":
            try:
                thread = await self._runs.thread(owner, body.thread_id)
            except NoSuchThreadError:
                pass
            else:
                return _json({"detail": f"There is a thread {thread.thread_id!r} already."}, 409)
        thread = await self._runs.make_thread(owner, thread_id=body.thread_id, metadata=body.metadata)
        return _json(shapes.thread_in_plain(thread))

    async def _search(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.SearchBody)
        # Every thread is the agent's here, whether its metadata says so or not.
        metadata = {name: value for name, value in body.metadata.items() if (name, value) != ("graph_id", shapes.GRAPH)}
        found = await self._runs.search(
            owner, metadata=metadata, status=body.status, limit=body.limit, offset=body.offset
        )
        whole = body.select is None or {"values", "interrupts"} & set(body.select)
        snapshots = [await self._snapshot(thread) if whole else None for thread in found]
        rows = [shapes.thread_in_plain(thread, seen) for thread, seen in zip(found, snapshots, strict=True)]
        if body.select is not None:
            rows = [{name: value for name, value in row.items() if name in body.select} for row in rows]
        return _json(rows)

    async def _get_thread(self, request: Request, owner: str) -> Response:
        thread = await self._thread(request, owner)
        return _json(shapes.thread_in_plain(thread, await self._snapshot(thread)))

    async def _describe_thread(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.DescribeBody)
        described = await self._runs.describe_thread(owner, request.path_params["thread"], body.metadata)
        return _json(shapes.thread_in_plain(described))

    async def _delete_thread(self, request: Request, owner: str) -> Response:
        await forget(self._runs, self._agent, await self._thread(request, owner))
        return Response(status_code=204)

    async def _state(self, request: Request, owner: str) -> Response:
        thread = await self._thread(request, owner)
        return _json(shapes.state_in_plain(await self._at(thread.thread_id, request.path_params.get("checkpoint"))))

    async def _update_state(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.StateBody)
        thread = await self._thread(request, owner)
        if thread.status == "busy":
            raise BusyThreadError(thread.thread_id)
        if body.place:
            await self._at(thread.thread_id, body.place)
        here = config_of(thread.thread_id, {"checkpoint_id": body.place})
        try:
            updated = await self._agent.aupdate_state(here, body.values, as_node=body.as_node)
        except (InvalidUpdateError, LookupError, NotImplementedError, TypeError, ValueError) as error:
            # The node is none, or what comes next cannot be told from such a state.
            why = f"{type(error).__name__}: {error}".partition("\n")[0]
            msg = f"The state cannot be written so as the node {body.as_node!r}: {why}"
            raise ConfigError(msg) from error
        await self._runs.describe_thread(owner, thread.thread_id, {})  # its date tells who watches that it has changed
        return _json({"checkpoint": updated["configurable"]})

    async def _history(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.HistoryBody)
        thread = await self._thread(request, owner)
        before: RunnableConfig | None = None
        if body.before:
            place = body.before if isinstance(body.before, str) else body.before.checkpoint_id
            before = config_of(thread.thread_id, {"checkpoint_id": place})
        found = self._agent.aget_state_history(
            config_of(thread.thread_id), limit=body.limit, before=before, filter=body.metadata or None
        )
        try:
            return _json([shapes.state_in_plain(snapshot) async for snapshot in found])
        except ValueError as error:
            msg = f"The history cannot be searched by such metadata: {error}"
            raise ConfigError(msg) from error

    # Runs

    async def _create_run(self, request: Request, owner: str) -> Response:
        run = await self._ask(request, owner, await _body(request, shapes.RunBody))
        return _json(shapes.run_in_plain(run), headers=_location(run))

    async def _stream_run(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.RunBody)
        run = await self._ask(request, owner, body)
        return self._stream(request, run, cancel=body.on_disconnect == "cancel")

    async def _wait_run(self, request: Request, owner: str) -> Response:
        body = await _body(request, shapes.RunBody)
        run = await self._ask(request, owner, body)
        return await self._outcome(run, gone=request.is_disconnected if body.on_disconnect == "cancel" else None)

    async def _list_runs(self, request: Request, owner: str) -> Response:
        query = shapes.RunsQuery.model_validate(dict(request.query_params))
        found = await self._runs.runs_of(
            owner, request.path_params["thread"], status=query.status, limit=query.limit, offset=query.offset
        )
        return _json([shapes.run_in_plain(run) for run in found])

    async def _get_run(self, request: Request, owner: str) -> Response:
        return _json(shapes.run_in_plain(await self._run(request, owner)))

    async def _join_run(self, request: Request, owner: str) -> Response:
        return await self._outcome(await self._run(request, owner))

    async def _join_stream(self, request: Request, owner: str) -> Response:
        cancel = request.query_params.get("cancel_on_disconnect") in ("1", "true")
        return self._stream(request, await self._run(request, owner), cancel=cancel)

    async def _cancel_run(self, request: Request, owner: str) -> Response:
        if request.query_params.get("action", "interrupt") != "interrupt":
            msg = "Runs can be cancelled with action=interrupt only; what was done on a web site cannot be rolled back."
            raise ConfigError(msg)
        run = await self._run(request, owner)
        await self._cancel(run)
        if request.query_params.get("wait") in ("1", "true"):
            await self._ended(run)
        return _json({}, headers=_location(run))

    async def _ask(self, request: Request, owner: str, body: shapes.RunBody) -> Run:
        name = request.path_params.get("thread")
        if name is None or body.if_not_exists == "create":
            name = (await self._runs.make_thread(owner, thread_id=name)).thread_id
        asked = body.asked()
        if asked["checkpoint_id"]:
            await self._at((await self._runs.thread(owner, name)).thread_id, asked["checkpoint_id"])
        run = await self._runs.ask(owner, name, asked, strategy=body.multitask_strategy, metadata=body.metadata)
        self._worker.wake()
        return run

    def _stream(self, request: Request, run: Run, *, cancel: bool) -> Response:
        after = _number(request.headers.get("last-event-id"), 0)

        async def told() -> AsyncIterator[ServerSentEvent]:
            finished = False
            try:
                async for number, event, data in self._told(run, after):
                    yield ServerSentEvent(data, event=event, id=str(number))
                finished = True
                yield ServerSentEvent("null", event="end")
            finally:
                if cancel and not finished:
                    await asyncio.shield(self._cancel(run))

        return EventSourceResponse(told(), ping=PING, headers=_location(run))

    async def _told(self, run: Run, number: int) -> AsyncIterator[tuple[int, str, str]]:
        """What a run has streamed after an event, and streams until it ends."""
        going = True
        while going:
            # First whether it has ended, then what it has said: the other way round its last words were lost.
            going = (await self._runs.run(run.owner, run.thread_id, run.run_id)).status in UNFINISHED
            for event in await self._runs.events_after(run.run_id, number):
                number = event.number
                yield number, event.event, event.data
            if going:
                await asyncio.sleep(LOOK)

    async def _ended(self, run: Run, gone: Callable[[], Awaitable[bool]] | None = None) -> Run:
        """Wait until a run ends; it is cancelled when whoever asked for it is `gone`."""
        while True:
            now = await self._runs.run(run.owner, run.thread_id, run.run_id)
            if now.status not in UNFINISHED:
                return now
            if gone and not now.cancelled and await gone():
                await self._cancel(run)
            await asyncio.sleep(LOOK)

    async def _cancel(self, run: Run) -> None:
        await self._runs.cancel(run.owner, run.thread_id, run.run_id)
        self._worker.cancel(run.run_id)

    async def _outcome(self, run: Run, gone: Callable[[], Awaitable[bool]] | None = None) -> Response:
        ended = await self._ended(run, gone)
        if ended.status == "error":
            said = [event.data for event in await self._runs.events_after(run.run_id, 0) if event.event == "error"]
            lost = '{"error": "WorkerLost", "message": "The workers that carried it out were lost, again and again."}'
            text = f'{{"__error__": {(said or [lost])[-1]}}}'
            return Response(text, media_type="application/json", headers=_location(run))
        snapshot = await self._agent.aget_state(config_of(run.thread_id))
        values = {name: value for name, value in snapshot.values.items() if name in self._agent.output_channels}
        waiting = [interrupt_in_plain(each) for each in snapshot.interrupts]
        return _json(values | ({"__interrupt__": waiting} if waiting else {}), headers=_location(run))

    async def _thread(self, request: Request, owner: str) -> Thread:
        return await self._runs.thread(owner, request.path_params["thread"])

    async def _run(self, request: Request, owner: str) -> Run:
        return await self._runs.run(owner, request.path_params["thread"], request.path_params["run"])

    async def _at(self, thread_id: str, checkpoint: str | None) -> StateSnapshot:
        found = await self._agent.aget_state(config_of(thread_id, {"checkpoint_id": checkpoint}))
        if checkpoint and found.created_at is None:
            msg = f"The thread {thread_id!r} has no checkpoint {checkpoint!r}."
            raise CheckpointError(msg)
        return found

    async def _snapshot(self, thread: Thread) -> Any:
        return await self._agent.aget_state(config_of(thread.thread_id))


_ASSISTANT = {
    "assistant_id": shapes.ASSISTANT,
    "graph_id": shapes.GRAPH,
    "name": shapes.GRAPH,
    "description": "Does tasks on web sites.",
    "config": {},
    "context": {},
    "metadata": {"created_by": "system"},
    "version": 1,
    "created_at": "2026-01-01T00:00:00+00:00",
    "updated_at": "2026-01-01T00:00:00+00:00",
}
_NO_ASSISTANT = {"detail": f"This server has one assistant, {shapes.GRAPH!r}; settings go into a run's context."}


def _is_ours(request: Request) -> bool:
    return request.path_params["assistant"] in (shapes.GRAPH, shapes.ASSISTANT)


async def _body(request: Request, kind: type[B]) -> B:
    return kind.model_validate_json(await request.body() or b"{}")


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(value), status, headers, media_type="application/json")


def _location(run: Run) -> dict[str, str]:
    place = f"/threads/{run.thread_id}/runs/{run.run_id}"
    return {"content-location": place, "location": f"{place}/stream"}


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
