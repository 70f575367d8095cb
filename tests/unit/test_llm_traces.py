"""What a LangSmith server is sent, with and without page text: a real run of a real graph, in a process of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SECRET_PAGE = "the text of the page"

RUN = f"""
import asyncio
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers.langchain import wait_for_all_tracers
from plan_and_act import create_agent
from plan_and_act.llm import call
from plan_and_act.llm.formats import PlanFormat
from plan_and_act.llm.messages import planner_messages
from plan_and_act.testing import ScriptedModel

create_agent()

async def node(state):
    messages = planner_messages("the task", {SECRET_PAGE!r}, PlanFormat("text"))
    reply = await call(ScriptedModel(["the plan"]), messages, role="planner")
    return {{"observation": state["observation"], "said": reply.text}}

state = {{"observation": {{"text": {SECRET_PAGE!r}}}, "rounds": [{{"observation": "the hash"}}]}}
asyncio.run(RunnableLambda(node).ainvoke(state))
wait_for_all_tracers()
"""


@pytest.fixture
def langsmith() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes traces: its URL and what it was sent."""
    sent: list[bytes] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            limits: dict[str, Any] = {
                "use_multipart_endpoint": False,
                "size_limit": 100,
                "size_limit_bytes": 20_000_000,
            }
            limits |= {"scale_up_nthreads_limit": 1, "scale_up_qsize_trigger": 1_000, "scale_down_nempty_trigger": 4}
            self.answer(json.dumps({"version": "1", "batch_ingest_config": limits}).encode())

        def do_POST(self) -> None:
            sent.append(self.rfile.read(int(self.headers["content-length"])))
            self.answer(b"{}")

        def answer(self, data: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    server.server_close()


def traced(url: str, **settings: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LANGSMITH", "LANGCHAIN"))}
    environment |= {"LANGSMITH_ENDPOINT": url, "LANGSMITH_API_KEY": "x", "LANGSMITH_DISABLE_RUN_COMPRESSION": "true"}
    subprocess.run([sys.executable, "-c", RUN], check=True, env=environment | settings, timeout=120)


def test_nothing_is_sent_unless_tracing_is_on(langsmith: tuple[str, list[bytes]]) -> None:
    url, sent = langsmith
    traced(url, PLAN_AND_ACT_TRACE_PAGES="0")
    assert not sent


def test_runs_are_named_and_tagged_and_hold_the_prompt(langsmith: tuple[str, list[bytes]]) -> None:
    url, sent = langsmith
    traced(url, LANGSMITH_TRACING="true")
    everything = b"".join(sent).decode()
    assert '"name":"planner"' in everything
    assert "role:planner" in everything
    assert SECRET_PAGE in everything


def test_page_text_can_be_kept_out(langsmith: tuple[str, list[bytes]]) -> None:
    url, sent = langsmith
    traced(url, LANGSMITH_TRACING="true", PLAN_AND_ACT_TRACE_PAGES="0")
    everything = b"".join(sent).decode()
    assert SECRET_PAGE not in everything
    for kept in ("the task", "the plan", "the hash", "role:planner", "page left out of the trace"):
        assert kept in everything
