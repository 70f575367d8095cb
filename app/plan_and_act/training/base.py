"""The base models: one of the hub, a folder, or the embedded one, made trainable from its GGUF file."""

import hashlib
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plan_and_act.artefacts import home
from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.llm.weights import fetch

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

EMBEDDED = "embedded"


def require_training() -> None:
    """Check that the extra `train` is installed.

    Raises:
        MissingExtraError: When it is not.
    """
    if not all(find_spec(name) for name in ("torch", "transformers", "peft", "accelerate")):
        what = "Training"
        raise MissingExtraError(what, "train")


def source_of(base: str) -> str:
    """Where transformers finds a base: its name on the hub, a folder, or the embedded model made trainable."""
    return str(_trainable(fetch())) if base == EMBEDDED else base


def load_base(base: str, precision: str) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """The base model and its tokenizer.

    Args:
        base: A model of the hub, a folder, or `embedded`.
        precision: bf16, fp16 or fp32.

    Raises:
        ConfigError: When there is no such model.
        MissingExtraError: When the extra `train` is not installed.
    """
    require_training()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = source_of(base)
    kinds = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=kinds[precision])
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        msg = f"the base model {base!r} cannot be loaded ({reason}); name a model of the hub, a folder, or `embedded`"
        raise ConfigError(msg) from error
    # Adapters name their base by this; a path of this machine would mean nothing elsewhere.
    model.name_or_path = base
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer


def fingerprint(base: str, model: Any) -> str:
    """What an adapter belongs to: the base's name, and a hash of its shape and of some of its weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} ".encode())
        digest.update(str(tensor.flatten()[:8].float().tolist()).encode())
    return f"{base}@{digest.hexdigest()[:16]}"


def _trainable(gguf: Path) -> Path:
    """A folder with the weights of a GGUF file as transformers saves them, made once and kept."""
    kept = home() / "models" / f"{gguf.stem}-trainable"
    if (kept / "model.safetensors").is_file():
        return kept
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kept.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=kept.parent))
    try:
        source, name = str(gguf.parent), gguf.name
        model = AutoModelForCausalLM.from_pretrained(source, gguf_file=name)
        # The loaded weights are whole numbers no more; the marks of their quantisation would forbid training.
        model.hf_quantizer = None
        model.is_quantized = False
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(made)
        AutoTokenizer.from_pretrained(source, gguf_file=name).save_pretrained(made)
        made.replace(kept)
    except OSError:
        if not (kept / "model.safetensors").is_file():  # else another process was faster
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return kept
