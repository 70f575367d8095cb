"""Dates and times, as the site shows them and as people type them."""

import re
from datetime import date, datetime

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_WORDS = re.compile(
    r"(?:[a-z]+,? )?(?:(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?),?(?: (\d{4}))?"
)


def day(when: date) -> str:
    """20 May 2026."""
    return f"{when.day} {when:%B %Y}"


def long_day(when: date) -> str:
    """Wednesday 20 May 2026."""
    return f"{when:%A} {day(when)}"


def short_day(when: date) -> str:
    """20 May."""
    return f"{when.day} {when:%B}"


def clock(when: datetime) -> str:
    """08:05."""
    return f"{when:%H:%M}"


def span(minutes: int) -> str:
    """2 h 05 min."""
    return f"{minutes // 60} h {minutes % 60:02} min"


def read_day(text: str, *, year: int | None = None) -> date | None:
    """A date from what somebody typed: 2026-05-20, 20/05/2026, 20 May 2026, 20 May, May 20; None when it is none.

    Args:
        text: What was typed.
        year: The year of dates without one, which are none when it is not given.
    """
    plain = " ".join(text.casefold().replace(",", " ").split())
    try:
        if found := _ISO.fullmatch(plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMBERS.fullmatch(plain):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _WORDS.fullmatch(plain):
            word, meant = found[2] or found[3], found[5] or year
            month = next((i for i, name in enumerate(MONTHS, 1) if name.startswith(word)), 0)
            return date(int(meant), month, int(found[1] or found[4])) if meant else None
    except ValueError:
        return None
    return None
