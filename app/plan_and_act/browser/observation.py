"""What a page looks like to a model: text with numbered controls, taken in one pass inside the page.

observer = Observer(page)
seen = await observer.observe(tokens=2_000)
print(seen.text)                                   # link "Blue Kettle #17"
element = observer.resolve('link "Blue Kettle #17"')
handle = await observer.handle(element.ref)        # None: gone
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from types import MappingProxyType
from typing import Literal

from playwright.async_api import ElementHandle, Frame, Page

from plan_and_act.actions import name_of, ref_of
from plan_and_act.browser._frames import INIT_SCRIPT, Frames, Seen, Sight, Walker
from plan_and_act.browser._lines import Control
from plan_and_act.browser._render import outline, simplified_html, states_of, text_of
from plan_and_act.browser._tokens import estimate_tokens
from plan_and_act.errors import PlanAndActError

__all__ = [
    "DEFAULT_TOKENS",
    "INIT_SCRIPT",
    "AmbiguousElementError",
    "Element",
    "ElementError",
    "Observation",
    "Observer",
    "Rendering",
    "StaleElementError",
    "estimate_tokens",
    "resolve",
]

Rendering = Literal["outline", "html"]

DEFAULT_TOKENS = 2_000
_NEAREST = 5
_CHARS = 5  # a token of an observation has about four; some more are walked than will be printed
_EVERYWHERE = 1 << 40  # pixels


class ElementError(PlanAndActError):
    """A label names no element that can be used; the message can be shown to the model."""


class StaleElementError(ElementError):
    """The element is not on the page, or not any more."""


class AmbiguousElementError(ElementError):
    """Several elements have that name, and the number fits none of them."""


@dataclass(frozen=True, slots=True)
class Element:
    """A control on the page."""

    ref: int
    """Its number: stable as long as the element lives, unique over the frames of the page."""
    role: str
    """ARIA role; `clickable` for what reacts to clicks without one, `file`, `color`, `shape` (svg), `canvas`."""
    name: str
    """Accessible name, or the best that could be found; never empty."""
    tag: str
    type: str = ""
    """Of an input: text, password, checkbox, date..."""
    states: tuple[str, ...] = ()
    value: str | None = None
    """None when there is none, and always for passwords and other secrets."""
    frame: Frame | None = field(default=None, repr=False, compare=False)

    @property
    def label(self) -> str:
        """How the observation prints it and actions name it: link "Blue Kettle #17"."""
        return f'{self.role} "{self.name} #{self.ref}"'


@dataclass(frozen=True, slots=True)
class Observation:
    """A page as text, and what the text speaks of."""

    url: str
    title: str
    text: str
    elements: Mapping[int, Element]
    """Every element whose ref stands in the text, by ref."""
    fingerprint: str
    """Changes when what a person could notice in view changes; not with refs, focus and clocks."""
    tokens: int
    """Estimate of the text's length."""
    omitted: int
    """How many controls and texts were left out; the text says where they are."""
    new: tuple[str, ...] = ()
    """The lines marked with * in the text."""
    scrolls: tuple[str, ...] = ("down", "up")
    """Where the page, or an area of it, can be scrolled."""


class Observer:
    """Observes one page (tab) and finds the elements that its observations number.

    Nothing is written into the page. Refs live as long as the main document: after a navigation they start at 1.

    Args:
        page: The page; it may navigate.
        redact: Takes the values of secrets out of a text: of all that is seen, before anything is shortened.
    """

    def __init__(self, page: Page, redact: Callable[[str], str] = str) -> None:
        self.latest: Observation | None = None
        self._frames = Frames(page, redact)
        self._page = page
        self._redact = redact
        self._controls: dict[int, tuple[Walker, int]] = {}
        self._document: tuple[Walker, int] | None = None

    async def observe(self, *, tokens: int = DEFAULT_TOKENS, rendering: Rendering = "outline") -> Observation:
        """Look at the page.

        Args:
            tokens: Budget of the text, in tokens. What is in view is printed whole, up to a third as much again.
            rendering: outline, or the numbered simplified HTML that WebRL-style models are trained on.

        Raises:
            PageError: The page does not answer.
            BrowserLostError: The page crashed or was closed.
        """
        sight = await self._frames.look(chars=tokens * _CHARS)
        document = (sight.walkers[0], sight.walkers[0].documents)
        if document != self._document:
            self._document = document
            self._controls = {}
            for walker in sight.walkers:
                walker.refs = {}
        url = self._redact(self._page.url)
        render = outline if rendering == "outline" else simplified_html
        rendered = render(sight, self._ref, url=url, tokens=tokens)
        _remember(sight)
        self.latest = Observation(
            url=url,
            title=sight.main.title,
            text=self._redact(rendered.text),  # a value may stand in several elements
            elements=MappingProxyType({ref: _element(ref, control) for ref, control in rendered.controls.items()}),
            fingerprint=blake2b(rendered.essence.encode("utf-8", "replace"), digest_size=16).hexdigest(),
            tokens=estimate_tokens(rendered.text),
            omitted=rendered.omitted,
            new=tuple(map(self._redact, rendered.new)),
            scrolls=_scrolls(sight),
        )
        return self.latest

    async def handle(self, ref: int) -> ElementHandle | None:
        """A handle for Playwright to act on, in whatever frame or shadow root the element is.

        Args:
            ref: The element's number.

        Returns:
            None, without waiting, when the element is gone or not shown any more.
        """
        known = self._controls.get(ref)
        return await known[0].element(known[1]) if known else None

    def resolve(self, label: str) -> Element:
        """The element of the latest observation that a label means.

        The number decides when the name agrees or is left out; else the one element with exactly that name.

        Args:
            label: As a model wrote it: link "Blue Kettle #17", Blue Kettle #17, #17, Blue Kettle.

        Raises:
            StaleElementError: No element has that number and name.
            AmbiguousElementError: Several have that name.
        """
        return resolve(label, self.latest.elements if self.latest else {})

    def _ref(self, control: Control) -> int:
        walker: Walker = control.owner
        ref = walker.refs.get(control.id)
        if ref is None:
            ref = walker.refs[control.id] = len(self._controls) + 1
            self._controls[ref] = (walker, control.id)
        return ref


def resolve(label: str, elements: Mapping[int, Element]) -> Element:
    """The element that a label means, among those of an observation; see `Observer.resolve`."""
    ref, name = ref_of(label), _plain(name_of(label))
    numbered = elements.get(ref) if ref is not None else None
    # "button #3" names the kind in the place of the name; that is no disagreement.
    if numbered and (name in ("", numbered.role, numbered.tag) or _agrees(name, _plain(numbered.name))):
        return numbered
    # A name may itself end in a number: "Go 12".
    names = {name, _plain(label)} - {""}
    named = [element for element in elements.values() if _plain(element.name) in names]
    if len(named) == 1:
        return named[0]
    if named:
        msg = f"{_quoted(label)} could be {_list(named)}. Copy one of them with its number."
        raise AmbiguousElementError(msg)
    msg = f"{_quoted(label)} is not on the page now."
    if numbered:
        msg += f" #{ref} is {numbered.label}."
    if nearest := _nearest(name, elements.values()):
        msg += f" Elements that are: {_list(nearest)}."
    raise StaleElementError(msg)


def _element(ref: int, control: Control) -> Element:
    states = states_of(control)
    value = None if control.secret or not control.value else control.value
    return Element(
        ref, control.role, control.name, control.tag, control.type,
        tuple(states.split(", ")) if states else (), value, control.owner.frame,
    )  # fmt: skip


def _scrolls(sight: Sight) -> tuple[str, ...]:
    if len(sight.left) > 1:  # areas of their own
        return ("down", "up")
    return tuple(way for way, pixels in (("down", sight.main.below), ("up", sight.main.y)) if pixels >= 1)


def _remember(sight: Sight) -> None:
    """Keep what was seen of each document, so that the next observation can tell what is new."""
    page = sight.main
    for walker in sight.walkers:
        lines = [line for line in sight.lines if line.owner is walker]
        main = walker is sight.walkers[0]
        walker.seen = Seen(
            ids={part.id for line in lines for part in line.parts if isinstance(part, Control)},
            texts={text_of(line) for line in lines},
            top=page.y - page.up if main else -_EVERYWHERE,
            bottom=page.y + page.height + page.down if main else _EVERYWHERE,
        )


def _plain(name: str) -> str:
    return " ".join(name.split()).replace('"', "'").strip(" …").casefold()


def _agrees(said: str, name: str) -> bool:
    return said == name or (len(said) >= 4 and (said in name or name in said))


def _nearest(name: str, elements: Iterable[Element]) -> list[Element]:
    by_name: dict[str, Element] = {}
    for element in elements:
        by_name.setdefault(_plain(element.name), element)
    inside = [plain for plain in by_name if name and (name in plain or plain in name)]
    close = difflib.get_close_matches(name, by_name, _NEAREST, cutoff=0.4) if name else list(by_name)
    return [by_name[plain] for plain in dict.fromkeys([*inside, *close])][:_NEAREST]


def _list(elements: list[Element]) -> str:
    shown = ", ".join(element.label for element in elements[:_NEAREST])
    return f"{shown} and {len(elements) - _NEAREST} more" if len(elements) > _NEAREST else shown


def _quoted(label: str) -> str:
    return label if len(label) <= 120 else f"{label[:119]}…"
