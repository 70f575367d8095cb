"""An OpenAI-compatible chat endpoint that answers by script, for programs that take their model from the environment.

It plans and does the forge demo like `follow`, in tool calls where tools are offered; what else it is to say is the
test's own.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, convert_to_messages, convert_to_openai_messages

from follow import PLAN, follow

Answer = Callable[[list[BaseMessage], set[str]], AIMessage | str | None]
"""Answers by the messages and the names of the tools that may be called; None leaves it to `follow`."""


def call(name: str, number: int = 1, **arguments: Any) -> dict[str, Any]:
    """A tool call."""
    return {"name": name, "args": arguments, "id": f"call_{number}", "type": "tool_call"}


def plans(messages: list[BaseMessage]) -> bool:
    """Whether it is asked for a plan."""
    return messages[-1].text.rstrip().endswith(("Write the plan.", "Write the plan for what remains."))


def next_step(messages: list[BaseMessage], tools: set[str]) -> AIMessage | str:
    """The demo's plan, its next step, or its answer."""
    if plans(messages):
        return PLAN
    said = follow(messages)
    if not tools:
        return said
    if element := re.search(r"element='(.*)'", said):
        return AIMessage("", tool_calls=[call("click", element=element[1])])
    answer = "Followed the top contributor."
    return AIMessage("", tool_calls=[call("finish", answer=answer)]) if "finish" in tools else answer


class Gate:
    """Where answers wait while it is shut: a model that thinks and does not answer."""

    def __init__(self) -> None:
        self._open, self._lock, self._more = threading.Event(), threading.Lock(), 0
        self._open.set()

    def shut(self, *, after: int = 0) -> None:
        """Let so many answers more through, and hold the next."""
        self._more = after
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def pass_through(self) -> None:
        """Wait until it is open, for a minute at most."""
        with self._lock:
            self._more -= 1
            let_through = self._more >= 0
        if not let_through:
            self._open.wait(60)


@contextmanager
def serve_endpoint(answer: Answer = lambda *_: None) -> Iterator[str]:
    """Serve it on a free port until the block ends; gives the base URL."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            messages = convert_to_messages(body["messages"])
            tools = {tool["function"]["name"] for tool in body.get("tools", [])}
            said = answer(messages, tools) or next_step(messages, tools)
            message = convert_to_openai_messages(said if isinstance(said, AIMessage) else AIMessage(said))
            reason = "tool_calls" if "tool_calls" in message else "stop"
            reply = {
                "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": reason}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }  # fmt: skip
            data = json.dumps(reply).encode()
            with suppress(BrokenPipeError):  # who asked may have been stopped meanwhile
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
