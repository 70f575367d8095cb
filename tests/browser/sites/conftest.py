"""Pages of the practice sites, as a person's browser shows them."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from plan_and_act.sites import Site


@pytest.fixture
def session(request: pytest.FixtureRequest) -> str:
    """The name of a practice site's session, after the test."""
    return re.sub(r"\W", "-", request.node.name)[:64]


@pytest.fixture
async def page(browser: Browser, site: Site, session: str) -> AsyncIterator[Page]:
    """A page of the module's `site`, in a session of its own.

    It must ask nobody else for anything, and raise no script error and none of the content security policy.
    """
    context = await browser.new_context(viewport={"width": 1280, "height": 720}, base_url=site.url)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
    page.on("request", lambda sent: troubles.append(sent.url) if not sent.url.startswith(site.url) else None)
    await page.goto(f"/?session={session}")
    yield page
    await context.close()
    assert troubles == []
