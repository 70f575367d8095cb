"""What a page has put off is waited for, to its end; a page that has nothing coming is not waited for at all."""

import asyncio
import base64
import hashlib
import statistics
import time

import pytest
from playwright.async_api import Page

from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.session import Session
from plan_and_act.browser.settle import settle
from standin import Opener, Request, StandIn, answer

pytestmark = pytest.mark.alone  # it measures time

HEAD = """<!doctype html><title>Settling</title><style>
@keyframes spin { to { transform: rotate(1turn) } } @keyframes grow { from { opacity: 0 } }
.spinner { width: 20px; height: 20px; animation: spin 1s infinite }
.fade { opacity: 0; transition: opacity .3s } .fade.in { opacity: 1 } button:hover { background: red; transition: .4s }
</style><p id="out"></p><script>
const out = document.getElementById("out"), set = (text) => (out.textContent = text);
const add = (className, text) => {
  const node = Object.assign(document.createElement("div"), { className, textContent: text });
  document.body.append(node);
  return node;
};
const get = async (path) => set(await (await fetch(path)).text());
</script>"""


@pytest.fixture
def served(web: StandIn) -> StandIn:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(float(request.query.get("seconds", "0.15")))
        await answer(writer, 200, b"answered", Content_Type="text/html")

    web.handlers["/slow"] = slow
    web.page("/other", "<title>Other</title><h1>Another page</h1>")
    return web


async def act(session: Session, web: StandIn, script: str, *, html: str = "", first: bool = True) -> float:
    """Open a page with a button that runs a script, click it, settle; returns how long settling took."""
    page = session.page
    if first:
        await page.goto(
            web.page("/", f"{HEAD}<button id=go>Go</button>{html}<script>go.onclick = () => {{{script}}}</script>")
        )
        assert await settle(page)
    await page.click("#go")
    start = time.perf_counter()
    await settle(page)
    return time.perf_counter() - start


async def out(page: Page) -> str:
    return await page.inner_text("#out")


@pytest.mark.parametrize("closing", ["submit", "close", "escape"])
async def test_what_a_dialog_does_when_it_has_closed_is_waited_for(
    session: Session, served: StandIn, closing: str
) -> None:
    page = session.page
    for _ in range(5):
        await page.goto(
            served.page(
                "/",
                f"{HEAD}<form id=real action=/other></form><dialog id=sure><form method=dialog>"
                "<button id=yes>Yes</button><button id=no type=button onclick='sure.close()'>No</button>"
                "</form></dialog>"
                "<script>sure.onclose = () => real.submit(); sure.showModal()</script>",
            )
        )
        assert await settle(page)
        if closing == "escape":
            await page.keyboard.press("Escape")
        else:
            await page.click("#yes" if closing == "submit" else "#no")
        assert await settle(page)
        assert await page.title() == "Other"


async def test_costs_next_to_nothing_when_nothing_is_coming(session: Session, served: StandIn) -> None:
    await act(session, served, "set('clicked')")
    seconds = [await act(session, served, "", first=False) for _ in range(20)]
    assert await out(session.page) == "clicked"
    assert statistics.median(seconds) < 0.02


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("setTimeout(() => get('/slow'), 50)", "answered"),
        ("clearTimeout(window.t); t = setTimeout(() => get('/slow'), 300)", "answered"),
        ("get('/slow').then(() => setTimeout(() => set('after that'), 100))", "after that"),
        ("setTimeout(() => { set('toast'); setTimeout(() => set(''), 4000) }, 200)", "toast"),
        ("const s = add('spinner', ''); setTimeout(() => { s.remove(); set('loaded') }, 900)", "loaded"),
        ("out.ariaBusy = 'true'; set('-'); setTimeout(() => { out.ariaBusy = 'false'; set('loaded') }, 900)", "loaded"),
        ("let i = 0; const step = () => { set(++i); if (i < 15) requestAnimationFrame(step) }; step()", "15"),
        ("const c = new MessageChannel(); c.port1.onmessage = () => set('posted'); c.port2.postMessage(0)", "posted"),
        ("const m = add('fade', 'M'); m.offsetTop; m.ontransitionend = () => set('in'); m.className = 'fade in'", "in"),
        ("const s = document.createElement('script'); s.src = '/script.js'; document.head.append(s)", "from a script"),
    ],
)  # fmt: skip
async def test_waits_for_what_a_click_sets_off(session: Session, served: StandIn, script: str, expected: str) -> None:
    served.page("/script.js", "set('from a script')", Content_Type="text/javascript")
    assert await act(session, served, script) < 2.5
    assert await out(session.page) == expected


@pytest.mark.parametrize(
    "script",
    [
        "const s = add('spinner', ''); s.id = 'never'",
        "out.ariaBusy = 'true'; set('for ever')",
        "const f = () => requestAnimationFrame(f); f()",
        "(async () => { for (;;) await new Promise((r) => setTimeout(r, 30)) })()",
        "const c = new MessageChannel(); c.port1.onmessage = () => c.port2.postMessage(0); c.port2.postMessage(0)",
        "let i = 0; const f = () => { out.style.opacity = Math.sin(i++); requestAnimationFrame(f) }; f()",
        "setInterval(() => fetch('/slow?seconds=0'), 60)",
        "(async () => { for (;;) await fetch('/slow?seconds=9') })()",
        "setInterval(() => set(Date.now()), 20)",
    ],
)
async def test_what_never_ends_is_waited_for_once_at_most(session: Session, served: StandIn, script: str) -> None:
    once = f"if (!window.running) {{ running = true; {script} }}"
    assert await act(session, served, once) < 2.5
    again = [await act(session, served, "", first=False) for _ in range(5)]
    assert statistics.median(again) < 0.1


async def test_a_timer_is_waited_for_no_longer_than_it_takes(session: Session, served: StandIn) -> None:
    assert 0.15 < await act(session, served, "setTimeout(() => set('done'), 200)") < 0.8


async def test_a_colour_or_a_ripple_is_not_waited_for(session: Session, served: StandIn) -> None:
    ripple = "const r = add('fade', ''); go.append(r); r.offsetTop; r.className = 'fade in'"
    assert await act(session, served, ripple) < 0.1


async def test_an_answer_on_a_websocket_is_waited_for(open_session: Opener, served: StandIn) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = head.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        writer.write(b"Sec-WebSocket-Accept: %s\r\n\r\n\x81\x05ready" % accept)
        await reader.readexactly(11)  # a masked frame of five bytes
        await asyncio.sleep(0.15)
        writer.write(b"\x81\x06answer")

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        session = await open_session(policy=OriginPolicy(private=[served.url, url]))
        socket = f"ws = new WebSocket('{url.replace('http', 'ws')}/'); ws.onmessage = (m) => set(m.data)"
        await act(session, served, "if (window.mayAsk) ws.send('hello')", html=f"<script>{socket}</script>")
        await session.page.wait_for_function("out.textContent === 'ready' && (window.mayAsk = true)")
        await act(session, served, "", first=False)
        assert await out(session.page) == "answer"
    finally:
        server.close()


@pytest.mark.parametrize(
    "script",
    [
        "location.href = '/slow?seconds=0.4'",
        "setTimeout(() => (location.href = '/slow?seconds=0.2'), 100)",
        "fetch('/slow').then(() => (location.href = '/slow?seconds=0.1'))",
        "f.submit()",
        "f.requestSubmit()",
    ],
)
async def test_a_navigation_is_followed_to_its_end(session: Session, served: StandIn, script: str) -> None:
    await act(session, served, script, html="<form id=f action=/slow></form>")
    assert session.page.url.startswith(f"{served.url}/slow")
    assert await session.page.inner_text("body") == "answered"


async def test_a_form_and_what_the_next_page_loads_are_waited_for(session: Session, served: StandIn) -> None:
    served.page("/next", f"{HEAD}<script>addEventListener('load', () => setTimeout(() => get('/slow'), 50))</script>")
    html = "<form action='/next'><button id=send>Send</button></form>"
    await act(session, served, "", html=html)
    await session.page.click("#send")
    assert await settle(session.page)
    assert session.page.url.startswith(f"{served.url}/next")
    assert await out(session.page) == "answered"


@pytest.mark.parametrize("key", ["Enter", "b", "r"])
async def test_a_key_that_leaves_the_page_is_followed(session: Session, served: StandIn, key: str) -> None:
    keys = "onkeydown = (e) => { if (e.key === 'b') history.back(); if (e.key === 'r') location.reload() }"
    await session.page.goto(served.page("/before", "<title>Before</title>"))
    await act(session, served, "", html=f"<form action=/slow><input id=word></form><script>{keys}</script>")
    await session.page.focus("#word")
    for _ in range(5 if key == "r" else 1):
        before = served.hits["/"]
        await session.page.keyboard.press(key)
        await settle(session.page)
        assert key != "r" or served.hits["/"] == before + 1
    assert session.page.url.removeprefix(served.url) == {"Enter": "/slow?", "b": "/before", "r": "/"}[key]


async def test_a_form_that_the_page_sends_itself_costs_nothing(session: Session, served: StandIn) -> None:
    script = "f.onsubmit = (e) => { e.preventDefault(); set('sent') }"
    html = f"<form id=f><button>Send</button></form><script>{script}</script>"
    await act(session, served, "", html=html)
    await session.page.click("#f button")
    start = time.perf_counter()
    await settle(session.page)
    assert time.perf_counter() - start < 0.1
    assert await out(session.page) == "sent"


@pytest.mark.parametrize("script", ["window.open('/other')", "window.open('/other', '', 'noopener')", "a.click()"])
async def test_a_new_tab_is_there_when_it_returns(session: Session, served: StandIn, script: str) -> None:
    await act(session, served, script, html="<a id=a href='/other' target=_blank>Other</a>")
    assert len(session.tabs) == 2
    await settle(session.page)
    assert await session.page.title() == "Other"


async def test_a_form_that_is_sent_into_a_frame_is_followed(session: Session, served: StandIn) -> None:
    html = "<iframe name=inner></iframe><form action=/slow target=inner><button id=send>Send</button></form>"
    await act(session, served, "", html=html)
    await session.page.click("#send")
    await settle(session.page)
    assert await session.page.frames[1].inner_text("body") == "answered"


async def test_a_page_that_reloads_itself_for_ever_does_not_hold_us(session: Session, served: StandIn) -> None:
    served.page("/again", "<script>setTimeout(() => location.reload(), 10)</script>")
    start = time.perf_counter()
    await act(session, served, "location.href = '/again'")
    assert time.perf_counter() - start < 10
    assert served.hits["/again"] > 1


async def test_a_script_that_never_pauses_does_not_hold_us(session: Session, served: StandIn) -> None:
    await act(session, served, "")
    spin = "() => { const end = Date.now() + 4000; while (Date.now() < end); }"
    spinning = asyncio.create_task(session.page.evaluate(spin))
    await asyncio.sleep(0)  # its message goes out before any of settle's
    start = time.perf_counter()
    assert not await settle(session.page, cap=0.5)
    assert time.perf_counter() - start < 2
    await spinning


async def test_a_frame_of_another_origin_is_asked_when_it_was_acted_on(open_session: Opener, served: StandIn) -> None:
    inner = served.page("/inner", f"{HEAD}<button id=go onclick=\"setTimeout(() => set('inside'), 300)\">Go</button>")
    inner = inner.replace("127.0.0.1", "localhost")
    session = await open_session(policy=OriginPolicy(private=[served.url, inner.removesuffix("/inner")]))
    await session.page.goto(served.page("/", f"<iframe src='{inner}'></iframe>"))
    frame = session.page.frames[1]
    await frame.click("#go")
    await settle(session.page, frame=frame)
    assert await frame.inner_text("#out") == "inside"


async def test_a_frame_that_vanishes_does_not_hold_us(session: Session, served: StandIn) -> None:
    served.page("/inner", "<button id=go onclick='setTimeout(() => frameElement.remove(), 50)'>Go</button>")
    await session.page.goto(served.page("/", f"{HEAD}<iframe src='/inner'></iframe>"))
    frame = session.page.frames[1]
    await frame.click("#go")
    start = time.perf_counter()
    await settle(session.page, frame=frame)
    assert time.perf_counter() - start < 1
    assert await session.page.locator("iframe").count() == 0


async def test_a_page_of_a_plain_context_is_watched_from_its_first_settling_on(
    session: Session, served: StandIn
) -> None:
    assert session.page.context.browser
    context = await session.page.context.browser.new_context()
    try:
        page = await context.new_page()
        await page.set_content(f"{HEAD}<button id=go onclick=\"setTimeout(() => set('late'), 300)\">Go</button>")
        await settle(page)
        await page.click("#go")
        await settle(page)
        assert await out(page) == "late"
    finally:
        await context.close()


async def test_the_page_does_not_notice(session: Session, served: StandIn) -> None:
    await session.page.goto(served.page("/", HEAD))
    told = await session.page.evaluate(
        """() => new Promise((done) => {
            const frame = { id: requestAnimationFrame(() => 0) };
            setTimeout(function (one, two) {
                done([String(setTimeout), setTimeout.name, setTimeout.length, this === window, one, two,
                      typeof frame.id, Object.keys(window).length === new Set(Object.keys(window)).size,
                      Object.getOwnPropertyNames(window).filter((name) => /plan|settle/.test(name)).length]);
            }, 10, 1, 2);
        })"""
    )
    assert told == ["function () { [native code] }", "setTimeout", 1, True, 1, 2, "number", True, 0]


async def test_a_closed_page_is_no_error(session: Session, served: StandIn) -> None:
    page = await session.page.context.new_page()
    await page.close()
    assert not await settle(page)


async def test_what_is_no_longer_busy_is_not_waited_for(session: Session, served: StandIn) -> None:
    script = "list.ariaBusy = 'true'; setTimeout(() => { list.textContent = 'ready'; list.ariaBusy = 'false' }, 300)"
    took = await act(session, served, script, html="<ul id=list><li>Wait</ul>")
    assert await session.page.inner_text("#list") == "ready"
    assert took < 1.2
