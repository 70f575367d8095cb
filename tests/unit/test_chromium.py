"""Which Chromium is taken, and what is said when there is none."""

import os
import sys
from pathlib import Path

import pytest

from plan_and_act.browser import chromium
from plan_and_act.browser.chromium import doctor, find_chromium, install
from plan_and_act.errors import BrowserNotFoundError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH; nothing else names a browser."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PLAN_AND_ACT_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "_MAC_APPLICATIONS", ())
    # Where Playwright keeps its own build.
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "builds"))
    return tmp_path


def program(folder: Path, name: str, script: str = "exit 1") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_order(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_chromium() is None
    for name in ("google-chrome-stable", "google-chrome", "chromium-browser", "chromium", "chromium-headless-shell"):
        path = program(programs, name)
        assert find_chromium() == path
    assert find_chromium(headed=True) == programs / "chromium"
    named = program(programs, "mine")
    monkeypatch.setenv("PLAN_AND_ACT_CHROMIUM", str(named))
    assert find_chromium() == find_chromium(headed=True) == named
    monkeypatch.setenv("PLAN_AND_ACT_CHROMIUM", "mine")
    assert find_chromium() == named


def test_a_named_browser_that_is_not_there(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "chromium")
    monkeypatch.setenv("PLAN_AND_ACT_CHROMIUM", "/opt/none")
    with pytest.raises(BrowserNotFoundError, match="PLAN_AND_ACT_CHROMIUM is '/opt/none', which is no program"):
        find_chromium()


async def test_no_browser_at_all_names_the_ways_to_get_one(programs: Path) -> None:
    facts = await doctor()
    assert facts.path is None
    assert facts.version is None
    assert facts.problem
    for way in (
        "plan-and-act browser install",
        "playwright install chromium",
        "apt-get install",
        "PLAN_AND_ACT_CHROMIUM",
    ):
        assert way in facts.problem


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'the chromium snap is needed' >&2; exit 1", "does not start"),
        (
            'echo "$0: error while loading shared libraries: libnss3.so: cannot open shared object file" >&2; exit 127',
            "lacks the system library libnss3.so: run `python -m playwright install-deps chromium`",
        ),
    ],
)
async def test_a_browser_that_does_not_start(programs: Path, script: str, words: str) -> None:
    path = program(programs, "chromium", script)
    facts = await doctor()
    assert facts.path == str(path)
    assert facts.problem
    assert str(path) in facts.problem
    assert words in facts.problem


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a display is always there elsewhere")
async def test_a_visible_browser_without_a_display(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "echo 'Missing X server or $DISPLAY' >&2; exit 1"
    program(programs, "chromium", script)
    facts = await doctor(headed=True)
    assert facts.problem
    assert "needs a display" in facts.problem


async def test_installing_says_what_failed(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing listens on port 9: what an isolated network looks like to the download.
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    said: list[str] = []
    with pytest.raises(BrowserNotFoundError, match="No Chromium was found"):
        await install(said.append)
    assert said[0] == "Downloading Playwright's Chromium ..."
    assert any("127.0.0.1:9" in line for line in said)


async def test_installing_takes_the_package_where_the_download_fails(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root installs packages")
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    program(programs, "apt-get", 'echo "apt-get $@"')
    said: list[str] = []
    with pytest.raises(BrowserNotFoundError):
        await install(said.append)
    assert "  apt-get update" in said
    assert any(line.startswith("  apt-get install -y --no-install-recommends chromium-headless-shell") for line in said)
