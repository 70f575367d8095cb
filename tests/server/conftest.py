"""`langgraph dev` as a real process, on a copy of the project's configuration, with a scripted chat endpoint."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage

from endpoint import Gate, plans, serve_endpoint
from plan_and_act.sites import Site, forge_app, serve_in_thread
from servers import environment, free_port, started

ROOT = Path(__file__).parents[2]


_answers = Gate()


@pytest.fixture(scope="session")
def forge() -> Iterator[Site]:
    with serve_in_thread(forge_app(seed=7, control=True)) as site:
        yield site


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of a chat endpoint that plans and acts by script, and asks first where it may."""

    def answer(messages: list[BaseMessage], _: set[str]) -> str | None:
        _answers.pass_through()
        may_ask = any("Ask the person" in message.text for message in messages) and not plans(messages)
        asked = any("The person answered" in message.text for message in messages)
        return 'ask(question="Which one?")' if may_ask and not asked else None

    with serve_endpoint(answer) as url:
        yield url


@pytest.fixture
def gate() -> Iterator[Gate]:
    """While it is shut, models think and do not answer."""
    yield _answers
    _answers.open()


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
