"""`langgraph dev` as a real process, on a copy of the project's configuration, with a scripted chat endpoint."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage, HumanMessage

from follow import PLAN, follow
from plan_and_act.sites import Site, forge_app, serve_in_thread

ROOT = Path(__file__).parents[2]


class Endpoint(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that plans and acts by script."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        messages: list[BaseMessage] = [HumanMessage(_text(m["content"])) for m in body["messages"]]
        planning = messages[-1].text.rstrip().endswith(("Write the plan.", "Write the plan for what remains."))
        content = PLAN if planning else follow(messages)
        message = {"role": "assistant", "content": content}
        answer = {
            "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }  # fmt: skip
        data = json.dumps(answer).encode()
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
def server(forge: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running `langgraph dev`."""
    endpoint = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("server")
    config = json.loads((ROOT / "langgraph.json").read_text())
    config["dependencies"] = [str(ROOT)]
    config["graphs"] = {name: str(ROOT / path) for name, path in config["graphs"].items()}
    (folder / "langgraph.json").write_text(json.dumps(config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("LANGSMITH", "LANGCHAIN", "OPENAI"))},
        "OPENAI_BASE_URL": f"http://127.0.0.1:{endpoint.server_port}/v1",
        "PLAN_AND_ACT_PRIVATE_ORIGINS": forge.url,
        "PLAN_AND_ACT_HOME": str(folder / "home"),
    }
    log = (folder / "log").open("w+")
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{url}/ok", timeout=1).read()
                break
            except OSError:
                assert process.poll() is None, Path(log.name).read_text()
                time.sleep(0.1)
        else:
            pytest.fail(Path(log.name).read_text())
        yield url
    finally:
        process.terminate()
        process.wait(30)
        endpoint.shutdown()
        log.close()
