"""Clicks beside frames of other sites: everything that can be clicked elsewhere can be clicked here."""

import pytest

from plan_and_act import actions
from plan_and_act.browser.perform import perform
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.session import Session
from plan_and_act.trajectory import Outcome
from standin import Opener, StandIn

SAY = "onclick=\"document.title = 'clicked'\""


@pytest.fixture
async def framed(open_session: Opener, web: StandIn, elsewhere: StandIn) -> Session:
    elsewhere.page("/frame", "<button onclick=\"fetch('/stolen')\" style='width: 100%; height: 100%'>Theirs</button>")
    return await open_session(policy=OriginPolicy(private=[web.url, elsewhere.url]))


async def click(session: Session, web: StandIn, elsewhere: StandIn, html: str, name: str) -> tuple[Outcome, str]:
    """Click on a page with a frame of another site; the outcome and the page's title then."""
    frame = f"<iframe src='{elsewhere.url}/frame' style='position: fixed; right: 0; bottom: 0'></iframe>"
    await session.goto(web.page("/", f"<title>Start</title><body style='height: 3000px'>{html}{frame}"))
    await session.observe()
    outcome = await perform(actions.Click(element=name), session, timeout=2.0)
    return outcome, await session.page.title()


@pytest.mark.parametrize(
    "html",
    [
        f"<button {SAY}>Go</button>",
        f"<a href='#x' {SAY} style='position: absolute; top: 2500px'>Go</a>",
        f"<p style='width: 90px; text-align: right'>one two <a href='#x' {SAY} aria-label=Go>three four</a></p>",
        f"<div role=button {SAY} aria-label=Go style='height: 2900px'></div>",
        f"<style>button {{ transition: .4s }} button:hover {{ translate: 0 -9px }}</style><button {SAY}>Go</button>",
        f"<label><input type=checkbox {SAY} style='opacity: 0; position: absolute'>Go</label>",
        f"<div {SAY} role=button tabindex=0 aria-label=Go><span style='position: absolute'>Go</span></div>",
        f"<div {SAY} role=option tabindex=0 aria-label=Go style='display: flex; width: 120px; border: 3px solid'>A "
        "<button style='margin: auto' onclick='event.stopPropagation()'>x</button></div>",
        f"<button onmousedown=\"alert('now')\" {SAY}>Go</button>",
    ],
    ids=["plain", "below", "two lines", "tall", "moving", "hidden box", "without size", "around another", "dialog"],
)
async def test_what_can_be_clicked(framed: Session, web: StandIn, elsewhere: StandIn, html: str) -> None:
    outcome, title = await click(framed, web, elsewhere, html, "Go")
    assert outcome.status == "ok", outcome
    assert title == "clicked"
    assert elsewhere.hits["/stolen"] == 0


async def test_what_cannot_be_clicked_says_why(framed: Session, web: StandIn, elsewhere: StandIn) -> None:
    outcome, _ = await click(framed, web, elsewhere, "<button disabled>Go</button>", "Go")
    assert "is disabled" in outcome.message
    over = "<div style='position: fixed; left: 0; top: 0; width: 300px; height: 90px'></div>"
    outcome, _ = await click(framed, web, elsewhere, f"<button {SAY}>Go</button>{over}", "Go")
    assert "is covered by" in outcome.message
    moves = "onmousemove=\"document.querySelector('iframe').style.cssText = 'position: fixed; inset: 0'\""
    outcome, title = await click(framed, web, elsewhere, f"<button {SAY} {moves}>Go</button>", "Go")
    assert (outcome.status, title) == ("error", "Start")
    assert "was replaced by a frame of another site" in outcome.message or "is covered by" in outcome.message
    assert elsewhere.hits["/stolen"] == 0


async def test_a_button_of_the_frame_itself_is_clicked(framed: Session, web: StandIn, elsewhere: StandIn) -> None:
    outcome, _ = await click(framed, web, elsewhere, "<p>Ours</p>", "Theirs")
    assert outcome.status == "ok"
    assert elsewhere.hits["/stolen"] == 1
