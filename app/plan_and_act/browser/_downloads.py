"""Downloads of a session: safe names in its own folder, with a cap on size, reported as events."""

import asyncio
import contextlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Download
from playwright.async_api import Error as PlaywrightError

from plan_and_act.artefacts import storage_error

MAX_BYTES = 200 * 1024 * 1024
"""The largest file that is kept."""
MAX_TOTAL = 1024 * 1024 * 1024
"""Bytes that all downloads of a session may take together."""
MAX_FILES = 100
"""Downloads a session keeps; a page that starts more has them cancelled."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def safe_name(suggested: str) -> str:
    """A file name from one that a site suggests: one path part, not hidden, at most 120 characters."""
    name = _UNSAFE.sub("_", suggested.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not name or _RESERVED.match(name):
        name = f"download_{name}".rstrip("_")
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix) <= 16:
        return f"{stem[: 119 - len(suffix)]}.{suffix}"
    return name[:120]


def size_text(size: int) -> str:
    """A file size for people."""
    if size < 1_000:
        return f"{size} bytes"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


class Downloads:
    """The downloads of one session.

    Args:
        folder: Where files go; it is made with the first.
        report: Is told a sentence about every download.
    """

    def __init__(self, folder: Path, report: Callable[[str], None]) -> None:
        self.folder = folder
        self.files: list[Path] = []
        self.started = asyncio.Event()
        """Set by every download that starts."""
        self._report = report
        self._under_way: dict[asyncio.Task[None], Download] = {}
        self._offered: dict[str, tuple[str, str]] = {}
        self._arrived: dict[str, int] = {}
        self._kept = 0
        self._too_large: set[Download] = set()

    def watch(self, cdp: CDPSession) -> None:
        """Follow the progress of a page's downloads; the page domain must be enabled in the CDP session."""
        cdp.on("Page.downloadWillBegin", self._on_begin)
        cdp.on("Page.downloadProgress", self._on_progress)

    def take(self, download: Download) -> None:
        """Keep a download that starts."""
        if len(self.files) + len(self._under_way) >= MAX_FILES:
            self._report(f"The page started more than {MAX_FILES} downloads; the rest were cancelled.")
            work = self._drop(download)
        else:
            work = self._keep(download)
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[task] = download
        task.add_done_callback(self._under_way.pop)
        self.started.set()

    async def wait(self, timeout: float) -> bool:
        """Wait for the downloads under way, so many seconds at most; returns whether all have ended."""
        if not self._under_way:
            return True
        _, pending = await asyncio.wait(list(self._under_way), timeout=timeout)
        return not pending

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drop(self, download: Download) -> None:
        with contextlib.suppress(PlaywrightError):
            await download.cancel()

    async def _keep(self, download: Download) -> None:
        name = safe_name(download.suggested_filename)
        try:
            failure = await download.failure()
            path = await download.path() if not failure else None
        except PlaywrightError as error:
            path, failure = None, error.message.splitlines()[0]
        try:
            size = (await asyncio.to_thread(path.stat)).st_size if path else 0
            if download in self._too_large or size > MAX_BYTES or self._kept + size > MAX_TOTAL:
                self._too_large.discard(download)
                most = f"{size_text(MAX_BYTES)}, or all downloads together than {size_text(MAX_TOTAL)}"
                self._report(f"The download {name!r} was stopped: it is larger than {most}.")
                if path:
                    await download.delete()
            elif path is None:
                self._report(f"The download {name!r} failed: {failure}.")
            else:
                target = await asyncio.to_thread(self._move, path, name)
                self.files.append(target)
                self._kept += size
                self._report(f"Downloaded {target.name!r} ({size_text(size)}).")
        except OSError as error:
            self._report(str(storage_error(f"Keeping the download {name!r}", error)))
        except PlaywrightError:
            pass  # The context closed under it, and took the file along.

    def _move(self, path: Path, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = Path(name)
        number = 1
        while True:
            target = self.folder / (name if number == 1 else f"{wanted.stem} ({number}){wanted.suffix}")
            try:
                # Claims the name, so that two downloads at once cannot take the same.
                target.open("xb").close()
                break
            except FileExistsError:
                number += 1
        shutil.move(path, target)
        return target

    def _on_begin(self, event: dict[str, Any]) -> None:
        self._offered[event["guid"]] = (event["url"], event["suggestedFilename"])

    async def _on_progress(self, event: dict[str, Any]) -> None:
        if event["state"] != "inProgress":
            self._offered.pop(event["guid"], None)
            self._arrived.pop(event["guid"], None)
            return
        self._arrived[event["guid"]] = event["receivedBytes"]
        together = self._kept + sum(self._arrived.values())
        if max(event["receivedBytes"], event["totalBytes"]) > MAX_BYTES or together > MAX_TOTAL:
            offered = self._offered.get(event["guid"])
            for download in list(self._under_way.values()):
                if (download.url, download.suggested_filename) == offered and download not in self._too_large:
                    self._too_large.add(download)
                    await download.cancel()
