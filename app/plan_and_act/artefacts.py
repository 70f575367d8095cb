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

from plan_and_act.errors import ConfigError, MissingExtraError, StorageError

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


@dataclass(frozen=True)
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
            raise _gone(name, self.folder) from error
        except OSError as error:
            doing = f"Reading the artefact {name}"
            raise storage_error(doing, error) from error

    def public(self, name: str) -> bytes:
        """The content of an artefact that is not for its owner only.

        Raises:
            StorageError: When it is private, is not there, or cannot be read.
        """
        if self.path(name).parent.name == "private":
            raise _gone(name, self.folder)
        return self.get(name)


class RemoteArtefacts(Artefacts):
    """The same in an object store, or wherever fsspec reaches, so that several machines share them.

    Args:
        url: Where they are kept, e.g. `s3://bucket/runs`; what reads it must keep `private/` to itself.

    Raises:
        ConfigError: When nothing that is installed reads such a URL.
        MissingExtraError: When fsspec is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            import fsspec
        except ImportError as error:
            what = f"Keeping artefacts at {url.split('://')[0]}://"
            raise MissingExtraError(what, "remote") from error
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            msg = f"Artefacts cannot be kept at {url}: {error}"
            raise ConfigError(msg) from error
        self._root = root.rstrip("/")
        super().__init__(Path(url))

    def put(self, content: bytes | str, *, private: bool = False) -> str:
        """Store content; see `Artefacts.put`."""
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        name = hashlib.sha256(data).hexdigest()
        target = self._place(name, private=private)
        try:
            # Whoever writes this name writes the same bytes: an object store needs no renaming.
            if not self._files.exists(target):
                self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(target, data)
        except OSError as error:
            doing = f"Storing an artefact at {self.folder}"
            raise storage_error(doing, error) from error
        return name

    def get(self, name: str) -> bytes:
        """The content of an artefact; see `Artefacts.get`."""
        try:
            return self._read(name, private=False)
        except FileNotFoundError:
            pass
        try:
            return self._read(name, private=True)
        except FileNotFoundError as error:
            raise _gone(name, self.folder) from error

    def public(self, name: str) -> bytes:
        """The content of an artefact that is not private; see `Artefacts.public`."""
        try:
            return self._read(name, private=False)
        except FileNotFoundError as error:
            raise _gone(name, self.folder) from error

    def _read(self, name: str, *, private: bool) -> bytes:
        self.path(name)  # refuses what is no hash
        try:
            return bytes(self._files.cat_file(self._place(name, private=private)))
        except FileNotFoundError:
            raise
        except OSError as error:
            doing = f"Reading the artefact {name}"
            raise storage_error(doing, error) from error

    def _place(self, name: str, *, private: bool) -> str:
        return f"{self._root}/{'private' if private else name[:2]}/{name}"


def open_artefacts() -> Artefacts:
    """Where artefacts are kept: at the URL in `PLAN_AND_ACT_ARTEFACTS`, else in `home()`.

    Raises:
        ConfigError: When nothing that is installed reads that URL.
    """
    url = os.environ.get("PLAN_AND_ACT_ARTEFACTS")
    if not url:
        return Artefacts()
    return RemoteArtefacts(url) if "://" in url else Artefacts(Path(url))


def _gone(name: str, folder: Path) -> StorageError:
    return StorageError(f"The artefact {name} is not in {folder}: it was deleted, or PLAN_AND_ACT_HOME has changed.")
