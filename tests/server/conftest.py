"""`langgraph dev` as a real process, on a copy of the project's configuration, with a scripted chat endpoint."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage, HumanMessage

from follow import PLAN, follow
from plan_and_act.sites import Site, forge_app, serve_in_thread
from servers import environment, free_port, started

ROOT = Path(__file__).parents[2]


class Endpoint(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that plans and acts by script."""

    gate = threading.Event()
    gate.set()

    def do_POST(self) -> None:
        self.gate.wait(60)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        messages: list[BaseMessage] = [HumanMessage(_text(m["content"])) for m in body["messages"]]
        planning = messages[-1].text.rstrip().endswith(("Write the plan.", "Write the plan for what remains."))
        content = PLAN if planning else follow(messages)
        if body["model"] == "asks" and not planning and not any("The person answered" in m.text for m in messages):
            content = 'ask(question="Which one?")'
        message = {"role": "assistant", "content": content}
        answer = {
            "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }  # fmt: skip
        data = json.dumps(answer).encode()
        with suppress(BrokenPipeError):  # who asked may have been stopped meanwhile
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _text(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


@pytest.fixture(scope="session")
def forge() -> Iterator[Site]:
    with serve_in_thread(forge_app(seed=7, control=True)) as site:
        yield site


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of the chat endpoint."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """While it is cleared, models think and do not answer."""
    yield Endpoint.gate
    Endpoint.gate.set()


@contextmanager
def langgraph_dev(endpoint: str, forge: Site, folder: Path, **more: str) -> Iterator[str]:
    """The URL of a running `langgraph dev`, with the project's configuration."""
    config = json.loads((ROOT / "langgraph.json").read_text())
    config["dependencies"] = [str(ROOT)]
    config["graphs"] = {name: str(ROOT / path) for name, path in config["graphs"].items()}
    config["http"]["app"] = str(ROOT / config["http"]["app"])
    config["auth"]["path"] = str(ROOT / config["auth"]["path"])
    (folder / "langgraph.json").write_text(json.dumps(config))
    port = free_port()
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    with started(command, folder, port, env=environment(endpoint, forge, folder / "home", **more)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def server(endpoint: str, forge: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running `langgraph dev`."""
    with langgraph_dev(endpoint, forge, tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="module")
def guarded(endpoint: str, forge: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a `langgraph dev` that asks for keys: alice's and bob's."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "keys.yaml").write_text("alice: alices-long-random-key\nbob: bobs-long-random-key\n")
    with langgraph_dev(endpoint, forge, folder, PLAN_AND_ACT_API_KEYS=str(folder / "keys.yaml")) as url:
        yield url
