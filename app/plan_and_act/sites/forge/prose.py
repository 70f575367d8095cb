"""How data is shown: times, numbers, initials, and text that people wrote."""

import re
import zlib
from datetime import datetime

from markupsafe import Markup, escape

_SPAN = re.compile(r"`([^`\n]+)`|\*([^*\n]+)\*|(?<![\w@/])@([a-z0-9-]{2,40})")


def ago(when: datetime, now: datetime) -> str:
    """How long ago something was, as people say it."""
    minutes = max(0, round((now - when).total_seconds() / 60))
    if minutes < 2:
        return "just now"
    for unit, size in (("year", 525_600), ("month", 43_800), ("week", 10_080), ("day", 1_440), ("hour", 60)):
        if minutes >= size:
            return f"{plural(minutes // size, unit)} ago"
    return f"{minutes} minutes ago"


def day(when: datetime) -> str:
    """A date, e.g. `12 May 2026`."""
    return f"{when.day} {when:%B %Y}"


def number(value: int) -> str:
    """A number with thousands set apart."""
    return f"{value:,}"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def initials(name: str) -> str:
    """The letters on a person's picture."""
    words = name.split()
    return (words[0][0] + words[-1][0]).upper() if words else "?"


def hue(name: str) -> int:
    """One of twelve colours, always the same one for the same name."""
    return zlib.crc32(name.encode()) % 12


def prose(text: str) -> Markup:
    """Text with paragraphs, `## ` headings, lists, fenced code, `code`, *emphasis* and @mentions as HTML."""
    blocks = []
    for index, chunk in enumerate(text.split("```")):
        if index % 2:
            blocks.append(Markup("<pre><code>{}</code></pre>").format(chunk.strip("\n")))
            continue
        blocks += [_block(block) for block in re.split(r"\n{2,}", chunk.strip()) if block.strip()]
    return Markup("\n").join(blocks)


def _block(block: str) -> Markup:
    if heading := re.match("#+ ", block):  # without the space it is the number of an issue
        return Markup("<h{0}>{1}</h{0}>").format(min(heading.end(), 4), _spans(block[heading.end() :].lstrip()))
    lines = block.split("\n")
    items = [line[2:] for line in lines if line.startswith("- ")]
    if len(items) == len(lines):
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_spans(i)) for i in items))
    return Markup("<p>{}</p>").format(Markup("<br>").join(_spans(line) for line in lines))


def _spans(line: str) -> Markup:
    out, end = Markup(""), 0
    for match in _SPAN.finditer(line):
        out += escape(line[end : match.start()])
        code, emphasis, person = match.groups()
        if code:
            out += Markup("<code>{}</code>").format(code)
        elif emphasis:
            out += Markup("<em>{}</em>").format(emphasis)
        else:
            out += Markup('<a href="/@{0}">@{0}</a>').format(person)
        end = match.end()
    return out + escape(line[end:])
