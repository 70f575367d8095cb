"""Browsers on other machines, by the address of a Playwright server or of Chromium's own debugging port.

The origin policy stays in force: a remote browser reaches the network through this machine, by a proxy for each
session. That proxy has to be reached by the browser, so it listens where `PLAN_AND_ACT_PROXY_HOST` says and asks for a
password that only the session knows.
"""

import os
from urllib.parse import urlsplit

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from plan_and_act.errors import BrowserNotFoundError, ConfigError

VARIABLE = "PLAN_AND_ACT_BROWSERS"
"""Environment variable with the addresses of remote browsers, separated by spaces or commas."""
PROXY_VARIABLE = "PLAN_AND_ACT_PROXY_HOST"
"""Environment variable with the address under which remote browsers reach this machine."""

LOOPBACK = "127.0.0.1"

_TIMEOUT = 30_000


def endpoints() -> list[str]:
    """The addresses of remote browsers; none when browsers are to be started here.

    Raises:
        ConfigError: When one of them is no address of a browser.
    """
    found = os.environ.get(VARIABLE, "").replace(",", " ").split()
    for endpoint in found:
        if urlsplit(endpoint).scheme not in ("ws", "wss", "http", "https"):
            msg = f"{VARIABLE} names {endpoint!r}; a browser's address begins with ws://, wss://, http:// or https://."
            raise ConfigError(msg)
    return found


def proxy_host() -> str:
    """Where proxies listen: where remote browsers reach them, else on loopback.

    Raises:
        ConfigError: When browsers are on other machines and nothing says how they reach this one.
    """
    host = os.environ.get(PROXY_VARIABLE)
    if host:
        return host
    away = [url for url in endpoints() if urlsplit(url).hostname not in (LOOPBACK, "localhost", "::1")]
    if away:
        msg = (
            f"The browser at {away[0]} reaches the network through this machine, which holds it to the origin policy: "
            f"set {PROXY_VARIABLE} to the address under which it finds this machine."
        )
        raise ConfigError(msg)
    return LOOPBACK


async def connect(playwright: Playwright, endpoint: str) -> Browser:
    """Connect to a browser.

    Raises:
        BrowserNotFoundError: When it does not answer.
    """
    parts = urlsplit(endpoint)
    debugging = parts.scheme.startswith("http") or "/devtools/" in parts.path
    try:
        if debugging:
            return await playwright.chromium.connect_over_cdp(endpoint, timeout=_TIMEOUT)
        return await playwright.chromium.connect(endpoint, timeout=_TIMEOUT)
    except PlaywrightError as error:
        reason = error.message.splitlines()[0]
        msg = f"The browser at {parts.scheme}://{parts.netloc} does not answer ({reason}); see {VARIABLE}."
        raise BrowserNotFoundError(msg) from error
