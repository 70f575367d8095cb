"""The pipeline as a LangGraph graph, one stage a node, to be watched and stepped through in Studio."""

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph

from plan_and_act.errors import ConfigError, PlanAndActError
from plan_and_act.synthesis.pipeline import STAGES, Pipeline

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

NAME = "pipeline"

_COMMAND = (sys.executable, "-c", "from plan_and_act.cli import main; main()", "synthesize", "--json")
_LAST_WORDS = 2_000


class PipelineInput(TypedDict):
    """What a run is given."""

    config: str
    """The YAML file that describes the pipeline, beneath the graph's folder."""


class PipelineState(PipelineInput, total=False):
    """The rows are in files; state holds what became of the stages."""

    reports: Annotated[dict[str, dict[str, Any]], lambda before, new: {**before, **new}]


class StageError(PlanAndActError):
    """A stage broke off; the message is what it said."""


def create_pipeline(
    folder: Path | None = None,
) -> "CompiledStateGraph[PipelineState, None, PipelineInput, PipelineState]":
    """The pipeline as a compiled graph.

    Each stage is carried out by the command line in a process of its own: it writes files, for which a server's event
    loop must not wait. So the budget of the configuration is that of each stage.

    Args:
        folder: Where configurations may be; the working directory when left out. A caller of the graph's API names a
            file, and must not have any other file of the machine read.

    Returns:
        A graph that takes `{"config": ...}` and returns the reports of the stages. Progress is streamed as `custom`.
    """
    graph = StateGraph(PipelineState, input_schema=PipelineInput)
    before = START
    for name in STAGES:
        graph.add_node(name, _node(name, folder))
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph.compile(name=NAME)


def _node(name: str, folder: Path | None) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def carry_out(state: PipelineState) -> dict[str, Any]:
        path = await asyncio.to_thread(_configuration, state["config"], folder)
        pipeline = await asyncio.to_thread(Pipeline.load, path)
        if name not in pipeline.named("all"):
            return {}
        if why := await asyncio.to_thread(pipeline.missing, name):
            return {"reports": {name: {"stage": name, "skipped": why}}}
        return {"reports": {name: await _carry_out(name, path, get_stream_writer())}}

    return carry_out


async def _carry_out(name: str, path: Path, write: Callable[[Any], None]) -> dict[str, Any]:
    """Run the command, passing on what it tells.

    Raises:
        StageError: The stage broke off.
    """
    loop, here = asyncio.get_running_loop(), copy_context()
    running: list[subprocess.Popen[bytes]] = []
    stopped = threading.Event()
    report: dict[str, Any] = {}

    def run() -> None:
        with (
            tempfile.TemporaryFile() as words,
            subprocess.Popen([*_COMMAND, name, "--config", path], stdout=subprocess.PIPE, stderr=words) as process,
        ):
            running.append(process)
            if stopped.is_set():
                process.terminate()
            for line in process.stdout or ():
                told = json.loads(line)
                if told.pop("event") == "report":
                    report.update(told)
                else:
                    loop.call_soon_threadsafe(write, {"event": "progress", **told}, context=here)
            if process.wait():
                words.seek(0)
                said = words.read().decode(errors="replace").strip().removeprefix("plan-and-act: ")
                raise StageError(said[-_LAST_WORDS:] or f"The stage {name} was killed.")

    done = loop.run_in_executor(None, run)
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        stopped.set()
        for process in running:
            process.terminate()
        await asyncio.wait([done])
        raise
    return report


def _configuration(config: str, folder: Path | None) -> Path:
    root = (folder or Path.cwd()).resolve()
    path = (root / config).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        msg = f"There is no configuration {config!r} beneath {root}"
        raise ConfigError(msg)
    return path
