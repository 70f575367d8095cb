"""The files of `examples/`, loaded as modules, with the environment their models are taken from."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "examples"


def load(name: str) -> Any:
    """An example, as if it were imported for the first time."""
    spec = spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def use_endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let models be taken from an endpoint."""
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("PLAN_AND_ACT_MODEL", "openai:scripted")
