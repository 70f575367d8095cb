"""What a training is: base, method and hyper-parameters, from a preset, a file and the command line."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from plan_and_act.errors import ConfigError
from plan_and_act.training.base import EMBEDDED

_PRESETS = files(__package__) / "presets"


class TrainConfig(BaseModel):
    """The settings of one training. The defaults are the paper's (section A.12)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = Field(
        description="A model of the hub, a folder, or `embedded` for the model that comes with the agent."
    )
    method: Literal["full", "lora"] = "lora"
    adapter: str | None = Field(
        None, description="The folder of an adapter to go on from, or `embedded` for the embedded model's own."
    )
    keep: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the adapter gone on from in the weights at the end: with 0.5 less is forgotten of what "
        "this training's rows do not show (after WiSE-FT, arXiv 2109.01903).",
    )
    context: int = Field(8_192, ge=64, description="Tokens a row may have; longer rows are left out.")
    epochs: float = Field(1.0, gt=0)
    max_steps: int | None = Field(None, ge=1, description="Ends the training after so many optimizer steps.")
    learning_rate: float = Field(2e-5, gt=0)
    warmup_ratio: float = Field(0.1, ge=0, lt=1, description="Part of the steps in which the learning rate grows.")
    weight_decay: float = Field(0.0, ge=0)
    batch: int = Field(32, ge=1, description="Rows a step, over all devices.")
    micro_batch: int = Field(1, ge=1, description="Rows a device holds at once.")
    sure: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Rows whose every token the model gives at least this probability are read, and not learnt from, "
        "which saves most of a row's time (after Selective-Backprop, arXiv 1910.00762). One process only.",
    )
    precision: Literal["bf16", "fp16", "fp32"] = "bf16"
    checkpointing: bool = Field(False, description="Trade time for memory: activations are computed twice.")
    rank: int = Field(16, ge=1, description="Rank of the LoRA adapter.")
    alpha: int = Field(32, ge=1, description="Scale of the LoRA adapter, over its rank.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout of the LoRA adapter.")
    save_every: int = Field(
        100, ge=1, description="Steps between checkpoints; a killed training goes on from the last."
    )
    seed: int = 0

    @model_validator(mode="after")
    def _kept(self) -> Self:
        if self.keep and not self.adapter:
            msg = "`keep` is of an adapter to go on from: name it as `adapter`"
            raise ValueError(msg)
        return self


def presets() -> list[str]:
    """Names of the presets."""
    return sorted(entry.name.removesuffix(".yaml") for entry in _PRESETS.iterdir() if entry.name.endswith(".yaml"))


def load_config(preset: str | None, file: Path | None, given: Mapping[str, Any]) -> TrainConfig:
    """Put a configuration together; what is given later wins.

    Args:
        preset: Name of a preset.
        file: A YAML file with fields of `TrainConfig`, and `preset` for what it builds on.
        given: Fields from the command line; None stands for not given.

    Raises:
        ConfigError: When there is no such preset, the file cannot be read, or a field is unknown or out of bounds.
    """
    read = _read(file) if file else {}
    preset = preset or read.pop("preset", None)
    values = (_preset(preset) if preset else {}) | {name: value for name, value in read.items() if name != "preset"}
    values |= {name: value for name, value in given.items() if value is not None}
    adapter = values.get("adapter") or EMBEDDED
    if adapter != EMBEDDED and not (Path(adapter) / "adapter_config.json").is_file():
        msg = f"{adapter} holds no adapter; name the `final` folder of a training with LoRA, or `{EMBEDDED}`"
        raise ConfigError(msg)
    if "base" not in values:
        msg = f"no base model is named: give --base, or a --preset ({', '.join(presets())})"
        raise ConfigError(msg)
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"the setting {'.'.join(map(str, first['loc'])) or 'of the training'}: {first['msg']}"
        raise ConfigError(msg) from error


def _preset(name: str) -> dict[str, Any]:
    if name not in presets():
        msg = f"there is no preset {name!r}; there are {', '.join(presets())}"
        raise ConfigError(msg)
    values: dict[str, Any] = yaml.safe_load((_PRESETS / f"{name}.yaml").read_text(encoding="utf-8"))
    return values


def _read(file: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        msg = f"{file} cannot be read as YAML ({error})"
        raise ConfigError(msg) from error
    if not isinstance(values, dict):
        msg = f"{file} is no YAML mapping of settings"
        raise ConfigError(msg)
    return values
