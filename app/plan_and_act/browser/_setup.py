"""What a browser session begins with, for those who prepare one: login state, further tabs, recorded traffic."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import BrowserLostError


@dataclass(frozen=True)
class Setup:
    """What a session begins with besides an empty tab."""

    login: str | None = None
    """Hash of a login state among the session's artefacts (`BrowserContext.storage_state` as JSON)."""
    beside: tuple[str, ...] = ()
    """URLs to open in tabs of their own, before the current one."""
    geolocation: tuple[float, float] | None = None
    """Latitude and longitude that pages are told; they are told nothing when left out."""
    har: Path | None = None
    """File for all network traffic with its bodies, written when the session is closed; `merged_har` reads it."""

    def of_context(self) -> dict[str, Any]:
        """What the browser context is made with, as Playwright's arguments."""
        made: dict[str, Any] = {}
        if self.geolocation:
            latitude, longitude = self.geolocation
            made |= {"geolocation": {"latitude": latitude, "longitude": longitude}, "permissions": ["geolocation"]}
        if self.har:
            # Without embedded bodies the HAR would not say what was posted.
            made |= {"record_har_path": _free(self.har), "record_har_content": "embed"}
        return made


def merged_har(path: Path) -> dict[str, Any]:
    """What was written for `Setup.har`, as one HAR; a session that had to be made anew has left several files.

    Raises:
        BrowserLostError: When none was written, or one is cut off: the browser was ended before it could do that.
        StorageError: When one cannot be read.
    """
    whole: dict[str, Any] = {}
    for file in _written(path):
        try:
            har = json.loads(file.read_text(encoding="utf-8"))
            entries = har["log"]["entries"]
        except OSError as error:
            doing = f"Reading the network traffic {file}"
            raise storage_error(doing, error) from error
        except (ValueError, LookupError, TypeError) as error:
            msg = f"The network traffic in {file} is not whole: the browser was ended while it was written."
            raise BrowserLostError(msg) from error
        if whole:
            whole["log"]["entries"] += entries
        else:
            whole = har
    if not whole:
        msg = f"There is no network traffic in {path}: the browser was ended before it could be written."
        raise BrowserLostError(msg)
    return whole


def _free(path: Path) -> Path:
    """A file that is not there yet: the path itself, else `name-02.har`, `name-03.har` beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    there = len(_written(path))
    return path.with_stem(f"{path.stem}-{there + 1:02}") if there else path


def _written(path: Path) -> list[Path]:
    later = sorted(path.parent.glob(f"{path.stem}-[0-9][0-9]{path.suffix}"))
    return [file for file in (path, *later) if file.exists()]
