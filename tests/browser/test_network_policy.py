"""Nothing a page does reaches an origin that the policy does not allow: the other server counts what arrives."""

import pytest
from playwright.async_api import Error as PlaywrightError

from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.session import Session
from plan_and_act.errors import BlockedByPolicyError
from standin import StandIn

ATTEMPTS = {
    "image": "new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = TARGET; })",
    "fetch": "fetch(TARGET).catch(() => 0)",
    "beacon": "navigator.sendBeacon(TARGET, 'x'), new Promise(done => setTimeout(done, 300))",
    "frame": "new Promise(done => { const f = document.createElement('iframe'); f.onload = done; f.src = TARGET;"
    " document.body.append(f); })",
    "script": "new Promise(done => { const s = document.createElement('script'); s.onload = s.onerror = done;"
    " s.src = TARGET; document.body.append(s); })",
    "events": "new Promise(done => { const e = new EventSource(TARGET); e.onerror = () => { e.close(); done(); }; })",
    "websocket": "new Promise(done => { const s = new WebSocket(TARGET.replace('http', 'ws')"
    ".replace('/hit', '/socket')); s.onerror = done; s.onmessage = done; })",
    "worker": "new Promise(done => { const w = new Worker(URL.createObjectURL(new Blob([`fetch('${TARGET}')"
    ".catch(() => 0).then(() => postMessage(1))`]))); w.onmessage = done; })",
    "prefetch": "new Promise(done => { const l = document.createElement('link'); l.rel = 'prefetch'; l.href = TARGET;"
    " l.onload = l.onerror = done; document.head.append(l); setTimeout(done, 1000); })",
    "redirected fetch": "fetch('/redirect?to=' + encodeURIComponent(TARGET)).catch(() => 0)",
    "redirected frame": "new Promise(done => { const f = document.createElement('iframe'); f.onload = done;"
    " f.src = '/redirect?to=' + encodeURIComponent(TARGET); document.body.append(f); })",
}


def script(attempt: str, target: str) -> str:
    return f"async () => {{ const TARGET = '{target}'; await ({ATTEMPTS[attempt]}) }}"


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_subresources_elsewhere_are_refused(
    session: Session, web: StandIn, elsewhere: StandIn, attempt: str, scheme: str
) -> None:
    await session.goto(web.page("/", "<body>"))
    url = elsewhere.url.replace("http:", f"{scheme}:") + "/hit"
    await session.page.evaluate(script(attempt, url))
    assert elsewhere.connections == 0
    events = session.drain_events()
    assert len(events) == 1, events
    assert f"blocked requests to {elsewhere.url.removeprefix('http://')}" in events[0].replace("http://", "")


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_the_same_requests_arrive_where_they_may(
    open_session, web: StandIn, elsewhere: StandIn, attempt: str
) -> None:
    """What the test above refuses does get through when the policy says so: the attempts are real ones."""
    session = await open_session(policy=OriginPolicy(private=[web.url, elsewhere.url]))
    await session.goto(web.page("/", "<body>"))
    elsewhere.page("/hit", "1", Access_Control_Allow_Origin="*")
    await session.page.evaluate(script(attempt, f"{elsewhere.url}/hit"))
    assert elsewhere.hits["/hit"] + elsewhere.hits["/socket"] >= 1
    assert session.drain_events() == []


async def test_a_web_socket_to_an_allowed_origin_talks(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    said = await session.page.evaluate(
        "() => new Promise(done => { new WebSocket(location.origin.replace('http', 'ws') + '/socket').onmessage ="
        " event => done(event.data) })"
    )
    assert said == "hello"


async def test_goto_elsewhere_is_refused_before_anything_is_sent(session: Session, elsewhere: StandIn) -> None:
    with pytest.raises(BlockedByPolicyError, match="private address"):
        await session.goto(elsewhere.url)
    assert elsewhere.connections == 0
    assert session.page.url == "about:blank"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_goto_that_is_redirected_elsewhere(
    session: Session, web: StandIn, elsewhere: StandIn, scheme: str, code: int
) -> None:
    target = elsewhere.url.replace("http:", f"{scheme}:")
    with pytest.raises(BlockedByPolicyError, match=f"127.0.0.1:{elsewhere.port}"):
        await session.goto(f"{web.url}/redirect?code={code}&to={target}/hit")
    assert elsewhere.connections == 0


@pytest.mark.parametrize("way", ["location = URL", "document.forms[0].submit()", "document.links[0].click()"])
async def test_a_page_that_goes_elsewhere(session: Session, web: StandIn, elsewhere: StandIn, way: str) -> None:
    url = f"{elsewhere.url}/hit"
    await session.goto(web.page("/", f"<form method=post action='{url}'></form><a href='{url}'>go</a>"))
    async with session.page.expect_navigation():
        await session.page.evaluate(f"() => {{ {way.replace('URL', repr(url))} }}")
    assert elsewhere.connections == 0
    events = " ".join(session.drain_events())
    assert f"127.0.0.1:{elsewhere.port}: it is a private address" in events
    assert "policy blocks" in await session.page.inner_text("body")


async def test_popups_elsewhere_are_refused(session: Session, web: StandIn, elsewhere: StandIn) -> None:
    await session.goto(web.page("/", f"<a target=_blank href='{elsewhere.url}/hit'>go</a>"))
    async with session.page.expect_popup() as popup:
        await session.page.click("a")
    await (await popup.value).wait_for_load_state()
    assert elsewhere.connections == 0
    assert "policy blocks" in " ".join(session.drain_events())


async def test_a_web_rtc_connection_has_no_way_round(session: Session, web: StandIn, elsewhere: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    candidates = await session.page.evaluate(
        f"""async () => {{
          const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{elsewhere.port}'}}]}});
          const found = [];
          peer.createDataChannel('x');
          const done = new Promise(resolve => {{
            peer.onicecandidate = event => event.candidate ? found.push(event.candidate.candidate) : resolve(); }});
          await peer.setLocalDescription(await peer.createOffer());
          await Promise.race([done, new Promise(resolve => setTimeout(resolve, 2000))]);
          return found;
        }}"""
    )
    assert candidates == []


async def test_the_browser_itself_resolves_no_name(session: Session, web: StandIn) -> None:
    """Whatever goes round the proxy (names that are prefetched, services of the browser) finds no address."""
    browser = session._context.browser
    assert browser
    async with await browser.new_context() as context:
        page = await context.new_page()
        with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
            await page.goto(f"http://localhost:{web.port}/")
    assert web.connections == 0


async def test_allowed_narrows_pages_and_what_they_load(open_session, web: StandIn, elsewhere: StandIn) -> None:
    session = await open_session(policy=OriginPolicy(allowed=[web.url], private=["*"]))
    image = f"<img src='{elsewhere.url}/hit'>"
    await session.goto(web.page("/", image))
    await session.page.wait_for_load_state()
    assert elsewhere.connections == 0
    assert "blocked requests to" in " ".join(session.drain_events())
    with pytest.raises(BlockedByPolicyError, match="not among the allowed origins"):
        await session.goto(elsewhere.url)
    with pytest.raises(BlockedByPolicyError, match="not among the allowed origins"):
        await session.goto("https://example.com")


async def test_blocked_origins_are_told_once(session: Session, web: StandIn, elsewhere: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    await session.page.evaluate(script("fetch", elsewhere.url))
    assert len(session.drain_events()) == 1
    await session.page.evaluate(script("fetch", elsewhere.url))
    assert session.drain_events() == []


async def test_one_session_cannot_use_the_proxy_of_another(open_session, web: StandIn) -> None:
    everywhere = OriginPolicy(private=["*"])
    one, other = await open_session("one", policy=everywhere), await open_session("other", policy=everywhere)
    port = other._proxy._port
    with pytest.raises(BlockedByPolicyError, match="the browser's own proxy"):
        await one.goto(f"http://127.0.0.1:{port}/")
    with pytest.raises(BlockedByPolicyError, match="the browser's own proxy"):
        await one.goto(f"http://localhost:{port}/")


async def test_a_document_made_by_a_script_becomes_no_tab(session: Session, web: StandIn) -> None:
    url = web.page("/", "<title>Start</title>")
    await session.goto(url)
    async with session.page.expect_popup() as popup:
        await session.page.evaluate("() => void open(URL.createObjectURL(new Blob(['made'], {type: 'text/html'})))")
    if not (await popup.value).is_closed():
        await (await popup.value).wait_for_event("close")
    assert [tab.url for tab in session.tabs] == [session.page.url] == [url]
    assert "tried to open a blob: document" in " ".join(session.drain_events())


async def test_a_data_url_opens_nothing(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>"))
    async with session.page.expect_popup():
        await session.page.evaluate("() => { open('data:text/html,made'); open('/') }")
    assert [tab.url for tab in session.tabs] == [f"{web.url}/", f"{web.url}/"]


GO_TO_BLOB = "() => { location = URL.createObjectURL(new Blob(['<h1>made</h1>'], {type: 'text/html'})) }"


async def test_a_page_cannot_replace_itself_by_a_blob(session: Session, web: StandIn) -> None:
    url = web.page("/", "<title>Start</title><body>")
    await session.goto(url)
    await session.page.wait_for_load_state()
    async with session.page.expect_event("framenavigated", lambda frame: frame.url.startswith("blob:")):
        await session.page.evaluate(GO_TO_BLOB)
    await session.page.wait_for_url(url)
    assert "tried to open a blob: document" in " ".join(session.drain_events())


async def test_a_page_that_insists_on_a_blob_ends_as_an_empty_one(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", f"<title>Start</title><body><script>setTimeout({GO_TO_BLOB}, 50)</script>"))
    await session.page.wait_for_url("about:blank", timeout=10_000)
    assert web.hits["/"] <= 5


async def test_service_workers_do_not_start(session: Session, web: StandIn) -> None:
    web.page("/worker.js", "self.onfetch = () => {}", Content_Type="text/javascript")
    await session.goto(web.page("/", "<body>"))
    await session.page.evaluate(
        "() => Promise.race([navigator.serviceWorker?.register('/worker.js'), new Promise(r => setTimeout(r, 300))])"
    )
    assert web.hits["/worker.js"] == 0
