"""The embedded model: SmolLM2-135M-Instruct, run by llama.cpp inside this process, for trying things without a key.

It is an ordinary `ChatOpenAI` whose endpoint is started by the first call, on a free port of the loopback interface and
with a key of its own, and stopped with the process. What does not fit its context is left out, oldest first.
"""

import asyncio
import atexit
import os
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
from pydantic import PrivateAttr, SecretStr

from plan_and_act.errors import ConfigError, MissingExtraError, ModelUnavailableError
from plan_and_act.llm.weights import VARIABLE, fetch, weights

__all__ = ["EmbeddedModel", "embedded_model", "fetch"]

NAME, BASE = "embedded", "base"
ADAPTER = Path(__file__).parent / "adapters" / "embedded.gguf"
"""What the model was taught by this project's own pipeline; its card lies beside it."""

_CONTEXT = 4_096
"""Tokens, half of what SmolLM2 was trained with: a prompt that long takes it 15 s."""
_MAX_ANSWER = 512
"""Tokens. The schemas' own bounds end an answer earlier; this ends one without a schema (10 s on one idle core)."""
_SHORTEST = 40
"""Characters; a message this short is not cut."""
_OVERHEAD = 12
"""Tokens the chat template adds to a message, at most."""
_SLOTS = 2
"""Prompts held at once, so that planner and executor do not evict each other (23 kB a token)."""


def embedded_model(adapter: str = "") -> BaseChatModel:
    """The embedded model as a chat model; calls with the same adapter in a process give the same one.

    Args:
        adapter: `base` for none, or a LoRA adapter as a GGUF file. Left out: the one that comes with this package,
            unless `PLAN_AND_ACT_EMBEDDED_MODEL` names another model, which has none.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        ModelUnavailableError: Its weights have not been fetched.
        ConfigError: `PLAN_AND_ACT_EMBEDDED_MODEL` or the adapter names no file.
    """
    if not find_spec("xllamacpp"):
        what = "The embedded model"
        raise MissingExtraError(what, "local")
    return _model(weights(), _adapter(adapter))


@cache
def _model(path: Path, adapter: Path | None) -> "EmbeddedModel":
    return EmbeddedModel(Server(path, adapter))


def _adapter(named: str) -> Path | None:
    if named == BASE or (not named and os.environ.get(VARIABLE)):
        return None
    path = Path(named).expanduser() if named else ADAPTER
    if named and not path.is_file():
        msg = f"{NAME}:{named} names no file; write {NAME}:{BASE} for no adapter, or the path of a GGUF file"
        raise ConfigError(msg)
    return path if path.is_file() else None


class EmbeddedModel(ChatOpenAI):
    """A chat model whose endpoint runs in this process."""

    _server: "Server" = PrivateAttr()

    def __init__(self, server: "Server") -> None:
        # Without it, newer versions of langchain-openai warn of the proxy that is left out here on purpose.
        options: dict[str, Any] = {"http_socket_options": ()}
        super().__init__(
            model=NAME,
            api_key=SecretStr(server.key),
            base_url="http://127.0.0.1/v1",  # the port is known when the server runs
            openai_proxy="",
            # A proxy of the environment is for other machines.
            http_client=DefaultHttpxClient(trust_env=False),
            http_async_client=DefaultAsyncHttpxClient(trust_env=False),
            # A connection belongs to an event loop, and this object may outlive several.
            default_headers={"Connection": "close"},
            max_retries=0,
            max_completion_tokens=_MAX_ANSWER,
            temperature=0.0,
            stream_usage=True,
            **{name: value for name, value in options.items() if name in ChatOpenAI.model_fields},
        )
        self._server = server

    def _ready(self, messages: list[BaseMessage]) -> list[BaseMessage]:
        """Start the server if it does not run, and leave out of the messages what does not fit the context."""
        url = self._server.url()
        self.root_client.base_url = self.root_async_client.base_url = f"{url}/v1"
        return fitting(messages, self._server.context - _MAX_ANSWER, self._count)

    def _count(self, message: BaseMessage) -> int:
        body = {"content": str(message.text)}
        tokens = self.root_client.post(f"{self._server.url()}/tokenize", body=body, cast_to=object)["tokens"]
        return len(tokens) + _OVERHEAD

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return super()._generate(self._ready(messages), stop, run_manager, **kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        fitted = await asyncio.to_thread(self._ready, messages)
        return await super()._agenerate(fitted, stop, run_manager, **kwargs)

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        yield from super()._stream(self._ready(messages), *args, **kwargs)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        fitted = await asyncio.to_thread(self._ready, messages)
        async for chunk in super()._astream(fitted, *args, **kwargs):
            yield chunk


class Server:
    """llama.cpp's server in this process."""

    def __init__(self, path: Path, adapter: Path | None = None, *, context: int = _CONTEXT) -> None:
        self.path, self.adapter, self.context = path, adapter, context
        self.key = secrets.token_urlsafe(16)
        self._running: Any = None
        self._lock = threading.Lock()

    def url(self) -> str:
        """Where it listens; the first call starts it, which takes about a second.

        Raises:
            ModelUnavailableError: The weights cannot be loaded.
        """
        with self._lock:
            if self._running is None:
                self._start()
            return str(self._running.listening_address)

    def _start(self) -> None:
        # By name: it has no types, and a program without it is checked as well.
        xllamacpp: Any = import_module("xllamacpp")
        cores = os.cpu_count() or 1
        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.model_alias = {NAME}
        if self.adapter:
            adapter = xllamacpp.CommonAdapterLoraInfo()
            adapter.path, adapter.scale = str(self.adapter), 1.0
            params.lora_adapters = [adapter]
        params.hostnames, params.port = ["127.0.0.1"], 0
        params.api_keys = [self.key]
        params.cors_origins = "null"
        params.ui = params.endpoint_slots = False
        params.use_jinja = True
        params.n_ctx, params.n_parallel, params.cache_ram_mib = self.context * _SLOTS, _SLOTS, 0
        # Beside a busy browser two threads wait for each other: 64 tokens a second became 5, one thread gave 50.
        params.cpuparams.n_threads, params.cpuparams_batch.n_threads = 1, min(2, cores)
        params.cpuparams.poll = params.cpuparams_batch.poll = 0
        params.warmup = False
        params.verbosity = 0
        try:
            self._running = xllamacpp.Server(params)
        except RuntimeError as error:
            msg = (
                f"The embedded model cannot be loaded from {self.path}: it is no GGUF file, is damaged, or does not "
                "fit into memory. Delete it and run `plan-and-act model fetch` again."
            )
            if self.adapter:
                msg += f" Or the adapter {self.adapter} is damaged, or of another model."
            raise ModelUnavailableError(msg) from error
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop it; the next call starts it again."""
        with self._lock:
            self._running = None  # the server stops when its last reference goes
        atexit.unregister(self.stop)


def fitting(messages: list[BaseMessage], limit: int, count: Any) -> list[BaseMessage]:
    """The messages without what does not fit: old turns first, half of them at a time, then the middle of the longest.

    Half at a time, because whatever comes after the first turn left out must be read again by the model.

    Args:
        limit: Tokens.
        count: Gives the tokens of a message.
    """
    kept = [(message, count(message)) for message in messages]
    while (total := sum(tokens for _, tokens in kept)) > limit:
        turns = [i for i, (message, _) in enumerate(kept[:-1]) if isinstance(message, AIMessage)]
        if turns:
            end = turns[len(turns) // 2] if len(turns) > 1 else len(kept) - 1
            del kept[turns[0] : end]
            continue
        longest = max(range(len(kept)), key=lambda i: kept[i][1])
        message, tokens = kept[longest]
        text = str(message.text)
        if len(text) < _SHORTEST:
            break
        keep = int(len(text) * max(0.0, 1 - (total - limit + 10) / tokens) * 0.97)
        shorter = message.model_copy(
            update={"content": f"{text[: keep * 2 // 3]}\n...\n{text[len(text) - keep // 3 :]}"}
        )
        kept[longest] = shorter, count(shorter)
    return [message for message, _ in kept]
