"""The embedded model at work: every answer well-formed, whatever the model makes of the task."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from demo import Demo
from plan_and_act import Context, create_agent
from plan_and_act.actions import to_action
from plan_and_act.browser._tokens import estimate_tokens
from plan_and_act.browser.observation import Element
from plan_and_act.errors import ConfigError, ModelUnavailableError
from plan_and_act.llm import call
from plan_and_act.llm.embedded import _MAX_ANSWER, EmbeddedModel, Server, embedded_model
from plan_and_act.llm.formats import short
from plan_and_act.llm.formats.schema import response_format
from plan_and_act.llm.weights import weights

try:
    WEIGHTS: Path | None = weights()
except (ModelUnavailableError, ConfigError):
    WEIGHTS = None

pytestmark = [
    pytest.mark.local_model,
    pytest.mark.skipif(WEIGHTS is None, reason="the embedded model's weights are not here: plan-and-act model fetch"),
]

PATIENCE = 400.0
"""Seconds; a machine that is busy with other tests may be thirty times slower than an idle one."""


WORD = {"type": "object", "properties": {"word": {"enum": ["one", "two"]}}, "required": ["word"]}
ONE_WORD = response_format("word", WORD, strict=False)


@pytest.fixture(autouse=True)
def _no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    # A proxy is for other machines: the model would not answer if it were asked through this one.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_PROXY", "http://127.0.0.1:9")


def test_an_adapter_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"embedded:/no/such\.gguf names no file; write embedded:base"):
        embedded_model("/no/such.gguf")
    assert embedded_model("base") is embedded_model("base")


async def test_an_adapter_that_is_none_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "adapter.gguf"
    damaged.write_bytes(b"GGUF and then nothing")
    with pytest.raises(ModelUnavailableError, match=r"adapter\.gguf is damaged, or of another model"):
        await call(embedded_model(str(damaged)), [HumanMessage("Hi")], role="planner")


@pytest.fixture
def model() -> EmbeddedModel:
    made = embedded_model()
    assert isinstance(made, EmbeddedModel)
    return made


async def test_a_run_on_forge_ends_typed_and_every_answer_is_well_formed(demo: Demo, forge: Any) -> None:
    context = Context(max_rounds=2, max_replans=1, model_timeout=PATIENCE)
    agent = create_agent(context=context, private_origins=[forge.url])
    seen: dict[str, Any] = {}
    state: dict[str, Any] = {}
    calls: dict[str, int] = {}
    decisions = plans = 0
    steps = set()
    async for update in agent.astream(demo.input, stream_mode="updates"):
        for node, changed in update.items():
            state |= changed or {}
            seen = (changed or {}).get("observation") or seen
            if node in ("planner", "executor", "replan"):
                calls |= {role: row["calls"] for role, row in changed["usage"].items()}
            # Twice what it may have, since tabs and the line on what was left out are not counted.
            assert estimate_tokens(seen.get("text", "")) < 1_200
            if node in ("planner", "replan"):
                plans += 1
                assert all(step["goal"].strip() for step in changed["plans"][0]["steps"])
            elif node == "executor":
                decisions += 1
                action = to_action(changed["pending"]["action"])
                steps.add(action.step)
                if element := getattr(action, "element", None):
                    labels = {Element(int(ref), **row).label for ref, row in seen["elements"].items()}
                    assert element in set(map(short, labels))
    assert state["ending"]["reason"] in {"finished", "gave_up", "max_rounds"}
    assert steps - {None}  # as it was taught
    # One call a decision: no answer had to be asked for again.
    assert calls["executor"] == decisions > 0
    assert calls["planner"] + calls.get("replanner", 0) == plans


async def test_a_prompt_longer_than_its_context_is_answered_all_the_same() -> None:
    assert WEIGHTS
    small = EmbeddedModel(Server(WEIGHTS, context=768))
    asked = [SystemMessage("You answer with one word."), HumanMessage("word " * 2_000 + "\nWhat is 1 + 1?")]
    reply = await call(small, asked, role="executor", timeout=PATIENCE, response_format=ONE_WORD)
    assert json.loads(reply.text)["word"] in ("one", "two")
    room = 768 - _MAX_ANSWER  # what the longest answer leaves for the prompt; most of it is used
    assert 0.6 * room < reply.usage.input_tokens <= room


async def test_it_streams(model: EmbeddedModel) -> None:
    pieces: list[str] = []
    asked = [HumanMessage("Count to five.")]
    reply = await call(model, asked, role="planner", timeout=PATIENCE, on_token=pieces.append)
    assert "".join(pieces) == reply.text
    assert len(pieces) > 3
    assert reply.usage.output_tokens > 3


def test_it_answers_one_event_loop_after_another_and_without_any(model: EmbeddedModel) -> None:
    asked = [HumanMessage("Hi")]
    for _ in range(2):
        assert asyncio.run(call(model, asked, role="planner", timeout=PATIENCE)).text
    assert model.invoke(asked).text


def test_its_endpoint_answers_nobody_without_the_key(model: EmbeddedModel) -> None:
    assert model.invoke([HumanMessage("Hi")]).text
    url = str(model.root_client.base_url)
    assert url.startswith("http://127.0.0.1:")
    request = urllib.request.Request(
        f"{url}chat/completions", b'{"messages": []}', {"content-type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(request, timeout=PATIENCE)
    assert refused.value.code == 401


def test_it_is_silent_and_stops_with_the_process() -> None:
    code = "from plan_and_act.llm import chat_model; print(chat_model('embedded').invoke('Hi').text)"
    environment = os.environ | {"PLAN_AND_ACT_EMBEDDED_MODEL": str(WEIGHTS)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, env=environment
    )
    assert done.returncode == 0
    assert done.stdout.strip()
    assert done.stderr == ""
