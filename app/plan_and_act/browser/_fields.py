"""Actions that give a field its value: type, search, select, upload."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Frame
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from plan_and_act.actions import Search, Select, Type, Upload
from plan_and_act.browser._hands import Hands, no_effect
from plan_and_act.browser._target import ActionError, Target, match_option, quote_list
from plan_and_act.browser._values import FORMATS, is_outside, to_value
from plan_and_act.trajectory import Outcome

_CLICKED = {"checkbox": "a check box", "radio": "a radio button"}
_PLACEHOLDER = "<secret:"


async def type_text(hands: Hands, action: Type) -> str | Outcome:
    """Replace the text of a field."""
    target = await hands.target(action.element)
    entered = await _enter(hands, target, action.text)
    if isinstance(entered, Outcome):
        return entered
    if action.submit:
        await hands.send(hands.page.keyboard.press("Enter"))
    await hands.settle(target)
    what = f'"{_short(action.text)}" into {target.label}' if action.text else None
    done = f"Typed {what}" if what else f"Emptied {target.label}"
    return f"{done}{' and pressed Enter' if action.submit else ''}.{entered}"


async def search(hands: Hands, action: Search) -> str | Outcome:
    """Type into a search field and press Enter."""
    target = await hands.target(action.element)
    entered = await _enter(hands, target, action.text)
    if isinstance(entered, Outcome):
        return entered
    await hands.send(hands.page.keyboard.press("Enter"))
    await hands.settle(target)
    return f'Searched for "{_short(action.text)}" in {target.label}.{entered}'


async def _enter(hands: Hands, target: Target, text: str) -> str | Outcome:
    """Put a text into a field; returns what else is to be said, or the outcome when a choice was made instead."""
    field = await target.ask("field")
    if not field:
        msg = f"{target.label} is not a field that text can be typed into; choose a text field, or click it first."
        raise ActionError(msg)
    kind = field["kind"]
    if kind == "select":
        return await _select_native(hands, await _inner(target, field), text)
    if kind in _CLICKED:
        msg = f"{target.label} is {_CLICKED[kind]}: click it."
        raise ActionError(msg)
    if kind == "file":
        msg = f"{target.label} takes a file: use upload."
        raise ActionError(msg)
    if field["disabled"]:
        msg = f"{target.label} is disabled; something else has to be done before it can be used."
        raise ActionError(msg)
    if field["readonly"]:
        msg = f"{target.label} is read-only; if it opens a list or a calendar, click it and choose there."
        raise ActionError(msg)
    place = await _inner(target, field)
    value = hands.session.secrets.fill(text, await _url_of(place)) if _PLACEHOLDER in text else text
    if kind in FORMATS:
        value = _typed_value(target, field, value, text)
    if kind == "text":
        value = " ".join(value.splitlines())
    # The last character comes from the keyboard: pages that suggest or check while one types listen to keys. A single
    # one replaces what is selected, as pages put something else into a field that was emptied.
    start, last = (value[:-1], value[-1:]) if kind == "text" else (value, "")
    replace = place.handle.select_text if last and not start else partial(place.handle.fill, start)
    await hands.attempt(place, replace(timeout=hands.patience))
    if last:
        await hands.send(hands.page.keyboard.type(last))
    if _PLACEHOLDER in text:
        return ""
    holds = await place.ask("value")
    return "" if _same(holds, text if kind in FORMATS else value) else f' The field now holds "{_short(holds)}".'


def _typed_value(target: Target, field: dict[str, Any], text: str, shown: str) -> str:
    """The value of a typed field from a text; `shown` is the text without the values of secrets."""
    kind = field["kind"]
    try:
        value = to_value(kind, text, field["order"])
    except ValueError:
        msg = f'{target.label} takes {FORMATS[kind]}; "{_short(shown)}" is not that.'
        raise ActionError(msg) from None
    # A number field takes any number and complains by itself; the others would silently take another value.
    if kind != "number" and is_outside(kind, value, field["min"], field["max"]):
        bounds = " ".join(f"{word} {end}" for word, end in (("from", field["min"]), ("to", field["max"])) if end)
        msg = f'{target.label} takes values {bounds}; "{_short(shown)}" is outside.'
        raise ActionError(msg)
    return value


async def _inner(target: Target, field: dict[str, Any]) -> Target:
    inner = await target.find("innerField") if field["inner"] else None
    return inner or target


async def _url_of(target: Target) -> str:
    """The URL a secret is typed on, as the browser tells it; the page's own word does not count."""
    frame: Frame | None = await target.handle.owner_frame()
    while frame and frame.parent_frame and frame.url.startswith("about:"):
        frame = frame.parent_frame
    return frame.url if frame else ""


_CHOICES = frozenset({"radio", "option", "menuitemradio", "tab"})


async def select(hands: Hands, action: Select) -> str | Outcome:
    """Choose an option of a drop-down list, the browser's own or one that the page has built."""
    target = await hands.target(action.element)
    field = await target.ask("field")
    if field and field["kind"] == "select":
        return await _select_native(hands, await _inner(target, field), action.option)
    owner = await target.find("optionOwner")
    if owner:
        return await _select_native(hands, owner, action.option)
    if target.element.role in _CHOICES:
        # It is the option itself: choosing it is clicking it.
        await hands.click(target, await target.ask("facts"))
        await hands.settle(target)
        return f"Chose {target.label}."
    return await _select_custom(hands, target, action.option, typed=bool(field and field["kind"] == "text"))


async def _select_native(hands: Hands, target: Target, wanted: str) -> Outcome:
    options = await target.ask("options")
    texts = [option["text"] for option in options]
    found = match_option(texts, wanted, [option["value"] for option in options])
    option = options[_only(target, found, texts, wanted)]
    if option["disabled"]:
        msg = f'The option "{option["text"]}" of {target.label} is disabled.'
        raise ActionError(msg)
    if option["selected"]:
        return no_effect(f'"{option["text"]}" was already chosen in {target.label}.')
    field = await target.ask("field")
    chosen = [other["index"] for other in options if other["selected"]] if field["multiple"] else []
    indexes = [*chosen, option["index"]]
    await hands.attempt(target, target.handle.select_option(index=indexes, timeout=hands.patience))
    await hands.settle(target)
    also = f"; chosen now: {quote_list([texts[index] for index in sorted(indexes)])}" if chosen else ""
    return Outcome(status="ok", message=f'Chose "{option["text"]}" in {target.label}{also}.')


async def _select_custom(hands: Hands, target: Target, wanted: str, *, typed: bool) -> str:
    """Open a list of the page's own making and click the option."""
    facts = await target.ask("facts")
    choices = await target.ask("choices") if facts["state"] == "open" else []
    if not choices:
        await hands.click(target, facts)
        await hands.settle(target)
        choices = await target.ask("choices")
    if typed and not match_option(choices, wanted):
        # A field that suggests: it shows what fits what was typed.
        await _enter(hands, target, wanted)
        await hands.settle(target)
        choices = await target.ask("choices")
    if not choices:
        msg = f"{target.label} showed no list of options; click it and look at what opens."
        raise ActionError(msg)
    index = _only(target, match_option(choices, wanted), choices, wanted)
    choice = await target.find("choice", index)
    if choice is None:
        msg = f"The list of {target.label} changed while it was read; look at the page again."
        raise ActionError(msg)
    await hands.click(choice)
    await hands.settle(target)
    return f'Chose "{choices[index]}" in {target.label}.'


def _only(target: Target, found: list[int], texts: list[str], wanted: str) -> int:
    different = {texts[index] for index in found}
    if len(different) == 1:
        return found[0]
    if different:
        msg = (
            f'{len(found)} options of {target.label} fit "{_short(wanted)}": {quote_list(sorted(different))}. Name one.'
        )
    else:
        msg = f'{target.label} has no option "{_short(wanted)}". Its options: {quote_list(texts)}.'
    raise ActionError(msg)


async def upload(hands: Hands, action: Upload) -> str:
    """Put a file from the folder of uploads into a file field, or into the chooser that a button opens."""
    target = await hands.target(action.element)
    path = await asyncio.to_thread(_upload_path, hands.session.uploads, action.file)
    place = await target.find("fileField")
    if place:
        await hands.attempt(place, place.handle.set_input_files(path, timeout=hands.patience))
    else:
        try:
            async with hands.page.expect_file_chooser(timeout=hands.patience) as chooser:
                await hands.click(target)
        except PlaywrightTimeoutError:
            msg = f"{target.label} was clicked, but it asks for no file; choose the file field."
            raise ActionError(msg) from None
        await (await chooser.value).set_files(path, timeout=hands.patience)
    await hands.settle(target)
    return f'Put the file "{path.name}" into {target.label}.'


def _upload_path(folder: Path | None, name: str) -> Path:
    if folder is None:
        msg = "No files may be uploaded in this run: it has no folder of uploads."
        raise ActionError(msg)
    folder = folder.resolve()
    path = (folder / name).resolve() if "\0" not in name else folder
    if not path.is_relative_to(folder) or not path.is_file():
        files = sorted(entry.name for entry in folder.iterdir() if entry.is_file()) if folder.is_dir() else []
        there = quote_list(files, 20) if files else "none"
        msg = f"There is no file {_short(name)!r} in the folder of uploads. Files there: {there}."
        raise ActionError(msg)
    return path


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())


def _short(text: str, limit: int = 100) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
