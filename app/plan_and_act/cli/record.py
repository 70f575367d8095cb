"""What the command line remembers of a run, beside its checkpoints: how it was started, and where it stands.

One folder a run in `home()/runs`: `run.json` (this record), `report.html`, `trajectory.jsonl` and downloads. Settings
are not part of a checkpoint, so that `resume` finds them here; secrets are not kept, only the name of their file.
"""

import fcntl
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plan_and_act.artefacts import home, storage_error
from plan_and_act.errors import CheckpointError, ConfigError
from plan_and_act.trajectory import Ending

_THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class RunRecord(BaseModel):
    """A run as `plan-and-act runs` lists it and `plan-and-act resume` starts it."""

    model_config = ConfigDict(extra="ignore")

    thread: str
    task: str
    url: str
    context: dict[str, Any] = Field(default_factory=dict, description="The settings that are not at their default.")
    private_origins: list[str] = Field(default_factory=list)
    secrets: str | None = Field(None, description="Path of the file of secrets.")
    uploads: str | None = None
    headed: bool = False
    report: bool = True
    forked: str | None = Field(None, description="`THREAD@ROUND` this run was forked from.")
    created: str = Field(description="ISO 8601, UTC.")
    state: Literal["working", "waiting", "ended"] = "working"
    ending: Ending | None = None
    rounds: int = 0
    tokens: int = 0
    cost: float | None = None

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return folder_of(self.thread)

    def save(self) -> None:
        """Write the record; it appears whole or not at all.

        Raises:
            StorageError: When it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".run-")
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(self.model_dump_json(exclude_defaults=True))
            Path(name).replace(self.folder / "run.json")
        except OSError as error:
            doing = f"Writing {self.folder}"
            raise storage_error(doing, error) from error

    @property
    def busy(self) -> bool:
        """Whether a process is at work on the run right now."""
        try:
            with (self.folder / "lock").open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def new_thread() -> str:
    """A name for a run that sorts by time and can be typed."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def now() -> str:
    """The time as ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def folder_of(thread: str) -> Path:
    """The folder of a run.

    Raises:
        ConfigError: When the name cannot be a folder's.
    """
    if not _THREAD.fullmatch(thread):
        msg = f"{thread!r} cannot name a run: use letters, digits, '.', '_' and '-', at most 100 of them"
        raise ConfigError(msg)
    return home() / "runs" / thread


def load(thread: str) -> RunRecord:
    """The record of a run.

    Raises:
        CheckpointError: When there is no such run, or its record cannot be read.
    """
    path = folder_of(thread) / "run.json"
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        msg = f"There is no run {thread!r} in {home()}; `plan-and-act runs` lists those that are there"
        raise CheckpointError(msg) from error
    except (OSError, ValidationError) as error:
        msg = f"The record {path} of this run cannot be read; begin the task anew, as a run of another name"
        raise CheckpointError(msg) from error


def load_all() -> list[RunRecord]:
    """Every run whose record can be read, the latest first."""
    found: list[RunRecord] = []
    for path in (home() / "runs").glob("*/run.json"):
        try:
            found.append(RunRecord.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError, json.JSONDecodeError):
            continue
    return sorted(found, key=lambda record: (record.created, record.thread), reverse=True)


@contextmanager
def at_work(thread: str) -> Iterator[None]:
    """Hold a run, so that no second process works on it; a process that dies lets go of it.

    Raises:
        CheckpointError: When another process is at work on it.
        StorageError: When the run's folder cannot be written.
    """
    folder = folder_of(thread)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        doing = f"Keeping the run in {folder}"
        raise storage_error(doing, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"Another process is at work on the run {thread!r}; wait for it, or stop it with Ctrl-C"
            raise CheckpointError(msg) from error
        yield
