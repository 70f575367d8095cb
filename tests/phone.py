"""What every page of a practice site keeps to on a phone: nothing runs out of sight, each control has a name."""

from playwright.async_api import Page

NAMELESS = """() => {
  const labelling = e => document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim();
  const named = e => e.labels?.length || e.getAttribute('aria-label') || labelling(e) || e.textContent.trim();
  const controls = document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a');
  return [...controls].filter(e => !named(e)).map(e => e.outerHTML);
}"""


async def fits_a_phone(page: Page, path: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(path)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.locator("h1").count() == 1
    assert await page.evaluate(NAMELESS) == []
