"""Pages that cannot be opened, or not as one would like: each ends in a sentence that helps."""

import asyncio
from pathlib import Path

import pytest

from plan_and_act.browser import _downloads
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.session import Session
from plan_and_act.errors import BlockedByPolicyError, PageError
from standin import StandIn


async def until(session: Session, words: str, seconds: float = 10.0) -> str:
    """The events, as soon as one has these words."""
    seen: list[str] = []
    async with asyncio.timeout(seconds):
        while not any(words in event for event in seen):
            seen += session.drain_events()
            await session.page.evaluate("() => new Promise(requestAnimationFrame)")
    return " ".join(seen)


async def test_a_page_opens(session: Session, web: StandIn) -> None:
    outcome = await session.goto(web.page("/", "<title>Start</title><h1>Hello</h1>"))
    assert (outcome.status, outcome.unexpected) == ("ok", False)
    assert await session.page.title() == "Start"
    assert await session.status() == 200
    assert session.drain_events() == []


@pytest.mark.parametrize(("code", "words"), [(404, "404 (Not Found)"), (500, "500 (Internal Server Error)")])
async def test_an_error_page_is_shown_and_told(session: Session, web: StandIn, code: int, words: str) -> None:
    outcome = await session.goto(f"{web.url}/status?code={code}")
    assert outcome.status == "ok"
    assert outcome.unexpected
    assert words in outcome.message
    assert await session.page.inner_text("h1") == "An error page"
    assert await session.status() == code


async def test_an_empty_error_page_is_told(session: Session, web: StandIn) -> None:
    outcome = await session.goto(f"{web.url}/empty-error")
    assert outcome.unexpected
    assert "500" in outcome.message
    assert (await session.goto(web.page("/", "ok"))).status == "ok"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_name_that_does_not_resolve(session: Session, scheme: str) -> None:
    with pytest.raises(PageError, match=r"name no-such-host\.invalid does not resolve"):
        await session.goto(f"{scheme}://no-such-host.invalid/")
    assert session.drain_events() == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_listens(open_session, scheme: str) -> None:
    server = StandIn()
    await server.start()
    await server.stop()
    session = await open_session(policy=OriginPolicy(private=["*"]))
    with pytest.raises(PageError, match=f"127.0.0.1:{server.port} cannot be reached: nothing listens there"):
        await session.goto(f"{scheme}://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("path", ["/never", "/headers"])
async def test_a_server_that_never_answers(session: Session, web: StandIn, path: str) -> None:
    await session.goto(web.page("/", "<title>Before</title>"))
    begin = asyncio.get_running_loop().time()
    if path == "/never":
        with pytest.raises(PageError, match=r"did not answer within 0\.7 seconds"):
            await session.goto(web.url + path, timeout=0.7)
    else:
        outcome = await session.goto(web.url + path, timeout=0.7)
        assert outcome.unexpected
        assert "still loading after 0.7 seconds" in outcome.message
    assert asyncio.get_running_loop().time() - begin < 3
    await session.goto(web.url)
    assert await session.page.title() == "Before"
    if path == "/never":
        # The proxy hangs up too, instead of waiting for an answer that nobody wants any more.
        await asyncio.wait_for(web.gone.wait(), 5)


async def test_what_has_loaded_is_kept(session: Session, web: StandIn) -> None:
    outcome = await session.goto(f"{web.url}/half", timeout=1)
    assert outcome.status == "ok"
    assert outcome.unexpected
    assert "still loading" in outcome.message
    assert await session.page.inner_text("h1") == "First half"
    assert await session.page.evaluate("document.readyState") != "loading"


async def test_a_server_that_hangs_up(session: Session, web: StandIn) -> None:
    with pytest.raises(PageError, match="closed the connection without an answer"):
        await session.goto(f"{web.url}/hang-up")


async def test_a_server_that_speaks_no_http(session: Session, web: StandIn) -> None:
    with pytest.raises(PageError, match="cannot be opened"):
        await session.goto(f"{web.url}/garbage")


async def test_https_where_only_http_is_spoken(open_session, web: StandIn) -> None:
    session = await open_session(policy=OriginPolicy(private=["*"]))
    with pytest.raises(PageError, match="an http:// address may work"):
        await session.goto(web.url.replace("http:", "https:"))


async def test_redirects_in_a_circle(session: Session, web: StandIn) -> None:
    with pytest.raises(PageError, match="redirects in a circle"):
        await session.goto(f"{web.url}/circle")


async def test_an_answer_without_a_page(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Before</title>"))
    outcome = await session.goto(f"{web.url}/no-content")
    assert outcome.status == "no_effect"
    assert await session.page.title() == "Before"


async def test_basic_authentication(session: Session, web: StandIn) -> None:
    with pytest.raises(PageError, match="asks for a user name and a password"):
        await session.goto(f"{web.url}/basic")


async def test_a_certificate_nobody_signed(open_session, secure_web: StandIn) -> None:
    session = await open_session(policy=OriginPolicy(private=[secure_web.url]))
    with pytest.raises(PageError, match=r"certificate is not valid \(ERR_CERT_AUTHORITY_INVALID\)"):
        await session.goto(secure_web.url)
    assert not secure_web.hits


async def test_a_script_that_goes_on_at_once(session: Session, web: StandIn) -> None:
    web.page("/next", "<title>Next</title>")
    outcome = await session.goto(web.page("/", "<script>location = '/next'</script>"))
    assert outcome.status == "ok"
    await session.page.wait_for_url("**/next")


async def test_a_url_that_is_a_download(session: Session, web: StandIn) -> None:
    await session.goto(web.page("/", "<title>Before</title>"))
    outcome = await session.goto(f"{web.url}/file?name=report.pdf&size=12345")
    assert outcome.status == "ok"
    assert "it was downloaded" in outcome.message
    assert session.drain_events() == ["Downloaded 'report.pdf' (12 kB)."]
    assert (session.downloads / "report.pdf").stat().st_size == 12_345
    assert await session.page.title() == "Before"


async def test_downloads_get_safe_and_unique_names(session: Session, web: StandIn) -> None:
    links = "<a id=up href='/file?name=..%2F..%2F.evil.sh'>up</a><a id=a href='/file?name=a.txt'>a</a>"
    await session.goto(web.page("/", links))
    for link, name in (("#a", "'a.txt'"), ("#a", "'a (2).txt'"), ("#up", "evil.sh'")):
        await session.page.click(link)
        assert name in await until(session, "Downloaded")
    names = sorted(path.name for path in session.downloads.parent.rglob("*") if path.is_file())
    assert len(names) == len(list(session.downloads.iterdir())) == 3
    assert names[1:] == ["a (2).txt", "a.txt"]
    assert not names[0].startswith(".")


@pytest.mark.parametrize("path", ["/file?size=3000000&name=big.bin", "/endless-file"])
async def test_a_download_that_is_too_large_is_stopped(
    session: Session, web: StandIn, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_downloads, "MAX_BYTES", 2_000_000)
    await session.goto(web.page("/", f"<a href='{path}'>get</a>"))
    await session.page.click("a")
    assert "was stopped: it is larger than 2.0 MB" in await until(session, "stopped")
    assert not session.downloads.exists()
    if path == "/endless-file":
        await asyncio.wait_for(web.gone.wait(), 10)


async def test_a_download_folder_that_cannot_be_written(open_session, web: StandIn, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    session = await open_session(downloads=tmp_path / "taken")
    await session.goto(f"{web.url}/file")
    assert "Keeping the download 'file.bin' failed" in " ".join(session.drain_events())


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,hi", "chrome://version",
     "view-source:http://example.com", "blob:http://a/b", "ftp://example.com", "http://"],
)  # fmt: skip
async def test_only_web_pages_are_opened(session: Session, url: str) -> None:
    with pytest.raises(BlockedByPolicyError):
        await session.goto(url)
    assert session.page.url == "about:blank"
