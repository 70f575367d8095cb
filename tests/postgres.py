"""A Postgres server of one's own, where one is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a fresh server on a socket of its own; it refuses to run as root, so then it runs as nobody."""
    binaries = _binaries()
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if user:
            shutil.chown(folder, user)
        data, log = f"{folder}/data", f"{folder}/log"

        def run(command: str, *arguments: str) -> None:
            subprocess.run(
                [str(binaries / command), *arguments], user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", data, "-A", "trust", "-U", "me", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-o", f"-k {folder} -c listen_addresses=''", "-l", log, "start")
        try:
            yield f"postgresql://me@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _binaries() -> Path:
    """Where Postgres is; Debian keeps it off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    found_versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found_versions:
        pytest.skip("no Postgres server here (Debian: apt-get install postgresql)")
    return found_versions[-1]
