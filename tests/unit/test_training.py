"""Training: what carries loss, what is left out, going on after a kill. With a small model made on the spot."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from plan_and_act.cli.app import run
from plan_and_act.errors import ConfigError, ModelUnavailableError, StorageError
from plan_and_act.llm.embedded import Server
from plan_and_act.llm.weights import weights

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from safetensors import SafetensorError  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from plan_and_act.training import (  # noqa: E402
    adapter_from_gguf,
    adapter_to_gguf,
    folder,
    load_config,
    merge,
    model_to_gguf,
    presets,
    read_metrics,
    train,
    write_card,
)
from plan_and_act.training.base import load_base  # noqa: E402
from plan_and_act.training.rows import IGNORED, ChatRow, Encoded, encode, encode_all, read_rows  # noqa: E402
from plan_and_act.training.train import answer_loss, collate, exact, least  # noqa: E402

TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two layers with a tokenizer of letters."""
    folder = tmp_path_factory.mktemp("base")
    letters = sorted({chr(code) for code in range(32, 127)} | {"\n"})
    vocabulary = {token: i for i, token in enumerate(["<|start|>", "<|end|>", "<|pad|>", *letters])}
    raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="?"))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    raw.decoder = tokenizers.decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|end|>", pad_token="<|pad|>", additional_special_tokens=["<|start|>"]
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tokenizer(base: Path) -> Any:
    return transformers.AutoTokenizer.from_pretrained(base)


def row(question: str, answer: str) -> dict[str, Any]:
    prompt = [{"role": "system", "content": "Answer."}, {"role": "user", "content": question}]
    return {"prompt": prompt, "completion": [{"role": "assistant", "content": answer}], "id": question}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


ROWS = [row(f"What number follows the number {i:02}?", str(i + 1)) for i in range(40)]


def test_the_answer_and_what_ends_it_carry_loss_and_nothing_else(tokenizer: Any) -> None:
    encoded = encode(ChatRow.model_validate(row("Which?", ' {"action": "click"}\n')), tokenizer)
    learnt = [label for label in encoded.labels if label != IGNORED]
    assert tokenizer.decode(learnt) == '{"action": "click"}<|end|>'
    prompt = encoded.input_ids[: encoded.labels.index(learnt[0])]
    assert (
        tokenizer.decode(prompt)
        == "<|start|>system\nAnswer.<|end|>\n<|start|>user\nWhich?<|end|>\n<|start|>assistant\n"
    )


def test_rows_that_do_not_fit_are_left_out_whole(tokenizer: Any) -> None:
    rows = [
        ChatRow.model_validate(each) for each in (row("Short?", "Yes"), row("Long? " * 50, "No"), row("Empty?", " "))
    ]
    done = encode_all(rows, tokenizer, context=120)
    assert (len(done.rows), done.too_long, done.empty) == (1, 1, 1)


def test_the_loss_is_that_of_all_logits(base: Path, tokenizer: Any) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    rows = [
        encode(ChatRow.model_validate(each), tokenizer)
        for each in (row("A?", "yes"), row("A longer one?", "no, never"))
    ]
    batch = collate(rows, tokenizer.pad_token_id)
    assert batch["input_ids"].shape[1] % 64 == 0
    loss, _ = answer_loss(model, batch)
    # Padding on either side counts for nothing: the same as every row by itself, without any.
    alone = [model(torch.tensor([row.input_ids]), labels=torch.tensor([row.labels])).loss * row.learnt for row in rows]
    assert loss.item() == pytest.approx(sum(alone).item() / sum(row.learnt for row in rows), rel=1e-4)
    assert collate(rows[:1], tokenizer.pad_token_id)["attention_mask"].all(), "one row needs no mask"


def test_an_answer_is_exact_when_the_model_would_write_it(base: Path, tokenizer: Any) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    rows = []
    for asked, missed in (("A?", None), ("A longer one?", 0), ("B?", 3)):
        prompt = tokenizer(asked)["input_ids"]
        given = model.generate(torch.tensor([prompt]), max_new_tokens=5, min_new_tokens=5, do_sample=False)
        answer = given[0, len(prompt) :].tolist()
        if missed is not None:
            answer[missed] = (answer[missed] + 1) % len(tokenizer)
        rows.append(Encoded([*prompt, *answer], [IGNORED] * len(prompt) + answer))
    batch = collate(rows, tokenizer.pad_token_id)
    assert exact(answer_loss(model, batch)[1].logits, batch["labels"]).tolist() == [1, 0, 0]


def test_the_least_probability_is_that_of_the_worst_token_of_an_answer(base: Path, tokenizer: Any) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    rows = [encode(ChatRow.model_validate(each), tokenizer) for each in (row("A?", "yes"), row("Longer?", "no"))]
    found = []
    for each in rows:
        given = model(torch.tensor([each.input_ids])).logits[0].softmax(-1)
        answer = [i for i, label in enumerate(each.labels) if label != IGNORED]
        found.append(min(given[i - 1, each.labels[i]].item() for i in answer))
    batch = collate(rows, tokenizer.pad_token_id)
    assert least(answer_loss(model, batch)[1].logits, batch["labels"]) == pytest.approx(min(found), rel=1e-4)


def test_rows_that_a_model_is_sure_of_are_read_and_not_learnt_from(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)

    def trained(name: str, **more: Any) -> tuple[list[int], dict[str, Any]]:
        done = train(small(base, **more), [data], tmp_path / name)
        assert all(row["loss"] > 0.1 for row in done.metrics), "the loss of rows that are spared is logged too"
        spared = [row.get("spared") for row in done.metrics]
        return spared, load_file(done.folder / "adapter_model.safetensors")

    nothing, untouched = trained("nothing", sure=1e-9)
    assert nothing == [4] * 10
    assert not any(weights.any() for name, weights in untouched.items() if "lora_B" in name)
    spared, sure = trained("all", sure=1)
    assert spared == [0] * 10
    unsaid, plain = trained("plain")
    assert unsaid == [None] * 10
    assert all(torch.equal(sure[name], plain[name]) for name in plain)


def test_sparing_rows_is_refused_where_several_processes_train(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    monkeypatch.setattr(transformers.TrainingArguments, "world_size", 2)
    with pytest.raises(ConfigError, match="on one process alone; with several, set it to null"):
        train(small(base, sure=0.9), [data], tmp_path / "out")
    file = tmp_path / "config.yaml"
    file.write_text("preset: cpu-135m\nsure: null\n", encoding="utf-8")
    assert load_config(None, file, {}).sure is None


def test_two_processes_train_as_one_does(base: Path, tmp_path: Path) -> None:
    write(
        tmp_path / "executor-train.chat.jsonl", [row(f"Repeat x {n % 4} times.", "x" * (n % 4)) for n in range(1, 40)]
    )
    given = {"context": 128, "batch": 4, "precision": "fp32", "learning_rate": 0.01, "rank": 4, "max_steps": 3}
    (tmp_path / "config.json").write_text(json.dumps(given))
    where = ["--data", str(tmp_path), "--config", str(tmp_path / "config.json"), "--base", str(base)]
    assert run(["train", "executor", *where, "--out", str(tmp_path / "one")]) == 0
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "plan_and_act"]
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [*launch, "train", "executor", *where, "--out", str(tmp_path / "two")],
        capture_output=True, text=True, check=False, timeout=180,
        env={**os.environ, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "two" / "final" / "README.md")], "one of them writes"
    one, two = ([each["loss"] for each in read_metrics(tmp_path / name)] for name in ("one", "two"))
    assert two == pytest.approx(one, rel=1e-4)


def test_a_template_that_rewrites_answers_is_refused(tokenizer: Any) -> None:
    kept, tokenizer.chat_template = tokenizer.chat_template, "{{ messages[0]['content'] }}"
    try:
        with pytest.raises(ConfigError, match="does not keep the answer"):
            encode(ChatRow.model_validate(row("Which?", "This")), tokenizer)
    finally:
        tokenizer.chat_template = kept


@pytest.mark.parametrize("line", ["{", '{"messages": []}', '{"prompt": [{"role": "user", "content": "x"}]}'])
def test_what_is_no_row_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps(ROWS[0]) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.jsonl:2 is no chat row"):
        list(read_rows([file]))


def test_marks_that_end_lines_elsewhere_do_not_end_a_row(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    said = "one\u2028two\x85three"
    file.write_text(
        "".join(json.dumps(row(said, str(n)), ensure_ascii=False) + "\n" for n in range(2)), encoding="utf-8"
    )
    assert [each.prompt[-1].content for each in read_rows([file])] == [said] * 2


def test_files_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("base: embedded  # für\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.yaml cannot be read"):
        load_config(None, file, {})
    with pytest.raises(ConfigError, match=r"latin\.yaml cannot be read"):
        list(read_rows([file]))


def small(base: Path, **more: Any) -> Any:
    given = {"base": str(base), "method": "lora", "context": 128, "batch": 4, "precision": "fp32", "epochs": 1}
    return load_config(None, None, {**given, "learning_rate": 1e-2, "save_every": 2, "rank": 4, **more})


@pytest.mark.parametrize("method", ["lora", "full"])
def test_training_learns_and_leaves_a_model_and_a_card(base: Path, tmp_path: Path, method: str) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    done = train(small(base, method=method, epochs=3), [data], tmp_path / "out", validation=[data])
    losses = [each["loss"] for each in done.metrics if "loss" in each]
    assert len(losses) == 30
    assert losses[-1] < losses[0]
    assert [0 <= each["eval_exact"] <= 1 for each in done.metrics if "eval_loss" in each] == [True] * 3
    card = write_card(done, title="executor", data=[data]).read_text(encoding="utf-8")
    assert "40 rows" in card
    assert "% of 40 answers right word for word" in card
    assert str(tmp_path) not in card.replace(str(base), "")
    assert "- Data: `executor-train.chat.jsonl`\n" in card
    two = [tmp_path / folder / "datasets" / data.name for folder in ("calm", "disturbed")]
    card = write_card(done, title="executor", data=two).read_text(encoding="utf-8")
    assert f"- Data: `calm/datasets/{data.name}`, `disturbed/datasets/{data.name}`\n" in card
    assert (done.folder / ("adapter_model.safetensors" if method == "lora" else "model.safetensors")).is_file()


def test_a_killed_training_goes_on_to_the_same_end(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    whole = train(small(base), [data], tmp_path / "whole")

    class Killed(BaseException):
        pass

    def kill(line: str) -> None:
        if line.startswith("step 7 "):
            raise Killed

    with pytest.raises(Killed):
        train(small(base), [data], tmp_path / "killed", say=kill)
    assert not (tmp_path / "killed" / "final").exists()
    resumed = train(small(base), [data], tmp_path / "killed")
    assert [each["step"] for each in read_metrics(tmp_path / "killed")] == list(range(1, 11))
    first, second = (load_file(done.folder / "adapter_model.safetensors") for done in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_checkpoint_that_is_not_whole_is_passed_over(base: Path, tmp_path: Path) -> None:
    data, out = write(tmp_path / "executor-train.chat.jsonl", ROWS), tmp_path / "killed"
    whole = train(small(base), [data], tmp_path / "whole")

    def fill_the_disk(line: str) -> None:
        if line.startswith("step 7 "):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match=r"the disk is full\. Free some space"):
        train(small(base), [data], out, say=fill_the_disk)
    (out / "checkpoint-6" / "trainer_state.json").write_text("")
    (out / "checkpoint-8").mkdir()
    again: list[str] = []
    resumed = train(small(base), [data], out, say=again.append)
    assert again[0].startswith("step 5 ")
    first, second = (load_file(done.folder / "adapter_model.safetensors") for done in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("error", [SafetensorError("I/O error"), RuntimeError("unexpected pos 64 vs 0")])
def test_a_full_disk_is_said_whoever_finds_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)

    def fail(line: str) -> None:
        raise error

    with pytest.raises(type(error)):  # there is room: it is something else
        train(small(base), [data], tmp_path / "out", say=fail)

    def full(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder, "TemporaryFile", full)
    with pytest.raises(StorageError, match="the disk is full"):
        train(small(base), [data], tmp_path / "out", say=fail)


def test_an_adapter_is_gone_on_from_and_belongs_to_its_base(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    first = train(small(base, epochs=3), [data], tmp_path / "first")
    again = train(small(base, adapter=str(first.folder), max_steps=1), [data], tmp_path / "again")
    begun, ended = first.metrics[0]["loss"], first.metrics[-1]["loss"]
    assert ended < begun - 0.1
    assert again.metrics[0]["loss"] < (begun + ended) / 2
    settings = json.loads((first.folder / "adapter_config.json").read_text())
    (first.folder / "adapter_config.json").write_text(json.dumps({**settings, "base_model_name_or_path": "other"}))
    with pytest.raises(ConfigError, match="belongs to other, not to"):
        train(small(base, adapter=str(first.folder)), [data], tmp_path / "third")
    with pytest.raises(ConfigError, match="holds no adapter"):
        small(base, adapter=str(tmp_path))


def test_a_share_of_the_adapter_gone_on_from_is_kept(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    first = train(small(base), [data], tmp_path / "first").folder
    other = train(small(base, adapter=str(first)), [data], tmp_path / "other", validation=[data])
    mixed = train(small(base, adapter=str(first), keep=0.25), [data], tmp_path / "mixed", validation=[data])
    folders = (first, other.folder, mixed.folder)
    begun, ended, mean = (load_file(folder / "adapter_model.safetensors") for folder in folders)
    assert any(not torch.equal(begun[name], ended[name]) for name in begun)
    for name, found in mean.items():
        assert torch.allclose(found, 0.25 * begun[name] + 0.75 * ended[name], atol=1e-6)
    plain, kept = ([row["eval_loss"] for row in done.metrics if "eval_loss" in row] for done in (other, mixed))
    assert kept[:-1] == plain[:-1]
    assert kept[-1] != plain[-1], "what is left at the end is measured, too"
    with pytest.raises(ConfigError, match="name it as `adapter`"):
        small(base, keep=0.5)


def test_an_adapter_comes_back_from_gguf_as_it_was(base: Path, tmp_path: Path) -> None:
    model, _ = load_base(str(base), "fp32")
    linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    settings = peft.LoraConfig(r=4, lora_alpha=8, target_modules=linear, init_lora_weights=False)
    peft.get_peft_model(model, settings).save_pretrained(tmp_path / "final")
    file = adapter_to_gguf(tmp_path / "final", tmp_path / "adapter.gguf")
    back = adapter_from_gguf(file, str(base), tmp_path / "back")
    kept, found = (load_file(folder / "adapter_model.safetensors") for folder in (tmp_path / "final", back))
    assert kept.keys() == found.keys()
    assert all(torch.allclose(kept[name], found[name], atol=1e-3) for name in kept)
    again = peft.PeftConfig.from_pretrained(back)
    assert (again.r, again.lora_alpha, again.base_model_name_or_path) == (4, 8, str(base))
    assert again.target_modules == set(linear)


def test_another_training_is_not_begun_in_the_same_folder(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    train(small(base, max_steps=1), [data], tmp_path / "out")
    with pytest.raises(ConfigError, match="holds another training"):
        train(small(base, max_steps=2), [data], tmp_path / "out")


def test_other_data_and_another_adapter_of_the_same_name_are_another_training(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    held = write(tmp_path / "executor-validation.chat.jsonl", ROWS[:4])
    adapter = train(small(base, max_steps=1), [data], tmp_path / "first").folder

    def again() -> list[str]:
        said: list[str] = []
        settings = small(base, adapter=str(adapter), max_steps=1)
        train(settings, [data], tmp_path / "out", validation=[held], say=said.append)
        return said

    again()
    assert again() == ["this training is finished already"]
    for file in (data, held, adapter / "adapter_model.safetensors"):
        kept = file.read_bytes()
        file.write_bytes(kept.replace(b"What", b"Tell") if file.suffix == ".jsonl" else kept[:-1] + b"?")
        with pytest.raises(ConfigError, match="holds another training"):
            again()
        file.write_bytes(kept)
    assert again() == ["this training is finished already"]
    known = json.loads((tmp_path / "out" / "training.json").read_text())
    before = {name: value for name, value in known.items() if name not in ("data", "validation", "adapter")}
    (tmp_path / "out" / "training.json").write_text(json.dumps(before, indent=1, sort_keys=True))
    with pytest.raises(ConfigError, match="holds another training"):
        again()


def test_nothing_to_learn_from_is_said(base: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    with pytest.raises(ConfigError, match=r"no row of .* can be learnt from: 40 have more than 64"):
        train(small(base, context=64), [data], tmp_path / "out")


def test_a_base_that_is_not_there_is_said(tmp_path: Path) -> None:
    data = write(tmp_path / "executor-train.chat.jsonl", ROWS)
    with pytest.raises(ConfigError, match="cannot be loaded"):
        train(small(tmp_path / "nowhere"), [data], tmp_path / "out")


@pytest.mark.parametrize("name", presets())
def test_presets_are_complete(name: str) -> None:
    assert load_config(name, None, {}).base


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text("preset: cpu-135m\nlearning_speed: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="learning_speed"):
        load_config(None, file, {})
    with pytest.raises(ConfigError, match="no preset 'huge'"):
        load_config("huge", None, {})


def test_the_command_writes_a_merged_model_when_asked_once_more(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "executor-train.chat.jsonl", ROWS)
    given = ["train", "executor", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--base", str(base)]
    command = [*given, "--max-steps", "2"]
    assert run(command) == 0
    assert run([*command, "--merge"]) == 0
    merged = tmp_path / "out" / "executor-merged"
    assert str(merged) in capsys.readouterr().out
    model = transformers.AutoModelForCausalLM.from_pretrained(merged)
    assert model.config.hidden_size == 32
    assert transformers.AutoTokenizer.from_pretrained(merged).eos_token == "<|end|>"
    assert run([*command, "--merge", "--gguf"]) == 2
    assert "convert_hf_to_gguf.py" in capsys.readouterr().err


@pytest.mark.skipif(not find_spec("xllamacpp"), reason="the extra `local` is not installed")
def test_exports_to_llama_cpp_say_what_the_trained_model_says(tmp_path: Path) -> None:
    try:
        file = weights()
    except ModelUnavailableError:
        pytest.skip("the embedded model's weights are not here: plan-and-act model fetch")
    plain, tokenizer = load_base("embedded", "fp32")
    torch.manual_seed(1)
    # Weights that were not trained but drawn: an adapter as it begins changes nothing.
    linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    tuned = peft.get_peft_model(
        plain, peft.LoraConfig(r=4, lora_alpha=8, target_modules=linear, init_lora_weights=False)
    )
    tuned.save_pretrained(tmp_path / "final")
    merged = merge(tmp_path / "final", tmp_path / "merged")
    exported = {
        "adapter": (file, adapter_to_gguf(tmp_path / "final", tmp_path / "adapter.gguf")),
        "whole": (model_to_gguf(merged, file, tmp_path / "whole.gguf"), None),
        "base": (file, None),
    }
    text = "The capital of France is"
    with torch.no_grad():
        logits = tuned(**tokenizer(text, return_tensors="pt")).logits[0, -1].log_softmax(-1)
    found, off = logits.max(-1), {}
    for name, (model, adapter) in exported.items():
        server = Server(model, adapter, context=256)
        try:
            said = httpx.post(
                f"{server.url()}/completion",
                headers={"Authorization": f"Bearer {server.key}"},
                json={"prompt": text, "n_predict": 1, "temperature": 0, "n_probs": 50},
                timeout=120,
            ).json()["completion_probabilities"][0]["top_logprobs"]
        finally:
            server.stop()
        off[name] = abs(
            next((each["logprob"] for each in said if each["id"] == int(found.indices)), -20.0) - float(found.values)
        )
    assert off["adapter"] < 0.2
    assert off["whole"] < 0.2
    assert off["base"] > 1
