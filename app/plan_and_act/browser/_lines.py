"""What the page script answers, parsed: lines in reading order, made of text and controls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_RS, _US, _GS = "\x1e", "\x1f", "\x1d"


@dataclass(slots=True)
class Control:
    """Something a person can use, as the page script saw it."""

    id: int
    role: str
    tag: str
    type: str
    name: str
    value: str
    secret: bool
    options: str
    states: str
    placeholder: str
    owner: Any = None
    """The frame it is in."""


@dataclass(slots=True)
class Line:
    """A line of the outline: kind is t(ext), h1-h6, r(ow), i(tem), g(roup) or f(rame)."""

    kind: str
    depth: int
    at: int
    """Pixels outside the view: negative above, positive below, 0 in view."""
    top: int
    """Pixels from the top of the document."""
    area: int
    parts: list[str | Control | None] = field(default_factory=list)
    """Text, controls, and None between two cells of a row."""
    view: tuple[int, int, int, int] | None = None
    """The visible part of an iframe, in its own pixels."""
    owner: Any = None


@dataclass(slots=True)
class Answer:
    """What one walk of one frame gave."""

    title: str
    x: int
    y: int
    width: int
    height: int
    page_height: int
    covered: int
    dialog: bool
    left: list[tuple[int, int]]
    """What was not walked above and below, by scroll area; 0 is the document."""
    lines: list[Line]
    up: int
    """Pixels above the view within which everything was walked."""
    down: int

    @property
    def below(self) -> int:
        """Pixels of the page below the view."""
        return max(0, self.page_height - self.height - self.y)


def parse(answer: str, owner: Any, redact: Callable[[str], str]) -> Answer:
    """Read the page script's answer.

    Args:
        answer: The flat string that `snapshot` of the page script returns.
        owner: The frame it came from; set on every line and control.
        redact: Takes the values of secrets out of a text; nothing has been shortened yet, and what an element is called
            here is what it is found by later.
    """
    head, *rows = answer.split(_RS)
    title, x, y, width, height, page_height, covered, dialog, areas, up, down = head.split(_US)
    left = [(int(above), int(below)) for above, below in (pair.split(",") for pair in areas.split(";"))]
    lines = [_line(row, owner, redact) for row in rows]
    return Answer(
        title=redact(title),
        x=int(x),
        y=int(y),
        width=int(width),
        height=int(height),
        page_height=int(page_height),
        covered=int(covered),
        dialog=bool(dialog),
        left=left,
        lines=lines,
        up=int(up),
        down=int(down),
    )


def _line(row: str, owner: Any, redact: Callable[[str], str]) -> Line:
    kind, depth, at, top, area, *parts = row.split(_US)
    line = Line(kind, int(depth), int(at), int(top), int(area), owner=owner)
    for part in parts:
        mark, body = part[0], part[1:]
        if mark == "t":
            line.parts.append(redact(body))
        elif mark == "|":
            line.parts.append(None)
        elif mark == "v":
            left, upper, right, lower = (int(n) for n in body.split(","))
            line.view = (left, upper, right, lower)
        else:
            number, role, tag, type_, name, value, secret, options, states, hint = body.split(_GS)
            name, value, options, hint = map(redact, (name, value, options, hint))
            name = name.replace('"', "'")
            control = Control(int(number), role, tag, type_, name, value, bool(secret), options, states, hint, owner)
            line.parts.append(control)
    return line
