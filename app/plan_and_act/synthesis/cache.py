"""Every answer of a teacher, kept by what was asked: a call is paid for once, however often a stage is carried out.

The cache is what makes a stage resumable: a stage that was killed is carried out again from its first item, and all
calls but those that were in flight are answered from here, at some 10,000 a second.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import StorageError
from plan_and_act.llm.call import Reply
from plan_and_act.trajectory import Usage

_BUSY = 60.0
"""Seconds to wait for another process that is writing."""


class Cache:
    """Answers by key, in one SQLite file that several processes may share.

    Args:
        path: The file; made when it is not there.

    Raises:
        StorageError: When it cannot be opened, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
            # With a write-ahead log, what is committed outlives the process; only a power cut may cost the last calls.
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, reply TEXT) WITHOUT ROWID")
        except OSError as error:
            doing = f"Opening {path}"
            raise storage_error(doing, error) from error
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def get(self, key: str) -> Reply | None:
        """The answer that was given to this before, with what it took then; None when there is none.

        Raises:
            StorageError: When the file cannot be read.
        """
        try:
            found = self._db.execute("SELECT reply FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._broken(error) from error
        if found is None:
            return None
        row = json.loads(found[0])
        message = AIMessage(row["text"], response_metadata=row["metadata"])
        if row["reasoning"]:
            message.additional_kwargs["reasoning_content"] = row["reasoning"]
        return Reply(message, Usage.model_validate(row["usage"]), row["finish_reason"])

    def put(self, key: str, reply: Reply) -> None:
        """Keep an answer.

        Raises:
            StorageError: When the file cannot be written.
        """
        row = {
            "text": reply.text,
            "reasoning": reply.reasoning,
            "finish_reason": reply.finish_reason,
            "metadata": {k: v for k, v in reply.message.response_metadata.items() if k == "logprobs"},
            "usage": reply.usage.model_dump(),
        }
        try:
            self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, json.dumps(row)))
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _broken(self, error: sqlite3.Error) -> StorageError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it says more than is asked here
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            advice = "Move the file away."
        else:
            advice = "See that there is room, and that the file can be written; then give the same command again."
        return StorageError(f"The teacher's answers in {self._path} cannot be used: {error}. {advice}")


def key(asked: Mapping[str, Any], messages: Sequence[BaseMessage]) -> str:
    """The key of a call: a hash of everything that decides its answer.

    Args:
        asked: Model, endpoint and settings, as plain JSON.
    """
    content = [asked, [[message.type, message.content] for message in messages]]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
