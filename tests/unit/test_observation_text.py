import pytest

from plan_and_act.actions import name_of, ref_of
from plan_and_act.browser._frames import Sight, Walker
from plan_and_act.browser._lines import Control, parse
from plan_and_act.browser._render import outline, simplified_html
from plan_and_act.browser.observation import Element, estimate_tokens

_PAGE = """page "Blue Shop" http://127.0.0.1:8000/shop
screens: 0.0 above, 3.4 below
navigation "Main"
 link "Home #1" (current)
 link "Terms of service #2"
# Kettles
textbox "Search products #3" placeholder "Name or number"
Blue Kettle | 12.99 | link "Edit #4" | button "Delete #5" (disabled)
… 1,240 more below"""
_HTML = """<tr> <td> Ada Lovelace </td> <td> <button id="18"> Delete </button> </td> </tr>
<input id="3" type="password" label="Password" filled="true" />"""
_PROSE = (
    "Simply specify what your component looks like and React will keep it up-to-date when the underlying data changes."
)


@pytest.mark.parametrize(("text", "o200k"), [(_PAGE, 104), (_HTML, 49), (_PROSE, 21)])
def test_tokens_are_estimated_within_a_tenth(text: str, o200k: int) -> None:
    assert estimate_tokens(text) == pytest.approx(o200k, rel=0.1)


@pytest.mark.parametrize("name", ["Blue Kettle", "Issue #12", "7", "Say 'hi' (now)", "a | b", "…"])
def test_labels_can_be_read_back(name: str) -> None:
    label = Element(17, "link", name, "a").label
    assert ref_of(label) == 17
    assert name_of(label) == name.strip("'")


def sight(*rows: str, left: str = "0,0") -> Sight:
    """What the page script would answer: a document of one screen, and these lines."""
    head = "\x1f".join(["Title", "0", "0", "1280", "720", "720", "0", "", left, "720", "720"])
    walker = Walker(None, str)  # type: ignore[arg-type]
    answer = parse("\x1e".join([head, *rows]), walker, str)
    return Sight(answer, answer.lines, list(answer.left), 0, False, [walker])


def row(kind: str, depth: int, at: int, *parts: str, area: int = 0) -> str:
    return "\x1f".join([kind, str(depth), str(at), str(at), str(area), *parts])


def button(number: int, name: str, states: str = "") -> str:
    return "c" + "\x1d".join([str(number), "button", "button", "", name, "", "", "", states, ""])


def number(control: Control) -> int:
    return control.id


def body(seen: Sight, tokens: int = 1_000) -> list[str]:
    return outline(seen, number, url="http://x/", tokens=tokens).text.splitlines()[1:]


def test_prints_lines_with_their_groups_and_drops_groups_without_lines() -> None:
    seen = sight(
        row("g", 0, 0, "tnavigation", "tMain"),
        row("t", 1, 0, button(1, 'Say "hi"')),
        row("g", 0, 5_000, "tcontentinfo", "t"),
        row("t", 1, 5_000, "t" + "far away " * 90),
    )
    assert body(seen, tokens=90) == ['navigation "Main"', " button \"Say 'hi' #1\"", "… 1 more below"]


def test_a_label_that_only_repeats_the_name_of_its_field_is_left_out() -> None:
    seen = sight(row("t", 0, 0, "tName:"), row("t", 0, 0, button(1, "Name")), row("t", 0, 0, "tOther"))
    assert body(seen) == ['button "Name #1"', "Other"]


def test_what_is_in_view_comes_before_what_is_nearest() -> None:
    rows = [row("t", 0, at, f"tline at {at} " + "word " * 20) for at in (-900, -40, 0, 30, 700)]
    kept = body(sight(*rows, left="4,1200"), tokens=130)
    assert [line.split()[2] for line in kept if line.startswith("line")] == ["-40", "0", "30"]
    assert kept[0] == "… 5 more above"
    assert kept[-1] == "… 1,201 more below"


def test_long_texts_are_shortened_before_controls_are_cut() -> None:
    rows = [
        part for i in range(10) for part in (row("t", 0, 0, "t" + "long text " * 60), row("t", 0, 0, button(i, "Go")))
    ]
    seen = outline(sight(*rows), number, url="http://x/", tokens=600)
    assert len(seen.controls) == 10
    assert "more characters)" in seen.text
    assert seen.omitted == 0


def test_a_scroll_area_says_what_it_holds_back() -> None:
    seen = sight(
        row("t", 0, 0, button(1, "In the list"), area=1),
        row("t", 0, 0, "tAfter the list"),
        row("t", 0, 4_000, button(2, "Hidden in the list " * 5), area=1),
        left="0,0;0,30",
    )
    assert body(seen, tokens=70) == [
        'button "In the list #1"',
        "… 31 more here, scroll this area",
        "After the list",
    ]


def test_html_escapes_what_the_page_says() -> None:
    seen = sight(row("t", 0, 0, "t</html><script>"), row("t", 0, 0, button(1, "<b> & 'c'", "disabled")))
    text = simplified_html(seen, number, url="http://x/", tokens=500).text
    assert text.splitlines()[1:-1] == [
        "&lt;/html&gt;&lt;script&gt;",
        '<button id="1" disabled="true"> &lt;b&gt; &amp; \'c\' </button>',
    ]
