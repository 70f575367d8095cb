"""The files of data sets: written side by side, in place only when all of them are whole."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from plan_and_act.artefacts import storage_error
from plan_and_act.synthesis.rows import DatasetRow, PlanRow, Provenance, Row
from plan_and_act.synthesis.samples import Sample, TrainedRole
from plan_and_act.synthesis.shapes import Shape, shaped

FOLDER = "datasets"
_INFO = "dataset_info.json"


@dataclass
class _Open:
    """A file that is being written."""

    path: Path
    role: TrainedRole
    part: Literal["train", "validation"]
    shape: Shape
    file: IO[bytes]
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class DatasetFiles:
    """The data sets of a pipeline, while they are written.

    Args:
        base: The pipeline's folder.
        name: The folder in it for the data sets; what is in there of an earlier time goes.
        shapes: The rows to write for each sample.
    """

    def __init__(self, base: Path, name: str, shapes: Sequence[Shape]) -> None:
        self._base, self._folder, self._shapes = base, base / name, shapes
        self._files: dict[tuple[str, str, str], _Open] = {}

    def write(self, row: Row, sample: Sample, part: Literal["train", "validation"]) -> None:
        """Write a sample in every shape.

        Raises:
            StorageError: It cannot be written.
        """
        known = {"id": f"{row.id}/{sample.role}/{sample.round}", "site": row.site}
        if isinstance(row, PlanRow) and row.failure_class:
            known["failure_class"] = row.failure_class
        for shape in self._shapes:
            line = json.dumps({**shaped(sample, shape), **known}, ensure_ascii=False)
            # Page text can hold lone surrogates, which readers of UTF-8 refuse.
            data = line.encode("utf-8", "replace") + b"\n"
            try:
                target = self._open(sample.role, part, shape)
                target.file.write(data)
            except OSError as error:
                doing = f"Writing the data sets in {self._folder}"
                raise storage_error(doing, error) from error
            target.rows += 1
            target.digest.update(data)

    def finish(self) -> list[DatasetRow]:
        """Give every file its name, and take away those of an earlier time.

        Raises:
            StorageError: A file cannot be written.
        """
        made = []
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for _, done in sorted(self._files.items()):
                done.file.close()
                made.append(
                    DatasetRow(
                        site="all",
                        file=done.path.relative_to(self._base).as_posix(),
                        role=done.role,
                        part=done.part,
                        shape=done.shape,
                        rows=done.rows,
                        sha256=done.digest.hexdigest(),
                        made_by=Provenance(stage="export"),
                    )
                )
            for old in self._folder.glob("*.jsonl"):
                old.unlink()
            for done in self._files.values():
                _part(done.path).replace(done.path)
            self._describe(made)
        except OSError as error:
            doing = f"Writing the data sets in {self._folder}"
            raise storage_error(doing, error) from error
        return made

    def _open(self, role: TrainedRole, part: Literal["train", "validation"], shape: Shape) -> _Open:
        key = (role, part, shape)
        if key not in self._files:
            path = self._folder / f"{role}-{part}.{shape}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[key] = _Open(path, role, part, shape, _part(path).open("wb"))
        return self._files[key]

    def _describe(self, made: Sequence[DatasetRow]) -> None:
        """LLaMA-Factory finds data sets through a description of their columns."""
        columns = {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
            "history": "history",
        }
        info = {
            f"{row.role}-{row.part}": {"file_name": Path(row.file).name, "columns": columns}
            for row in made
            if row.shape == "instruction"
        }
        target = self._folder / _INFO
        if info:
            target.write_text(json.dumps(info, indent=1), encoding="utf-8")
        else:
            target.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
