"""The commands that serve trained models behind an OpenAI-compatible endpoint: vLLM for folders, llama.cpp for GGUF."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plan_and_act.errors import ConfigError
from plan_and_act.training.base import EMBEDDED
from plan_and_act.training.folder import SETTINGS

CONTEXT = 16_384
"""Tokens a served model has for a prompt and its answer, unless it was trained with more."""
_OPTIONS = ("planner", "executor", "replanner")
"""Names that `run` has an option for."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve some models, and how to use them."""

    command: list[str]
    names: list[str]
    """What the models are called at the endpoint."""
    url: str

    @property
    def use(self) -> str:
        """A line that lets the agent use them."""
        roles = " ".join(f"--{name} openai:{name}" for name in self.names if name in _OPTIONS)
        return (
            f"OPENAI_BASE_URL={self.url} plan-and-act run TASK --url URL {roles or f'--model openai:{self.names[0]}'}"
        )


def serving(models: Mapping[str, Path], *, port: int = 8000, base: Path | None = None) -> Serving:
    """The command for some models.

    Args:
        models: By name (planner, executor...): the `final` folder of a training, or a GGUF file.
        port: Where it listens, on loopback.
        base: The base model as GGUF, for an adapter that is a GGUF file.

    Raises:
        ConfigError: When something is not there, or the models do not fit into one server.
    """
    url = f"http://127.0.0.1:{port}/v1"
    if any(path.suffix == ".gguf" for path in models.values()):
        return Serving(_llama(models, port, base), list(models), url)
    return Serving(_vllm(models, port), list(models), url)


def _vllm(models: Mapping[str, Path], port: int) -> list[str]:
    where = ["--host", "127.0.0.1", "--port", str(port), "--max-model-len", str(_context(models))]
    adapters = {name: found for name, path in models.items() if (found := _adapter(path))}
    if not adapters:
        (name, path), *others = models.items()
        if others:
            msg = f"whole models are served one by one: {', '.join(models)} need a server each, on a port each"
            raise ConfigError(msg)
        return ["vllm", "serve", str(path), "--served-model-name", name, *where]
    bases = {str(found["base_model_name_or_path"]) for found in adapters.values()}
    if len(bases) > 1 or len(adapters) < len(models):
        msg = f"one server has one base; {', '.join(models)} have {', '.join(sorted(bases))} and need a server each"
        raise ConfigError(msg)
    if EMBEDDED in bases:
        msg = (
            f"the embedded model needs no server: write the adapter {', '.join(models)} as GGUF (the command that "
            "trained it, with --gguf), and run the agent with --model embedded:FILE"
        )
        raise ConfigError(msg)
    rank = max(int(found["r"]) for found in adapters.values())
    modules = [f"{name}={models[name]}" for name in adapters]
    lora = ["--enable-lora", "--max-lora-rank", str(rank), "--lora-modules", *modules]
    return ["vllm", "serve", bases.pop(), *lora, *where]


def _llama(models: Mapping[str, Path], port: int, base: Path | None) -> list[str]:
    (name, path), *others = models.items()
    if others:
        msg = f"llama.cpp gives its adapters no names of their own: {', '.join(models)} need a server each"
        raise ConfigError(msg)
    if not path.is_file():
        msg = f"{path} is no file"
        raise ConfigError(msg)
    model = ["-m", str(base), "--lora", str(path)] if base else ["-m", str(path)]
    where = ["--host", "127.0.0.1", "--port", str(port), "--ctx-size", str(_context(models)), "--alias", name]
    return ["llama-server", *model, *where]


def _context(models: Mapping[str, Path]) -> int:
    """Tokens for the longest row that one of the models was trained on, where its training is still around it."""
    files = [path.resolve().parent / SETTINGS for path in models.values()]
    settings = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    trained: list[int] = [each["config"]["context"] for each in settings]
    return max([CONTEXT, *trained])


def _adapter(folder: Path) -> dict[str, Any] | None:
    """The settings of an adapter; None for a whole model."""
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        msg = f"{folder} holds neither a model nor an adapter; name the `final` folder of a training, or a GGUF file"
        raise ConfigError(msg)
    file = folder / "adapter_config.json"
    if not file.is_file():
        return None
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return settings
