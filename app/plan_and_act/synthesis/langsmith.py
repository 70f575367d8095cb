"""Data sets in LangSmith, for those who look at them or share them there. Nothing is sent unless asked for.

A row becomes an example: what is asked is its inputs, what is learned its outputs, and the rest its metadata. Pages are
part of the prompts, and so they are sent.
"""

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from langsmith import Client
from langsmith.utils import LangSmithError

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import ConfigError
from plan_and_act.synthesis.look import rows_of

_LEARNT = ("completion", "output")
_ASKED = ("prompt", "messages", "instruction", "system", "history", "tools")
_BATCH = 100


def push(file: Path, name: str, *, client: Client | None = None, say: Callable[[str], object] = lambda _: None) -> int:
    """Push the rows of a file into a data set; those that are there already are not sent again.

    Args:
        file: A file of a data set, of any shape.
        name: Name of the data set; it is made if there is none.
        client: LangSmith's client; one that reads `LANGSMITH_API_KEY` and `LANGSMITH_ENDPOINT` when left out.
        say: Gets a line on what happens.

    Returns:
        How many rows were sent.

    Raises:
        ConfigError: When LangSmith refuses, or cannot be reached; or the file is no data set.
    """
    client, sent = client or Client(), 0
    try:
        found = client.has_dataset(dataset_name=name)
        kept = client.read_dataset(dataset_name=name) if found else client.create_dataset(name)
        known = {example.id for example in client.list_examples(dataset_id=kept.id)} if found else set()
        new = (row for row in rows_of(file) if _id(kept.id, row) not in known)
        while rows := list(islice(new, _BATCH)):
            client.create_examples(dataset_id=kept.id, examples=[_example(kept.id, row) for row in rows])
            sent += len(rows)
            say(f"{sent:,} rows sent")
    except (LangSmithError, OSError) as error:
        what = f"{file} could not be pushed to LangSmith"
        raise _refused(what, error) from error
    return sent


def pull(name: str, file: Path, *, client: Client | None = None) -> int:
    """Write a data set that was pushed into a file, in the order of the rows' ids.

    Args:
        name: Name of the data set.
        file: The file to write; it appears when it is whole.
        client: LangSmith's client; one that reads `LANGSMITH_API_KEY` and `LANGSMITH_ENDPOINT` when left out.

    Returns:
        How many rows it has.

    Raises:
        ConfigError: When there is no such data set, it was not pushed by this package, or LangSmith refuses.
        StorageError: When the file cannot be written.
    """
    client = client or Client()
    try:
        rows = [_row(example) for example in client.list_examples(dataset_name=name)]
    except (LangSmithError, OSError) as error:
        what = f"The data set {name} could not be pulled from LangSmith"
        raise _refused(what, error) from error
    strange = next((row for row in rows if "id" not in row), None)
    if strange is not None or not rows:
        msg = f"The data set {name} holds no rows that `plan-and-act dataset push` has sent"
        raise ConfigError(msg)
    part = file.with_suffix(".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as opened:
            opened.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in sorted(rows, key=lambda r: r["id"]))
        part.replace(file)
    except OSError as error:
        doing = f"Writing {file}"
        raise storage_error(doing, error) from error
    return len(rows)


def _example(dataset: UUID, row: dict[str, Any]) -> dict[str, Any]:
    inputs = {name: row[name] for name in _ASKED if name in row}
    outputs = {name: row[name] for name in _LEARNT if name in row}
    metadata = {name: value for name, value in row.items() if name not in (*_ASKED, *_LEARNT)}
    return {"id": _id(dataset, row), "inputs": inputs, "reference_outputs": outputs, "metadata": metadata}


def _row(example: Any) -> dict[str, Any]:
    about = {name: value for name, value in (example.metadata or {}).items() if not name.startswith("dataset_")}
    return {**(example.inputs or {}), **(example.outputs or {}), **about}


def _id(dataset: UUID, row: dict[str, Any]) -> UUID:
    """A row's example: the same one however often it is pushed."""
    return uuid5(dataset, str(row["id"]))


def _refused(what: str, error: Exception) -> ConfigError:
    return ConfigError(f"{what} ({' '.join(str(error).split())[:500]})")
