"""Pipelines with scripted teachers, and trajectories to make rows from."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from langchain_core.messages import BaseMessage, HumanMessage

from plan_and_act.actions import to_action
from plan_and_act.synthesis import Pipeline, Report
from plan_and_act.synthesis.rows import Provenance, Row, Split, TrajectoryRow
from plan_and_act.synthesis.store import Store
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Outcome, Round, Task, Trajectory

Answer = Callable[[Sequence[BaseMessage]], Any]

PAGES = (
    'heading "Loomwork"\nlink "Contributors #3"\nlink "Issues #4"',
    'heading "Contributors"\nSoraya Kamau 41 commits\nlink "Soraya Kamau #7"\nlink "Ivo Lindqvist #8"',
    'heading "Soraya Kamau"\nbutton "Follow #9"',
    'heading "Soraya Kamau"\nbutton "Unfollow #9"\n12 followers',
)
ACTIONS: tuple[dict[str, Any], ...] = (
    {"action": "click", "element": 'link "Contributors #3"'},
    {"action": "click", "element": 'link "Soraya Kamau #7"'},
    {"action": "click", "element": 'button "Follow #9"'},
    {"action": "finish", "answer": "Soraya Kamau is followed."},
)


def pipeline(folder: Path, answer: Answer | Sequence[Any], **settings: Any) -> tuple[Pipeline, ScriptedModel]:
    """A pipeline in a folder, whose teacher answers from a script."""
    model = ScriptedModel(answer)
    site = {"url": "http://forge.test/", "about": "a code hosting site", "seeds": SEEDS}
    given = {"folder": "data", "sites": {"forge": site}} | settings
    path = folder / "pipeline.yaml"
    path.write_text(yaml.safe_dump(given))
    return Pipeline.load(path, models={"default": model}), model


@contextmanager
def endpoint(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """An OpenAI-compatible endpoint that answers from a function, for teachers of other processes.

    Gives its base URL, and what it was asked: the last message of each call.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            messages = [HumanMessage(row["content"]) for row in body["messages"]]
            asked.append(messages[-1].text)
            said = {
                "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
                "choices": [{
                    "index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer(messages)}
                }],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }  # fmt: skip
            data = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


async def carry(made: Pipeline, stage: str) -> Report:
    """Carry out one stage."""
    reports: list[Report] = []
    try:
        await made.run([stage], told=reports.append)
    finally:
        assert len(reports) == 1
    return reports[0]


def followed(
    store: Store, number: int = 1, *, reward: float = 1.0, split: Split = "train", actions: Sequence[Any] = ACTIONS
) -> TrajectoryRow:
    """A run that follows the top contributor, its pages among the artefacts."""
    pages = [store.artefacts.put(page) for page in itertools.islice(itertools.cycle(PAGES), len(actions))]
    rounds = [
        Round(
            index=index,
            url=f"http://forge.test/{index}",
            observation=page,
            action=to_action(action),
            outcome=Outcome(status="ok", message=f"Done {action['action']}."),
        )
        for index, (action, page) in enumerate(zip(actions, pages, strict=True), 1)
    ]
    task = Task(intent=f"Follow the top contributor of the project Loomwork {number}.", url="http://forge.test/1")
    run = Trajectory(thread=f"t{number}", task=task, started="2026-11-21T00:00:00", rounds=rounds, reward=reward)
    made_by = Provenance(stage="score", teacher=None, prompt=None)
    return TrajectoryRow(site="forge", split=split, trajectory=run, source="solver", made_by=made_by)


def write(store: Store, stage: str, rows: Sequence[Row]) -> None:
    """Write the rows of a stage as if it had been carried out."""
    with store.writer(stage) as put:
        for row in rows:
            put(row)


SEEDS = [
    "Follow the top contributor of the project Loomwork.",
    "How many open issues does Pebble Auth have?",
    "Star the project with the most forks.",
    "Close the oldest issue of Sparrow Mail and say why.",
    "Which language is Meadow ML mostly written in?",
    "Change my profile's city to Lisbon.",
    "Open a merge request from the branch fix-login.",
]
