"""The commands that serve trained models."""

import json
from pathlib import Path

import pytest

from plan_and_act.cli import app
from plan_and_act.errors import ConfigError
from plan_and_act.training.serving import serving


def adapter(folder: Path, base: str = "meta/base-8b", rank: int = 16) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base, "r": rank}))
    return folder


def whole(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_adapters_of_one_base_are_served_together(tmp_path: Path) -> None:
    planner, executor = adapter(tmp_path / "p", rank=8), adapter(tmp_path / "e", rank=32)
    found = serving({"planner": planner, "executor": executor}, port=8123)
    told = " ".join(found.command)
    assert told.startswith("vllm serve meta/base-8b --enable-lora --max-lora-rank 32 ")
    assert f"--lora-modules planner={planner} executor={executor} --host 127.0.0.1 --port 8123" in told
    assert found.use == (
        "OPENAI_BASE_URL=http://127.0.0.1:8123/v1 plan-and-act run TASK --url URL "
        "--planner openai:planner --executor openai:executor"
    )


def test_a_whole_model_and_a_file_are_served_alone(tmp_path: Path) -> None:
    model, file = whole(tmp_path / "m"), tmp_path / "a.gguf"
    file.touch()
    assert serving({"mine": model}).command[:5] == ["vllm", "serve", str(model), "--served-model-name", "mine"]
    assert serving({"mine": model}).use.endswith("--model openai:mine")
    assert serving({"mine": file}).command[:3] == ["llama-server", "-m", str(file)]
    assert serving({"mine": file}, base=Path("b.gguf")).command[1:5] == ["-m", "b.gguf", "--lora", str(file)]


def test_the_replanner_is_used_too(tmp_path: Path) -> None:
    found = serving({"replanner": adapter(tmp_path / "r"), "other": adapter(tmp_path / "o")})
    assert found.use.endswith("--url URL --replanner openai:replanner")


def test_a_served_model_has_room_for_what_it_was_trained_on(tmp_path: Path) -> None:
    def trained(name: str, context: int) -> Path:
        final = adapter(tmp_path / name / "final")
        (tmp_path / name / "training.json").write_text(json.dumps({"config": {"context": context}}))
        return final

    def room(models: dict[str, Path]) -> str:
        command = serving(models).command
        return command[command.index("--max-model-len" if "vllm" in command else "--ctx-size") + 1]

    long, short = trained("long", 32_000), trained("short", 2_048)
    assert room({"planner": short, "executor": long}) == "32000"
    assert room({"planner": short}) == room({"planner": adapter(tmp_path / "moved")}) == "16384"
    file = tmp_path / "long" / "executor.gguf"
    file.touch()
    assert room({"executor": file}) == "32000"


def test_what_does_not_fit_into_one_server_is_said(tmp_path: Path) -> None:
    one, other, model = adapter(tmp_path / "1"), adapter(tmp_path / "2", base="x/y"), whole(tmp_path / "m")
    for models, says in (
        ({"a": one, "b": other}, "one server has one base"),
        ({"a": one, "b": model}, "one server has one base"),
        ({"a": model, "b": model}, "one by one"),
        ({"a": tmp_path / "a.gguf", "b": one}, "no names of their own"),
        ({"a": tmp_path / "a.gguf"}, "is no file"),
        ({"a": tmp_path}, "neither a model nor an adapter"),
        ({"a": adapter(tmp_path / "3", base="embedded")}, r"needs no server: .* with --model embedded:FILE"),
    ):
        with pytest.raises(ConfigError, match=says):
            serving(models)


def test_the_command_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["serve-model", f"executor={adapter(tmp_path / 'e')}"]) == 0
    command, use = capsys.readouterr().out.splitlines()
    assert command.startswith("vllm serve")
    assert use.startswith("OPENAI_BASE_URL=")
    assert app.run(["serve-model", "executor"]) == 2
    assert "write it like executor=" in capsys.readouterr().err
