"""The values that the typed fields of HTML take, from what people and models write."""

import re
from collections.abc import Sequence
from datetime import date, time

FORMATS = {
    "date": "a date as YYYY-MM-DD, e.g. 2026-03-31",
    "time": "a time as HH:MM on 24 hours, e.g. 17:30",
    "datetime-local": "a date and time as YYYY-MM-DDTHH:MM, e.g. 2026-03-31T17:30",
    "month": "a month as YYYY-MM, e.g. 2026-03",
    "week": "a week as YYYY-Www, e.g. 2026-W14",
    "color": "a colour as #rrggbb, e.g. #ff8800",
    "range": "a number",
    "number": "a number",
}
"""The fields that take only certain values, by their type, and what they take."""


def to_value(kind: str, text: str, order: Sequence[str]) -> str:
    """The value for a typed field.

    Args:
        kind: The field's type; a key of `FORMATS`.
        text: What was written.
        order: The order in which this browser shows `day`, `month` and `year`: a date with slashes is read like that.

    Raises:
        ValueError: When it cannot be read.
    """
    text = text.strip()
    if not text:
        return ""
    if kind == "date":
        return _date(text, order)
    if kind == "time":
        return _time(text)
    if kind == "datetime-local":
        day, *rest = re.split(r"[T\s,]+", text, maxsplit=1)
        return f"{_date(day, order)}T{_time(rest[0])}" if rest else _refuse(text)
    if kind in ("range", "number"):
        plain = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text
        # As HTML writes numbers: no infinity, no underscores.
        return plain if re.fullmatch(r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?", plain) else _refuse(text)
    form = {"month": r"\d{4}-\d\d", "week": r"\d{4}-W\d\d", "color": r"#[0-9a-fA-F]{6}"}[kind]
    if not re.fullmatch(form, text):
        return _refuse(text)
    return text.lower() if kind == "color" else text


def is_outside(kind: str, value: str, low: str | None, high: str | None) -> bool:
    """Whether a value that `to_value` gave lies outside a field's bounds (None: no bound)."""
    if not value:
        return False
    if kind == "range":
        return bool((low and float(value) < float(low)) or (high and float(value) > float(high)))
    # The other forms sort as text.
    return bool((low and value < low) or (high and value > high))


def _date(text: str, order: Sequence[str]) -> str:
    numbers = re.fullmatch(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})", text)
    if not numbers:
        return _refuse(text)
    parts = [int(number) for number in numbers.groups()]
    first = ("year", "month", "day") if parts[0] > 31 else order
    named = dict(zip(first, parts, strict=True))
    return date(named["year"], named["month"], named["day"]).isoformat()


def _time(text: str) -> str:
    clock = re.fullmatch(r"(\d{1,2})(?::(\d\d))?(?::(\d\d))?\s*(?:([ap])\.?m\.?)?", text, re.I)
    if not clock or not (clock[2] or clock[4]):
        return _refuse(text)
    hour = int(clock[1])
    if clock[4]:
        if not 1 <= hour <= 12:
            return _refuse(text)
        hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
    exact = time(hour, int(clock[2] or 0), int(clock[3] or 0))
    return exact.isoformat("seconds" if exact.second else "minutes")


def _refuse(text: str) -> str:
    raise ValueError(text)
