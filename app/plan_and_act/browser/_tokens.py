"""How many tokens a text has, about: no tokeniser, no files, no network."""

import re

_PIECES = re.compile(r"([A-Za-z]+)|(\d{1,3})|(\s*\n\s*)|([^\sA-Za-z\d\x00-\x7f]+)|[^\sA-Za-z\d]+")


def estimate_tokens(text: str) -> int:
    """Estimate the o200k_base tokens of an observation."""
    count = 0.0
    for word, _digits, _newline, foreign in _PIECES.findall(text):
        if word:
            count += 1 if len(word) < 8 else len(word) / 6
        elif foreign:
            count += len(foreign) * 0.7
        else:
            count += 1
    return round(count)
