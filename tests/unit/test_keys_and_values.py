"""Keys and field values: what people and models write, and what Playwright takes."""

import pytest

from plan_and_act.actions import ACTIONS
from plan_and_act.browser._keys import to_key
from plan_and_act.browser._target import match_option
from plan_and_act.browser._values import is_outside, to_value
from plan_and_act.browser.perform import _DO

US = ("month", "day", "year")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Enter", "Enter"),
        ("enter", "Enter"),
        (" Return ", "Enter"),
        ("esc", "Escape"),
        ("page down", "PageDown"),
        ("PAGE_UP", "PageUp"),
        ("Arrow-Left", "ArrowLeft"),
        ("f5", "F5"),
        ("a", "a"),
        ("É", "É"),
        ("/", "/"),
        (" ", " "),
        ("space", " "),
        ("+", "+"),
        ("ctrl+a", "Control+a"),
        ("Ctrl + Shift + Tab", "Control+Shift+Tab"),
        ("cmd+Enter", "Meta+Enter"),
        ("Control++", "Control++"),
        ("Shift", "Shift"),
    ],
)
def test_keys(written: str, key: str) -> None:
    assert to_key(written) == key


@pytest.mark.parametrize("written", ["AnyKey", "", "a+b", "Enter+a", "Control+", "hello world", "+a+"])
def test_what_is_no_key_is_refused_with_examples(written: str) -> None:
    with pytest.raises(ValueError, match=r"Keys are named like this: Enter, .*Control\+a"):
        to_key(written)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "2026-03-31", "2026-03-31"),
        ("date", "3/31/2026", "2026-03-31"),
        ("date", "2026/3/1", "2026-03-01"),
        ("date", "", ""),
        ("time", "17:30", "17:30"),
        ("time", "5:30 PM", "17:30"),
        ("time", "12am", "00:00"),
        ("time", "12:05 p.m.", "12:05"),
        ("time", "9:05:07", "09:05:07"),
        ("datetime-local", "2026-03-31T17:30", "2026-03-31T17:30"),
        ("datetime-local", "3/31/2026, 5:30 PM", "2026-03-31T17:30"),
        ("month", "2026-03", "2026-03"),
        ("week", "2026-W14", "2026-W14"),
        ("color", "#FF8800", "#ff8800"),
        ("number", "1,234.5", "1234.5"),
        ("number", "-3e2", "-3e2"),
        ("range", " 7 ", "7"),
    ],
)
def test_values(kind: str, text: str, value: str) -> None:
    assert to_value(kind, text, US) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "tomorrow"),
        ("date", "2026-02-30"),
        ("date", "31/3/2026"),
        ("time", "25:00"),
        ("time", "13 pm"),
        ("time", "7"),
        ("datetime-local", "2026-03-31"),
        ("month", "March"),
        ("color", "red"),
        ("number", "many"),
        ("number", "nan"),
        ("number", "1_000"),
    ],
)
def test_values_that_a_field_cannot_take(kind: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whoever calls it makes the sentence
        to_value(kind, text, US)


def test_the_order_of_a_date_is_that_of_the_browser() -> None:
    assert to_value("date", "1.2.2026", ("day", "month", "year")) == "2026-02-01"
    assert to_value("date", "1/2/2026", US) == "2026-01-02"


def test_bounds() -> None:
    assert is_outside("range", "10", "2", "9")
    assert not is_outside("range", "9", "2", "10")
    assert is_outside("date", "2026-01-01", "2026-02-01", None)
    assert not is_outside("date", "", "2026-02-01", None)


def test_an_option_is_found_by_what_fits_best() -> None:
    options = ["Orange", "orange", "Blood  orange", "Apple"]
    assert match_option(options, "orange") == [1]
    assert match_option(options, "ORANGE") == [0, 1]
    assert match_option(options, "blood orange") == [2]
    assert match_option(options, "app") == [3]
    assert match_option(options, "kiwi") == []
    assert match_option(options, " ") == []


def test_an_option_is_found_by_its_value_before_a_part_of_its_text() -> None:
    countries, codes = ["Australia", "Belarus", "United States"], ["AU", "BY", "US"]
    assert match_option(countries, "US", codes) == [2]
    assert match_option(countries, "us", codes) == [2]
    assert match_option(countries, "states", codes) == [2]
    assert match_option(["AU", "Australia"], "AU", ["x", "AU"]) == [0]
    assert match_option(["1 night", "2 nights"], "1", ["0", "1"]) == [0]
    assert match_option(["January", "February"], "2", ["1", "2"]) == [1]


def test_every_action_of_the_browser_can_be_performed() -> None:
    assert set(_DO) == {action for action in ACTIONS.values() if action.on_page}
