"""A results folder: one configuration, its finished episodes as trajectories, and the errors apart from them."""

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plan_and_act import trajectory
from plan_and_act.artefacts import storage_error
from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.attempt import Failure
from plan_and_act.trajectory import Trajectory


class Folder:
    """A results folder: `config.json`, `trajectories.jsonl`, `errors.jsonl`, `artefacts/` and `episodes/`.

    An episode is finished when its trajectory is a whole line of `trajectories.jsonl`; nothing else says so.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trajectories = path / "trajectories.jsonl"
        self.errors = path / "errors.jsonl"

    @contextmanager
    def held(self, configuration: Mapping[str, Any]) -> Iterator[None]:
        """Hold the folder for an evaluation, so that no second process writes into it.

        Args:
            configuration: What its results depend on, as plain JSON; the folder is made for it if it is new.

        Raises:
            ConfigError: When it holds something else, or results of another configuration.
            StorageError: When it cannot be written.
        """
        with self._locked():
            self._claim(configuration)
            yield

    def configuration(self) -> dict[str, Any]:
        """What the folder's results depend on.

        Raises:
            ConfigError: When it is no results folder.
        """
        try:
            found: dict[str, Any] = json.loads((self.path / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = f"{self.path} is no folder of results: its config.json cannot be read ({error})"
            raise ConfigError(msg) from error
        return found

    def finished(self) -> dict[str, Trajectory]:
        """The finished episodes by id; of two with one id, the first.

        Raises:
            ConfigError: When they are of another schema version.
        """
        found: dict[str, Trajectory] = {}
        if self.trajectories.exists():
            for run in trajectory.read(self.trajectories):
                found.setdefault(run.task.id or run.thread, run)
        return found

    def failures(self) -> list[Failure]:
        """Every attempt that came to nothing, in order."""
        if not self.errors.exists():
            return []
        rows = []
        for line in self.errors.read_bytes().splitlines():
            try:
                rows.append(Failure.model_validate_json(line))
            except ValueError:
                continue  # a line cut off by a crash
        return rows

    def add(self, run: Trajectory) -> None:
        """Keep a finished episode; it is on disk when this returns.

        Raises:
            StorageError: When it cannot be written.
        """
        with self._writing():
            trajectory.append(self.trajectories, run)

    def fail(self, failure: Failure) -> None:
        """Keep an attempt that came to nothing.

        Raises:
            StorageError: When it cannot be written.
        """
        with self._writing(), self.errors.open("a", encoding="utf-8") as file:
            file.write(failure.model_dump_json() + "\n")

    def _claim(self, configuration: Mapping[str, Any]) -> None:
        if not (self.path / "config.json").exists():
            names = {entry.name for entry in self.path.iterdir()}
            if others := sorted(names - {"lock", "config.json.new"}):
                msg = f"{self.path} is no folder of results (it holds {', '.join(others[:3])}); choose another --out"
                raise ConfigError(msg)
            text = json.dumps({"hash": hash_of(configuration), **configuration}, indent=1, sort_keys=True)
            with self._writing():
                new = self.path / "config.json.new"
                new.write_text(text, encoding="utf-8")
                new.replace(self.path / "config.json")
            return
        found = self.configuration()
        if found.get("hash") != hash_of(configuration):
            differing = "; ".join(_differences(found, configuration)[:4])
            msg = f"{self.path} holds results of another configuration ({differing}); choose another --out"
            raise ConfigError(msg)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                msg = f"Another process is evaluating into {self.path}; wait for it, or choose another --out"
                raise ConfigError(msg) from error
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            doing = f"Writing results to {self.path}"
            raise storage_error(doing, error) from error


def hash_of(configuration: Mapping[str, Any]) -> str:
    """What names a configuration, whatever the order of its keys: 16 hexadecimal digits."""
    text = json.dumps(configuration, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _differences(there: Mapping[str, Any], here: Mapping[str, Any], where: str = "") -> list[str]:
    found = []
    for key in sorted({*there, *here} - {"hash"} if not where else {*there, *here}):
        old, new = there.get(key), here.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += _differences(old, new, f"{where}{key}.")
        elif old != new:
            found.append(f"{where}{key} is {_short(old)} there and {_short(new)} here")
    return found


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
