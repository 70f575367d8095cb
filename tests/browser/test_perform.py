"""Actions on real pages: what they do, what they say, and that they are carried out at most once."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from plan_and_act.actions import to_action
from plan_and_act.browser.perform import perform
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.secrets import Secret, Secrets
from plan_and_act.browser.session import Session
from plan_and_act.errors import BrowserLostError
from plan_and_act.trajectory import Outcome
from standin import Opener, Request, StandIn, answer

pytestmark = pytest.mark.alone  # it measures time

COUNT = "<script>clicks = 0; const out = document.createElement('p'); const set = (t) => (out.textContent = t)</script>"


class Site:
    """A session and a server; `show` opens a page, `do` performs an action on it."""

    def __init__(self, session: Session, web: StandIn) -> None:
        self.session = session
        self.web = web

    @property
    def page(self) -> Page:
        return self.session.page

    async def show(self, html: str, path: str = "/") -> None:
        url = self.web.page(
            path, f"<!doctype html><title>Page</title><body>{COUNT}{html}<script>document.body.append(out)</script>"
        )
        await self.session.goto(url)
        await self.session.observe()
        self.session.drain_events()

    async def do(self, action: str, timeout: float = 5.0, look: bool = True, **arguments: Any) -> Outcome:
        """Perform an action; then look at the page, which waits for it once more."""
        outcome = await perform(
            to_action({"action": action, **arguments}), self.session, timeout=timeout, navigation_timeout=5.0
        )
        if look and self.session.alive:
            await self.session.observe()
        return outcome

    async def js(self, script: str) -> Any:
        return await self.page.evaluate(script)


@pytest.fixture
async def site(session: Session, web: StandIn) -> Site:
    return Site(session, web)


class TestClick:
    async def test_says_what_was_clicked_and_where_it_led(self, site: Site) -> None:
        site.web.page("/next", "<title>Next</title>")
        await site.show("<a href=/next>Go on</a>")
        outcome = await site.do("click", element="Go on")
        assert outcome.status == "ok"
        assert outcome.message == 'Clicked link "Go on #1".'
        assert outcome.changes == [f"the address is now {site.web.url}/next"]

    async def test_waits_for_a_slow_server_longer_than_for_the_element(self, site: Site) -> None:
        async def slow(_: Request, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(1)
            await answer(writer, 200, b"<h1>At last</h1>", Content_Type="text/html")

        site.web.handlers["/slow"] = slow
        await site.show("<a href=/slow>Go on</a>")
        outcome = await site.do("click", timeout=0.5, element="Go on")
        assert outcome.status == "ok"
        assert await site.page.inner_text("h1") == "At last"
        assert site.web.hits["/slow"] == 1

    @pytest.mark.parametrize(
        ("html", "words"),
        [
            ("<button disabled>Buy</button>", "is disabled"),
            ("<button aria-disabled=true>Buy</button>", "is disabled"),
            (
                "<button>Buy</button><div role=dialog aria-label='We use cookies' style='position:fixed;inset:0;"
                "background:#fff'><button>Accept</button></div>",
                'is covered by dialog "We use cookies"; close or use that first',
            ),
            (
                "<button>Buy</button><div style='position:fixed;inset:0;background:#0008'></div><div role=dialog "
                "style='position:fixed;top:200px;background:#fff'><h2>Join our list</h2></div>",
                'is covered by dialog "Join our list"',
            ),
            ("<button>Buy</button><div style='position:fixed;inset:0;background:#fff'>Loading</div>", '"Loading"'),
            (
                "<button>Buy</button><div style='position:fixed;inset:0;opacity:0'></div>",
                "is covered by another element",
            ),
        ],
    )
    async def test_says_why_it_could_not_be_done(self, site: Site, html: str, words: str) -> None:
        await site.show(html)
        await site.js("() => { document.querySelector('button').onclick = () => clicks++ }")
        # What is covered is not in the observation: an overlay can come after it.
        cover = "document.querySelectorAll('body > div').forEach((node) => (node.hidden = {}))"
        await site.js(cover.format("true"))
        await site.session.observe()
        await site.js(cover.format("false"))
        start = time.monotonic()
        outcome = await site.do("click", element="Buy")
        assert outcome.status == "error"
        assert words in outcome.message
        assert "Call log" not in outcome.message
        assert time.monotonic() - start < 3
        assert await site.js("clicks") == 0

    async def test_waits_for_an_overlay_to_go(self, site: Site) -> None:
        await site.show("<button onclick='clicks++'>Buy</button><div id=o hidden style='position:fixed;inset:0'></div>")
        await site.js("() => { o.hidden = false; setTimeout(() => o.remove(), 400) }")
        assert (await site.do("click", element="Buy")).status == "ok"
        assert await site.js("clicks") == 1

    @pytest.mark.parametrize(
        "box",
        [
            "<label><input type=checkbox id=c>I agree</label>",
            "<label style='position:relative'><input type=checkbox id=c style='opacity:0;position:absolute'>I agree",
            "<input type=checkbox id=c style='position:absolute;width:1px;height:1px;clip-path:inset(50%)'>"
            "<label for=c style='display:block'>I agree</label>",
            "<label><input type=checkbox id=c style='display:none'><span>I agree</span></label>",
        ],
    )
    async def test_boxes_are_ticked_through_their_labels(self, site: Site, box: str) -> None:
        await site.show(f"<p>Text</p>{box}")
        outcome = await site.do("click", element="I agree")
        assert outcome.message.endswith("it is checked now.")
        assert await site.js("c.checked")
        assert (await site.do("click", element="I agree")).message.endswith("it is not checked now.")

    @pytest.mark.parametrize(
        "html",
        [
            "<label style='display:block;width:420px;border:3px solid'><input type=checkbox style='display:none' "
            "onchange='clicks++'>I have read and accept the <a href=/terms>Terms of Service</a> of this shop</label>",
            "<div role=option tabindex=0 style='display:flex;width:120px' onclick='clicks++'>A "
            "<button style='margin:auto' onclick='event.stopPropagation()'>x</button></div>",
        ],
    )
    async def test_clicks_an_element_beside_the_controls_in_it(self, site: Site, html: str) -> None:
        await site.show(html)
        assert (await site.do("click", element="#1")).status == "ok"
        assert await site.js("location.pathname") == "/"
        assert await site.js("clicks") == 1

    async def test_clicks_an_element_whose_control_inside_is_all_of_it(self, site: Site) -> None:
        await site.show("<div tabindex=0 style='float:left;padding:9px'><button onclick='clicks++'>Save</button></div>")
        assert (await site.do("click", element="#1")).status == "ok"
        assert await site.js("clicks") == 1

    async def test_a_column_says_how_it_is_sorted(self, site: Site) -> None:
        await site.show(
            "<table><tr><th aria-sort=ascending><button>Name</button>"
            "<th><button onclick=\"this.parentNode.ariaSort='descending'\">Commits</button>"
            "<th><button onclick='clicks++; this.blur()'>Filter</button></table>"
        )
        assert (await site.do("click", element="Commits")).message.endswith("it is sorted descending now.")
        # What is no more sorted than before is not told of.
        assert (await site.do("click", element="Filter")).message == 'Clicked button "Filter #3".'

    @pytest.mark.parametrize(
        "html",
        [
            "<a href='#x' onclick='clicks++'><span style='float:left'>Go</span></a>",
            "<a href='#x' onclick='clicks++' style='display:contents'><p>Go</p></a>",
            "<p style='height:2000px'></p>"
            "<i role=link tabindex=0 onclick='clicks++' style='display:contents'><b>Go</b></i>",
        ],
    )
    async def test_an_element_without_a_box_is_clicked_where_it_shows(self, site: Site, html: str) -> None:
        await site.show(html)
        assert (await site.do("click", element="Go")).status == "ok"
        assert await site.js("clicks") == 1

    @pytest.mark.parametrize(
        "link", ["<a href=/other target=_blank>Other</a>", "<button onclick=\"window.open('/other')\">Other</button>"]
    )
    async def test_a_new_tab_becomes_the_current_one(self, site: Site, link: str) -> None:
        site.web.page("/other", "<title>Other</title><h1>Other</h1>")
        await site.show(link)
        outcome = await site.do("click", element="Other")
        assert outcome.status == "ok"
        assert f"tab 2 is the current one now, at {site.web.url}/other" in outcome.changes
        assert await site.page.title() == "Other"

    async def test_dialogs_and_downloads_are_told(self, site: Site) -> None:
        await site.show(
            "<button onclick=\"alert('Saved')\">Save</button><a href='/file?name=report.pdf'>Report</a>"
            "<a href='data:text/csv,1' download=data.csv>Data</a>"
        )
        assert (await site.do("click", element="Save")).changes == ["The page showed a dialog: 'Saved'."]
        assert "report.pdf" in " ".join((await site.do("click", element="Report")).changes)
        assert "data.csv" in " ".join((await site.do("click", element="Data")).changes)

    async def test_a_download_that_takes_a_moment_is_waited_for(self, site: Site) -> None:
        async def slow(_: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n")
            writer.write(b"Content-Disposition: attachment; filename=slow.pdf\r\n\r\n12")
            await writer.drain()
            await asyncio.sleep(0.7)
            writer.write(b"34")

        site.web.handlers["/slow"] = slow
        await site.show("<a href=/slow download>Slow</a>")
        outcome = await site.do("click", element="Slow")
        assert outcome.changes == ["Downloaded 'slow.pdf' (4 bytes)."]

    async def test_a_drop_down_list_is_not_clicked(self, site: Site) -> None:
        await site.show("<select aria-label=Size><option>S</option><option>M</option></select>")
        outcome = await site.do("click", element="Size")
        assert outcome.status == "no_effect"
        assert outcome.message.endswith('use select with one of "S", "M".')

    async def test_an_element_that_went_away_is_an_error(self, site: Site) -> None:
        await site.show("<button>Buy</button>")
        await site.js("document.querySelector('button').remove()")
        outcome = await site.do("click", element="Buy #1")
        assert outcome.status == "error"
        assert "no longer on the page" in outcome.message

    async def test_a_page_that_hangs_is_unknown_and_not_clicked_again(self, site: Site) -> None:
        hang = "clicks++; const end = Date.now() + 3000; while (Date.now() < end);"
        await site.show(f"<button onclick='{hang}'>Work</button>")
        outcome = await site.do("click", timeout=0.7, element="Work")
        assert outcome.status == "unknown"
        assert await site.js("clicks") == 1

    async def test_a_tab_that_closes_itself_is_told(self, site: Site) -> None:
        site.web.page("/popup", "<title>Popup</title><button onclick='window.close()'>Close me</button>")
        await site.show("<button onclick=\"window.open('/popup')\">Open</button>")
        await site.do("click", element="Open")
        outcome = await site.do("click", element="Close me")
        assert outcome.status == "ok"
        assert any("tab 1 is the current one now" in change for change in outcome.changes)
        assert len(site.session.tabs) == 1

    async def test_works_in_frames(self, site: Site) -> None:
        site.web.page("/inner", "<button onclick=\"setTimeout(() => (this.textContent = 'Done'), 200)\">Inner</button>")
        await site.show("<iframe src=/inner></iframe>")
        assert (await site.do("click", element="Inner")).status == "ok"
        assert await site.page.frames[1].inner_text("button") == "Done"

    async def test_a_lost_session_is_raised(self, site: Site) -> None:
        await site.show("<button>Buy</button>")
        await site.session.close()
        with pytest.raises(BrowserLostError):
            await site.do("click", element="Buy")


class TestType:
    @pytest.mark.parametrize(
        ("field", "text", "value"),
        [
            ("<input value=old>", "new text", "new text"),
            ("<input value=old>", "", ""),
            ("<input>", "x", "x"),
            ("<input type=search>", "two\nlines", "two lines"),
            ("<textarea>old</textarea>", "two\nlines\n", "two\nlines\n"),
            ("<input type=email>", "a@b.cd", "a@b.cd"),
            ("<input type=number>", "1,234.5", "1234.5"),
            ("<input type=date>", "3/31/2026", "2026-03-31"),
            ("<input type=time>", "5:30 PM", "17:30"),
            ("<input type=month>", "2026-03", "2026-03"),
            ("<input type=datetime-local>", "2026-03-31 17:30", "2026-03-31T17:30"),
            ("<input type=color>", "#FF8800", "#ff8800"),
            ("<input type=range max=10>", "7", "7"),
            ("<select><option>A</option><option>B</option></select>", "B", "B"),
        ],
    )
    async def test_fields_take_their_value(self, site: Site, field: str, text: str, value: str) -> None:
        await site.show(f"<label>Field {field}</label>")
        outcome = await site.do("type", element="Field", text=text)
        assert outcome.status == "ok", outcome.message
        assert await site.js("document.querySelector('input, textarea, select').value") == value

    async def test_rich_text_is_replaced(self, site: Site) -> None:
        await site.show("<div contenteditable aria-label=Field>old <b>text</b></div>")
        assert (await site.do("type", element="Field", text="new text")).status == "ok"
        assert await site.js("document.querySelector('[contenteditable]').innerText.trim()") == "new text"

    async def test_a_wrapper_leads_to_its_field(self, site: Site) -> None:
        await site.show("<div role=combobox aria-label=City tabindex=0><input id=i></div>")
        assert (await site.do("type", element="City #1", text="Lima")).status == "ok"
        assert await site.js("i.value") == "Lima"

    @pytest.mark.parametrize(
        ("field", "text", "words"),
        [
            ("<input type=date>", "tomorrow", "takes a date as YYYY-MM-DD, e.g. 2026-03-31"),
            ("<input type=date min=2026-01-01>", "2025-12-31", "takes values from 2026-01-01"),
            ("<input type=range max=10>", "70", "takes values to 10"),
            ("<input type=number>", "many", "takes a number"),
            ("<input readonly value=x>", "y", "is read-only"),
            ("<input disabled>", "y", "is disabled"),
            ("<input type=checkbox>", "yes", "is a check box: click it"),
            ("<input type=file>", "a.txt", "takes a file: use upload"),
            ("<button>B</button>", "y", "is not a field"),
            ("<select><option>A</option></select>", "C", 'has no option "C". Its options: "A".'),
        ],
    )
    async def test_says_why_it_could_not_be_done(self, site: Site, field: str, text: str, words: str) -> None:
        await site.show(f"<label>Field {field}</label>")
        outcome = await site.do("type", element="#1", text=text)
        assert outcome.status == "error"
        assert words in outcome.message

    @pytest.mark.parametrize("text", ["3", "34"])
    async def test_a_field_is_not_emptied_before_something_is_typed(self, site: Site, text: str) -> None:
        await site.show(
            "<input id=q aria-label=Quantity value=1><script>q.oninput = () => { "
            "clicks += !q.value; q.value = Math.max(1, parseInt(q.value) || 1) }</script>"
        )
        outcome = await site.do("type", element="Quantity", text=text)
        assert outcome.message == f'Typed "{text}" into textbox "Quantity #1".'
        assert await site.js("[q.value, clicks]") == [text, 0]

    async def test_suggestions_hear_a_key_and_see_the_whole_text(self, site: Site) -> None:
        await site.show(
            "<input aria-label=City oninput='seen = this.value' onkeydown='down = event.key' onkeyup='up = this.value'>"
        )
        await site.do("type", element="City", text="Lima")
        assert await site.js("[seen, down, up]") == ["Lima", "a", "Lima"]

    async def test_what_the_page_makes_of_the_text_is_told(self, site: Site) -> None:
        await site.show("<input aria-label=Code maxlength=3>")
        outcome = await site.do("type", element="Code", text="ABCDE")
        assert outcome.message.endswith('The field now holds "ABC".')

    async def test_submit_and_search_press_enter(self, site: Site) -> None:
        site.web.page("/found", "<title>Found</title>")
        await site.show("<form action=/found><input name=q aria-label=Words></form>")
        outcome = await site.do("search", element="Words", text="blue kettle")
        assert outcome.message == 'Searched for "blue kettle" in textbox "Words #1".'
        assert site.page.url == f"{site.web.url}/found?q=blue+kettle"
        await site.show("<form action=/found><input name=q aria-label=Words></form>")
        outcome = await site.do("type", element="Words", text="x", submit=True)
        assert outcome.message == 'Typed "x" into textbox "Words #1" and pressed Enter.'
        assert site.page.url == f"{site.web.url}/found?q=x"

    async def test_secrets_are_filled_in_and_not_told(self, open_session: Opener, web: StandIn) -> None:
        secrets = Secrets({"word": Secret("hunter2-hunter2", origins=[web.url])})
        site = Site(await open_session(policy=OriginPolicy(private=[web.url]), secrets=secrets), web)
        await site.show("<input type=password aria-label=Password><input aria-label=Code maxlength=9>")
        outcomes = [await site.do("type", element=name, text="<secret:word>") for name in ("Password", "Code")]
        assert await site.js("document.querySelector('input').value") == "hunter2-hunter2"
        assert [outcome.status for outcome in outcomes] == ["ok", "ok"]
        assert "hunter" not in str(outcomes)

    async def test_a_secret_stays_on_its_site(self, open_session: Opener, web: StandIn) -> None:
        secrets = Secrets({"word": Secret("hunter2-hunter2", origins=["https://bank.example"])})
        site = Site(await open_session(policy=OriginPolicy(private=[web.url]), secrets=secrets), web)
        # A page cannot pretend to be another.
        spoof = "<script>window.origin = 'https://bank.example'; document.title = location.href</script>"
        await site.show(f"{spoof}<input aria-label=Password>")
        outcome = await site.do("type", element="Password", text="<secret:word>")
        assert outcome.status == "error"
        assert "may not be typed" in outcome.message
        assert await site.js("document.querySelector('input').value") == ""


LIST = """<div role=combobox tabindex=0 aria-label=City aria-expanded=false aria-controls=l
onclick="l.hidden = !l.hidden; this.ariaExpanded = String(!l.hidden)">Pick</div>
<ul role=listbox id=l hidden onclick="set(event.target.textContent)">
<li role=option>Paris</li><li role=option>Perth</li></ul>"""
SUGGEST = """<input role=combobox aria-label=City aria-controls=l oninput="setTimeout(() => { l.innerHTML = this.value ?
'<li role=option>Lima</li><li role=option>Limassol</li>' : '' }, 150)">
<ul id=l role=listbox onclick="set(event.target.textContent)"></ul>"""


class TestSelect:
    async def test_an_option_that_is_a_control_itself_is_chosen(self, site: Site) -> None:
        await site.show(
            "<label><input type=radio name=size> Small</label><label><input type=radio name=size> Large</label>"
        )
        outcome = await site.do("select", element="Large", option="Large")
        assert (outcome.status, outcome.message) == ("ok", 'Chose radio "Large #2".')
        assert await site.js("document.querySelectorAll('input')[1].checked") is True

    @pytest.mark.parametrize("option", ["Blood orange", "BLOOD ORANGE", "orange", "bo"])
    async def test_chooses_by_text(self, site: Site, option: str) -> None:
        await site.show(
            "<select aria-label=Fruit onchange='clicks++'><option>Apple</option><option value=bo>Blood orange</option>"
        )
        outcome = await site.do("select", element="Fruit", option=option)
        assert outcome.message == 'Chose "Blood orange" in combobox "Fruit #1".'
        assert await site.js("[clicks, document.querySelector('select').value]") == [1, "bo"]
        assert (await site.do("select", element="Fruit", option=option)).status == "no_effect"

    @pytest.mark.parametrize(
        ("option", "words"),
        [("Kiwi", 'Its options: "Apple", "Apricot", "Fig".'), ("Ap", "Name one"), ("Fig", "is disabled")],
    )
    async def test_says_why_it_could_not_be_done(self, site: Site, option: str, words: str) -> None:
        options = "<option>Apple</option><option>Apricot</option><option disabled>Fig</option>"
        await site.show(f"<select aria-label=Fruit>{options}</select>")
        outcome = await site.do("select", element="Fruit", option=option)
        assert outcome.status == "error"
        assert words in outcome.message

    async def test_adds_to_a_list_that_takes_several(self, site: Site) -> None:
        await site.show(
            "<select multiple aria-label=Fruit><option>A</option><option>B</option><option>C</option></select>"
        )
        await site.do("select", element="Fruit", option="C")
        outcome = await site.do("select", element="Fruit", option="A")
        assert outcome.message.endswith('chosen now: "A", "C".')
        assert await site.js("[...document.querySelector('select').selectedOptions].map((o) => o.text)") == ["A", "C"]

    async def test_opens_a_list_of_the_pages_own(self, site: Site) -> None:
        await site.show(LIST)
        outcome = await site.do("select", element="City", option="perth")
        assert outcome.message == 'Chose "Perth" in combobox "City #1".'
        assert await site.page.inner_text("p") == "Perth"
        outcome = await site.do("select", element="City", option="Rome")
        assert 'no option "Rome". Its options: "Paris", "Perth".' in outcome.message

    async def test_types_into_a_list_that_suggests(self, site: Site) -> None:
        await site.show(SUGGEST)
        outcome = await site.do("select", element="City", option="Lima")
        assert outcome.status == "ok", outcome.message
        assert await site.page.inner_text("p") == "Lima"

    async def test_something_without_options_is_an_error(self, site: Site) -> None:
        await site.show("<button>Menu</button>")
        outcome = await site.do("select", element="Menu", option="A")
        assert outcome.status == "error"
        assert "showed no list" in outcome.message


class TestKeysAndScrolling:
    async def test_keys(self, site: Site) -> None:
        await site.show("<script>onkeydown = (e) => set(`${e.ctrlKey} ${e.key}`)</script>")
        assert (await site.do("press", key="ctrl+k")).status == "ok"
        assert await site.page.inner_text("p") == "true k"
        outcome = await site.do("press", key="AnyKey")
        assert outcome.status == "error"
        assert "There is no key 'AnyKey'" in outcome.message

    async def test_hover(self, site: Site) -> None:
        await site.show("<button onmouseover=\"setTimeout(() => set('Menu'), 100)\">Over</button>")
        assert (await site.do("hover", element="Over")).status == "ok"
        assert await site.page.inner_text("p") == "Menu"

    async def test_the_page_is_scrolled_by_two_thirds(self, site: Site) -> None:
        await site.show("<style>html { scroll-behavior: smooth }</style><div style='height:1300px'>Tall</div>")
        outcome = await site.do("scroll")
        assert await site.js("scrollY") == 480
        assert outcome.message.startswith("The page was scrolled down; 0.")
        assert "end" in (await site.do("scroll")).message
        assert (await site.do("scroll")).status == "no_effect"
        assert (await site.do("scroll", direction="up")).status == "ok"

    async def test_an_area_is_scrolled_around_an_element(self, site: Site) -> None:
        area = (
            "<div id=a style='height:90px;overflow:auto'><button>Inner</button><div style='height:900px'></div></div>"
        )
        await site.show(f"{area}<div style='height:3000px'></div>")
        assert (await site.do("scroll", element="Inner")).status == "ok"
        assert await site.js("[a.scrollTop, scrollY]") == [60, 0]

    async def test_an_application_that_fills_the_window_scrolls_its_own_area(self, site: Site) -> None:
        inner = "<div style='height:4000px'>Long</div>"
        await site.show(
            f"<style>body {{ margin: 0 }}</style><main id=m style='height:100vh;overflow:auto'>{inner}</main>"
        )
        await site.js("document.querySelector('p').remove()")
        assert (await site.do("scroll")).status == "ok"
        assert await site.js("m.scrollTop") == 480

    @pytest.mark.parametrize(
        ("css", "dialog"),
        [
            ("body { overflow: hidden }", "<div role=dialog style='position:fixed;inset:99px;background:#eee'>"),
            ("", "<dialog id=d style='height:400px'>"),
        ],
    )
    async def test_an_open_dialog_is_scrolled_and_not_the_page_behind_it(
        self, site: Site, css: str, dialog: str
    ) -> None:
        await site.show(
            f"<style>{css}</style><div style='height:3000px'></div>{dialog}"
            "<div id=a style='height:300px;overflow:auto'><div style='height:2000px'></div></div>"
            "<button>Accept</button></div></dialog><script>window.d && d.showModal()</script>"
        )
        assert (await site.do("scroll")).status == "ok"
        assert await site.js("[a.scrollTop, scrollY]") == [200, 0]

    async def test_a_button_of_a_dialog_does_not_scroll_the_locked_page(self, site: Site) -> None:
        await site.show(
            "<style>body { overflow: hidden }</style><div style='height:3000px'></div>"
            "<div role=dialog style='position:fixed;inset:99px;background:#eee'><button>Accept</button></div>"
        )
        assert (await site.do("scroll", element="Accept")).status == "no_effect"
        assert await site.js("scrollY") == 0

    async def test_a_body_that_scrolls_by_itself_is_scrolled(self, site: Site) -> None:
        await site.show(
            "<style>html, body { height: 100%; overflow-x: hidden; margin: 0 }</style><div style='height:4000px'>Tall"
        )
        assert site.session.observer.latest.scrolls == ("down", "up")  # type: ignore[union-attr]
        assert (await site.do("scroll")).message.startswith("The page was scrolled down; ")
        assert await site.js("document.body.scrollTop") == 480

    async def test_what_scrolling_loads_is_waited_for(self, site: Site) -> None:
        async def more(_: Request, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.2)
            await answer(writer, 200, b"More", Content_Type="text/plain")

        site.web.handlers["/more"] = more
        watch = "new IntersectionObserver(async (e) => e[0].isIntersecting && set(await (await fetch('/more')).text()))"
        await site.show(f"<div style='height:1000px'></div><i id=i>End</i><script>{watch}.observe(i)</script>")
        await site.do("scroll", look=False)
        assert await site.page.text_content("p") == "More"

    async def test_what_a_page_does_when_scrolling_ends_is_waited_for(self, site: Site) -> None:
        await site.show(
            "<script>onscroll = () => setTimeout(() => set('Ended'), 150)</script><div style='height:3000px'>"
        )
        await site.do("scroll", look=False)
        assert await site.page.text_content("p") == "Ended"

    async def test_the_wheel_is_turned_where_nothing_scrolls(self, site: Site) -> None:
        await site.show("<script>addEventListener('wheel', (e) => set(e.deltaY))</script>")
        assert "mouse wheel" in (await site.do("scroll")).message
        assert await site.page.inner_text("p") == "480"


class TestGoing:
    async def test_back_and_forward(self, site: Site) -> None:
        await site.show("One", "/one")
        await site.show("Two", "/two")
        outcome = await site.do("go_back")
        assert (outcome.status, outcome.changes) == ("ok", [f"the address is now {site.web.url}/one"])
        assert (await site.do("go_forward")).status == "ok"
        assert site.page.url == f"{site.web.url}/two"
        outcome = await site.do("go_forward")
        assert (outcome.status, outcome.message) == ("no_effect", "There is no page to go forward to.")

    async def test_back_does_not_leave_the_first_page(self, site: Site) -> None:
        await site.show("<input aria-label=Name>", "/one")
        await site.do("type", element="Name", text="kept")
        assert (await site.do("go_back")).message == "There is no page to go back to."
        assert await site.js("document.querySelector('input').value") == "kept"

    async def test_back_within_a_page(self, site: Site) -> None:
        await site.show("<script>onpopstate = () => set('back')</script>")
        await site.js("history.pushState(1, '', '/pushed')")
        assert (await site.do("go_back")).status == "ok"
        assert await site.page.inner_text("p") == "back"

    async def test_goto(self, site: Site) -> None:
        await site.show("One", "/a/one")
        site.web.page("/a/two", "Two")
        assert (await site.do("goto", url="two")).message == f"Opened {site.web.url}/a/two."
        outcome = await site.do("goto", url="/nowhere")
        assert outcome.unexpected
        assert "404" in outcome.message
        assert (await site.do("goto", url="http://127.0.0.1:9/")).status == "error"
        assert (await site.do("goto", url="javascript:alert(1)")).status == "error"

    async def test_tabs(self, site: Site) -> None:
        site.web.page("/other", "<title>Other</title>")
        await site.show("<a href=/other target=_blank>Other</a>")
        assert (await site.do("close_tab")).status == "error"
        await site.do("click", element="Other")
        assert (await site.do("switch_tab", tab=2)).status == "no_effect"
        assert (await site.do("switch_tab", tab=1)).status == "ok"
        assert (await site.do("switch_tab", tab=3)).status == "error"
        await site.do("switch_tab", tab=2)
        outcome = await site.do("close_tab")
        assert outcome.message == "Closed tab 2."
        assert site.page.url == f"{site.web.url}/"

    async def test_wait(self, site: Site) -> None:
        await site.show("<p id=late></p><script>setTimeout(() => (late.textContent = 'late'), 700)</script>")
        assert (await site.do("wait", seconds=1)).message == "Waited 1 seconds."
        assert await site.page.inner_text("#late") == "late"


class TestUpload:
    @pytest.fixture
    async def site(self, open_session: Opener, web: StandIn, tmp_path: Path) -> Site:
        uploads = tmp_path / "uploads"
        (uploads / "sub").mkdir(parents=True)
        (uploads / "photo.png").write_bytes(b"x" * 10)
        (tmp_path / "private.txt").write_text("private")
        (uploads / "link.txt").symlink_to(tmp_path / "private.txt")
        return Site(await open_session(policy=OriginPolicy(private=[web.url]), uploads=uploads), web)

    @pytest.mark.parametrize(
        "html",
        [
            "<input type=file id=f aria-label=Photo>",
            "<label role=button>Photo<input type=file id=f hidden></label>",
            "<input type=file id=f hidden><button onclick='f.click()'>Photo</button>",
        ],
    )
    async def test_puts_a_file_into_a_field_or_a_chooser(self, site: Site, html: str) -> None:
        await site.show(html)
        outcome = await site.do("upload", element="Photo", file="photo.png")
        assert outcome.status == "ok", outcome.message
        assert await site.js("[f.files[0].name, f.files[0].size]") == ["photo.png", 10]

    @pytest.mark.parametrize("name", ["../private.txt", "link.txt", "/etc/passwd", "none.txt", "sub", "", ".", "a\0b"])
    async def test_only_files_of_the_folder(self, site: Site, name: str) -> None:
        await site.show("<input type=file id=f aria-label=Photo>")
        outcome = await site.do("upload", element="Photo", file=name)
        assert outcome.status == "error"
        assert "Files there:" in outcome.message
        assert '"photo.png"' in outcome.message
        assert await site.js("f.files.length") == 0

    async def test_a_button_that_asks_for_no_file(self, site: Site) -> None:
        await site.show("<button>Photo</button>")
        outcome = await site.do("upload", timeout=0.5, element="Photo", file="photo.png")
        assert outcome.status == "error"
        assert "asks for no file" in outcome.message

    async def test_no_folder(self, session: Session, web: StandIn) -> None:
        site = Site(session, web)
        await site.show("<input type=file aria-label=Photo>")
        assert "no folder of uploads" in (await site.do("upload", element="Photo", file="photo.png")).message


EVERY = [
    {"action": "click", "element": "Go"},
    {"action": "type", "element": "Name", "text": "x"},
    {"action": "press", "key": "a"},
    {"action": "scroll"},
    {"action": "go_back"},
]


async def test_a_page_that_crashed_is_told_at_once(site: Site) -> None:
    await site.show("<button>Go</button><input aria-label=Name>")
    cdp = await site.page.context.new_cdp_session(site.page)
    crashed = asyncio.get_running_loop().create_future()
    site.page.on("crash", lambda _: crashed.set_result(None))
    crash = asyncio.create_task(cdp.send("Page.crash"))
    await crashed
    start = time.monotonic()
    outcomes = [await site.do(look=False, **action) for action in EVERY]
    assert time.monotonic() - start < 1
    assert {(outcome.status, outcome.unexpected) for outcome in outcomes} == {("error", True)}
    assert all("crashed" in outcome.message for outcome in outcomes)
    crash.cancel()
    outcome = await site.do("goto", url=site.web.url)
    assert (outcome.status, outcome.unexpected) == ("ok", False), outcome


@pytest.mark.parametrize("action", EVERY, ids=lambda action: action["action"])
async def test_a_page_that_never_pauses_does_not_hold_us(site: Site, action: dict[str, Any]) -> None:
    await site.show("<button>Go</button><input aria-label=Name>")
    async with site.page.expect_console_message():
        hanging = asyncio.create_task(site.page.evaluate("() => { console.log('It begins.'); for (;;); }"))
    start = time.monotonic()
    outcome = await site.do(look=False, timeout=0.5, **action)
    hanging.cancel()
    assert outcome.status in ("error", "unknown")
    assert "does not answer" in outcome.message or "did not answer" in outcome.message
    assert time.monotonic() - start < 8


async def test_being_cancelled_leaves_the_page_usable(site: Site) -> None:
    await site.show("<button disabled>Off</button><button onclick='clicks++'>On</button>")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await site.do("click", element="Off")
    assert (await site.do("click", element="On")).status == "ok"
    assert await site.js("clicks") == 1
