"""The folder of a training: what it is made of, its metrics, its checkpoints, and a disk that is full."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import ConfigError

_ROOM = 1 << 20
"""Bytes there is room for on a disk that is not full."""
SETTINGS = "training.json"
METRICS = "metrics.jsonl"
FINAL = "final"


def read_metrics(out: Path) -> list[dict[str, Any]]:
    """The metrics of a training; of a step that was done twice, because of a kill, the later one."""
    file = out / METRICS
    if not file.is_file():
        return []
    found: dict[tuple[int, bool], dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # cut off by a kill
            continue
        found[row["step"], "eval_loss" in row] = row
    return [found[key] for key in sorted(found)]


def claim(out: Path, settings: dict[str, Any]) -> None:
    """Write down what this folder's training is made of, or check that it is the same.

    Raises:
        ConfigError: When it is another one.
        StorageError: When the folder cannot be written.
    """
    file = out / SETTINGS
    text = json.dumps(settings, indent=1, sort_keys=True)
    if file.is_file():
        if file.read_text(encoding="utf-8") != text:
            msg = f"{out} holds another training (see {file.name}); choose another folder, or remove it"
            raise ConfigError(msg)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")  # of several processes each writes its own, and all the same
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        doing = f"Writing {file}"
        raise storage_error(doing, error) from error


def hashes(files: Iterable[Path]) -> list[str]:
    """SHA-256 of what files hold."""
    found = []
    for file in files:
        with file.open("rb") as opened:
            found.append(hashlib.file_digest(opened, "sha256").hexdigest())
    return found


@contextmanager
def storing(out: Path) -> Iterator[None]:
    """Say what is wrong with the disk.

    Raises:
        StorageError: When it is full, or cannot be written.
    """
    from safetensors import SafetensorError

    try:
        try:
            yield
        except (RuntimeError, SafetensorError):
            # Torch and safetensors have errors of their own for a full disk; this raises what it is.
            with TemporaryFile(dir=out) as file:
                file.write(bytes(_ROOM))
            raise
    except OSError as error:
        doing = f"Training in {out}"
        raise storage_error(doing, error) from error


def log_to(file: Path, say: Callable[[str], object]) -> Callable[[dict[str, Any]], None]:
    """What keeps a row of metrics and tells of it, with the seconds since the beginning."""
    began = time.monotonic()
    if file.is_file() and file.read_bytes()[-1:] not in (b"", b"\n"):  # cut off by a kill or a full disk
        with file.open("a", encoding="utf-8") as opened:
            opened.write("\n")

    def log(row: dict[str, Any]) -> None:
        row = {**row, "seconds": round(time.monotonic() - began, 1)}
        with file.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(row) + "\n")
            opened.flush()
        say(" ".join(f"{name} {value:.4g}" for name, value in row.items()))

    return log


def last_checkpoint(out: Path) -> str | None:
    """The newest checkpoint that is whole; one that a kill or a full disk has cut short is written again."""
    from transformers import TrainerState

    found: dict[int, Path] = {}
    for state in out.glob("checkpoint-*/trainer_state.json"):  # what is written last
        with suppress(ValueError):
            found[TrainerState.load_from_json(state).global_step] = state.parent
    return str(found[max(found)]) if found else None
