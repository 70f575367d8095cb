import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from plan_and_act.browser.observation import (
    INIT_SCRIPT,
    AmbiguousElementError,
    Observation,
    Observer,
    StaleElementError,
    estimate_tokens,
)
from plan_and_act.errors import BrowserLostError


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    yield await context.new_page()
    await context.close()


async def see(page: Page, body: str, **options: object) -> Observation:
    await page.set_content(f"<!doctype html>{body}")
    return await Observer(page).observe(**options)  # type: ignore[arg-type]


def lines(seen: Observation) -> list[str]:
    return [line.strip() for line in seen.text.splitlines()]


async def web(page: Page, pages: dict[str, str]) -> None:
    """Answer for these URLs, so that frames have origins without a network."""

    async def answer(route: object) -> None:
        url = route.request.url  # type: ignore[attr-defined]
        if url in pages:
            await route.fulfill(body=pages[url], content_type="text/html; charset=utf-8")  # type: ignore[attr-defined]
        else:
            await route.abort()  # type: ignore[attr-defined]

    await page.route("**/*", answer)


# What is in the text


async def test_prints_headings_text_and_controls_in_reading_order(page: Page) -> None:
    seen = await see(
        page,
        "<title>Shop</title><h1>Kettles</h1><p>Two <b>blue</b> ones, see <a href=/help>help</a>.</p>"
        "<ul><li>First thing<li><a href=/b>Second</a></ul><button>Buy</button>",
    )
    assert lines(seen) == [
        'page "Shop" about:blank',
        "# Kettles",
        'Two blue ones, see link "help #1".',
        "- First thing",
        'link "Second #2"',
        'button "Buy #3"',
    ]
    assert seen.elements[3].label == 'button "Buy #3"'
    assert set(seen.elements) == {1, 2, 3}
    assert seen.omitted == 0


async def test_prints_values_and_states(page: Page) -> None:
    seen = await see(
        page,
        """<label for=a>Mail</label><input id=a value=me@x.org required>
        <label><input type=checkbox checked> Agree</label><label><input type=radio disabled> Never</label>
        <textarea aria-label=Note readonly>as is</textarea><input aria-label=Day type=date>
        <button aria-expanded=false>Menu</button><button aria-pressed=true>Bold</button>
        <div role=tablist><div role=tab aria-selected=true tabindex=0>One</div></div>
        <a href=/ aria-current=page>Home</a><input placeholder=Search type=search>
        <select aria-label=Colour><option>Red<option selected>Blue</select>
        <input type=file aria-label=Photo><details><summary>More</summary>hidden</details>
        <div contenteditable aria-label=Body>draft</div><button autofocus>Go</button>""",
    )
    found = lines(seen)
    for line in (
        'textbox "Mail #1" = "me@x.org" (required)',
        'checkbox "Agree #2" (checked)',
        'radio "Never #3" (disabled)',
        'textbox "Note #4" = "as is" (read-only)',
        'textbox "Day #5" (date)',
        'button "Menu #6" (collapsed)',
        'button "Bold #7" (pressed)',
        'tab "One #8" (selected)',
        'link "Home #9" (current)',
        'searchbox "Search #10"',
        'combobox "Colour #11" = "Blue" [Red | Blue]',
        'file "Photo #12"',
        'button "More #13" (collapsed)',
        'textbox "Body #14" = "draft"',
        'button "Go #15" (focused)',
    ):
        assert line in found
    assert seen.elements[3].states == ("disabled",)
    assert "hidden" not in seen.text
    assert not any(line.startswith(("Mail", "Agree")) for line in found), "a label belongs to its field"


async def test_says_which_column_a_table_is_sorted_by(page: Page) -> None:
    seen = await see(
        page,
        "<table><tr><th aria-sort=descending><button>Commits</button><th aria-sort=none><button>Name</button>"
        "<th><button>Added</button><tr><td>9<td><a href=/a>Ada</a><td>2</table>"
        "<div role=table><div role=row><span role=columnheader tabindex=0 aria-sort=ascending>Price</span></div></div>",
    )
    found = lines(seen)
    assert 'button "Commits #1" (sorted descending) | button "Name #2" | button "Added #3"' in found
    assert 'clickable "Price #5" (sorted ascending)' in found


async def test_prints_what_pictures_are_called(page: Page) -> None:
    star = "<svg width=90 height=20{}><title>{}</title><path d='M0 0h9v9z'/></svg>"
    seen = await see(
        page,
        "<p>Kettle <span role=img aria-label='4.5 out of 5 stars'>★★★★☆</span> (12)</p>"
        f"<p>Pot {star.format('', '3 stars')}</p><p>Pan {star.format(' aria-hidden=true', 'Decor')}</p>"
        "<div role=img aria-label=Chart>Sales <b>40</b></div>"
        f"<button>{star.format('', 'Like')}</button>",
    )
    assert lines(seen)[1:] == [
        "Kettle (image: 4.5 out of 5 stars) (12)",
        "Pot (image: 3 stars)",
        "Pan",
        "(image: Chart) Sales 40",
        'button "Like #1"',
    ]


async def test_prints_what_a_control_shows_beside_its_label(page: Page) -> None:
    card = "<a href=/k aria-label='Blue Kettle'><h3>Blue Kettle</h3><span>$25.00</span> In stock{}</a>"
    seen = await see(
        page,
        card.format("")
        + "<button aria-label='Change currency'>USD</button><button aria-label=Cart>3</button><br>"
        + "<button aria-label=Close>X</button><button aria-label='Page 2'>2</button><br>"
        + card.format("<button>Add</button>")
        + "<div tabindex=0 role=region aria-label=Orders><table><tr><td>17<td>Ada</table></div>",
    )
    assert lines(seen)[1:] == [
        'link "Blue Kettle #1" $25.00 In stock',
        'button "Change currency #2" USD',
        'button "Cart #3" 3',
        'button "Close #4"',
        'button "Page 2 #5"',
        'link "Blue Kettle #6"',
        '$25.00 In stock button "Add #7"',
        'region "Orders #8" 17 Ada',
    ]


@pytest.mark.parametrize(
    "hidden",
    ["position:absolute;left:-9999px", "visibility:hidden", "clip-path:inset(50%);position:absolute", "display:none"],
)
async def test_a_label_stands_for_a_box_that_is_put_out_of_sight(page: Page, hidden: str) -> None:
    seen = await see(
        page,
        f"<label><input type=checkbox style='{hidden}'> Subscribe</label><br>"
        f"<input id=b type=radio checked style='{hidden}'><label for=b>Express</label>"
        "<div style='position:absolute;left:-9999px'><label>Leave this empty <input></label></div>",
    )
    assert lines(seen)[1:] == ['checkbox "Subscribe #1"', 'radio "Express #2" (checked)']


async def test_prints_a_table_row_by_row(page: Page) -> None:
    seen = await see(
        page,
        "<table><caption>Orders</caption><tr><th>No.<th>Who<th></tr>"
        "<tr><td>17<td>Ada <b>L.</b><td><a href=/17>Open</a><button>Delete</button></table>",
    )
    assert lines(seen)[1:] == ['table "Orders"', "No. | Who", '17 | Ada L. | link "Open #1" button "Delete #2"']


async def test_lists_the_first_options_of_a_long_select_and_counts_the_rest(page: Page) -> None:
    options = "".join(f"<option>Country {i}" for i in range(300))
    seen = await see(page, f"<select aria-label=Land>{options}</select>")
    assert 'combobox "Land #1" = "Country 0" [Country 0 | Country 1 |' in seen.text
    assert "more]" in seen.text
    assert seen.tokens < 120


async def test_every_ref_has_a_name(page: Page) -> None:
    seen = await see(
        page,
        """<style>a, button, div { display: inline-block; width: 30px; height: 30px }</style>
        <button><svg><title>Close</title></svg></button><button><i class="fa fa-trash"></i></button>
        <a href=/settings/profile.html></a><a href=.></a><button title=Undo></button>
        <button><img alt=Logo src=x></button><a href=/x><img src=/img/cart.png></a>
        <input name=q><span>Amount</span><input><div onclick="1"></div><button><span style="position:absolute;
        width:1px;height:1px;overflow:hidden">Only read out</span></button>""",
    )
    names = [element.name for element in seen.elements.values()]
    assert names == [
        "Close", "trash", "profile", "link", "Undo", "Logo", "x", "q", "Amount", "clickable", "Only read out",
    ]  # fmt: skip


async def test_lists_what_only_reacts_to_clicks_once(page: Page) -> None:
    seen = await see(
        page,
        """<div onclick="1" style="cursor:pointer"><span>Open</span> <b>card</b></div>
        <div style="cursor:pointer"><a href=/x>Inner</a></div><p tabindex=0>Focusable</p>
        <label for=gone>Plain</label><ul style="cursor:pointer"><li>"""
        + "long item " * 20
        + """<li>Other</ul>""",
    )
    labels = [element.label for element in seen.elements.values()]
    assert labels[:3] == ['clickable "Open card #1"', 'link "Inner #2"', 'clickable "Focusable #3"']
    assert labels[4] == 'clickable "Other #5"'


async def test_gives_a_hidden_input_with_a_visible_label_a_ref_that_can_be_clicked(page: Page) -> None:
    await page.set_content("<label><input type=checkbox style='display:none'><span>Fancy</span></label>")
    observer = Observer(page)
    assert 'checkbox "Fancy #1"' in (await observer.observe()).text
    handle = await observer.handle(1)
    assert handle
    await handle.click(timeout=1_000)
    assert 'checkbox "Fancy #1" (checked)' in (await observer.observe()).text


async def test_lists_svg_shapes_of_a_small_page(page: Page) -> None:
    seen = await see(
        page,
        "<svg width=200 height=200><rect x=10 y=10 width=20 height=20 fill=red></rect>"
        "<circle cx=90 cy=90 r=15 fill=blue></circle><text x=50 y=50>7</text></svg>",
    )
    names = [element.name for element in seen.elements.values()]
    assert names[0].startswith("red rect 20x20 at ")
    assert names[1].startswith("blue circle 30x30 at ")
    assert "7" in names[2]


# What is not in the text


async def test_never_prints_passwords_and_the_like(page: Page) -> None:
    seen = await see(
        page,
        """<input type=password aria-label=Pass value=hunter2>
        <input autocomplete=cc-number aria-label=Card value=4111222>
        <input autocomplete=one-time-code aria-label=Code value=987654>
        <input name=userPassword aria-label=P value=plain>
        <input type=password aria-label=Empty>""",
    )
    for secret in ("hunter2", "4111222", "987654", "plain"):
        assert secret not in seen.text
    assert 'textbox "Pass #1" (password, filled)' in seen.text
    assert 'textbox "Empty #5" (password)' in seen.text
    assert all(element.value is None for element in seen.elements.values())
    html = await see(page, "<input type=password aria-label=Pass value=hunter2>", rendering="html")
    assert "hunter2" not in html.text
    assert 'filled="true"' in html.text


async def test_a_password_shown_in_clear_stays_a_secret(page: Page) -> None:
    await page.set_content("<input id=p type=password aria-label=Pass value=hunter2>")
    observer = Observer(page)
    await observer.observe()
    await page.evaluate("document.querySelector('input').type = 'text'")
    assert "hunter2" not in (await observer.observe()).text


@pytest.mark.parametrize(
    "style",
    [
        "display:none", "visibility:hidden", "opacity:0", "font-size:0", "color:white", "color:transparent",
        "position:absolute;left:-9999px", "text-indent:-9999px", "clip-path:inset(50%)",
        "width:0;height:0;overflow:hidden",
        "position:absolute;width:1px;height:1px;overflow:hidden", "content-visibility:hidden", "color:#fefefe",
        "max-height:0;overflow:hidden", "transform:scale(0)",
    ],
)  # fmt: skip
async def test_never_prints_text_that_nobody_sees(page: Page, style: str) -> None:
    seen = await see(
        page,
        f"""<body style="background:white"><p>Seen</p><div style="{style}">INJECT one</div>
        <a href=/>Link <span style="{style};display:inline-block">INJECT two</span></a>"""
        if style != "display:none"
        else f"<p>Seen</p><div style='{style}'>INJECT</div><a href=/>Link <span style='{style}'>INJECT</span></a>",
    )
    assert "Seen" in seen.text
    assert 'link "Link #1"' in seen.text
    assert "INJECT" not in seen.text


async def test_leaves_out_characters_that_nobody_sees(page: Page) -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "INJECT")
    seen = await see(page, f"<p>Zero\u200bwidth{tags}</p>")
    assert "Zerowidth" in seen.text
    assert not any(ord(c) > 0xFFFF for c in seen.text)


@pytest.mark.parametrize(
    "track",
    ["transform:translate3d(-100%,0,0)", "margin-left:-100%;width:100%", "position:absolute;left:-100%;width:100%"],
)
async def test_prints_the_slide_in_sight_of_a_carousel(page: Page, track: str) -> None:
    slides = "".join(f"<div style='flex:0 0 100%'><a href=/{i}>Slide {i}</a><p>{i}0% off</div>" for i in (1, 2, 3))
    seen = await see(
        page,
        "<style>body{margin:0}</style><h1>Shop</h1><div style='overflow:hidden;position:relative;height:90px'>"
        f"<div style='display:flex;{track}'>{slides}</div></div>",
    )
    assert lines(seen)[1:] == ["# Shop", 'link "Slide 2 #1"', "20% off"]


@pytest.mark.parametrize(
    "style",
    [
        "div{position:relative;z-index:0} div::before{content:'';position:absolute;inset:0;background:#222;z-index:-1}",
        "body::before{content:'';position:fixed;inset:0;background:linear-gradient(#111,#333);z-index:-1}",
        "div{background:rgba(0,0,0,.5)}",
    ],
)
async def test_prints_white_text_on_what_a_style_draws_or_tints(page: Page, style: str) -> None:
    seen = await see(page, f"<style>{style} div{{color:#fff}}</style><div><h1>Sale</h1><p>All <b>kettles</b></div>")
    assert lines(seen)[1:] == ["# Sale", "All kettles"]


@pytest.mark.parametrize(
    "style",
    [
        "div::before{content:'';display:table}",
        "div{position:relative} div::after{content:'';position:absolute;width:99px;height:2px;background:red}",
        "div{background:rgba(0,0,0,.01)}",
    ],
)
async def test_does_not_print_white_text_on_white_below_a_line_or_a_breath_of_colour(page: Page, style: str) -> None:
    seen = await see(page, f"<style>{style} div{{color:#fff}}</style><div>INJECT one</div>")
    assert "INJECT" not in seen.text


async def test_prints_white_text_on_a_picture(page: Page) -> None:
    seen = await see(
        page,
        """<body style="background:white"><div style="position:relative">
        <img width=600 height=300 src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>">
        <h2 style="position:absolute;top:40px;color:white">Caption</h2></div>
        <h2 style="background:black;color:white">On black</h2>""",
    )
    assert "## Caption" in lines(seen)
    assert "## On black" in lines(seen)


async def test_lists_controls_hidden_from_screen_readers_only(page: Page) -> None:
    seen = await see(page, "<div aria-hidden=true><button>Seen by people</button></div>")
    assert 'button "Seen by people #1"' in seen.text


# Dialogs, covers


async def test_a_layer_over_links_is_no_trouble(page: Page) -> None:
    await page.set_content(
        "<a href='https://example.org/far' style='position:fixed;inset:0'>Behind</a>"
        "<div style='position:fixed;inset:0;background:#0008'><div role=dialog aria-modal=true>"
        "<p>We value your privacy</p><a href='https://example.org/'>Read more</a><button>Accept</button></div></div>"
    )
    seen = await Observer(page).observe()
    assert [element.name for element in seen.elements.values()] == ["Read more", "Accept"]


async def test_leaves_out_what_an_open_modal_dialog_covers(page: Page) -> None:
    seen = await see(
        page,
        "<button>Behind</button><p>Text behind</p><dialog id=d><h2>Sure?</h2><button>Yes</button></dialog>"
        "<script>d.showModal()</script>",
    )
    assert "Behind" not in seen.text
    assert "behind" not in seen.text.replace("more behind it", "")
    assert [e.label for e in seen.elements.values()] == ['button "Yes #1"']
    assert "a dialog is open; 2 more behind it" in lines(seen)
    assert seen.omitted == 2


async def test_leaves_out_what_an_overlay_covers_and_keeps_what_stands_on_it(page: Page) -> None:
    seen = await see(
        page,
        "<button>Behind</button><div style='position:fixed;inset:0;background:#0008'></div>"
        "<div style='position:fixed;left:300px;top:200px;width:300px;height:200px;background:white'>"
        "Cookies? <button>Accept</button></div>",
    )
    assert [e.name for e in seen.elements.values()] == ["Accept"]


async def test_a_background_covers_nothing(page: Page) -> None:
    for style in ("z-index:-1", "z-index:0;pointer-events:none", ""):
        seen = await see(
            page,
            f"<div style='position:fixed;inset:0;{style}'></div><div style='position:relative'>"
            "<p>Content</p><button>Works</button></div>",
        )
        assert "Content" in seen.text
        assert 'button "Works #1"' in seen.text


async def test_leaves_out_inert_parts(page: Page) -> None:
    seen = await see(page, "<div inert><button>No</button></div><button>Yes</button>")
    assert [e.name for e in seen.elements.values()] == ["Yes"]


# Budget, scrolling


async def test_keeps_the_budget_and_counts_what_it_leaves_out(page: Page) -> None:
    rows = "".join(f"<li><a href=/{i}>Item number {i}</a></li>" for i in range(1_000))
    seen = await see(page, f"<h1>All</h1><ul>{rows}</ul>", tokens=1_000)
    assert seen.tokens <= 1_000
    assert 'link "Item number 0 #1"' in seen.text
    listed = len(seen.elements)
    assert 30 < listed < 200
    assert f"… {1_000 - listed:,} more below" in lines(seen)
    assert seen.omitted == 1_000 - listed
    assert "screens: 0.0 above," in seen.text


async def test_prints_what_is_in_view_after_scrolling_and_what_is_nearest(page: Page) -> None:
    rows = "".join(f"<li><a href=/{i}>Item number {i}</a></li>" for i in range(1_000))
    await page.set_content(f"<!doctype html><ul>{rows}</ul>")
    await page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    seen = await Observer(page).observe(tokens=1_000)
    names = [int(element.name.split()[-1]) for element in seen.elements.values()]
    assert min(names) < 490 < 510 < max(names)
    assert max(names) - min(names) < 150
    above, below = min(names), 999 - max(names)
    assert f"… {above:,} more above" in seen.text
    assert f"… {below:,} more below" in seen.text


async def test_cuts_a_view_that_is_too_full_and_says_so(page: Page) -> None:
    links = "".join(f"<a href=/{i} style='font-size:6px'>Some longer name of link {i}</a> " for i in range(3_000))
    seen = await see(page, links, tokens=500)
    assert seen.tokens <= 750
    assert "more in view" in seen.text


async def test_shows_the_end_of_a_view_that_is_too_full_where_the_page_ends(page: Page) -> None:
    seats = "".join(f"<tr><td><button>Seat {i}A</button><td><button>Seat {i}C</button>" for i in range(40))
    table = f"<table aria-label=Seats style='font-size:6px'>{seats}</table>"
    await page.set_viewport_size({"width": 800, "height": 1_200})
    begin = await see(page, f"<p style='height:100px'>Choose</p>{table}<button>Save</button>", tokens=300)
    assert "Seat 0A" in begin.text
    assert "Save" not in begin.text
    assert begin.text.endswith("more in view")
    await page.evaluate("document.body.style.paddingBottom = '100px'; scrollTo(0, 9999)")
    end = await Observer(page).observe(tokens=300)
    assert 'button "Save' in end.text
    assert "Seat 39C" in end.text
    assert "Seat 0A" not in end.text
    assert end.text.index("more in view") < end.text.index('table "Seats"') < end.text.index("Seat 39C")


async def test_counts_what_stays_outside_a_scroll_area(page: Page) -> None:
    rows = "".join(f"<li><button>Row {i}</button></li>" for i in range(400))
    seen = await see(page, f"<div style='height:200px;overflow:auto'><ul>{rows}</ul></div><p>After</p>", tokens=600)
    assert 'button "Row 0 #1"' in seen.text
    assert "more here, scroll this area" in seen.text
    assert "After" in seen.text


async def test_finds_a_fixed_box_that_hangs_in_a_part_far_away(page: Page) -> None:
    rows = "".join(f"<p>Paragraph {i}</p>" for i in range(3_000))
    seen = await see(
        page,
        f"{rows}<footer><p>End</p><button style='position:fixed;right:20px;bottom:20px;width:60px;height:60px'>Chat"
        "</button></footer>",
    )
    assert 'button "Chat #' in seen.text


async def test_sees_what_flows_out_of_a_box_of_fixed_height(page: Page) -> None:
    rows = "".join(f"<p>Paragraph {i}</p>" for i in range(1_000))
    await page.set_content(f"<!doctype html><div style='height:100px'><div>{rows}</div></div>")
    await page.evaluate("scrollTo(0, 20000)")
    seen = await Observer(page).observe()
    assert seen.text.count("Paragraph") > 15


# Frames and shadow roots

_MAIN = "http://a.test/"
_OTHER = "http://b.test/inner"


async def test_reads_frames_of_the_same_and_of_other_origins_and_clicks_in_them(page: Page) -> None:
    inner = "<button onclick=\"this.textContent='Done'\">Press me</button>"
    await web(
        page,
        {
            _MAIN: f"<h1>Top</h1><iframe title=Other src={_OTHER}></iframe>"
            "<iframe title=Same srcdoc='<a href=/>In</a>'></iframe><p>After</p>",
            _OTHER: f"{inner}<iframe title=Deep src={_MAIN}deep></iframe>",
            f"{_MAIN}deep": "<input aria-label=Deepest>",
        },
    )
    await page.goto(_MAIN)
    observer = Observer(page)
    seen = await observer.observe()
    assert [line for line in lines(seen) if not line.startswith("page")] == [
        "# Top",
        'iframe "Other #1"',
        'button "Press me #2"',
        'iframe "Deep #3"',
        'textbox "Deepest #4"',
        'iframe "Same #5"',
        'link "In #6"',
        "After",
    ]
    handle = await observer.handle(2)
    assert handle
    await handle.click(timeout=2_000)
    assert 'button "Done #2"' in (await observer.observe()).text
    deep = await observer.handle(4)
    assert deep
    await deep.fill("text", timeout=2_000)
    assert 'textbox "Deepest #4" = "text"' in (await observer.observe()).text


async def test_gives_the_editable_body_of_a_frame_a_ref(page: Page) -> None:
    await page.set_content("<iframe title=Editor srcdoc='<body contenteditable>Hello</body>'></iframe>")
    observer = Observer(page)
    seen = await observer.observe()
    editor = next(element for element in seen.elements.values() if element.role == "textbox")
    assert editor.label == f'textbox "Editor #{editor.ref}"'
    handle = await observer.handle(editor.ref)
    assert handle
    await handle.fill("New text", timeout=2_000)
    assert '= "New text"' in (await observer.observe()).text


async def test_reads_nested_shadow_roots_and_slots_and_clicks_in_them(page: Page) -> None:
    await page.set_content(
        """<outer-box><span slot=title>Slotted title</span><button>Light</button></outer-box><script>
        customElements.define('inner-box', class extends HTMLElement { connectedCallback() {
          this.attachShadow({mode: 'open'}).innerHTML =
            '<button onclick="this.textContent=\\'Pressed\\'">Deep</button>'
        }});
        customElements.define('outer-box', class extends HTMLElement { connectedCallback() {
          this.attachShadow({mode: 'open'}).innerHTML =
            '<h2><slot name=title></slot></h2><inner-box></inner-box><slot></slot>' +
            '<slot name=none><a href=/>Fallback</a></slot>'
        }});</script>"""
    )
    observer = Observer(page)
    assert lines(await observer.observe())[1:] == [
        "## Slotted title",
        'button "Deep #1"',
        'button "Light #2"',
        'link "Fallback #3"',
    ]
    handle = await observer.handle(1)
    assert handle
    await handle.click(timeout=2_000)
    assert 'button "Pressed #1"' in (await observer.observe()).text


# Refs, new, stale


async def test_refs_stay_with_their_elements_and_new_ones_are_marked(page: Page) -> None:
    await page.set_content("<button>A</button><button>B</button><p>Old text</p>")
    observer = Observer(page)
    assert "*" not in (await observer.observe()).text
    await page.evaluate(
        """const made = document.createElement('button'); made.textContent = 'Zero'; document.body.prepend(made);
        document.querySelector('p').insertAdjacentHTML('afterend', '<p>New text</p>');
        const b = document.querySelectorAll('button')[2]; document.body.append(b)"""
    )
    seen = await observer.observe()
    assert lines(seen)[1:] == ['*button "Zero #3"', 'button "A #1"', "Old text", "*New text", 'button "B #2"']
    assert seen.new == ('button "Zero #3"', "New text")
    assert "*" not in (await observer.observe()).text


async def test_what_scrolls_into_view_is_not_new(page: Page) -> None:
    rows = "".join(f"<p><a href=/{i}>Item {i}</a> text {i}</p>" for i in range(2_000))
    await page.set_content(f"<!doctype html>{rows}")
    observer = Observer(page)
    await observer.observe()
    for _ in range(3):
        await page.evaluate("scrollBy(0, 5000)")
        assert not (await observer.observe()).new


async def test_refs_start_again_after_a_navigation(page: Page) -> None:
    await web(page, {_MAIN: "<a href=/two>Go</a>", f"{_MAIN}two": "<button>Other</button>"})
    await page.goto(_MAIN)
    observer = Observer(page)
    await observer.observe()
    await page.goto(f"{_MAIN}two")
    assert await observer.handle(1) is None, "before the next observation it is the old page's"
    seen = await observer.observe()
    assert lines(seen)[1:] == ['button "Other #1"']
    assert seen.url == f"{_MAIN}two"


@pytest.mark.alone  # it measures time
async def test_stale_refs_are_known_at_once(page: Page) -> None:
    await page.set_content(
        "<button id=a>A</button><button id=b>B</button><iframe srcdoc='<button>C</button>'></iframe>"
    )
    observer = Observer(page)
    seen = await observer.observe()
    refs = {element.name: element.ref for element in seen.elements.values()}
    await page.evaluate("a.remove(); b.style.display = 'none'; document.querySelector('iframe').remove()")
    started = time.perf_counter()
    assert [await observer.handle(refs[name]) for name in "ABC"] == [None, None, None]
    assert await observer.handle(999) is None
    assert time.perf_counter() - started < 1


async def test_resolves_labels_as_models_write_them(page: Page) -> None:
    await page.set_content(
        "<a href=/>Blue Kettle</a><a href=/>Red Kettle</a><button>Buy</button><button>Buy</button>"
        "<button>Blue Kettle, large</button>"
    )
    observer = Observer(page)
    await observer.observe()
    for label in ('link "Blue Kettle #1"', "Blue Kettle #1", "#1", "Blue Kettle", 'link "Blue Kettle #99"'):
        assert observer.resolve(label).ref == 1, label
    assert observer.resolve('button "Buy #4"').ref == 4
    assert observer.resolve("Red Kettle #1").ref == 2, "the name says what was meant"
    with pytest.raises(AmbiguousElementError, match=r'could be button "Buy #3", button "Buy #4"'):
        observer.resolve("Buy #77")
    with pytest.raises(StaleElementError, match=r"is not on the page now.*Red Kettle #2"):
        observer.resolve("Rod Kettle #50")
    with pytest.raises(StaleElementError):
        observer.resolve("#50")


async def test_nothing_is_resolved_before_the_first_observation(page: Page) -> None:
    with pytest.raises(StaleElementError):
        Observer(page).resolve("#1")


# Fingerprints


async def test_the_fingerprint_changes_with_what_a_person_could_notice(page: Page) -> None:
    await page.set_content(
        "<h1 id=h>Title</h1><input id=i aria-label=Name><input id=p type=password aria-label=Pass>"
        "<input type=checkbox id=c aria-label=C><div style='height:3000px'></div>"
    )
    observer = Observer(page)
    prints = [(await observer.observe()).fingerprint]
    for change in ("h.textContent = 'Other'", "i.value = 'x'", "p.value = 'y'", "c.checked = true", "scrollTo(0, 99)"):
        await page.evaluate(change)
        prints.append((await observer.observe()).fingerprint)
    assert len(set(prints)) == len(prints)


async def test_the_fingerprint_ignores_refs_focus_and_clocks(page: Page) -> None:
    await page.set_content("<p id=t>It is 10:59:01, saved 3 seconds ago</p><button id=b>Go</button>")
    first = await Observer(page).observe()
    await page.evaluate("b.focus(); t.textContent = 'It is 11:00:00, saved 9 seconds ago'")
    second = await Observer(page).observe()
    await page.evaluate("const made = b.cloneNode(true); b.replaceWith(made)")
    third = await Observer(page).observe()
    assert first.fingerprint == second.fingerprint == third.fingerprint


# Html


async def test_renders_numbered_html_of_the_view(page: Page) -> None:
    seen = await see(
        page,
        "<nav><a href=/>Home</a></nav><h1>Shop &amp; more</h1><table><tr><td>A<td><button>Buy</button></table>"
        "<label>Name <input value='a &quot;b&quot;'></label><select aria-label=Size><option>S<option>M</select>"
        "<div style='height:3000px'></div><a href=/x>Far away</a>",
        rendering="html",
    )
    assert lines(seen) == [
        "<html>",
        "<nav>",
        '<a id="1"> Home </a>',
        "</nav>",
        "Shop &amp; more",
        '<tr> <td> A </td> <td> <button id="2"> Buy </button> </td> </tr>',
        '<input id="3" label="Name" value="a &quot;b&quot;" />',
        '<select id="4" label="Size" value="S"> S | M </select>',
        "<!-- … 1 more below -->",
        "</html>",
    ]
    assert set(seen.elements) == {1, 2, 3, 4}


# Awkward pages


async def test_leaves_the_page_as_it_was(page: Page) -> None:
    await page.set_content("<form><input name=firstChild value=a><input name=tagName></form><div id=x>Text</div>")
    before = await page.content()
    globals_before = await page.evaluate("Object.getOwnPropertyNames(window).length")
    seen = await Observer(page).observe()
    assert await page.content() == before
    assert await page.evaluate("Object.getOwnPropertyNames(window).length") == globals_before
    assert len(seen.elements) == 2, "a form whose fields hide its own properties"


_SABOTAGE = """
for (const name of ['map', 'filter', 'forEach', 'join', 'indexOf', 'sort', 'concat', 'includes'])
  Array.prototype[name] = () => { throw new Error('no ' + name) };
Array.prototype.toJSON = Object.prototype.toJSON = () => 'broken';
JSON.stringify = () => 'broken'; String.prototype.trim = String.prototype.split = () => { throw new Error('no') };
"""
_DEEP_SABOTAGE = """
Element.prototype.getBoundingClientRect = Element.prototype.querySelectorAll = () => { throw new Error('no') };
window.WeakMap = window.WeakRef = window.Set = function () { throw new Error('no') };
window.getComputedStyle = () => null;
Element.prototype.getAttribute = () => 'broken'; Element.prototype.checkVisibility = () => false;
"""


async def test_reads_pages_that_replace_the_language(page: Page) -> None:
    await page.set_content("<button>Works</button><input aria-label=Field value=1>")
    observer = Observer(page)
    await observer.observe()
    await page.evaluate(f"() => {{ {_SABOTAGE} {_DEEP_SABOTAGE} }}")
    seen = await observer.observe()
    assert lines(seen)[1:] == ['button "Works #1"', 'textbox "Field #2" = "1"']


async def test_the_init_script_comes_before_the_page(browser: Browser) -> None:
    context = await browser.new_context()
    await context.add_init_script(INIT_SCRIPT)
    page = await context.new_page()
    await web(page, {_MAIN: f"<script>{_SABOTAGE} {_DEEP_SABOTAGE}</script><button>Works</button>"})
    await page.goto(_MAIN)
    observer = Observer(page)
    assert lines(await observer.observe())[1:] == ['button "Works #1"']
    assert await observer.handle(1)
    await context.close()


async def test_empty_pages(page: Page) -> None:
    for body in ("", "<html></html>", "<body style='display:none'><p>x</p></body>"):
        await page.set_content(body)
        seen = await Observer(page).observe()
        assert "(nothing to see on this page)" in seen.text
        assert not seen.elements
    await page.goto("about:blank")
    assert (await Observer(page).observe()).url == "about:blank"


@pytest.mark.alone  # it measures time
async def test_a_huge_page_is_observed_quickly(page: Page) -> None:
    rows = "".join(f"<tr><td>{i}<td><a href=/{i}>Item {i}</a><td><button>Edit</button></tr>" for i in range(6_000))
    await page.set_content(f"<!doctype html><table>{rows}</table>")
    assert await page.evaluate("document.querySelectorAll('*').length") > 35_000
    observer = Observer(page)
    await observer.observe()
    started = time.perf_counter()
    seen = await observer.observe()
    assert time.perf_counter() - started < 1.0, "it is some 30 ms on an idle machine"
    assert seen.tokens <= 2_000
    assert seen.omitted > 10_000


async def test_a_long_text_is_shown_from_where_it_is_read(page: Page) -> None:
    words = " ".join(f"word{i}" for i in range(20_000))
    await page.set_content(f"<!doctype html><p>{words}</p>")
    await page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    seen = await Observer(page).observe()
    assert "word10" in seen.text
    assert "word1 " not in seen.text
    assert estimate_tokens(seen.text) < 3_000


async def test_a_page_that_navigates_meanwhile_is_observed_when_it_has_arrived(page: Page) -> None:
    await web(page, {_MAIN: "<script>location.href = '/two'</script>Leaving", f"{_MAIN}two": "<p>Arrived</p>"})
    await page.goto(_MAIN, wait_until="commit")
    observer = Observer(page)
    await observer.observe()
    await page.wait_for_url(f"{_MAIN}two")
    assert "Arrived" in (await observer.observe()).text


async def test_a_closed_page_is_a_lost_browser(page: Page) -> None:
    observer = Observer(page)
    await page.close()
    with pytest.raises(BrowserLostError):
        await observer.observe()


async def test_a_field_is_not_named_after_text_nobody_sees(page: Page) -> None:
    seen = await see(page, "<div style='display:none'>Pick the red one</div><p>Colour:</p><select><option>red</select>")
    assert [element.name for element in seen.elements.values()] == ["Colour:"]
    seen = await see(page, "<div style='display:none'>Pick the red one</div><select><option>red</select>")
    assert "Pick" not in seen.text


async def test_a_label_may_name_the_kind_or_end_in_a_number(page: Page) -> None:
    await page.set_content("<button>Save</button><a href=/12>Go 12</a>")
    observer = Observer(page)
    await observer.observe()
    assert observer.resolve("button #1").name == "Save"
    assert observer.resolve("a #2").name == "Go 12"
    assert observer.resolve("Go 12").ref == 2
    with pytest.raises(StaleElementError):
        observer.resolve("link #1")


async def test_tells_where_the_page_can_be_scrolled(page: Page) -> None:
    observer = Observer(page)
    await page.set_content("<p>Short</p>")
    assert (await observer.observe()).scrolls == ()
    await page.set_content("<p style='height:3000px'>Long</p>")
    assert (await observer.observe()).scrolls == ("down",)
    await page.evaluate("scrollTo(0, 100)")
    assert (await observer.observe()).scrolls == ("down", "up")
    await page.set_content("<div style='height:100px;overflow:auto'><p style='height:900px'>Inner</p></div>")
    assert (await observer.observe()).scrolls == ("down", "up")
