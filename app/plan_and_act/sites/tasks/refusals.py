"""Whether an answer says that a task cannot be done."""

import re

_NOT = r"(?: not(?: yet| been)?|n't(?: yet| been)?| no longer(?: been)?)"
_REFUSES = re.compile(
    r"^\W*no\b|\b(?:"
    r"impossible|n/a|unavailable|unable|none|nobody|nothing|nowhere|no such|no longer|not found|too late"
    r"|expired|blocked|refused|denied|(?<!not )sold out"
    r"|can ?not|can't|could(?:n't| not)|not (?:possible|available|allowed|permitted|able|offered)"
    rf"|(?:is|are|was|were|has|have){_NOT} (?:there|here|found|listed|refundable|valid|known|open|any|a|an|in|on|have)"
    rf"|(?:do|does|did){_NOT} (?:exist|have|allow|offer|find|see|let|permit|work|apply|appear|fly|accept)"
    r"|there(?:'s| is| are| was| were) no|there (?:is|are|was|were)(?:n't| not)"
    r"|no (?:\w+ ){1,6}(?:exists?|found|offered|available|listed|possible|allowed)"
    r")\b",
    re.I,
)
_CLAIMS = re.compile(
    r"^\W*(?:done|successfully|i(?:'ve| have) (?!not\b|no\b|looked|checked|searched|tried|found))\b", re.I
)


def refuses(answer: str) -> bool:
    """Whether an answer says that a task cannot be done, and does not begin by saying that it was done.

    Any negation is not enough: "it costs €120 and is not sold out" refuses nothing.
    """
    said = answer.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return bool(_REFUSES.search(said)) and not _CLAIMS.search(said)
