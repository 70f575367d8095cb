"""Stores of checkpoints that cannot be used: locked, corrupt, from another schema, not writable, not there."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_and_act import checkpoints
from plan_and_act.checkpoints import in_words, open_checkpoints
from plan_and_act.errors import CheckpointError, ConfigError, MissingExtraError
from postgres import postgres_server

CONFIG = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAN_AND_ACT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(checkpoints, "_PATIENCE", 0.2)
    return tmp_path / "home" / "checkpoints.sqlite"


async def test_the_file_is_made_and_opened_again(path: Path) -> None:
    for _ in range(2):
        async with open_checkpoints() as saver:
            assert await saver.aget_tuple(CONFIG) is None  # type: ignore[arg-type]
    assert path.exists()
    async with open_checkpoints(f"sqlite:///{path.parent / 'other.sqlite'}"):
        assert (path.parent / "other.sqlite").exists()


async def test_a_url_of_another_database_is_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    monkeypatch.chdir(path.parent)
    with pytest.raises(ConfigError, match="mysql:// is neither") as caught:
        async with open_checkpoints("mysql://user:password@host/db"):
            pass
    assert "password" not in str(caught.value)
    assert list(path.parent.iterdir()) == []


@pytest.fixture
def held(path: Path) -> Iterator[Path]:
    """A checkpoint file that another process holds."""
    path.parent.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield path
        process.communicate()


async def test_locked_by_another_process(held: Path) -> None:
    with pytest.raises(CheckpointError, match="is locked by another process; wait for it"):
        async with open_checkpoints():
            pass


@pytest.mark.parametrize("content", [b"garbage " * 1_000, b"SQLite format 3\0" + b"\xff" * 4_096])
async def test_corrupt(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is no SQLite database, or is damaged; move it away"):
        async with open_checkpoints():
            pass
    assert path.read_bytes() == content  # whoever wants to rescue something can


async def test_an_older_schema(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE checkpoints (thread_id TEXT, thread_ts TEXT, checkpoint BLOB)")
    connection.close()
    with pytest.raises(CheckpointError, match=r"is from another version \(its table checkpoints has no checkpoint_id"):
        async with open_checkpoints():
            pass


async def test_a_folder_that_cannot_be(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(Exception, match="Making the folder") as caught:
        async with open_checkpoints():
            pass
    assert type(caught.value).__name__ == "StorageError"


async def test_a_folder_in_the_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(CheckpointError, match="cannot be opened"):
        async with open_checkpoints():
            pass


def test_other_troubles_in_words() -> None:
    assert "disk is full" in str(in_words(sqlite3.OperationalError("database or disk is full")))
    assert "writable folder" in str(in_words(sqlite3.OperationalError("attempt to write a readonly database")))
    assert "damaged" in str(in_words(sqlite3.DatabaseError("database disk image is malformed")))
    assert "no such table" in str(in_words(sqlite3.OperationalError("no such table: x")))


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [("aiosqlite", None, "sqlite"), ("langgraph.checkpoint.postgres.aio", "postgres://h/d", "postgres")],
)
async def test_a_driver_that_is_not_installed(
    path: Path, monkeypatch: pytest.MonkeyPatch, module: str, url: str | None, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"plan-and-act\[{extra}\]"):
        async with open_checkpoints(url):
            pass


async def test_a_postgres_that_does_not_answer_keeps_its_password_to_itself(path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(CheckpointError, match="Postgres store of checkpoints cannot be used") as caught:
        async with open_checkpoints("postgres://me:hunter2@127.0.0.1:1/db"):
            pass
    assert "hunter2" not in str(caught.value)


async def test_postgres() -> None:
    with postgres_server() as url:
        for _ in range(2):
            async with open_checkpoints(url) as saver:
                assert await saver.aget_tuple(CONFIG) is None  # type: ignore[arg-type]
