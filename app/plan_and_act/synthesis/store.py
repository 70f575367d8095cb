"""The pipeline's folder: a JSONL file a stage, the pages beside them, and nothing half-written that looks whole."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from plan_and_act.artefacts import Artefacts, storage_error
from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.synthesis.rows import ROW_VERSION, Row

R = TypeVar("R", bound=Row)

_PAGES = 256
"""Pages kept in memory: stages go through trajectories in order, and expansion uses few pages many times."""
_BATCH = 1_000
_COLUMNS: dict[Any, str] = {bool: "bool", int: "int64", float: "float64", float | None: "float64", bool | None: "bool"}


class Store:
    """A folder of rows.

    Args:
        folder: Made with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artefacts = Artefacts(folder / "artefacts")
        self.page: Callable[[str], str] = lru_cache(_PAGES)(self._page)
        """The text of a page by its hash. Raises StorageError when it is not there."""

    def path(self, name: str) -> Path:
        """The file of a stage, or of a data set."""
        return self.folder / f"{name}.jsonl"

    def has(self, name: str) -> bool:
        """Whether a stage has been carried out to its end."""
        return self.path(name).exists()

    def count(self, name: str) -> int:
        """Rows of a stage; 0 when it has not been carried out."""
        if not self.has(name):
            return 0
        with self.path(name).open("rb") as file:
            return sum(1 for line in file if line.strip())

    def read(self, name: str, kind: type[R], *, on_cut: Callable[[], object] | None = None) -> Iterator[R]:
        """The rows of a stage, one at a time.

        Args:
            kind: What they are.
            on_cut: Called for each line that was cut off, which is passed over.

        Raises:
            ConfigError: The stage has not been carried out, or a whole line is no such row.
        """
        path = self.path(name)
        if not path.exists():
            msg = f"There is no {path}: carry out the stage {name} first."
            raise ConfigError(msg)
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except ValueError:
                    if on_cut:
                        on_cut()
                    continue
                yield _row(value, kind, f"{path}:{number}")

    @contextmanager
    def writer(self, name: str) -> Iterator[Callable[[Row], None]]:
        """Write the rows of a stage: each is flushed, and the file takes its name when all are there.

        When the stage breaks off, the rows so far stay in `NAME.jsonl.part`, and the rows of an earlier time stay as
        they were.

        Raises:
            StorageError: When it cannot be written.
            ConfigError: When another process writes the same stage.
        """
        path = self.path(name)
        part = path.with_name(f"{path.name}.part")
        with _told(path):
            part.parent.mkdir(parents=True, exist_ok=True)
            file = part.open("ab")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                msg = f"Another process is writing {part}; wait for it, or choose another folder."
                raise ConfigError(msg) from error
            file.truncate(0)

            def write(row: Row) -> None:
                with _told(path):
                    file.write(row.model_dump_json().encode("utf-8", "surrogatepass") + b"\n")
                    file.flush()

            yield write
            with _told(path):
                os.fsync(file.fileno())
                part.replace(path)

    def to_parquet(self, name: str, kind: type[Row]) -> Path:
        """Write a stage's rows as Parquet beside the JSONL; nested values become JSON text.

        Raises:
            MissingExtraError: pyarrow is not installed.
            ConfigError: The stage has not been carried out.
        """
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            what = "Writing Parquet"
            raise MissingExtraError(what, "data") from error
        types = {field: _COLUMNS.get(info.annotation, "string") for field, info in kind.model_fields.items()}
        schema = pa.schema([(field, pa.type_for_alias(alias)) for field, alias in types.items()])
        rows, target = self.read(name, kind), self.path(name).with_suffix(".parquet")
        with pq.ParquetWriter(target, schema) as writer:
            while batch := [_flat(row) for row, _ in zip(rows, range(_BATCH), strict=False)]:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
        return target

    def _page(self, name: str) -> str:
        return self.artefacts.get(name).decode("utf-8", "surrogatepass")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        doing = f"Writing {path}"
        raise storage_error(doing, error) from error


def _row(value: object, kind: type[R], where: str) -> R:
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version != ROW_VERSION:
        msg = f"{where} has rows of schema {version}; this version reads {ROW_VERSION}. Carry out the stage again."
        raise ConfigError(msg)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        msg = f"{where} is no {kind.__name__}: {field}: {first['msg']}. Carry out the stage again."
        raise ConfigError(msg) from error


def _flat(row: Row) -> dict[str, object]:
    plain = row.model_dump(mode="json")
    return {k: json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else v for k, v in plain.items()}
