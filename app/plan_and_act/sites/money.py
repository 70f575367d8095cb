"""Money that somebody typed."""

import re

_AMOUNT = re.compile(
    r"(?:€|eur)?\s*(?P<euros>\d{1,3}(?:[,'\s]\d{3}){1,2}|\d{1,9})(?:[.,](?P<cents>\d{0,2}))?\s*(?:€|euros?|eur)?"
)


def cents(text: str) -> int | None:
    """An amount from what somebody typed: 24.95, 24,5, €1,000, 1 000.50 euros; None when it is none."""
    found = _AMOUNT.fullmatch(text.strip().casefold())
    return int(re.sub(r"\D", "", found["euros"]) + (found["cents"] or "").ljust(2, "0")) if found else None
