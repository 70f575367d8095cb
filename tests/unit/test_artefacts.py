"""The store of artefacts: once per content, whole or not at all, private where asked for."""

import errno
import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plan_and_act.artefacts import Artefacts, home, open_artefacts
from plan_and_act.errors import ConfigError, StorageError


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    store = Artefacts(tmp_path / "store")
    assert not store.folder.exists()
    name = store.put("café \ud83d")
    assert name == hashlib.sha256("café \ud83d".encode("utf-8", "surrogatepass")).hexdigest()
    assert store.get(name).decode("utf-8", "surrogatepass") == "café \ud83d"
    assert store.get(store.put(b"\x00\xff")) == b"\x00\xff"
    assert store.get(store.put("")) == b""


def test_equal_content_is_stored_once(tmp_path: Path) -> None:
    store = Artefacts(tmp_path)
    assert store.put("a") == store.put(b"a")
    first = files(tmp_path)[0].stat()
    store.put("a")
    assert [path.stat().st_ino for path in files(tmp_path)] == [first.st_ino]


def test_private_is_for_the_owner_only(tmp_path: Path) -> None:
    store = Artefacts(tmp_path / "store")
    name = store.put("cookies", private=True)
    path = store.path(name)
    assert path.parent.name == "private"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert store.get(name) == b"cookies"
    shared = store.path(store.put("page"))
    assert shared.stat().st_mode & 0o777 == 0o644


def test_many_at_once(tmp_path: Path) -> None:
    store = Artefacts(tmp_path)
    with ThreadPoolExecutor(16) as threads:
        names = list(threads.map(lambda number: store.put(f"content {number % 5}" * 10_000), range(100)))
    assert len(set(names)) == 5
    assert len(files(tmp_path)) == 5
    assert all(hashlib.sha256(store.get(name)).hexdigest() == name for name in names)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/..", "g" * 64])
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="is no artefact"):
        Artefacts(tmp_path).get(name)


def test_an_artefact_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"{'a' * 64} is not in {tmp_path}"):
        Artefacts(tmp_path).get("a" * 64)


def test_a_full_disk(tmp_path: Path) -> None:
    """A file size limit is the nearest to a full disk that needs no mount; the error is EFBIG, the path the same."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from plan_and_act.artefacts import Artefacts\n"
        "from plan_and_act.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "store = Artefacts(Path(sys.argv[1]))\n"
        "name = store.put('small')\n"
        "try: store.put('x' * 100_000)\n"
        "except StorageError as error: print(error)\n"
        "print(store.get(name).decode())\n"
    )
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [f"Storing an artefact in {tmp_path} failed: File too large.", "small"]
    assert len(files(tmp_path)) == 1


def test_the_usual_errors_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Artefacts(tmp_path)
    for code, words in ((errno.ENOSPC, "the disk is full. Free some space"), (errno.EACCES, "Set PLAN_AND_ACT_HOME")):

        def fail(*_: object, code: int = code) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(StorageError, match=words):
            store.put(f"content {code}")
        assert files(tmp_path) == []


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="failed"):
        Artefacts(tmp_path / "taken").put("a")


def test_where_home_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path))
    assert home() == tmp_path
    assert Artefacts().folder == tmp_path / "artefacts"
    monkeypatch.delenv("PLAN_AND_ACT_HOME")
    assert home() == Path(".plan-and-act")


def test_an_object_store_keeps_the_same_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_ARTEFACTS", f"file://{tmp_path}/shared")
    far, other = open_artefacts(), open_artefacts()
    name, secret = far.put("seen"), far.put(b"cookies", private=True)
    assert name == Artefacts(tmp_path / "here").put("seen")
    assert other.get(name) == b"seen" == other.public(name)
    assert other.get(secret) == b"cookies"
    for reading in (lambda: far.public(secret), lambda: far.get("0" * 64), lambda: far.get("../x")):
        with pytest.raises(StorageError):
            reading()


def test_a_store_that_nothing_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_ARTEFACTS", "nothing://bucket")
    with pytest.raises(ConfigError, match="nothing://bucket"):
        open_artefacts()
