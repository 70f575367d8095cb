"""Text from pages and models, made safe for a terminal."""

import unicodedata


def safe(text: str, limit: int = 300) -> str:
    """Text on one line without control and invisible format characters, at most `limit` characters.

    A page's title may hold escape sequences, which would move the cursor, recolour the screen or rename the window of
    whoever watches the run, and bidirectional overrides, which would make an action look like another one.
    """
    line = " ".join(text.split())
    line = "".join(c for c in line if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
