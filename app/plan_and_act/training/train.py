"""Fine-tuning: loss on the answers, checkpoints to go on from, metrics, an adapter or a model at the end.

    config = load_config("cpu-135m", None, {})
    result = train(config, [Path("datasets/executor-train.chat.jsonl")], Path("models/executor"))

Batches are padded on the left, so that the answers of all rows end together: logits are then computed for the last
positions alone, which with a vocabulary of 49 thousand is half of the work of a small model.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from plan_and_act.errors import ConfigError
from plan_and_act.llm.embedded import ADAPTER
from plan_and_act.training.base import EMBEDDED, fingerprint, load_base, require_training
from plan_and_act.training.config import TrainConfig
from plan_and_act.training.export import adapter_from_gguf
from plan_and_act.training.folder import FINAL, METRICS, claim, hashes, last_checkpoint, log_to, read_metrics, storing
from plan_and_act.training.rows import IGNORED, Encoded, Encoding, encode_all, read_rows

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_MULTIPLE = 64
"""Tokens; lengths are padded up to a multiple, which keeps the allocator from collecting sizes."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came out of a training."""

    folder: Path
    """The adapter, or the whole model, in transformers' form."""
    metrics: list[dict[str, Any]]
    """One row a logged step: step, epoch, loss, learning_rate, seconds; `eval_loss` and `eval_exact` in rows of
    their own."""
    settings: dict[str, Any]
    """What made it: configuration, base, counts, and hashes of the data and of the adapter gone on from."""


def train(
    config: TrainConfig,
    data: Sequence[Path],
    out: Path,
    *,
    validation: Sequence[Path] = (),
    say: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Fine-tune a base model on chat rows; started again with the same arguments, it goes on from its last checkpoint.

    Args:
        config: The settings.
        data: JSONL files of chat rows.
        out: The folder of this training; `final` in it has the result.
        validation: JSONL files of chat rows; their loss, and the share a model answers word for word (`exact`), are
            measured after every epoch.
        say: Gets a line on what happens.

    Raises:
        ConfigError: When there is no base or no data, no row fits the context, or the folder is of another training.
        MissingExtraError: When the extra `train` is not installed.
        StorageError: When the folder cannot be written, as on a full disk; what was saved before is gone on from.
    """
    require_training()
    import transformers

    model, tokenizer = load_base(config.base, config.precision)
    rows = _encoded(data, tokenizer, config, say)
    held = _encoded(validation, tokenizer, config, say) if validation else Encoding()
    settings = {
        "config": config.model_dump(),
        "base": fingerprint(config.base, model),
        "rows": len(rows.rows),
        "tokens": rows.tokens,
        "learnt_tokens": sum(row.learnt for row in rows.rows),
        "too_long": rows.too_long,
        "validation_rows": len(held.rows),
        "data": hashes(data),
        "validation": hashes(validation),
        "adapter": hashes(_files_of(config.adapter)),
    }
    claim(out, settings)
    if (out / FINAL / "done").is_file():
        say("this training is finished already")
        return Trained(out / FINAL, read_metrics(out), settings)
    transformers.set_seed(config.seed)
    if config.method == "lora":
        model = _with_adapter(model, config)
    with storing(out):
        log = log_to(out / METRICS, say)
        trainer = _trainer(model, tokenizer, config, rows.rows, held.rows, out, log)
        begun = {name: weights.detach().clone() for name, weights in _learnt(model)} if config.keep else {}
        with _uncast(model, config):
            trainer.train(resume_from_checkpoint=last_checkpoint(out))
            for name, weights in _learnt(model) if begun else ():
                weights.data.lerp_(begun[name], config.keep)
            if begun and held.rows:
                trainer.evaluate()  # of the same step as the one before, and instead of it
        final = out / FINAL
        trainer.save_model(str(final))
        if trainer.is_world_process_zero():
            tokenizer.save_pretrained(final)
            (final / "done").touch()
        trainer.accelerator.wait_for_everyone()
    return Trained(final, read_metrics(out), settings)


def _encoded(
    files: Sequence[Path], tokenizer: "PreTrainedTokenizerBase", config: TrainConfig, say: Callable[[str], object]
) -> Encoding:
    encoding = encode_all(read_rows(files), tokenizer, context=config.context)
    if encoding.too_long:
        say(f"{encoding.too_long} rows have more than {config.context:,} tokens and are left out")
    if not encoding.rows:
        msg = (
            f"no row of {', '.join(str(file) for file in files) or 'the data'} can be learnt from: {encoding.too_long} "
            f"have more than {config.context} tokens (`context`), {encoding.empty} have no answer"
        )
        raise ConfigError(msg)
    return encoding


def _files_of(adapter: str | None) -> list[Path]:
    """What an adapter is made of: its settings and its weights."""
    if adapter is None:
        return []
    return [ADAPTER] if adapter == EMBEDDED else sorted(Path(adapter).glob("adapter_*"))


def _with_adapter(model: Any, config: TrainConfig) -> Any:
    from peft import LoraConfig, TaskType, get_peft_model

    if config.adapter:
        adapted = _adapted(model, config.adapter)
        belongs = adapted.peft_config["default"].base_model_name_or_path
        if belongs != config.base:
            msg = f"the adapter {config.adapter} belongs to {belongs}, not to {config.base}"
            raise ConfigError(msg)
        return _precise(adapted)
    lora = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear",
    )
    return _precise(get_peft_model(model, lora))


def _adapted(model: Any, named: str) -> Any:
    from peft import PeftModel

    if named != EMBEDDED:
        return PeftModel.from_pretrained(model, named, is_trainable=True)
    with TemporaryDirectory() as scratch:
        folder = adapter_from_gguf(ADAPTER, EMBEDDED, Path(scratch) / "adapter")
        return PeftModel.from_pretrained(model, str(folder), is_trainable=True)


def _uncast(model: Any, config: TrainConfig) -> AbstractContextManager[Any]:
    """Adapters turn their inputs into 32 bits, and mixed precision turns them back: a tenth of the time on CPUs."""
    if config.method == "full" or config.precision == "fp32":
        return nullcontext()
    from peft.helpers import disable_input_dtype_casting

    casting: AbstractContextManager[Any] = disable_input_dtype_casting(model)
    return casting


def _precise(adapted: Any) -> Any:
    """The adapter's own weights are few and are kept in 32 bits: small steps are lost in bfloat16."""
    for _, parameter in _learnt(adapted):
        parameter.data = parameter.data.float()
    return adapted


def _learnt(model: Any) -> list[tuple[str, Any]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]


def collate(rows: Sequence[Encoded], padding: int) -> dict[str, Any]:
    """A batch: rows padded on the left to the longest, and all of them on the right to a multiple of 64 tokens.

    Nothing before the padding on the right sees it, so it is not masked: a batch of one row needs no mask, and
    attention without one takes five sixths of the time on CPUs.

    Args:
        rows: The rows.
        padding: The token to pad with.

    Returns:
        `input_ids`, `attention_mask` and `labels`: tensors of shape (rows, tokens).
    """
    import torch

    longest = max(len(row.input_ids) for row in rows)
    right = -longest % _MULTIPLE

    def padded(tokens: list[int], filler: int, after: int) -> list[int]:
        return [filler] * (longest - len(tokens)) + tokens + [after] * right

    return {
        "input_ids": torch.tensor([padded(row.input_ids, padding, padding) for row in rows]),
        "attention_mask": torch.tensor([padded([1] * len(row.input_ids), 0, 1) for row in rows]),
        "labels": torch.tensor([padded(row.labels, IGNORED, IGNORED) for row in rows]),
    }


def answer_loss(model: Any, inputs: dict[str, Any], learnt: Any = None) -> tuple[Any, Any]:
    """The loss on the labelled tokens of a batch.

    Args:
        model: A causal language model.
        inputs: What `collate` gives.
        learnt: How many labelled tokens the whole step has, when the batch is a part of it.

    Returns:
        The loss, summed over labelled tokens and divided by `learnt` (by their number here when left out), and the
        model's outputs.
    """
    import torch

    labels = inputs["labels"]
    first = int((labels != IGNORED).any(dim=0).nonzero()[0])
    # The token at a position is predicted one position before it.
    keep = labels.shape[1] - first + 1
    outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], logits_to_keep=keep)
    logits, wanted = outputs.logits[:, :-1], labels[:, first:]
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]).float(), wanted.reshape(-1), ignore_index=IGNORED, reduction="sum"
    )
    return loss / (learnt if learnt is not None else (labels != IGNORED).sum()), outputs


def exact(logits: Any, labels: Any) -> Any:
    """Which rows a model would answer word for word, choosing the likeliest token every time.

    One pass says so: up to the first wrong token a model reads what it would have written itself.

    Args:
        logits: Of shape (rows, positions, vocabulary), as in the outputs of `answer_loss`.
        labels: Of shape (rows, tokens).

    Returns:
        A tensor of shape (rows,) of zeros and ones.
    """
    wanted = labels[:, 1 - logits.shape[1] :]
    return ((logits[:, :-1].argmax(-1) == wanted) | (wanted == IGNORED)).all(dim=1).float()


def least(logits: Any, labels: Any) -> float:
    """The lowest probability that a model gives to a token of the answers.

    Args:
        logits: Of shape (rows, positions, vocabulary), as in the outputs of `answer_loss`.
        labels: Of shape (rows, tokens).
    """
    wanted = labels[:, 1 - logits.shape[1] :]
    given = logits.detach()[:, :-1].float().softmax(-1).gather(-1, wanted.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return float(given[wanted != IGNORED].min())


def _trainer(
    model: Any,
    tokenizer: "PreTrainedTokenizerBase",
    config: TrainConfig,
    rows: list[Encoded],
    held: list[Encoded],
    out: Path,
    log: Callable[[dict[str, Any]], None],
) -> Any:
    import torch
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    class AnswerTrainer(Trainer):  # type: ignore[misc]
        spared = 0

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            loss, outputs = answer_loss(model, inputs, num_items_in_batch)
            if num_items_in_batch is not None:
                loss = loss * self.accelerator.num_processes  # whose gradients are averaged, and not added up
            if config.sure is not None and least(outputs.logits, inputs["labels"]) >= config.sure:
                self.spared += len(inputs["labels"])
                loss = loss.detach().requires_grad_()  # the way back ends here
            return (loss, outputs) if return_outputs else loss

        def prediction_step(self, model: Any, inputs: Any, *_: Any, **__: Any) -> Any:
            inputs = self._prepare_inputs(inputs)
            with torch.no_grad():
                loss, outputs = answer_loss(model, inputs)
            found = exact(outputs.logits, inputs["labels"])
            return loss.detach(), found, found

    class Log(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            known = ("loss", "eval_loss", "eval_exact", "learning_rate", "epoch")
            row = {name: logs[name] for name in known if logs and name in logs}
            if config.sure is not None and "loss" in row:
                row["spared"], trainer.spared = trainer.spared, 0
            if state.is_world_process_zero and ("loss" in row or "eval_loss" in row):
                log({"step": state.global_step, **row})

    steps = -(-int(len(rows) * config.epochs) // config.batch)
    arguments = TrainingArguments(
        output_dir=str(out),
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=int((config.max_steps or steps) * config.warmup_ratio),
        weight_decay=config.weight_decay,
        per_device_train_batch_size=config.micro_batch,
        per_device_eval_batch_size=config.micro_batch,
        bf16=config.precision == "bf16",
        fp16=config.precision == "fp16",
        logging_steps=1,
        eval_strategy="epoch" if held else "no",
        save_strategy="steps",
        save_steps=config.save_every,
        save_total_limit=2,
        seed=config.seed,
        data_seed=config.seed,
        report_to=[],
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        disable_tqdm=True,
    )
    at_once = config.micro_batch * arguments.world_size * max(1, arguments.n_gpu)
    arguments.gradient_accumulation_steps = max(1, config.batch // at_once)
    if config.sure is not None and arguments.world_size > 1:
        msg = "`sure` spares rows on one process alone; with several, set it to null in --config"
        raise ConfigError(msg)
    if config.checkpointing:
        model.gradient_checkpointing_enable()
    padding = tokenizer.pad_token_id
    trainer = AnswerTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        eval_dataset=held or None,
        data_collator=lambda batch: collate(batch, padding),
        compute_metrics=lambda found: {"exact": float(found.predictions.mean())},
        callbacks=[Log()],
    )
    trainer.remove_callback(PrinterCallback)  # it would say everything a second time
    return trainer
