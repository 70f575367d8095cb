"""Model calls against a real endpoint on the loopback interface that answers, fails and breaks off as it is told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import HumanMessage

from plan_and_act.errors import ContextTooLongError, ModelTimeoutError, ModelUnavailableError
from plan_and_act.llm import Reply, Retry, call, chat_model
from plan_and_act.testing import ScriptedModel

QUICK = Retry(attempts=3, first=0.001)
USAGE = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
CACHED = {**USAGE, "prompt_tokens_details": {"cached_tokens": 600}}


@dataclass
class Endpoint:
    """Gives the next of `answers` to each request, and keeps the requests' bodies."""

    url: str = ""
    answers: list[bytes | float] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length:"))
        self.requests.append(json.loads(await reader.readexactly(length)))
        answer = self.answers.pop(0)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
        else:
            writer.write(answer)
            await writer.drain()
        writer.close()


def http(status: int, body: dict[str, Any], **headers: str) -> bytes:
    content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(content)}"]
    lines += ["connection: close", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def fault(status: int, message: str, code: str = "", **headers: str) -> bytes:
    return http(status, {"error": {"message": message, "code": code, "type": "x"}}, **headers)


def answer(text: str, finish: str | None = "stop", usage: dict[str, Any] | None = USAGE) -> bytes:
    message = {"role": "assistant", "content": text}
    row = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny", "usage": usage}
    return http(200, {**row, "choices": [{"index": 0, "message": message, "finish_reason": finish}]})


def stream(*pieces: str, whole: bool = True, event: dict[str, Any] | None = None) -> bytes:
    """Server-sent events; a stream that is not whole ends without saying why."""
    row = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "tiny"}
    deltas = [{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None} for piece in pieces]
    events: list[dict[str, Any]] = [{**row, "choices": [delta]} for delta in deltas]
    if whole:
        events += [{**row, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        events += [{**row, "choices": [], "usage": CACHED}]
    if event:
        events.append(event)
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in events) + ("data: [DONE]\n\n" if whole else "")
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + body.encode()


@pytest.fixture
async def endpoint(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endpoint]:
    made = Endpoint()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", made.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
    yield made
    server.close()


async def ask(**options: Any) -> Reply:
    model = chat_model("openai:tiny")
    return await call(model, [HumanMessage("Hello")], role="executor", **{"retry": QUICK, "timeout": 20.0, **options})


async def test_an_answer_with_its_usage_and_cost(endpoint: Endpoint) -> None:
    endpoint.answers = [answer("Hi", usage=CACHED)]
    reply = await ask(prices={"openai:tiny": (2.0, 10.0)})
    assert (reply.text, reply.finish_reason, reply.truncated) == ("Hi", "stop", False)
    usage = reply.usage
    assert (usage.calls, usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (1, 1000, 600, 10)
    assert usage.cost == pytest.approx(0.0021)
    assert usage.seconds > 0
    assert endpoint.requests[0]["model"] == "tiny"


async def test_without_prices_the_cost_is_unknown_and_without_usage_tokens_are_estimated(endpoint: Endpoint) -> None:
    endpoint.answers = [answer("four words of text", usage=None)]
    usage = (await ask()).usage
    assert usage.cost is None
    assert usage.input_tokens > 0
    assert usage.output_tokens == 5


async def test_a_streamed_answer_arrives_in_pieces_and_counts_like_a_whole_one(endpoint: Endpoint) -> None:
    endpoint.answers = [stream("Hel", "lo")]
    heard: list[str] = []
    reply = await ask(on_token=heard.append, prices={"tiny": (2.0, 10.0)})
    assert (reply.text, heard) == ("Hello", ["Hel", "lo"])
    assert (reply.usage.input_tokens, reply.usage.cached_tokens, reply.usage.cost) == (1000, 600, pytest.approx(0.0021))


async def test_under_a_schema_too_it_streams_and_counts_once(endpoint: Endpoint) -> None:
    endpoint.answers = [stream('{"a"', ": 1}")]
    heard: list[str] = []
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": False}}
    reply = await ask(on_token=heard.append, response_format=form)
    assert (reply.text, "".join(heard)) == ('{"a": 1}', '{"a": 1}')
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (1000, 10)
    assert endpoint.requests[0]["response_format"] == form


async def test_half_a_stream_is_no_answer(endpoint: Endpoint) -> None:
    endpoint.answers = [stream("exit(mess", whole=False), stream("exit", "()")]
    heard: list[str] = []
    reply = await ask(on_token=heard.append)
    assert reply.text == "exit()"
    assert heard == ["exit(mess", "", "exit", "()"]
    assert len(endpoint.requests) == 2


async def test_a_stream_that_keeps_breaking_is_an_error(endpoint: Endpoint) -> None:
    endpoint.answers = [stream("exit(mess", whole=False)] * 3
    with pytest.raises(ModelUnavailableError, match="breaking off in the middle of the answer \\(3 tries\\)"):
        await ask(on_token=lambda _: None)


async def test_an_error_inside_a_stream_is_tried_again(endpoint: Endpoint) -> None:
    broken = stream("ex", whole=False, event={"error": {"message": "overloaded", "code": 500}})
    endpoint.answers = [broken, stream("fine")]
    assert (await ask(on_token=lambda _: None)).text == "fine"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
async def test_a_passing_failure_is_tried_again(endpoint: Endpoint, status: int) -> None:
    endpoint.answers = [fault(status, "busy"), answer("Hi")]
    assert (await ask()).text == "Hi"
    assert len(endpoint.requests) == 2


async def test_a_connection_that_closes_without_an_answer_is_tried_again(endpoint: Endpoint) -> None:
    endpoint.answers = [b"", answer("Hi")]
    assert (await ask()).text == "Hi"


async def test_an_answer_that_is_no_json_is_tried_again(endpoint: Endpoint) -> None:
    endpoint.answers = [http(200, {}).replace(b"{}", b"{x"), answer("Hi")]
    assert (await ask()).text == "Hi"


@pytest.mark.parametrize("wait", ["0.05", formatdate(time.time() - 60, usegmt=True)], ids=["seconds", "date"])
async def test_the_endpoint_says_how_long_to_wait(endpoint: Endpoint, wait: str) -> None:
    endpoint.answers = [fault(429, "slow down", retry_after=wait), answer("Hi")]
    # Our own wait would be far longer than the time there is.
    reply = await ask(retry=Retry(attempts=2, first=1_000.0, longest=1_000.0))
    assert reply.text == "Hi"


async def test_a_wait_longer_than_the_time_left_is_not_begun(endpoint: Endpoint) -> None:
    endpoint.answers = [fault(429, "slow down", retry_after="3600")]
    began = time.monotonic()
    with pytest.raises(ModelUnavailableError, match="rate limited"):
        await ask(timeout=30.0)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (fault(401, "Incorrect API key sk-not-to-be-seen"), "refused the key. Check OPENAI_API_KEY"),
        (fault(403, "no access"), "refused the key"),
        (fault(404, "model tiny does not exist"), "is not there"),
        (fault(400, "unknown field"), "refused the request with HTTP 400"),
        (fault(429, "you exceeded your quota", "insufficient_quota"), "no credit left"),
    ],
)
async def test_a_lasting_failure_is_not_tried_again(endpoint: Endpoint, given: bytes, said: str) -> None:
    endpoint.answers = [given]
    with pytest.raises(ModelUnavailableError) as caught:
        await ask()
    assert said in str(caught.value)
    assert f"The model tiny at {endpoint.url}" in str(caught.value)
    assert "sk-not-to-be-seen" not in str(caught.value)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "given",
    [
        fault(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
        fault(400, "the request exceeds the available context size, try increasing it"),
        fault(413, "payload too large"),
        fault(400, "prompt is too long: 210000 tokens > 200000 maximum"),
    ],
)
async def test_a_prompt_that_is_too_long_has_an_error_of_its_own(endpoint: Endpoint, given: bytes) -> None:
    endpoint.answers = [given]
    with pytest.raises(ContextTooLongError, match="Lower observation_tokens"):
        await ask()


async def test_an_endpoint_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailableError, match=r"tiny at http://127.0.0.1:9/v1 cannot be reached \(3 tries\)"):
        await ask()


async def test_a_model_that_does_not_answer_in_time(endpoint: Endpoint) -> None:
    endpoint.answers = [5.0]
    with pytest.raises(ModelTimeoutError, match=r"did not answer within 0.2 s\. Raise model_timeout"):
        await ask(timeout=0.2)


async def test_an_answer_cut_off_at_its_limit_says_so(endpoint: Endpoint) -> None:
    endpoint.answers = [answer("half", "length")]
    assert (await ask()).truncated


async def test_an_answer_cut_off_under_a_schema_is_an_answer_too(endpoint: Endpoint) -> None:
    endpoint.answers = [answer('{"a": "half', "length")]
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": False}}
    reply = await ask(response_format=form)
    assert (reply.text, reply.truncated, reply.usage.input_tokens) == ('{"a": "half', True, 1000)


async def test_reasoning_sent_apart_is_kept_apart(endpoint: Endpoint) -> None:
    row = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny", "usage": USAGE}
    message = {"role": "assistant", "content": "exit()", "reasoning_content": "it is done"}
    endpoint.answers = [http(200, {**row, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})]
    assert (await ask()).text == "exit()"


async def test_the_run_is_named_and_tagged_for_traces() -> None:
    seen: list[dict[str, Any]] = []

    class Handler(AsyncCallbackHandler):
        async def on_chat_model_start(self, *args: Any, **more: Any) -> None:
            seen.append(more)

    model = ScriptedModel(["Hi"])
    await call(model, [HumanMessage("Hello")], role="planner", config={"callbacks": [Handler()], "tags": ["mine"]})
    assert seen[0]["name"] == "planner"
    assert {"mine", "plan-and-act", "role:planner"} <= set(seen[0]["tags"])
    assert (seen[0]["metadata"]["role"], seen[0]["metadata"]["model"]) == ("planner", "scripted")


async def test_a_mistake_in_the_program_is_no_model_error() -> None:
    def script(_: Any) -> str:
        msg = "a bug"
        raise KeyError(msg)

    with pytest.raises(ModelUnavailableError, match=r"failed. It said: 'a bug'"):
        await call(ScriptedModel(script), [HumanMessage("Hello")], role="planner")


def test_calls_from_one_event_loop_after_another(endpoint_of: Callable[[list[bytes]], str]) -> None:
    # The client's connections belong to a loop; a second run in the same process must not trip over the first one's.
    endpoint_of([answer("one"), answer("two")])
    for expected in ("one", "two"):
        assert asyncio.run(ask()).text == expected


@pytest.fixture
def endpoint_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    import threading

    stop: list[Callable[[], object]] = []

    def start(answers: list[bytes]) -> str:
        ready, made = threading.Event(), Endpoint(answers=list(answers))

        def work() -> None:
            loop = asyncio.new_event_loop()
            server = loop.run_until_complete(asyncio.start_server(made.serve, "127.0.0.1", 0))
            made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            stop.append(lambda: loop.call_soon_threadsafe(loop.stop))
            ready.set()
            loop.run_forever()

        threading.Thread(target=work, daemon=True).start()
        ready.wait()
        monkeypatch.setenv("OPENAI_BASE_URL", made.url)
        monkeypatch.setenv("OPENAI_API_KEY", "x")
        return made.url

    yield start
    for one in stop:
        one()
