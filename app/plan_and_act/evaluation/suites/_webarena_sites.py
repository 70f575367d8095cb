"""WebArena's sites: where they are, who signs in, and how they are put back into their first state."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel, ConfigDict

from plan_and_act.browser import OriginPolicy, SessionOptions, pool
from plan_and_act.errors import PageError, PlanAndActError, SuiteNotReadyError

SiteName = Literal["shopping", "shopping_admin", "reddit", "gitlab", "wikipedia", "map"]

_ASKING = 15.0
"""Seconds a site gets to answer; containers that were just started are slow."""
_FRESH = 15 * 60.0
"""Seconds after which a login is made anew: the admin pages of a shop end theirs after so long."""
_RESETTING = 280.0
"""Seconds a reset may take; the suite has 300 to begin a task."""
_STEP = 20_000.0
"""Milliseconds a step of signing in may take."""


class Account(BaseModel):
    """Who signs in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str
    password: str


ACCOUNTS: dict[SiteName, Account] = {
    "shopping": Account(user="emma.lopez@gmail.com", password="Password.123"),
    "shopping_admin": Account(user="admin", password="admin1234"),
    "reddit": Account(user="MarvelsGrantMan136", password="test1234"),
    "gitlab": Account(user="byteblaze", password="hello1234"),
}
"""The benchmark's public accounts."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A page to sign in on: its path, and the labels of its fields and its button."""

    path: str
    user: str
    password: str
    button: str


_FORMS: dict[SiteName, _Form] = {
    "shopping": _Form("/customer/account/login/", "Email", "Password", "Sign In"),
    "shopping_admin": _Form("", "Username", "Password", "Sign in"),
    "reddit": _Form("/login", "Username", "Password", "Log in"),
    "gitlab": _Form("/users/sign_in", "Username or email", "Password", "Sign in"),
}


@dataclass
class _Login:
    state: dict[str, Any]
    made: float


class Sites:
    """The sites of one evaluation.

    Args:
        suite: The suite's name, for errors.
        urls: Their addresses by name.
        accounts: Who signs in where.
        resets: Addresses to POST to in order to put a site back into its first state.
        private: Further private addresses to be reached.
    """

    def __init__(
        self,
        suite: str,
        urls: Mapping[SiteName, str],
        *,
        accounts: Mapping[SiteName, Account],
        resets: Mapping[SiteName, str],
        private: Iterable[str] = (),
    ) -> None:
        self.urls = {name: url.rstrip("/") for name, url in urls.items()}
        self.origins = tuple(dict.fromkeys([*map(_origin, self.urls.values()), *private]))
        self._suite = suite
        self._accounts = accounts
        self._resets = resets
        self._logins: dict[SiteName, _Login] = {}
        self._locks = {name: asyncio.Lock() for name in urls}
        # Nobody knows what an earlier process has left.
        self._dirty = set(resets)

    async def check(self, needed: Iterable[SiteName]) -> None:
        """See whether all sites that are needed have an address, answer, and let their account in.

        Raises:
            SuiteNotReadyError: It lists all that is missing.
        """
        names = sorted(set(needed))
        missing = [f"{name}: its address is not among the setting `sites`" for name in names if name not in self.urls]
        there = [name for name in names if name in self.urls]
        answers = await asyncio.gather(*(asyncio.to_thread(_problem, self.urls[name]) for name in there))
        missing += [
            f"{name}: {self.urls[name]} {problem}" for name, problem in zip(there, answers, strict=True) if problem
        ]
        if missing:
            raise SuiteNotReadyError(self._suite, missing)
        for name in there:
            try:
                await self._login(name)
            except PlanAndActError as error:
                missing.append(str(error))
        if missing:
            raise SuiteNotReadyError(self._suite, missing)

    def filled(self, url: str) -> str:
        """A URL of the data set with the addresses in the place of the names: `__GITLAB__/explore`."""
        # The longer name first: __SHOPPING_ADMIN__ is no __SHOPPING__ site.
        for name in sorted(self.urls, key=len, reverse=True):
            url = url.replace(f"__{name.upper()}__", self.urls[name])
        return url

    async def prepare(self, names: Iterable[SiteName], *, changes: bool) -> dict[str, Any]:
        """Make sites ready for a task.

        Args:
            names: The task's sites.
            changes: Whether the task changes them: those that can be are put back before the next task on them.

        Returns:
            Their login states as one, as Playwright's `storage_state` gives it.

        Raises:
            PageError: When a site cannot be reset or signed in to.
        """
        merged: dict[str, Any] = {"cookies": [], "origins": []}
        for name in names:
            async with self._locks[name]:
                if name in self._dirty:
                    await self._reset(name)
                    self._dirty.discard(name)
                state = await self._login(name)
            for kind in merged:
                merged[kind] += state.get(kind, [])
            # Already now, however the task ends: until then no other is on these sites.
            if changes and name in self._resets:
                self._dirty.add(name)
        return merged

    async def _login(self, name: SiteName) -> dict[str, Any]:
        """The login state of a site; empty where nobody signs in."""
        form, account = _FORMS.get(name), self._accounts.get(name)
        if form is None or account is None:
            return {}
        known = self._logins.get(name)
        if known and time.monotonic() - known.made < _FRESH:
            return known.state
        key = f"{self._suite}-login/{name}"
        session = await pool().session(key, SessionOptions(policy=OriginPolicy(private=self.origins)))
        try:
            await session.goto(self.urls[name] + form.path)
            page = session.page
            password = page.get_by_label(form.password, exact=True).first
            await page.get_by_label(form.user, exact=True).first.fill(account.user, timeout=_STEP)
            await password.fill(account.password, timeout=_STEP)
            await page.get_by_role("button", name=form.button, exact=True).first.click(timeout=_STEP)
            await password.wait_for(state="detached", timeout=_STEP)
            state: dict[str, Any] = json.loads(json.dumps(await page.context.storage_state()))
        except PlaywrightError as error:
            first = error.message.splitlines()[0]
            msg = (
                f"{name}: {account.user} cannot sign in at {self.urls[name]}{form.path} ({first}). Is the password "
                "right (setting `accounts`), and is it this site?"
            )
            raise PageError(msg) from error
        finally:
            await pool().release(key)
        self._logins[name] = _Login(state, time.monotonic())
        return state

    async def _reset(self, name: SiteName) -> None:
        url = self._resets[name]
        self._logins.pop(name, None)
        problem = await asyncio.to_thread(_problem, url, method="POST", seconds=_RESETTING)
        if problem:
            msg = f"{name} could not be reset: POST {url} {problem}"
            raise PageError(msg)
        end = time.monotonic() + _RESETTING
        while problem := await asyncio.to_thread(_problem, self.urls[name]):
            if time.monotonic() > end:
                msg = f"{name} did not come back after its reset: {self.urls[name]} {problem}"
                raise PageError(msg)
            await asyncio.sleep(1)


def _problem(url: str, *, method: str = "GET", seconds: float = _ASKING) -> str | None:
    """What is wrong with how an address answers, or None."""
    # The browser goes there directly, whatever proxies the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, method=method), timeout=seconds):
            return None
    except urllib.error.HTTPError as error:
        refused = error.code >= 500 or method == "POST"
        return f"answers with HTTP {error.code}" if refused else None
    except (OSError, ValueError) as error:
        return f"does not answer ({getattr(error, 'reason', None) or error})"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
