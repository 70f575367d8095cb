"""Pages shortened to what lies around the element that is acted on: such rows have little more than half the tokens."""

import random

from plan_and_act.actions import AnyAction, ref_of

_LINES = 16
_HEAD = 2
"""Title and address, and, where it is not all, how much of the page is in view."""


def narrowed(page: str, action: AnyAction, rng: random.Random) -> str:
    """A page's head and 16 more of its lines: a stretch drawn at random that has the element acted on in it.

    Where the action names no element, or the page is no longer than that, it stays as it is: an answer is found, and
    the end of a task seen, on whole pages only.

    Args:
        page: The page, as an observation renders it.
        action: What is done on it.
        rng: Draws where the stretch begins.
    """
    ref = ref_of(getattr(action, "element", None) or "")
    lines = page.split("\n")
    place = next((i for i, line in enumerate(lines) if f'#{ref}"' in line), None)
    if place is None or len(lines) <= _HEAD + _LINES:
        return page
    first = min(max(place - rng.randrange(_LINES), _HEAD), len(lines) - _LINES)
    return "\n".join(lines[:_HEAD] + lines[first : first + _LINES])
