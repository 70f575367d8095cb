"""Servers of this project as real processes."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plan_and_act.sites import Site


def environment(endpoint: str, forge: Site, home: Path, **more: str) -> dict[str, str]:
    """What a server is started with."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("LANGSMITH", "LANGCHAIN", "OPENAI"))},
        "OPENAI_BASE_URL": endpoint,
        "PLAN_AND_ACT_PRIVATE_ORIGINS": forge.url,
        "PLAN_AND_ACT_HOME": str(home),
        **more,
    }


@contextmanager
def started(command: list[str], folder: Path, port: int, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers; it is stopped at the end, if it still runs."""
    log = (folder / f"log-{port}").open("w+b")
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, **options)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ok", timeout=1).read()
                break
            except OSError:
                assert process.poll() is None, Path(log.name).read_text()
                time.sleep(0.1)
        else:
            pytest.fail(Path(log.name).read_text())
        yield process
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
