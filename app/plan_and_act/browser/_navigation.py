"""Opening a URL: what can go wrong, and the sentence for it."""

import asyncio
import contextlib
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Response
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from plan_and_act.browser.policy import origin_text, split_origin
from plan_and_act.errors import BlockedByPolicyError, BrowserLostError, PageError
from plan_and_act.trajectory import Outcome

if TYPE_CHECKING:
    from plan_and_act.browser._downloads import Downloads
    from plan_and_act.browser._tab import Tab
    from plan_and_act.browser.proxy import Problem, Proxy

ERROR_PAGE = "chrome-error://"

_ERROR_PAGE_WAIT = 2.0

_NET_ERROR = re.compile(r"net::(ERR_\w+)")
_REASONS = (
    ("ERR_CERT", "its certificate is not valid ({code}), so nobody can tell whose site it is"),
    ("ERR_SSL", "it does not speak https properly ({code}); an http:// address may work"),
    ("ERR_TOO_MANY_REDIRECTS", "it redirects in a circle"),
    ("ERR_EMPTY_RESPONSE", "the server closed the connection without an answer"),
    ("ERR_CONNECTION", "the connection broke off ({code})"),
    ("ERR_INCOMPLETE", "the connection broke off ({code})"),
    ("ERR_UNSAFE_PORT", "browsers do not use this port"),
    ("ERR_INVALID_AUTH", "it asks for a user name and a password (HTTP authentication), which are not supported"),
    ("ERR_INVALID", "what the server sends is no web page ({code})"),
    ("ERR_TUNNEL", "the connection could not be made"),
    ("ERR_PROXY", "the session's proxy is gone; start the run again"),
)


async def open_url(tab: "Tab", proxy: "Proxy", downloads: "Downloads", url: str, timeout: float) -> Outcome:
    """Send a tab to a URL and wait until its document is read, or the time is over.

    Args:
        tab: The tab.
        proxy: The session's proxy, which knows why a connection was not made.
        downloads: The session's downloads, as a URL can turn out to be one.
        url: A complete URL that the origin policy has been asked about.
        timeout: Seconds for everything.

    Raises:
        BlockedByPolicyError: When the page, or where it redirects to, may not be reached.
        PageError: When there is no page to look at.
        BrowserLostError: When the tab is gone.
    """
    since = time.monotonic()
    deadline = since + timeout
    downloads.started.clear()
    tab.arrived.clear()
    try:
        response = await tab.page.goto(url, wait_until="commit", timeout=timeout * 1_000)
    except PlaywrightTimeoutError:
        await tab.stop_loading()
        msg = f"{_origin(url)} did not answer within {timeout:g} seconds."
        raise PageError(msg) from None
    except PlaywrightError as error:
        return await _not_opened(tab, proxy, downloads, url, deadline, since, error)
    if response:
        await _check(response, proxy, since)
    loaded = await _loaded(tab, deadline)
    if response and response.status >= 400:
        return _error_page(response.status)
    if not loaded:
        message = f"The page was still loading after {timeout:g} seconds; this is what had arrived."
        return Outcome(status="ok", unexpected=True, message=message)
    return Outcome(status="ok")


async def _loaded(tab: "Tab", deadline: float) -> bool:
    left = max(deadline - time.monotonic(), 0.1)
    try:
        await tab.page.wait_for_load_state("domcontentloaded", timeout=left * 1_000)
    except PlaywrightTimeoutError:
        await tab.stop_loading()
        return False
    except PlaywrightError as error:
        _lost(tab, error)
    return True


async def _check(response: Response, proxy: "Proxy", since: float) -> None:
    """See whether what answered is a page: the proxy answers for what it does not reach."""
    problem = proxy.problem_with(response.url, since)
    if problem:
        _raise(problem)
    if response.status == HTTPStatus.UNAUTHORIZED and await response.header_value("www-authenticate"):
        msg = f"{_origin(response.url)} asks for a user name and a password (HTTP authentication): not supported."
        raise PageError(msg)


async def _not_opened(
    tab: "Tab", proxy: "Proxy", downloads: "Downloads", url: str, deadline: float, since: float, error: PlaywrightError
) -> Outcome:
    found = _NET_ERROR.search(error.message)
    code = found[1] if found else ""
    if "Download is starting" in error.message or (code == "ERR_ABORTED" and downloads.started.is_set()):
        return await _downloaded(downloads, deadline)
    if code == "ERR_ABORTED":
        return Outcome(status="no_effect", message=f"{_origin(url)} answered without a page; the old one stays.")
    if "interrupted by another navigation" in error.message:
        # The page's own script went on to another address before it was there.
        await _loaded(tab, deadline)
        return Outcome(status="ok", message=f"The page went on to {tab.page.url[:200]}.")
    if not code:
        _lost(tab, error)
    await _error_page_shown(tab)
    problem = proxy.problem_with(url, since) or proxy.last_problem(since)
    if problem and code.startswith(("ERR_TUNNEL", "ERR_PROXY")):
        _raise(problem)
    reason = next((text for start, text in _REASONS if code.startswith(start)), "the browser says {code}")
    msg = f"{_origin(url)} cannot be opened: {reason.format(code=code)}."
    raise PageError(msg) from error


async def _downloaded(downloads: "Downloads", deadline: float) -> Outcome:
    try:
        async with asyncio.timeout(_ERROR_PAGE_WAIT):
            await downloads.started.wait()
    except TimeoutError:
        return Outcome(status="ok", message="The address is a file; its download did not start.")
    ended = await downloads.wait(max(deadline - time.monotonic(), 0))
    state = "it was downloaded" if ended else "its download goes on"
    return Outcome(status="ok", message=f"The address is a file, not a page: {state}, and the page stays as it was.")


async def _error_page_shown(tab: "Tab") -> None:
    """Wait for Chromium's error page: it comes after the error, and would interrupt what is opened next."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ERROR_PAGE_WAIT):
            await tab.arrived.wait()


def _error_page(status: int) -> Outcome:
    try:
        phrase = f" ({HTTPStatus(status).phrase})"
    except ValueError:
        phrase = ""
    return Outcome(status="ok", unexpected=True, message=f"The server answered {status}{phrase}.")


def _raise(problem: "Problem") -> NoReturn:
    raise (BlockedByPolicyError if problem.kind == "blocked" else PageError)(problem.message)


def _lost(tab: "Tab", error: PlaywrightError) -> NoReturn:
    if tab.crashed or "crash" in error.message.lower():
        msg = "The page crashed while it was loading."
        raise PageError(msg) from error
    if tab.flooded:
        msg = "The page kept opening dialogs and was closed; an empty tab took its place."
        raise PageError(msg) from error
    if tab.page.is_closed():
        msg = "The tab was closed while the page was loading."
        raise BrowserLostError(msg) from error
    msg = f"The page cannot be opened: {error.message.splitlines()[0]}"
    raise PageError(msg) from error


def _origin(url: str) -> str:
    origin = split_origin(url)
    return origin_text(origin[1], origin[2], origin[0]) if origin else url[:200]
