"""Finding, starting, examining and installing Chromium."""

import asyncio
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from plan_and_act.errors import BrowserNotFoundError

_log = logging.getLogger(__name__)

VARIABLE = "PLAN_AND_ACT_CHROMIUM"
"""Environment variable with the path or the command of the Chromium to use."""

_HEADLESS_SHELL = "chromium-headless-shell"
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
_ARGS = (
    # Names are resolved by the session's proxy; whatever would go round it finds no address (prefetches of names,
    # the browser's own services).
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-domain-reliability",
    "--no-pings",
)
_LAUNCH_TIMEOUT = 60_000
_HOW_TO = (
    "Install one with `plan-and-act browser install`, `python -m playwright install chromium`, or on Debian "
    f"`apt-get install {_HEADLESS_SHELL}`; or name one in {VARIABLE}."
)


def find_chromium(*, headed: bool = False) -> Path | None:
    """The Chromium to use, or None to leave the choice to Playwright (its own build, when it is installed).

    Looked for in this order: `PLAN_AND_ACT_CHROMIUM`, chromium-headless-shell (half the memory, not for a visible
    browser), chromium, Chrome. Reads the file system; in async code use `asyncio.to_thread`.

    Raises:
        BrowserNotFoundError: When `PLAN_AND_ACT_CHROMIUM` names nothing that can be run.
    """
    return next(iter(_candidates(headed)), None)


def _candidates(headed: bool) -> list[Path]:
    wanted = os.environ.get(VARIABLE)
    if wanted:
        found = shutil.which(wanted)
        if not found:
            msg = f"{VARIABLE} is {wanted!r}, which is no program that can be run."
            raise BrowserNotFoundError(msg)
        return [Path(found)]
    commands = _COMMANDS if headed else (_HEADLESS_SHELL, *_COMMANDS)
    paths = [_unwrapped(Path(path)) for path in map(shutil.which, commands) if path]
    return paths + [path for path in _MAC_APPLICATIONS if sys.platform == "darwin" and path.exists()]


def _unwrapped(path: Path) -> Path:
    """Debian's headless shell without the shell script before it, which does not pass a signal on to the browser."""
    binary = Path("/usr/lib/chromium") / _HEADLESS_SHELL
    return binary if path == Path("/usr/bin") / _HEADLESS_SHELL and os.access(binary, os.X_OK) else path


async def launch(playwright: Playwright, *, headed: bool = False) -> Browser:
    """Start Chromium.

    Args:
        playwright: The running driver.
        headed: Whether its windows are to be seen.

    Raises:
        BrowserNotFoundError: When there is none, or none that starts; the message says how to get one.
    """
    found = await asyncio.to_thread(_candidates, headed)
    paths: list[Path | None] = [*found]
    if not os.environ.get(VARIABLE):
        paths.append(None)
    failures = []
    for path in paths:
        try:
            return await _start(playwright, path, headed)
        except PlaywrightError as error:
            # Some are only a stub that asks for a package (Ubuntu's chromium-browser): the next may do.
            failures.append((path, error.message))
    raise _not_started(failures, headed)


async def _start(playwright: Playwright, path: Path | None, headed: bool) -> Browser:
    """Start with Chromium's own sandbox where that works; it never does for root."""
    root = sys.platform != "win32" and os.geteuid() == 0
    try:
        return await _start_with(playwright, path, headed, sandbox=not root)
    except PlaywrightError as error:
        if root or "sandbox" not in error.message.lower():
            raise
    _log.warning("This machine does not let Chromium use its sandbox; it runs without")
    return await _start_with(playwright, path, headed, sandbox=False)


async def _start_with(playwright: Playwright, path: Path | None, headed: bool, *, sandbox: bool) -> Browser:
    return await playwright.chromium.launch(
        executable_path=path,
        headless=not headed,
        args=list(_ARGS),
        chromium_sandbox=sandbox,
        timeout=_LAUNCH_TIMEOUT,
        # Ctrl-C is the program's to handle: the browser must live until the run is saved.
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )


def _not_started(failures: list[tuple[Path | None, str]], headed: bool) -> BrowserNotFoundError:
    path, message = next((failure for failure in failures if failure[0]), failures[-1])
    if path is None and "Executable doesn't exist" in message:
        return BrowserNotFoundError(f"No Chromium was found. {_HOW_TO}")
    if headed and ("$DISPLAY" in message or "ozone_platform" in message):
        msg = "A visible browser needs a display, and there is none; leave --headed out, or use xvfb-run."
        return BrowserNotFoundError(msg)
    which = str(path) if path else "Playwright's Chromium"
    if "error while loading shared libraries" in message:
        lacking = message.partition("error while loading shared libraries:")[2].split(":")[0].strip()
        msg = f"{which} lacks the system library {lacking}: run `python -m playwright install-deps chromium` as root."
        return BrowserNotFoundError(msg)
    reason = next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
    return BrowserNotFoundError(f"{which} does not start: {reason} {_HOW_TO}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What `doctor` found out."""

    path: str | None
    """The program, None for Playwright's own build."""
    version: str | None
    seconds: float | None
    """From the start of the driver to a page that can be used."""
    problem: str | None
    """Why it does not work, None when it does."""


async def doctor(*, headed: bool = False) -> Facts:
    """Try whether a browser starts and opens a page, and say what is in the way if not."""
    start = time.perf_counter()
    path = None
    try:
        found = await asyncio.to_thread(find_chromium, headed=headed)
        path = str(found) if found else None
        async with async_playwright() as playwright:
            browser = await launch(playwright, headed=headed)
            page = await browser.new_page()
            await page.goto("data:text/html,<title>ready</title>")
            facts = Facts(path, browser.version, time.perf_counter() - start, None)
            await browser.close()
            return facts
    except (BrowserNotFoundError, PlaywrightError) as error:
        return Facts(path, None, None, str(error))


async def install(say: Callable[[str], None], *, headed: bool = False) -> Facts:
    """Install Chromium unless there is one: Playwright's build, or Debian's where that cannot be downloaded.

    Args:
        say: Is told what is done, and every line of the installers' output.
        headed: Whether a visible browser is wanted too.

    Raises:
        BrowserNotFoundError: When neither way works; the message says what to try.
    """
    facts = await doctor(headed=headed)
    if not facts.problem:
        say(f"There is a Chromium already: {facts.path or 'from Playwright'} ({facts.version}).")
        return facts
    root = sys.platform.startswith("linux") and os.geteuid() == 0
    playwright = (sys.executable, "-m", "playwright")
    say("Downloading Playwright's Chromium ...")
    shell = () if headed else ("--only-shell",)
    if await _run(say, *playwright, "install", *shell, "chromium"):
        facts = await doctor(headed=headed)
        if facts.problem and root:
            say("Installing the system libraries it needs ...")
            await _run(say, *playwright, "install-deps", "chromium")
            facts = await doctor(headed=headed)
    if facts.problem and root and shutil.which("apt-get"):
        package = "chromium" if headed else _HEADLESS_SHELL
        say(f"Installing the package {package} with apt-get ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if await _run(say, "apt-get", "update", env=environment):
            command = ("apt-get", "install", "-y", "--no-install-recommends", package, "fonts-liberation")
            await _run(say, *command, env=environment)
        facts = await doctor(headed=headed)
    if facts.problem:
        raise BrowserNotFoundError(facts.problem)
    say(f"Installed {facts.path or 'Chromium'} ({facts.version}).")
    return facts


async def _run(say: Callable[[str], None], *command: str, env: dict[str, str] | None = None) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, limit=1024 * 1024
    )
    assert process.stdout
    async for line in process.stdout:
        say("  " + line.decode(errors="replace").rstrip())
    return await process.wait() == 0
