"""A LangSmith server, as far as data sets, examples, experiments, runs and feedback go."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from langsmith import Client

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


@contextmanager
def serve() -> Iterator[tuple[Server, Client]]:
    """A running server, and a client of it."""
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
