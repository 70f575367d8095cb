"""The names of keys, as models write them and as Playwright takes them."""

MODIFIERS = ("Control", "Alt", "Shift", "Meta")

_NAMES = """
    Enter Escape Tab Backspace Delete Insert Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 CapsLock ContextMenu NumLock Pause PrintScreen ScrollLock
"""
_KEYS = {name.lower(): name for name in (*_NAMES.split(), *MODIFIERS)}
_ALIASES = {
    "return": "Enter",
    "esc": "Escape",
    "del": "Delete",
    "ins": "Insert",
    "space": " ",
    "spacebar": " ",
    "plus": "+",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft",
    "right": "ArrowRight",
    "pgup": "PageUp",
    "pgdn": "PageDown",
    "ctrl": "Control",
    "cmd": "Meta",
    "command": "Meta",
    "win": "Meta",
    "option": "Alt",
}
_EXAMPLES = "Enter, Escape, Tab, ArrowDown, PageDown, a, Control+a"


def to_key(written: str) -> str:
    """A key or combination as Playwright takes it: `ctrl + A` is `Control+A`, `esc` is `Escape`.

    Raises:
        ValueError: When there is no such key; the message names examples.
    """
    text = written.strip() or written
    # "+" is a key of its own: alone, or at the end of a combination.
    parts = [*text[:-1].removesuffix("+").split("+"), "+"] if text.endswith("++") else text.split("+")
    names = ["+"] if text == "+" else [_one(part) for part in parts]
    if None in names or any(name not in MODIFIERS for name in names[:-1]):
        msg = f"There is no key {written[:60]!r}. Keys are named like this: {_EXAMPLES}."
        raise ValueError(msg)
    return "+".join(name for name in names if name)


def _one(part: str) -> str | None:
    if len(part) == 1:
        return part
    name = part.strip()
    if len(name) == 1:
        return name
    lower = name.lower().replace("_", "").replace(" ", "").replace("-", "")
    return _ALIASES.get(lower) or _KEYS.get(lower)
