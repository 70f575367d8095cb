"""Sessions: tabs, dialogs, crashes, what is saved and restored."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from plan_and_act.actions import Click, GoBack
from plan_and_act.artefacts import Artefacts, home
from plan_and_act.browser import Setup, merged_har
from plan_and_act.browser._tab import MAX_DIALOGS
from plan_and_act.browser._tabs import MAX_TABS
from plan_and_act.browser.perform import perform
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.pool import pool
from plan_and_act.browser.secrets import Secret, Secrets
from plan_and_act.browser.session import Session, SessionOptions
from plan_and_act.errors import BrowserLostError, PageError
from standin import StandIn

FRAME = "() => new Promise(requestAnimationFrame)"


async def crash(session: Session) -> None:
    """Crash the renderer of the current tab."""
    page = session.page
    cdp = await page.context.new_cdp_session(page)
    async with page.expect_event("crash"):
        crashing = asyncio.ensure_future(cdp.send("Page.crash"))
    crashing.cancel()


async def again(session: Session, saved: object) -> Session:
    return await pool().session(session.key, session.options, saved)  # type: ignore[arg-type]


async def test_a_context_is_the_same_everywhere(open_session, web: StandIn) -> None:
    session = await open_session(viewport=(1000, 600))
    await session.goto(web.page("/", "<body>"))
    facts = await session.page.evaluate(
        "() => [innerWidth, innerHeight, devicePixelRatio, navigator.language, new Date().getTimezoneOffset()]"
    )
    assert facts == [1000, 600, 1, "en-US", 0]


async def test_relative_urls_start_from_the_page(session: Session, web: StandIn) -> None:
    web.page("/a/two", "<title>Two</title>")
    await session.goto(web.page("/a/one", "<title>One</title>"))
    await session.goto("two")
    assert session.page.url == f"{web.url}/a/two"
    await session.goto("/a/one")
    assert session.page.url == f"{web.url}/a/one"
    await session.goto(f"127.0.0.1:{web.port}/a/two")
    assert session.page.url == f"{web.url}/a/two"


async def test_a_screenshot_is_the_viewport(session: Session, web: StandIn) -> None:
    await session.goto(
        web.page("/", "<style>@keyframes x {to {left: 9px}} div {animation: x 1s infinite}</style><div>")
    )
    png = await session.screenshot()
    assert png.startswith(b"\x89PNG")
    assert [int.from_bytes(png[i : i + 4]) for i in (16, 20)] == [1280, 720]


async def test_a_screenshot_does_not_wait_for_a_font(session: Session, web: StandIn) -> None:
    style = "<style>@font-face { font-family: x; src: url(/never) } body { font-family: x }</style>"
    await session.goto(web.page("/", f"{style}<p>text"))
    begin = asyncio.get_running_loop().time()
    assert (await session.screenshot()).startswith(b"\x89PNG")
    assert asyncio.get_running_loop().time() - begin < 4


@pytest.mark.parametrize("above", [0, 3_000])
async def test_an_element_is_pointed_out_where_a_screenshot_shows_it(
    session: Session, web: StandIn, above: int
) -> None:
    await session.goto(web.page("/", f"<div style='height: {above}px'></div><button>Go</button>"))
    await session.observe()
    box, scrolled = await session.point_out(Click(element="Go"))
    assert box
    assert 0 <= box[1] <= session.options.viewport[1] - box[3]
    assert scrolled is (above > 0)
    # The screenshot of the look before is still out of date, whoever has scrolled the page.
    assert await session.point_out(Click(element="Go")) == (box, above > 0)
    assert await session.point_out(GoBack()) == (None, False)
    await session.observe()
    assert await session.point_out(Click(element="Go")) == (box, False)


async def test_a_popup_becomes_the_current_tab(session: Session, web: StandIn) -> None:
    web.page("/new", "<title>New</title>")
    await session.goto(web.page("/", "<title>Old</title><a target=_blank href='/new'>go</a>"))
    old = session.page
    async with old.expect_popup():
        await old.click("a")
    assert session.page is not old
    assert (session.current, len(session.tabs)) == (2, 2)
    assert session.drain_events() == ["A new tab opened and is the current one now."]
    assert await session.page.title() == "New"

    await session.switch_tab(1)
    assert session.page is old
    await session.switch_tab(2)
    assert await session.close_tab() is old
    assert session.tabs == [old]
    assert session.drain_events() == []


async def test_a_tab_that_closes_itself_gives_way_to_its_opener(session: Session, web: StandIn) -> None:
    web.page("/new", "<script>setTimeout(close, 50)</script>")
    await session.goto(web.page("/", "<a target=_blank rel=opener href='/new'>go</a>"))
    old = session.page
    async with old.expect_popup() as popup:
        await old.click("a")
    if not (await popup.value).is_closed():
        await (await popup.value).wait_for_event("close")
    assert session.page is old
    assert "A tab was closed." in session.drain_events()


async def test_a_background_tab_cannot_push_itself_forward(session: Session, web: StandIn) -> None:
    web.page("/new", "<body>")
    await session.goto(web.page("/", "<a target=_blank href='/new'>go</a>"))
    first = session.page
    async with first.expect_popup():
        await first.click("a")
    second = session.page
    async with first.expect_popup():
        await first.evaluate("() => void open('/new')")
    assert session.page is second
    assert "in the background opened a new tab" in " ".join(session.drain_events())


async def test_the_last_tab_is_followed_by_an_empty_one(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    page = await session.close_tab()
    assert page.url == "about:blank"
    assert session.tabs == [page]
    await session.goto(web.url)


async def test_a_tab_that_is_not_there(session: Session) -> None:
    with pytest.raises(PageError, match="no tab 2: the last one is 1"):
        await session.switch_tab(2)


async def test_a_flood_of_tabs_is_stopped(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    page = session.page
    await page.evaluate(f"() => {{ for (let i = 0; i < {MAX_TABS + 5}; i++) open('about:blank') }}")
    async with asyncio.timeout(20):
        while f"more than {MAX_TABS} tabs" not in " ".join(events := session.drain_events()):
            await page.evaluate(FRAME)
    assert len(session.tabs) <= MAX_TABS
    assert events


@pytest.mark.parametrize(
    ("script", "result", "words"),
    [
        ("alert('Saved.')", None, "The page showed a dialog: 'Saved.'."),
        ("confirm('Delete this?')", True, "The page asked 'Delete this?' in a dialog; it was answered with OK."),
        ("prompt('Your name?')", None, "The page asked for a text ('Your name?') in a dialog; it was cancelled."),
    ],
)
async def test_dialogs_are_answered_and_told(
    session: Session, web: StandIn, script: str, result: object, words: str
) -> None:
    await session.goto(web.page("/", "<body>"))
    assert await session.page.evaluate(script) == result
    assert session.drain_events() == [words]


async def test_a_page_that_does_not_want_to_be_left(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<button onclick='onbeforeunload = e => e.preventDefault()'>x</button>"))
    await session.page.click("button")
    web.page("/next", "<title>Next</title>")
    await session.goto("/next")
    assert await session.page.title() == "Next"


LOOPS = {
    "while": "while (true) alert('again')",
    "timer": "setInterval(() => alert('again'), 0)",
    "chain": "(function again() { confirm('again'); setTimeout(again, 0) })()",
    "promise": "(async () => { while (true) { prompt('again'); await 0 } })()",
    "frame": "document.body.appendChild(document.createElement('iframe')).srcdoc ="
    " '<script>while (true) parent.alert(1)<' + '/script>'",
}


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_loop_of_dialogs_ends(session: Session, web: StandIn, loop: str) -> None:
    page = f"<title>Loop</title><body><script>onload = () => setTimeout(() => {{ {LOOPS[loop]} }}, 0)</script>"
    begin = asyncio.get_running_loop().time()
    await session.goto(web.page("/", page))
    async with asyncio.timeout(15):
        while not any("kept opening dialogs" in event for event in session._events):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert asyncio.get_running_loop().time() - begin < 10
    # The session goes on, on this page or another.
    web.page("/next", "<title>Next</title>")
    await session.goto(f"{web.url}/next")
    assert await session.page.title() == "Next"


async def test_a_few_dialogs_are_no_loop(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<body>"))
    for _ in range(3):
        assert (
            await session.page.evaluate(f"() => {{ let n = 0; while (n < {MAX_DIALOGS} && confirm(n)) n++; return n }}")
            == MAX_DIALOGS
        )
        assert len(session.drain_events()) == MAX_DIALOGS


async def test_save_tells_what_state_needs(session: Session, web: StandIn) -> None:
    url = web.page("/", "<title>Start</title>")
    await session.goto(url)
    first, second = await session.save(), await session.save()
    assert first == {
        "session": session.key, "rev": first["rev"], "url": url, "title": "Start", "tabs": [url], "storage": None
    }  # fmt: skip
    assert first["rev"] != second["rev"]
    json.dumps(first)


async def test_the_login_state_is_kept_privately_and_once(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>", Set_Cookie="login=s3cret; HttpOnly; Max-Age=900"))
    await session.page.evaluate("localStorage.setItem('theme', 'dark')")
    saved, again = await session.save(), await session.save()
    assert saved["storage"] == again["storage"] is not None
    assert "s3cret" not in json.dumps(saved)
    file = Artefacts().path(saved["storage"])
    assert file.is_relative_to(home() / "artefacts" / "private")
    assert file.stat().st_mode & 0o077 == 0
    assert "s3cret" in file.read_text()
    assert len(list(file.parent.iterdir())) == 1


async def test_the_login_state_is_saved_when_it_changes(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>"))
    states = [(await session.save())["storage"]]
    for change in (
        "localStorage.setItem('token', 'one')",
        "localStorage.setItem('token', 'two')",
        "document.cookie = 'login=yes'",
        "document.cookie = 'login=no'",
        "localStorage.clear()",
    ):
        await session.page.evaluate(change)
        states.append((await session.save())["storage"])
    assert len(set(states)) == len(states)


async def test_the_login_state_covers_other_origins(open_session, web: StandIn, elsewhere: StandIn) -> None:
    session = await open_session("wide", policy=OriginPolicy(private=["*"]))
    await session.goto(elsewhere.page("/", "<title>Login</title>"))
    await session.page.evaluate("localStorage.setItem('token', 'abc')")
    await session.goto(web.page("/", "<title>Start</title>"))
    saved = await session.save()
    await pool().release(session.key)
    session = await again(session, saved)
    await session.goto(elsewhere.url)
    assert await session.page.evaluate("localStorage.getItem('token')") == "abc"


async def test_the_live_session_is_given_again(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<input>"))
    assert await again(session, None) is session
    saved = await session.save()
    assert await again(session, saved) is session
    assert not session.restored


@pytest.mark.parametrize("how", ["another revision", "closed", "crashed", "released", "other options"])
async def test_a_session_is_restored(session: Session, web: StandIn, how: str) -> None:
    url = web.page("/", "<title>Start</title>", Set_Cookie="login=yes; Path=/; HttpOnly")
    other = web.page("/other", "<title>Other</title>")
    await session.goto(other)
    async with session.page.expect_popup():
        await session.page.evaluate("() => void open('/')")
    await session.page.wait_for_url(url)
    await session.page.evaluate(
        """async () => {
          localStorage.setItem('theme', 'dark');
          const open = indexedDB.open('tokens', 1);
          open.onupgradeneeded = () => open.result.createObjectStore('t');
          await new Promise(done => { open.onsuccess = done });
          const put = open.result.transaction('t', 'readwrite').objectStore('t').put('abc', 'token');
          await new Promise(done => { put.onsuccess = done });
        }"""
    )
    saved = await session.save()
    options = session.options
    match how:
        case "another revision":
            await session.goto(other)
            await session.save()
        case "closed":
            await session._context.close()
        case "crashed":
            await crash(session)
        case "released":
            await pool().release(session.key)
        case "other options":
            options = SessionOptions(**{**vars(options), "viewport": (800, 600)})
    web.cookies.clear()
    restored = await pool().session(session.key, options, saved)
    assert restored is not session
    assert restored.restored
    assert restored.page.url == url
    assert [tab.url for tab in restored.tabs] == [other, url]
    assert web.cookies == {"/": "login=yes", "/other": "login=yes"}
    assert await restored.page.evaluate("localStorage.getItem('theme')") == "dark"
    assert await restored.page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))") == ["tokens"]
    assert await pool().session(session.key, options, saved) is restored
    assert not restored.restored
    with pytest.raises(BrowserLostError):
        _ = session.page


async def test_a_page_that_is_gone_meanwhile_is_told(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>"))
    saved = await session.save()
    await pool().release(session.key)
    await web.stop()
    restored = await again(session, saved)
    assert restored.restored
    assert re.search("could not be opened again.*nothing listens there", " ".join(restored.drain_events()))


async def test_a_login_state_that_is_gone_is_survived(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>", Set_Cookie="login=yes"))
    saved = await session.save()
    Artefacts().path(saved["storage"]).unlink()
    await pool().release(session.key)
    web.cookies.clear()
    restored = await again(session, saved)
    assert await restored.page.title() == "Start"
    assert web.cookies["/"] == ""


async def test_a_page_that_crashes_again_is_given_up(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>"))
    saved = await session.save()
    await crash(session)
    assert f"The page {web.url}/ crashed." in session.drain_events()
    assert not session.alive
    session = await again(session, saved)
    assert session.restored
    await crash(session)
    with pytest.raises(BrowserLostError, match="crashed again"):
        await again(session, saved)
    await pool().release(session.key)
    assert await (await again(session, saved)).page.title() == "Start"


async def test_goto_on_a_crashed_page_says_so(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Start</title>"))
    await crash(session)
    with pytest.raises((PageError, BrowserLostError), match="crashed"):
        await session.goto(web.url)


async def test_a_page_whose_script_never_pauses(
    session: Session, web: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plan_and_act.browser.session._PATIENCE", 0.5)
    url = web.page("/", "<title>Busy</title>")
    await session.goto(url)
    first = await session.save()
    await session.page.evaluate("() => { setTimeout(() => { while (true); }, 0) }")
    saved = await session.save()
    assert (saved["url"], saved["storage"]) == (url, first["storage"])
    assert await session.status() is None
    with pytest.raises(PageError, match="No screenshot"):
        await session.screenshot()
    web.page("/next", "<title>Next</title>")
    await session.goto("/next")
    assert await session.page.title() == "Next"


async def test_events_do_not_tell_secrets(open_session, web: StandIn) -> None:
    session = await open_session(secrets=Secrets({"pin": Secret("hunter2!", "http://127.0.0.1:*")}))
    await session.goto(web.page("/", "<body>"))
    await session.page.evaluate("alert('Your password is hunter2!')")
    assert session.drain_events() == ["The page showed a dialog: 'Your password is <secret:pin>'."]


async def test_state_and_observations_do_not_tell_secrets(open_session, web: StandIn) -> None:
    session = await open_session(secrets=Secrets({"pin": Secret("hunter2!", "http://127.0.0.1:*")}))
    web.page("/found", "<title>hunter2! found</title><h1>hunter2!</h1>")
    await session.goto(f"{web.url}/found?q=hunter2!")
    saved, seen = await session.save(), await session.observe()
    assert "hunter2" not in f"{saved} {seen.url} {seen.title} {seen.text} {seen.new}"
    assert "<secret:pin>" in seen.text
    assert saved["url"] == f"{web.url}/found?q=<secret:pin>"
    await pool().release(session.key)
    restored = await again(session, saved)
    assert restored.page.url == f"{web.url}/found?q=hunter2!"


async def test_secrets_are_redacted_before_anything_is_shortened(open_session, web: StandIn) -> None:
    session = await open_session(secrets=Secrets({"pin": Secret("correct-horse-battery", "http://127.0.0.1:*")}))
    words = f"<p>{'word ' * 398} correct-horse-battery {'word ' * 400}"
    web.page("/long", f"<title>Long</title>{words}")
    await session.goto(f"{web.url}/long?{'x' * (175 - len(web.url))}&pw=correct-horse-battery")
    assert "correct-h" not in (await session.observe(tokens=500)).text


async def test_an_element_that_is_called_like_a_secret_can_be_used(open_session, web: StandIn) -> None:
    session = await open_session(secrets=Secrets({"user": Secret("alice-1985", "http://127.0.0.1:*")}))
    await session.goto(web.page("/", "<button onclick='document.title = 1'>alice-1985</button>"))
    seen = await session.observe()
    assert '"<secret:user> #1"' in seen.text
    done = await perform(Click(element='button "<secret:user> #1"'), session)
    assert (done.status, await session.page.title()) == ("ok", "1")
    assert "alice" not in done.message


async def test_halves_of_characters_are_replaced(open_session, web: StandIn) -> None:
    session = await open_session()
    script = "document.title = b.textContent = 'Offer 😀'.slice(0, 7); b.onclick = () => alert(b.textContent)"
    await session.goto(web.page("/", f"<button id=b>b</button><script>{script}</script>"))
    seen, saved = await session.observe(), await session.save()
    done = await perform(Click(element="#1"), session)
    for text in (seen.text, seen.title, saved["title"], done.message, *done.changes):
        assert text.encode()  # no model's endpoint takes anything else


async def test_a_page_that_is_gone_is_named_without_secrets(open_session, web: StandIn) -> None:
    session = await open_session(secrets=Secrets({"pin": Secret("hunter2!", "http://127.0.0.1:*")}))
    await session.goto(f"{web.page('/', 'hi')}?pw=hunter2!")
    observer = session.observer
    await session.page.close()
    with pytest.raises(BrowserLostError) as caught:
        await observer.observe()
    assert "hunter2" not in str(caught.value)


async def test_closing_leaves_nothing_behind(open_session, web: StandIn, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    session = await open_session("extra")
    await session.goto(
        web.page("/", "<script>new WebSocket(location.origin.replace('http', 'ws') + '/socket')</script>")
    )
    port = session._proxy._port
    await pool().release(session.key)
    await session.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    left = [task for task in asyncio.all_tasks() - before if "plan_and_act" in repr(task) and "_reap" not in repr(task)]
    assert left == []


async def test_a_session_begins_with_its_setup(open_session, web: StandIn, tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path / "artefacts")
    cookie = {"name": "who", "value": "emma", "domain": "127.0.0.1", "path": "/", "expires": -1}
    state = {"cookies": [{**cookie, "httpOnly": False, "secure": False, "sameSite": "Lax"}], "origins": []}
    beside = (web.page("/one", "<title>One</title>"), web.page("/two", "<title>Two</title>"))
    login = artefacts.put(json.dumps(state), private=True)
    session = await open_session(artefacts=artefacts, setup=Setup(login=login, beside=beside, geolocation=(36.8, 10.2)))
    assert session.place()["tabs"] == [*beside, "about:blank"]
    assert session.current == 3

    await session.goto(web.page("/", "<title>Main</title>"))
    assert web.cookies["/one"] == web.cookies["/"] == "who=emma"
    where = "() => new Promise(found => navigator.geolocation.getCurrentPosition(at => found(at.coords.latitude)))"
    assert await session.page.evaluate(where) == 36.8

    # What was saved counts, not the beginning: no tab comes back that was closed.
    await session.switch_tab(1)
    await session.close_tab()
    restored = await pool().session(session.key, session.options, {**await session.save(), "rev": "another"})
    assert restored is not session
    assert restored.place()["tabs"] == [beside[1], f"{web.url}/"]


async def test_a_session_that_cannot_begin_says_why_and_leaves_nothing(open_session, tmp_path: Path) -> None:
    browser = (await open_session("other"))._context.browser
    artefacts = Artefacts(tmp_path / "artefacts")
    login = artefacts.put(json.dumps({"cookies": [{"name": "who"}], "origins": []}), private=True)
    with pytest.raises(BrowserLostError, match="cookies"):
        await open_session(artefacts=artefacts, setup=Setup(login=login))
    assert len(browser.contexts) == 1


async def test_a_session_that_is_cancelled_while_it_opens_leaves_no_context(open_session, web: StandIn) -> None:
    session = await open_session("other")
    saved = {**await session.save(), "url": f"{web.url}/never", "tabs": [f"{web.url}/never"], "rev": "another"}
    opening = asyncio.create_task(pool().session("cancelled", session.options, saved))  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        while not web.hits["/never"]:  # noqa: ASYNC110
            await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert session._context.browser.contexts == [session._context]


async def test_traffic_is_recorded_with_its_bodies(open_session, web: StandIn, tmp_path: Path) -> None:
    har = tmp_path / "traffic" / "network.har"
    session = await open_session(setup=Setup(har=har))
    form = "<form method=post action=/echo><input name=who value=emma><button>Send</button></form>"
    await session.goto(web.page("/", form))
    await session.page.click("button")
    await session.page.wait_for_url("**/echo")
    # A session that is made anew must not overwrite what was recorded.
    again = await pool().session(session.key, session.options, {**await session.save(), "rev": "another"})
    await again.goto(web.page("/later", "<title>Later</title>"))
    with pytest.raises(BrowserLostError, match="no network traffic"):
        merged_har(tmp_path / "other.har")
    await pool().release(session.key)

    entries = merged_har(har)["log"]["entries"]
    posted = next(entry for entry in entries if entry["request"]["method"] == "POST")
    assert posted["request"]["postData"]["text"] == "who=emma"
    assert [entry["request"]["url"] for entry in entries].count(f"{web.url}/later") == 1
    assert sorted(file.name for file in har.parent.iterdir()) == ["network-02.har", "network.har"]
    (har.parent / "network-02.har").write_text('{"log": {')
    with pytest.raises(BrowserLostError, match="not whole"):
        merged_har(har)
