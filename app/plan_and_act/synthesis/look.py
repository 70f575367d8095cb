"""Looking at data sets, whatever the shape of their rows: what is in them, and how two of them differ."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plan_and_act.errors import ConfigError
from plan_and_act.synthesis.datasets import FOLDER

Turn = tuple[str, str]
"""Who says it, and what."""


def files_of(path: Path) -> list[Path]:
    """The files of data sets at a path: itself, or those in a folder or a pipeline's folder.

    Raises:
        ConfigError: There is none.
    """
    if path.is_file():
        return [path]
    found = sorted((path / FOLDER if (path / FOLDER).is_dir() else path).glob("*.*.jsonl"))
    if not found:
        msg = f"There are no data sets in {path}; `plan-and-act synthesize export` writes them"
        raise ConfigError(msg)
    return found


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file, one at a time; a line that was cut off is passed over.

    Raises:
        ConfigError: It cannot be read, or a line is no row of a data set.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if not isinstance(row, dict) or "id" not in row:
                    msg = f"{path}:{number} is no row of a data set of plan-and-act: it has no id"
                    raise ConfigError(msg)
                yield row
    except (OSError, UnicodeError) as error:
        msg = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(msg) from error


def turns(row: dict[str, Any]) -> list[Turn]:
    """A row of any shape as a conversation; the last turn is what is learned."""
    if "instruction" in row:
        pairs = [(who, text) for pair in row["history"] for who, text in zip(("user", "assistant"), pair, strict=True)]
        return [("system", row["system"]), *pairs, ("user", row["instruction"]), ("assistant", row["output"])]
    messages = row["messages"] if "messages" in row else [*row["prompt"], *row["completion"]]
    return [(message["role"], _text(message)) for message in messages]


@dataclass
class FileStatistics:
    """What is in a file; lengths in characters."""

    rows: int = 0
    prompt: int = 0
    longest_prompt: int = 0
    answer: int = 0
    longest_answer: int = 0
    sites: Counter[str] = field(default_factory=Counter)

    def add(self, row: dict[str, Any]) -> None:
        """Count a row."""
        *prompt, (_, answer) = turns(row)
        length = sum(len(text) for _, text in prompt)
        self.rows += 1
        self.prompt += length
        self.answer += len(answer)
        self.longest_prompt, self.longest_answer = (
            max(self.longest_prompt, length),
            max(self.longest_answer, len(answer)),
        )
        self.sites[row.get("site", "?")] += 1


@dataclass(frozen=True, slots=True)
class Difference:
    """How two files differ: ids of rows that only one of them has, and of those that are not the same in both."""

    gone: list[str]
    new: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.changed)


def difference(before: Path, after: Path) -> Difference:
    """How two files differ, whatever the order of their rows.

    Raises:
        ConfigError: One cannot be read.
    """
    old, new = _digests(before), _digests(after)
    return Difference(
        gone=[row for row in old if row not in new],
        new=[row for row in new if row not in old],
        changed=[row for row in old if row in new and old[row] != new[row]],
    )


def _digests(path: Path) -> dict[str, bytes]:
    return {
        row["id"]: hashlib.blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=16).digest()
        for row in rows_of(path)
    }


def _text(message: dict[str, Any]) -> str:
    calls = [f"{call['function']['name']}({call['function']['arguments']})" for call in message.get("tool_calls") or []]
    return "\n".join([*([message["content"]] if message.get("content") else []), *calls])
