"""Pages shortened to what lies around the element that is acted on: such rows have little more than half the tokens."""

import random
import re
from dataclasses import replace

from langchain_core.messages import BaseMessage

from plan_and_act.actions import ref_of
from plan_and_act.synthesis.samples import Sample

_LINES = 16
_HEAD = 2
"""Title and address, and, where it is not all, how much of the page is in view."""
_PAGE = re.compile(r"(<page (\w+)>\n)(.*?)(\n</page \2>)", re.DOTALL)


def narrowed(sample: Sample, rng: random.Random) -> Sample:
    """The sample with 16 lines of its page: a stretch drawn at random that has the element in it.

    A sample whose action names no element, or whose page is no longer than that, stays as it is: an answer is found,
    and the end of a task seen, on whole pages only.
    """
    label = getattr(sample.what, "element", None)
    ref = ref_of(label) if label else None
    if ref is None:
        return sample
    return replace(sample, prompt=[_around(message, ref, rng) for message in sample.prompt])


def _around(message: BaseMessage, ref: int, rng: random.Random) -> BaseMessage:
    found = _PAGE.search(message.text)
    lines = found[3].split("\n") if found else []
    place = next((i for i, line in enumerate(lines) if re.search(rf'#{ref}"', line)), None)
    if found is None or place is None or len(lines) <= _HEAD + _LINES:
        return message
    first = min(max(place - rng.randrange(_LINES), _HEAD), len(lines) - _LINES)
    page = "\n".join(lines[:_HEAD] + lines[first : first + _LINES])
    text = message.text[: found.start(3)] + page + message.text[found.end(3) :]
    return message.model_copy(update={"content": text})
