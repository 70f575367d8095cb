"""What a LangSmith server is sent of an evaluation, and that nothing is sent unless asked for."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from langsmith import Client

from fakesuite import FakeAgent, evaluated
from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.langsmith import push
from plan_and_act.evaluation.results import Results

DATASET = {"id": str(uuid4()), "name": "mine", "created_at": "2026-11-21T00:00:00Z", "data_type": "kv"}


class Server:
    """Takes a data set, its examples, experiments, runs and feedback."""

    def __init__(self) -> None:
        self.made = False
        self.examples: list[dict[str, Any]] = []
        self.sent: list[tuple[str, Any]] = []
        self.refuses = False

    def answer(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any]:
        if self.refuses:
            return 403, {"detail": "no such key"}
        if method == "GET":
            if path == "/datasets":
                return 200, [DATASET] if self.made else []
            if path == "/examples":
                return 200, self.examples if "offset=0" in query else []
            limits = {"use_multipart_endpoint": False, "size_limit": 100, "size_limit_bytes": 20_000_000}
            limits |= {"scale_up_nthreads_limit": 1, "scale_up_qsize_trigger": 1_000, "scale_down_nempty_trigger": 4}
            return 200, {"version": "1", "batch_ingest_config": limits}
        self.sent.append((path, body))
        if path == "/datasets":
            self.made = True
            return 200, DATASET
        if path == "/sessions":
            return 200, {"id": str(uuid4()), "name": body["name"], "start_time": "2026-11-21T00:00:00Z",
                         "tenant_id": str(uuid4()), "reference_dataset_id": DATASET["id"]}  # fmt: skip
        if "examples" in path:
            rows = body if isinstance(body, list) else body["examples"]
            self.examples += [row | {"dataset_id": DATASET["id"], "created_at": "2026-11-21T00:00:00Z"} for row in rows]
            return 200, rows
        return 200, {}

    def of(self, path: str) -> list[Any]:
        return [body for sent, body in self.sent if sent == path]


@pytest.fixture
def langsmith() -> Iterator[tuple[Server, Client]]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            data = self.rfile.read(length)
            kind = self.headers.get("content-type", "")
            body = json.loads(data) if data and "json" in kind else data
            status, said = server.answer(self.command, url.path.removeprefix("/v1/platform"), url.query, body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield server, Client(api_url=f"http://127.0.0.1:{listening.server_port}", api_key="test")
        listening.shutdown()


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return asyncio.run(evaluated(tmp_path / "out", FakeAgent()))


def test_results_become_an_experiment_on_a_data_set(results: Results, langsmith: tuple[Server, Client]) -> None:
    server, client = langsmith
    experiment = push(results, "mine", client=client)
    assert experiment.startswith("fake-")
    (made,) = server.of("/sessions")
    assert made["name"] == experiment
    assert made["reference_dataset_id"] == DATASET["id"]
    assert made["extra"]["metadata"]["config"] == results.configuration["hash"]
    runs = server.of("/runs")
    assert {run["name"] for run in runs} == {f"t{number}" for number in range(12)}
    assert {run["reference_example_id"] for run in runs} == {example["id"] for example in server.examples}
    assert {run["session_name"] for run in runs} == {experiment}
    scores = {(row["run_id"], row["key"]): row["score"] for row in server.of("/feedback")}
    assert len(scores) == 24
    wrong = next(run for run in runs if run["name"] == "t1")
    assert (scores[wrong["id"], "success"], scores[wrong["id"], "reward"]) == (False, 0.0)

    # Another experiment is on the same examples.
    push(results, "mine", client=client)
    assert len(server.examples) == 12
    assert len(server.of("/sessions")) == 2


def test_what_langsmith_refuses_is_a_sentence(results: Results, langsmith: tuple[Server, Client]) -> None:
    server, client = langsmith
    server.refuses = True
    with pytest.raises(ConfigError, match=r"could not be pushed to LangSmith .*they are kept in"):
        push(results, "mine", client=client)
