"""Files that state refers to by hash: observations, screenshots, login states.

State and checkpoints hold 64 characters instead of megabytes, equal content is stored once, and what may not leave the
machine (cookies) is kept apart, readable by its owner only. Calls block for about a millisecond; in async code use
`asyncio.to_thread`.
"""

import errno
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from plan_and_act.errors import StorageError

_HASH = re.compile(r"[0-9a-f]{64}")


def home() -> Path:
    """Where the package keeps its files: `PLAN_AND_ACT_HOME`, else `.plan-and-act` in the working directory."""
    return Path(os.environ.get("PLAN_AND_ACT_HOME") or ".plan-and-act")


def storage_error(doing: str, error: OSError) -> StorageError:
    """A sentence for a file system error, saying what to do about the usual ones."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"{doing} failed: the disk is full. Free some space and resume the run.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(f"{doing} failed: the folder is not writable. Set PLAN_AND_ACT_HOME to one that is.")
    return StorageError(f"{doing} failed: {error.strerror or error}.")


@dataclass(frozen=True, slots=True)
class Artefacts:
    """A folder of files named by the SHA-256 of their content.

    Args:
        folder: Where they are kept; `artefacts` in `home()` when left out. It is made with the first file.
    """

    folder: Path = field(default_factory=lambda: home() / "artefacts")

    def put(self, content: bytes | str, *, private: bool = False) -> str:
        """Store content, once however often it is put, and return its hash as 64 hexadecimal digits.

        Args:
            content: Bytes, or text to be stored as UTF-8.
            private: Whether only the owner may read it.

        Raises:
            StorageError: When it cannot be written; what was stored before stays whole.
        """
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        name = hashlib.sha256(data).hexdigest()
        folder = self.folder / "private" if private else self.folder / name[:2]
        target = folder / name
        if target.exists():
            return name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
            # Renamed into place, so that a reader or a crash never meets half a file; mkstemp makes it 0600.
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                if not private:
                    Path(temporary).chmod(0o644)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            doing = f"Storing an artefact in {self.folder}"
            raise storage_error(doing, error) from error
        return name

    def path(self, name: str) -> Path:
        """The file of an artefact, which may or may not be there.

        Raises:
            StorageError: When the name is no hash.
        """
        if not _HASH.fullmatch(name):
            msg = f"{name[:80]!r} is no artefact: its name is 64 hexadecimal digits"
            raise StorageError(msg)
        private = self.folder / "private" / name
        return private if private.exists() else self.folder / name[:2] / name

    def get(self, name: str) -> bytes:
        """The content of an artefact.

        Raises:
            StorageError: When it is not there or cannot be read.
        """
        path = self.path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            msg = f"The artefact {name} is not in {self.folder}: it was deleted, or PLAN_AND_ACT_HOME has changed."
            raise StorageError(msg) from error
        except OSError as error:
            doing = f"Reading the artefact {name}"
            raise storage_error(doing, error) from error
