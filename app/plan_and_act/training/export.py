"""What is made of a trained model: an adapter merged into its base, and GGUF, the format of llama.cpp, and back.

GGUF is for models of the Llama architecture. llama.cpp keeps the rows of query and key weights in another order (pairs
of a rotation side by side); nothing else is rearranged.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plan_and_act.errors import ConfigError
from plan_and_act.llm.eightbit import write, write_eight_bit
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
    config = _config(settings["base_model_name_or_path"])
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
    write(writer, part, out)
    return out


def adapter_from_gguf(file: Path, base: str, out: Path) -> Path:
    """Write a LoRA adapter that is a GGUF file as PEFT saves it, to go on training it.

    Args:
        file: What `adapter_to_gguf` has written.
        base: The model it belongs to: one of the hub, a folder, or `embedded`.
        out: The folder to write.

    Raises:
        ConfigError: When the base is not of the Llama architecture, or not there.
        OSError: When the folder cannot be written.
    """
    from gguf import GGUFReader
    from peft import LoraConfig, TaskType
    from safetensors.numpy import save_file

    config = _config(base)
    names = _names(config["num_hidden_layers"])
    modules = {names(module): module for module in _linear(config["num_hidden_layers"])}
    reader, weights = GGUFReader(file), {}
    for tensor in reader.tensors:
        name, _, side = tensor.name.rpartition(".lora_")
        array = tensor.data.astype("float32")
        if side == "b":
            array = _ordered(modules[name], array, config, back=True)
        weights[f"{_PREFIX}{modules[name]}.lora_{side.upper()}.weight"] = array
    lora = LoraConfig(
        task_type=TaskType.CAUSAL_LM,
        base_model_name_or_path=base,
        r=next(array.shape[0] for name, array in weights.items() if ".lora_A." in name),
        lora_alpha=int(reader.fields["adapter.lora.alpha"].contents()),
        target_modules=sorted({name.split(".lora_")[0].rpartition(".")[2] for name in weights}),
    )
    lora.save_pretrained(str(out))
    save_file(weights, out / "adapter_model.safetensors")
    return out


def merge(adapter: Path, out: Path) -> Path:
    """Write the model an adapter makes of its base, in 16-bit floats, as transformers and vLLM load it.

    Args:
        adapter: The folder of an adapter as PEFT saves it.
        out: The folder to write, with the tokenizer; it appears when it is whole, in the place of one that was there.

    Raises:
        ConfigError: When there is no adapter in the folder, or its base is not there.
    """
    import torch
    from peft import PeftModel

    plain, tokenizer = load_base(_settings(adapter)["base_model_name_or_path"], "fp32")
    model = PeftModel.from_pretrained(plain, str(adapter)).merge_and_unload()
    part = out.with_name(f"{out.name}.part")
    model.to(torch.bfloat16).save_pretrained(part)
    tokenizer.save_pretrained(part)
    shutil.rmtree(out, ignore_errors=True)
    part.replace(out)
    return out


def model_to_gguf(model: Path, base: Path, out: Path) -> Path:
    """Write a whole model as GGUF with 8-bit weights.

    Args:
        model: Its folder, in transformers' form.
        base: The model it was trained from, as GGUF; metadata and tokenizer are taken from it.
        out: The file to write; it appears when it is whole.

    Raises:
        ConfigError: When the model is not of the Llama architecture, or not there.
    """
    config = _config(str(model))
    loaded, _ = load_base(str(model), "fp32")
    names = _names(config["num_hidden_layers"])
    modules = ((name.removesuffix(".weight"), tensor.numpy()) for name, tensor in loaded.state_dict().items())
    write_eight_bit(base, ((names(module), _ordered(module, array, config)) for module, array in modules), out)
    return out


def _settings(adapter: Path) -> dict[str, Any]:
    file = adapter / "adapter_config.json"
    if not file.is_file():
        msg = f"{adapter} holds no adapter ({file.name} is missing); name the `final` folder of a training with LoRA"
        raise ConfigError(msg)
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return settings


def _config(model: str) -> dict[str, Any]:
    from transformers import AutoConfig

    try:
        config: dict[str, Any] = AutoConfig.from_pretrained(source_of(model)).to_dict()
    except (OSError, ValueError) as error:
        msg = f"the model {model} is not there any more"
        raise ConfigError(msg) from error
    if config["model_type"] != "llama":
        msg = f"{model} is no Llama model but {config['model_type']!r}; export it with llama.cpp's own tools"
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


def _linear(layers: int) -> Iterator[str]:
    """What adapters change in a Llama."""
    for layer in range(layers):
        for part in ("q", "k", "v", "o"):
            yield f"model.layers.{layer}.self_attn.{part}_proj"
        for part in ("gate", "up", "down"):
            yield f"model.layers.{layer}.mlp.{part}_proj"


def _ordered(module: str, array: Any, config: dict[str, Any], *, back: bool = False) -> Any:
    """The rows of a module's weights in the order of llama.cpp, or back in that of transformers."""
    heads = config["num_attention_heads"]
    if module.endswith(".k_proj"):
        heads = config["num_key_value_heads"]
    elif not module.endswith(".q_proj"):
        return array
    half = array.shape[0] // heads // 2
    shape = (heads, *((half, 2) if back else (2, half)), *array.shape[1:])
    return array.reshape(shape).swapaxes(1, 2).reshape(array.shape)
