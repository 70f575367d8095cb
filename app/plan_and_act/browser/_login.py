"""The login state of a session: cookies, local storage and IndexedDB, kept as a private artefact."""

import asyncio
import json
import logging
from typing import cast

from playwright.async_api import BrowserContext, Page, StorageState

from plan_and_act.artefacts import Artefacts
from plan_and_act.errors import StorageError

_log = logging.getLogger(__name__)

_LOCAL_STORAGE_HASH = """() => {
  let hash = 0;
  try {
    const text = JSON.stringify(localStorage);
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  } catch {}
  return hash;
}"""


class LoginState:
    """Saves the login state of a context whenever it has changed.

    Args:
        artefacts: Where it is kept.
        context: Whose state it is.
    """

    def __init__(self, artefacts: Artefacts, context: BrowserContext) -> None:
        self.name: str | None = None
        """Hash of what was saved last; None while there is nothing to save."""
        self._artefacts = artefacts
        self._context = context
        self._signs: object = None

    async def save(self, page: Page, urls: list[str]) -> None:
        """Save the state if cookies, the page's local storage or the open pages have changed.

        They change when the state does: reading all of it opens a page for every other origin (30 ms each).

        Args:
            page: The current tab.
            urls: The URLs of all tabs.

        Raises:
            StorageError: When it cannot be written.
        """
        signs = (*await asyncio.gather(self._context.cookies(), page.evaluate(_LOCAL_STORAGE_HASH)), urls)
        if signs == self._signs:
            return
        state = await self._context.storage_state(indexed_db=True)
        name = None
        if state.get("cookies") or state.get("origins"):
            content = json.dumps(state, sort_keys=True, separators=(",", ":"))
            name = await asyncio.to_thread(self._artefacts.put, content, private=True)
        self.name, self._signs = name, signs


async def load(artefacts: Artefacts, name: str) -> StorageState | None:
    """A saved login state; None when its file is gone: the session starts logged out, which the page shows."""
    try:
        return cast("StorageState", json.loads(await asyncio.to_thread(artefacts.get, name)))
    except (StorageError, ValueError):
        _log.warning("The login state %s is not there any more; the session starts logged out", name)
        return None
