"""`train` and `serve-model`: fine-tuning on exported data sets, and what serves the result."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from plan_and_act.cli import exits
from plan_and_act.errors import ConfigError

ROLES = ("planner", "replanner", "executor")


@click.command(epilog=exits.HELP)
@click.argument("role", type=click.Choice([*ROLES, "all"]))
@click.option(
    "--data",
    required=True,
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of data sets that `synthesize export` has made; repeat for more.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to train in.")
@click.option("--preset", help="Settings to begin with: cpu-135m, gpu-24gb, llama-8b, llama-70b, qwq-32b...")
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A YAML file with settings."
)
@click.option("--base", metavar="MODEL", help="A model of the hub, a folder, or `embedded`.")
@click.option("--method", type=click.Choice(["full", "lora"]), help="Train all weights, or an adapter.")
@click.option("--adapter", metavar="FOLDER", help="An adapter to go on from, or `embedded` for the embedded model's.")
@click.option("--epochs", type=float, help="How often every row is seen.")
@click.option("--max-steps", type=int, help="End after so many steps.")
@click.option(
    "--merge", is_flag=True, help="Write the adapter merged into its base as well, for transformers and vLLM."
)
@click.option("--gguf", is_flag=True, help="Write GGUF as well, for llama.cpp: the adapter, and a whole model.")
def train(
    role: str,
    data: tuple[Path, ...],
    out: Path,
    preset: str | None,
    config: Path | None,
    merge: bool,
    gguf: bool,
    **given: Any,
) -> int:
    """Fine-tune the model of ROLE; `all` trains one model for all roles.

    A training that was stopped or killed goes on from its last checkpoint when the same command is given again. On
    several GPUs: `accelerate launch -m plan_and_act train ...`.
    """
    from plan_and_act.training import load_config, write_card
    from plan_and_act.training import train as carry_out
    from plan_and_act.training.base import EMBEDDED

    files, held = ([file for folder in data for file in _sets(folder, role, part)] for part in ("train", "validation"))
    settings = load_config(preset, config, given)
    adapter = settings.method == "lora"
    if gguf and (merge or not adapter) and settings.base != EMBEDDED:
        msg = (
            f"a whole model is written as GGUF here when its base is `{EMBEDDED}`, which is there as GGUF; for "
            f"{settings.base} leave --gguf out, and give the folder to llama.cpp's convert_hf_to_gguf.py"
        )
        raise ConfigError(msg)
    trained = carry_out(settings, files, out, validation=held, say=lambda line: click.echo(line, err=True))
    if os.environ.get("RANK", "0") != "0":
        return 0  # of several processes the first writes, and all have come to the end by now
    card = write_card(trained, title=f"{role} of plan-and-act on {settings.base}", data=files)
    for written in _exports(trained.folder, role, out, adapter=adapter, merged=merge, gguf=gguf):
        click.echo(written)
    click.echo(card)
    return 0


@click.command("serve-model", epilog=exits.HELP)
@click.argument("models", nargs=-1, required=True, metavar="NAME=PATH...")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="The port on loopback.")
@click.option(
    "--base",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The base model as GGUF, where PATH is an adapter as GGUF.",
)
@click.option("--start", is_flag=True, help="Start it in the place of printing the command.")
def serve_model(models: tuple[str, ...], port: int, base: Path | None, start: bool) -> int:
    """Say how to serve trained models, and how the agent uses them.

    PATH is the `final` folder of a training (served by vLLM, adapters of one base together) or a GGUF file (served by
    llama.cpp). NAME is what it is called: planner, executor, replanner. The embedded model needs no server: its
    adapters are used with --model embedded:FILE.
    """
    from plan_and_act.training.serving import serving

    named = dict(_named(text) for text in models)
    found = serving(named, port=port, base=base)
    if not start:
        click.echo(shlex.join(found.command))
        click.echo(found.use)
        return 0
    click.echo(found.use, err=True)
    try:
        os.execvp(found.command[0], found.command)
    except FileNotFoundError as error:
        msg = f"{found.command[0]} is not installed; without --start the command is printed for another machine"
        raise ConfigError(msg) from error


def _exports(trained: Path, role: str, out: Path, *, adapter: bool, merged: bool, gguf: bool) -> Iterator[Path]:
    """Write what was asked for beside what was trained."""
    from plan_and_act.llm.weights import fetch
    from plan_and_act.training import adapter_to_gguf, merge, model_to_gguf

    whole = None if adapter else trained
    if adapter and gguf:
        yield adapter_to_gguf(trained, out / f"{role}.gguf")
    if adapter and merged:
        whole = merge(trained, out / f"{role}-merged")
        yield whole
    if whole and gguf:
        yield model_to_gguf(whole, fetch(), out / f"{role}-whole.gguf")


def _sets(folder: Path, role: str, part: str) -> list[Path]:
    """The data sets of a folder for a role; those that are not there are left out where others may be there."""
    files = [folder / f"{name}-{part}.chat.jsonl" for name in (ROLES if role == "all" else [role])]
    # Without replans in a data set there is nothing for the replanner to learn.
    return files if role != "all" and part == "train" else [file for file in files if file.is_file()]


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        msg = f"{text!r}: write it like executor=models/executor/final"
        raise ConfigError(msg)
    return name, Path(path)
