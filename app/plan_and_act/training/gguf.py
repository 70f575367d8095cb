"""Export to GGUF, the format of llama.cpp: an adapter by itself, or a merged model on the metadata of its base.

For models of the Llama architecture. llama.cpp keeps the rows of query and key weights in another order (pairs of a
rotation side by side); nothing else is rearranged.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plan_and_act.errors import ConfigError
from plan_and_act.training.base import load_base, source_of

_PREFIX = "base_model.model."


def adapter_to_gguf(adapter: Path, out: Path) -> Path:
    """Write a LoRA adapter as GGUF, in 16-bit floats.

    Args:
        adapter: The folder of an adapter as PEFT saves it.
        out: The file to write; it appears when it is whole.

    Raises:
        ConfigError: When there is no adapter in the folder, or its base is not of the Llama architecture.
    """
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    settings = _settings(adapter)
    config = _base_config(adapter)
    weights = load_file(adapter / "adapter_model.safetensors")
    part = out.with_suffix(".part")
    writer = GGUFWriter(part, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(settings["lora_alpha"]))
    names = _names(config["num_hidden_layers"])
    for name, array in sorted(weights.items()):
        module, _, side = name.removeprefix(_PREFIX).removesuffix(".weight").rpartition(".lora_")
        if side == "B":  # the rows of the product are those of B
            array = _ordered(module, array, config)
        writer.add_tensor(f"{names(module)}.lora_{side.lower()}", array.astype("float16"))
    _write(writer, part, out)
    return out


def merged_to_gguf(adapter: Path, base: Path, out: Path) -> Path:
    """Merge an adapter into its base, and write the model as GGUF with 8-bit weights.

    Args:
        adapter: The folder of an adapter as PEFT saves it.
        base: The base as GGUF; metadata and tokenizer are taken from it.
        out: The file to write; it appears when it is whole.

    Raises:
        ConfigError: When there is no adapter in the folder, or its base is not of the Llama architecture.
    """
    import gguf
    from peft import PeftModel

    config = _base_config(adapter)
    plain, _ = load_base(_settings(adapter)["base_model_name_or_path"], "fp32")
    model = PeftModel.from_pretrained(plain, str(adapter)).merge_and_unload()
    reader = gguf.GGUFReader(base)
    part = out.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "llama")
    for key, value in _metadata(reader):
        writer.add_key_value(key, value.contents(), value.types[0], value.types[-1] if len(value.types) > 1 else None)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    names, known = _names(config["num_hidden_layers"]), {tensor.name for tensor in reader.tensors}
    for name, tensor in model.state_dict().items():
        module = name.removesuffix(".weight")
        kept = names(module)
        if kept not in known:  # an output layer that is the embedding
            continue
        array = _ordered(module, tensor.float().numpy(), config)
        if array.ndim == 1:
            writer.add_tensor(kept, array)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(kept, gguf.quants.quantize(array, kind), raw_dtype=kind)
    _write(writer, part, out)
    return out


def _settings(adapter: Path) -> dict[str, Any]:
    file = adapter / "adapter_config.json"
    if not file.is_file():
        msg = f"{adapter} holds no adapter ({file.name} is missing); name the `final` folder of a training with LoRA"
        raise ConfigError(msg)
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return settings


def _base_config(adapter: Path) -> dict[str, Any]:
    from transformers import AutoConfig

    base = _settings(adapter)["base_model_name_or_path"]
    try:
        config: dict[str, Any] = AutoConfig.from_pretrained(source_of(base)).to_dict()
    except (OSError, ValueError) as error:
        msg = f"the base model {base} of the adapter {adapter} is not there any more"
        raise ConfigError(msg) from error
    if config["model_type"] != "llama":
        msg = f"{base} is no Llama model but {config['model_type']!r}; export it with llama.cpp's own tools"
        raise ConfigError(msg)
    return config


def _names(layers: int) -> Any:
    """From names of transformers to names of llama.cpp, with `.weight`."""
    import gguf

    table = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, layers)

    def name(module: str) -> str:
        found = table.get_name(module)
        if found is None:
            msg = f"llama.cpp has no name for {module}"
            raise ConfigError(msg)
        return f"{found}.weight"

    return name


def _ordered(module: str, array: Any, config: dict[str, Any]) -> Any:
    heads = config["num_attention_heads"]
    if module.endswith(".k_proj"):
        heads = config["num_key_value_heads"]
    elif not module.endswith(".q_proj"):
        return array
    shape = (heads, 2, array.shape[0] // heads // 2, *array.shape[1:])
    return array.reshape(shape).swapaxes(1, 2).reshape(array.shape)


def _metadata(reader: Any) -> Iterator[tuple[str, Any]]:
    for key, value in reader.fields.items():
        if not key.startswith("GGUF.") and key not in ("general.architecture", "general.file_type"):
            yield key, value


def _write(writer: Any, part: Path, out: Path) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(out)
