"""Which model a role gets, and how it is made."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pytest

from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.llm import chat_model, choose
from plan_and_act.testing import ScriptedModel


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], str]]:
    """Start an endpoint that answers `/v1/models`, and make it the environment's."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: Any, port: int = 0) -> str:
        class Models(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = json.dumps(body).encode()
                self.send_response(200 if self.path == "/v1/models" else 404)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", port), Models))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{servers[-1].server_port}/v1"
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        return url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_role_has_its_own_model_or_the_planners() -> None:
    planner, executor = ScriptedModel([]), ScriptedModel([])
    given = {"planner": planner, "executor": executor}
    assert choose("executor", given).model is executor  # type: ignore[arg-type]
    assert choose("replanner", given).model is planner  # type: ignore[arg-type]
    assert choose("verifier", given).because == "given for the planner"  # type: ignore[arg-type]


def test_the_first_mapping_wins_and_none_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    given = ScriptedModel([])
    chosen = choose("executor", {"executor": None}, {"executor": given}, {"executor": "openai:other"})
    assert chosen.model is given
    assert choose("executor", {"executor": "openai:one"}, {"executor": given}).name == "openai:one"


def test_a_key_alone_means_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    chosen = choose("planner")
    assert (chosen.name, chosen.embedded) == ("openai:gpt-5-mini", False)
    assert "OPENAI_API_KEY" in chosen.because


def test_the_environment_can_name_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    for named, expected in (("gpt-5", "openai:gpt-5"), ("openai:gpt-5", "openai:gpt-5")):
        monkeypatch.setenv("PLAN_AND_ACT_MODEL", named)
        assert choose("planner").name == expected


def test_an_endpoint_that_serves_one_model_means_that_one(serving: Callable[[Any], str]) -> None:
    url = serving({"data": [{"id": "qwen-1.5b"}]})
    chosen = choose("planner")
    assert chosen.name == "openai:qwen-1.5b"
    assert url in chosen.because


@pytest.mark.parametrize("body", [{"data": [{"id": "a"}, {"id": "b"}]}, {"data": []}, {}, [], {"data": [{}]}])
def test_an_endpoint_that_does_not_decide_gets_the_default_name(serving: Callable[[Any], str], body: Any) -> None:
    serving(body)
    assert choose("planner").name == "openai:gpt-5-mini"


def test_an_endpoint_that_is_not_there_gets_the_default_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert choose("planner").name == "openai:gpt-5-mini"


def test_an_endpoint_that_comes_up_later_is_asked_again(
    serving: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    assert choose("planner").name == "openai:gpt-5-mini"
    serving({"data": [{"id": "qwen-1.5b"}]}, port)
    assert choose("planner").name == "openai:qwen-1.5b"


def test_our_own_endpoint_needs_no_key_and_is_asked_at_temperature_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    made: Any = chat_model("openai:tiny")
    assert (made.openai_api_base, made.model_name, made.temperature) == ("http://127.0.0.1:9/v1", "tiny", 0.0)
    assert (made.max_retries, made.stream_usage, made.stream_chunk_timeout) == (0, True, None)


@pytest.mark.parametrize("base_url", [None, "https://api.openai.com/v1"])
def test_openais_own_models_are_told_no_temperature(monkeypatch: pytest.MonkeyPatch, base_url: str | None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    if base_url:
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    made: Any = chat_model("openai:gpt-5-mini")
    assert made.temperature is None


def test_another_endpoint_is_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    first = chat_model("openai:tiny")
    assert chat_model("openai:tiny") is first
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:10/v1")
    assert chat_model("openai:tiny") is not first


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("gpt-5", "write provider:name"),
        ("openai:", "write provider:name"),
        ("openai:gpt-5", "needs OPENAI_API_KEY, or OPENAI_BASE_URL"),
        ("nobody:x", "The model nobody:x cannot be used"),
    ],
)
def test_a_spec_that_cannot_be_used_says_what_to_do(spec: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        chat_model(spec)


@pytest.mark.skipif(find_spec("langchain_anthropic") is not None, reason="the provider's package is installed")
def test_a_provider_whose_package_is_missing_names_it() -> None:
    with pytest.raises(ConfigError, match=r"langchain.anthropic"):
        chat_model("anthropic:claude-5")


def test_without_langchain_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_and_act.llm.models.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r'pip install "plan-and-act\[providers\]"'):
        chat_model("google_genai:gemini")
