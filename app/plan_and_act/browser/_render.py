"""From lines to text: what fits the budget, as an outline or as simplified HTML."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from plan_and_act.browser._frames import Sight
from plan_and_act.browser._lines import Control, Line
from plan_and_act.browser._tokens import estimate_tokens

_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d+ ?(?:s|sec|seconds?|m|min|minutes?) ago\b")
_WORD = re.compile(r"\w")
_SPACES = re.compile(r"  +")
_CLIPS = (1_500, 400, 160, 60)  # characters of a text in view; the next when the one before does not fit
_BEYOND = 300  # characters of a text outside the view
_OVERFLOW = 1.35  # so many times the budget may be used for what is in view
_RESERVE = 30  # tokens for the lines that say what was left out

Number = Callable[[Control], int]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text, the controls whose refs stand in it, what is new in it, and how much was left out."""

    text: str
    controls: dict[int, Control]
    new: tuple[str, ...]
    omitted: int
    essence: str
    """What a person could notice, without refs, marks and clocks: what the fingerprint is made of."""


def outline(sight: Sight, number: Number, *, url: str, tokens: int) -> Rendered:
    """Render an indented outline: what is in view, then what is nearest beyond it.

    Args:
        sight: What was seen.
        number: Gives a control its ref.
        url: The page's address.
        tokens: The budget.
    """
    head = _head(sight, url)
    chosen = _choose(sight, lambda line, clip: _outlined(line, number, clip), tokens - _cost(head))
    left = _left(sight, chosen)
    rows = [*head, *left.top]
    new = []
    for i, text in sorted(chosen.items()):
        line = sight.lines[i]
        indent = " " * line.depth
        rows += [indent + row for row in text.split("\n")]
        new += [row[1:] for row in text.split("\n") if row.startswith("*")]
        if i in left.within:
            rows.append(f"{indent}… {left.within[i]:,} more here, scroll this area")
    if not chosen:
        rows.append("(nothing to see on this page)")
    rows += left.bottom
    return _rendered("\n".join(rows), sight, chosen, number, tuple(new), left.total, url)


def simplified_html(sight: Sight, number: Number, *, url: str, tokens: int) -> Rendered:
    """Render the view as numbered, simplified HTML: ids on controls only, wrappers without meaning left out.

    Follows the observation of WebArena-Lite agents that PLAN-AND-ACT trains on (arXiv 2503.09572, A.9).

    Args:
        sight: What was seen.
        number: Gives a control its ref.
        url: The page's address; part of the fingerprint only.
        tokens: The budget.
    """
    chosen = _choose(sight, lambda line, clip: _tagged(line, number, clip), tokens, beyond=False)
    left = _left(sight, chosen)
    rows: list[str] = []
    open_tags: list[tuple[int, str]] = []
    for i, text in sorted(chosen.items()):
        line = sight.lines[i]
        while open_tags and open_tags[-1][0] >= line.depth:
            rows.append(f"</{open_tags.pop()[1]}>")
        rows.append(text)
        if line.kind == "g":
            open_tags.append((line.depth, _GROUP_TAGS.get(str(line.parts[0]), "div")))
    rows += [f"</{tag}>" for _, tag in reversed(open_tags)]
    notes = [f"<!-- {row} -->" for row in (*left.top, *left.bottom)]
    body = "\n".join(["<html>", *notes[: len(left.top)], *rows, *notes[len(left.top) :], "</html>"])
    return _rendered(body, sight, chosen, number, (), left.total, url)


def _head(sight: Sight, url: str) -> list[str]:
    page = sight.main
    address = url if len(url) <= 200 else f"{url[:199]}…"
    rows = [f'page "{page.title}" {address}' if page.title else f"page {address}"]
    above, below = page.y / page.height, page.below / page.height
    if above > 0.02 or below > 0.02:
        rows.append(f"screens: {above:.1f} above, {below:.1f} below")
    if sight.dialog:
        rows.append(f"a dialog is open; {sight.covered:,} more behind it")
    return rows


def _cost(rows: list[str]) -> int:
    return sum(estimate_tokens(row) + 1 for row in rows)


def _choose(sight: Sight, render: Callable[[Line, int], str], budget: int, *, beyond: bool = True) -> dict[int, str]:
    """The lines to print, rendered, by index: all in view, then the nearest, each with the groups it stands in."""
    lines = sight.lines
    parents = _parents(lines)
    repeated = _repeated(lines)
    chosen: dict[int, str] = {}

    def add(index: int, clip: int) -> int:
        cost = 0
        for i in (*parents[index], index):
            if i not in chosen:
                chosen[i] = render(lines[i], clip)
                cost += estimate_tokens(chosen[i]) + (2 if lines[i].depth > 1 else 1)
        return cost

    def fill(order: list[int], clip: int, used: int, limit: int) -> int:
        for i in order:
            before = set(chosen)
            cost = add(i, clip)
            if used + cost > limit and before:
                for extra in chosen.keys() - before:
                    del chosen[extra]
                break
            used += cost
        return used

    wanted = [i for i, line in enumerate(lines) if line.kind != "g" and i not in repeated]
    in_view = [i for i in wanted if not lines[i].at]
    limit = int(budget * _OVERFLOW) - _RESERVE
    used = 0
    for clip in _CLIPS:
        chosen.clear()
        used = sum(add(i, clip) for i in in_view)
        if used <= limit:
            break
    if used > limit:
        chosen.clear()
        used = fill(in_view[::-1] if _at_end(sight) else in_view, _CLIPS[-1], 0, limit)
    if beyond:
        near = sorted((i for i in wanted if lines[i].at), key=lambda i: abs(lines[i].at))
        fill(near, _BEYOND, used, budget - _RESERVE)
    return {i: text for i, text in chosen.items() if text}


def _at_end(sight: Sight) -> bool:
    """Whether the page was scrolled as far as it goes: what fills its last screen is then looked for at the end."""
    return sight.main.y >= 1 and sight.main.below < 1


def _parents(lines: list[Line]) -> list[tuple[int, ...]]:
    """The headers (groups, iframes) that each line stands under."""
    found: list[tuple[int, ...]] = []
    stack: list[int] = []
    for i, line in enumerate(lines):
        while stack and lines[stack[-1]].depth >= line.depth:
            stack.pop()
        found.append(tuple(stack))
        if line.kind in "gf":
            stack.append(i)
    return found


def _repeated(lines: list[Line]) -> set[int]:
    """Texts that only say the name of the control that follows or of what they stand in: labels, legends, titles."""
    found = set()
    for i, line in enumerate(lines):
        if line.kind in "rf" or len(line.parts) != 1 or not isinstance(line.parts[0], str):
            continue
        text = line.parts[0].strip(" :*")
        after = lines[i + 1].parts[0] if i + 1 < len(lines) else None
        before = lines[i - 1] if i else None
        label = isinstance(after, Control) and after.name == text
        group = before is not None and before.kind == "g" and before.parts[1] == text
        if (line.kind in "ti" and (label or group)) or (before is not None and _holds(before, line, text)):
            found.add(i)
    return found


def _holds(control: Line, line: Line, text: str) -> bool:
    """Whether a line stands in a control of that name."""
    part = control.parts[0] if control.kind == "t" and control.depth < line.depth else None
    return isinstance(part, Control) and part.name == text


@dataclass(frozen=True, slots=True)
class _Left:
    top: list[str]
    bottom: list[str]
    within: dict[int, int]
    """What was left out of a scroll area, by the index of the line after which to say so."""
    total: int


def _left(sight: Sight, chosen: dict[int, str]) -> _Left:
    """Count what was not printed, where it is."""
    above = [pair[0] for pair in sight.left]
    below = [pair[1] for pair in sight.left]
    view = 0
    ends: dict[int, int] = {}
    repeated = _repeated(sight.lines)
    for i, line in enumerate(sight.lines):
        if i in chosen:
            ends[line.area] = i
        elif line.kind != "g" and i not in repeated:
            weight = max(1, sum(isinstance(part, Control) for part in line.parts))
            if not line.at:
                view += weight
            elif line.at < 0:
                above[line.area] += weight
            else:
                below[line.area] += weight
    within: dict[int, int] = {}
    for area in range(1, len(above)):
        if area in ends and above[area] + below[area]:
            within[ends[area]] = within.get(ends[area], 0) + above[area] + below[area]
        else:
            above[0] += above[area]
            below[0] += below[area]
    top = [f"… {above[0]:,} more above"] if above[0] else []
    bottom: list[str] = []
    if view:
        (top if _at_end(sight) else bottom).append(f"… {view:,} more in view")
    bottom += [f"… {below[0]:,} more below"] if below[0] else []
    return _Left(top, bottom, within, above[0] + below[0] + view + sum(within.values()) + sight.covered)


def is_new(control: Control, line: Line) -> bool:
    """Whether a control was not there at the last observation, although that part of the page was seen."""
    seen = line.owner.seen
    return seen is not None and control.id not in seen.ids and seen.top <= line.top <= seen.bottom


def text_of(line: Line) -> str:
    """The text of a line beside its controls."""
    return "".join(part for part in line.parts if isinstance(part, str)).strip()


def _outlined(line: Line, number: Number, clip: int) -> str:
    if line.kind == "g":
        role, name = line.parts
        return f'{role} "{name}"' if name else str(role)
    text = text_of(line)
    prose = bool(_WORD.search(text)) or None in line.parts or line.kind[0] == "h"
    out = ""
    for part in line.parts:
        if part is None:
            out = f"{out.rstrip()} | "
        elif isinstance(part, Control):
            gap = "" if not out or out[-1] in " (\n" else " " if prose else "\n"
            out += f"{gap}{'*' * is_new(part, line)}{labelled(part, number(part))}"
        elif prose:
            out += _clipped(part, clip)
    out = _SPACES.sub(" ", out).strip(" |") if line.kind == "r" else out.strip()
    if line.kind[0] == "h":
        out = f"{'#' * int(line.kind[1])} {out}"
    elif line.kind == "i" and prose:
        out = f"- {out}"
    seen = line.owner.seen
    fresh = prose and text and seen and text not in seen.texts and seen.top <= line.top <= seen.bottom
    return f"*{out}" if fresh and not out.startswith("*") else out


def _clipped(text: str, clip: int) -> str:
    return text if len(text) <= clip + 30 else f"{text[:clip]}… ({len(text) - clip:,} more characters)"


def labelled(control: Control, ref: int) -> str:
    """A control as a model sees it: role, name with number, value, options, states."""
    out = f'{control.role} "{control.name} #{ref}"'
    if control.value and not control.secret:
        out += f' = "{control.value}"'
    elif control.placeholder and control.placeholder != control.name:
        out += f' placeholder "{control.placeholder}"'
    if control.options:
        out += f" [{control.options}]"
    states = states_of(control)
    return f"{out} ({states})" if states else out


def states_of(control: Control) -> str:
    """The states of a control, as words; a secret shows whether it is filled, never its value."""
    if not (control.secret and control.value):
        return control.states
    return f"{control.states}, filled" if control.states else "filled"


_GROUP_TAGS = {
    "navigation": "nav", "banner": "header", "contentinfo": "footer", "complementary": "aside", "form": "form",
    "dialog": "dialog", "table": "table", "region": "section", "group": "fieldset",
}  # fmt: skip
_VOID = {"input", "iframe", "embed"}
_IMPLIED = {"a": "link", "button": "button", "input": "textbox", "textarea": "textbox", "select": "combobox"}


def _tagged(line: Line, number: Number, clip: int) -> str:
    if line.kind == "g":
        role, name = str(line.parts[0]), str(line.parts[1])
        tag = _GROUP_TAGS.get(role)
        label = f' label="{escape(name)}"' if name else ""
        return f"<{tag}{label}>" if tag else f'<div role="{role}"{label}>'
    cells = [""]
    for part in line.parts:
        if part is None:
            cells.append("")
        elif isinstance(part, Control):
            cells[-1] += f" {_element(part, number(part))} "
        else:
            cells[-1] += escape(_clipped(part, clip), quote=False)
    cells = [_SPACES.sub(" ", cell).strip() for cell in cells]
    if line.kind == "r":
        return f"<tr> {' '.join(f'<td> {cell} </td>' for cell in cells)} </tr>"
    text = " ".join(cell for cell in cells if cell)
    return f"<li> {text} </li>" if line.kind == "i" else text


def _element(control: Control, ref: int) -> str:
    tag = control.tag
    states = states_of(control).split(", ")
    attributes = {"id": str(ref)}
    if control.type not in ("", "text", "submit", "button"):
        attributes["type"] = control.type
    if control.role != _IMPLIED.get(tag) and tag != "input":
        attributes["role"] = control.role
    if control.placeholder:
        attributes["placeholder"] = control.placeholder
    if tag in ("input", "select", "textarea", "iframe") or control.role == "textbox":
        if control.name != control.placeholder:
            attributes["label"] = control.name
        if control.value and not control.secret:
            attributes["value"] = control.value
        content = control.options
    else:
        content = control.name
    for state in states:
        if state in ("checked", "selected", "disabled", "required", "filled", "current"):
            attributes[state] = "true"
        elif state in ("expanded", "collapsed"):
            attributes["expanded"] = "true" if state == "expanded" else "false"
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return (
        f"<{tag}{written} />"
        if tag in _VOID and not content
        else f"<{tag}{written}> {escape(content, quote=False)} </{tag}>"
    )


def _rendered(
    text: str, sight: Sight, chosen: dict[int, str], number: Number, new: tuple[str, ...], omitted: int, url: str
) -> Rendered:
    controls = {
        number(part): part for i in chosen for part in sight.lines[i].parts if isinstance(part, Control)
    }  # fmt: skip
    return Rendered(text, controls, new, omitted, "\n".join(_essence(sight, chosen, url)))


def _essence(sight: Sight, chosen: dict[int, str], url: str) -> Iterator[str]:
    yield f"{url} {sight.main.title} {sight.main.y // 10}"
    for i in sorted(chosen):
        line = sight.lines[i]
        if line.at:
            continue
        for part in line.parts:
            if isinstance(part, Control):
                states = part.states.replace("focused", "").rstrip(", ")
                yield f"{part.role}|{part.name}|{part.value}|{part.options}|{states}"
            elif part is not None:
                yield _CLOCK.sub("0:00", part)
