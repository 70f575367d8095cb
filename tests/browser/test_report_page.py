"""The report in a real browser: it renders, loads nothing, runs nothing, and can be read in light, dark and small."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from contrast import CONTRAST
from plan_and_act.actions import to_action
from plan_and_act.report import write_report
from plan_and_act.trajectory import Ending, MadeBy, Outcome, Plan, PlanStep, Round, Task, Trajectory, Usage

HOSTILE = (
    '<script>document.title = "owned"</script><img src="http://127.0.0.1:9/x.png" onerror="document.title = \'owned\'">'
)


class Shelf:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.held[digest] = data
        return digest

    def get(self, digest: str, /) -> bytes:
        return self.held[digest]


@pytest.fixture(scope="session")
async def report(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a real screenshot whose button is the target, and hostile text wherever a page can put some."""
    shelf = Shelf()
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    await page.set_content("<body style='margin:0'><button style='margin:200px 300px'>Follow</button>")
    box = await page.locator("button").bounding_box()
    assert box
    shot = shelf.put(await page.screenshot())
    await page.close()
    common: dict[str, Any] = {"plan": 1, "url": "https://forge.example/" + "long/" * 60, "title": HOSTILE}
    rounds = [
        Round(
            index=1, screenshot=shot, target=[box["x"], box["y"], box["width"], box["height"]], reasoning=HOSTILE,
            observation=shelf.put(HOSTILE.encode() * 5),
            action=to_action({"action": "click", "element": HOSTILE, "step": 1}),
            outcome=Outcome(status="ok", message=HOSTILE, changes=[HOSTILE]), **common,
        ),
        *(
            Round(index=i, action=to_action({"action": "wait", "step": 2}), outcome=Outcome(status=status), **common)
            for i, status in enumerate(("no_effect", "error", "unknown"), 2)
        ),
    ]  # fmt: skip
    run = Trajectory(
        thread="t1", task=Task(intent=HOSTILE, url="https://forge.example"), started="2026-11-21T03:41:00+00:00",
        plans=[
            Plan(steps=[PlanStep(goal=HOSTILE, reasoning=HOSTILE), PlanStep(goal="b")]),
            Plan(revision=2, cause=HOSTILE, round=2, steps=[PlanStep(goal="b"), PlanStep(goal="c" * 300)]),
        ],
        rounds=rounds, ending=Ending(status="failed", reason="gave_up", message=HOSTILE), answer=HOSTILE,
        usage={"planner": Usage(calls=1), "executor": Usage(calls=4)},
        made_by=MadeBy(version="1", prompts="p", models={"planner": "provider:" + "m" * 80}),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(run, path, shelf)
    return path


async def test_it_loads_nothing_and_runs_nothing(browser: Browser, report: Path) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    await page.goto(report.as_uri())
    await page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert said == []  # neither scripts nor violations of the policy
    assert await page.title() != "owned"
    assert await page.locator("script, img").count() == 0
    assert await page.locator("pre", has_text='<script>document.title = "owned"').count() >= 1
    await page.close()


async def test_the_target_is_marked_where_it_is(browser: Browser, report: Path) -> None:
    page = await browser.new_page(viewport={"width": 1400, "height": 900})
    await page.goto(report.as_uri())
    image = await page.locator(".card svg").bounding_box()
    mark = await page.locator(".card rect.target").bounding_box()
    assert image
    assert mark
    scale = image["width"] / 1280
    assert mark["x"] - image["x"] == pytest.approx((300 - 4) * scale, abs=4)
    assert mark["y"] - image["y"] == pytest.approx((200 - 4) * scale, abs=4)
    small = image["width"]
    await page.locator(".shot > summary").click()
    grown = await page.locator(".card svg").bounding_box()
    assert grown
    assert grown["width"] > 1.8 * small
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_can_be_read(browser: Browser, report: Path, scheme: Any) -> None:
    context = await browser.new_context(color_scheme=scheme)
    page = await context.new_page()
    await page.goto(report.as_uri())
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(246, 247, 249)", "dark": "rgb(14, 17, 22)"}[scheme]
    assert await page.evaluate(CONTRAST) == []  # WCAG 2.2 AA, 1.4.3
    await context.close()


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_sticks_out(browser: Browser, report: Path, width: int) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800})
    await page.goto(report.as_uri())
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.close()


async def test_it_prints_with_its_screenshots_beside_the_text(browser: Browser, report: Path) -> None:
    page = await browser.new_page(viewport={"width": 794, "height": 1123})  # A4
    await page.goto(report.as_uri())
    await page.emulate_media(media="print")
    text, image = page.locator(".card .text").first, page.locator(".card svg").first
    text_box, image_box = await text.bounding_box(), await image.bounding_box()
    assert text_box
    assert image_box
    assert image_box["x"] >= text_box["x"] + text_box["width"]
    assert await page.locator("nav").is_hidden()
    assert (await page.pdf()).startswith(b"%PDF")
    await page.close()
