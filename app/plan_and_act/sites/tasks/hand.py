"""A solver's hand: does what the solver says through the same actions an agent has, and records the rounds.

A hand looks at the page before every action, as an agent does, and first deals with what lies in the way: banners,
failed pages, an expired session. What it did is a trajectory like any other.
"""

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plan_and_act import actions
from plan_and_act.actions import AnyAction
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser.observation import Element, Observation
from plan_and_act.browser.perform import perform
from plan_and_act.errors import PlanAndActError
from plan_and_act.trajectory import Round

if TYPE_CHECKING:
    from plan_and_act.browser.session import Session

_IN_THE_WAY = (
    ("We value your privacy", "Only necessary cookies", "Answer the question about cookies"),
    ("Never miss a thing", "Close advertisement", "Close the advertisement"),
    ("Something went wrong", "Try again", "Load the page again, since it failed"),
    ("Your session has expired", "Continue", "Continue the session, since it has expired"),
)
"""What a disturbance says, the control that ends it, and what a plan would say of it."""
_ELSEWHERE = "More options"
_COUNT = re.compile(r" [\d,]+$")
_SCREENS = 60
"""How many times a page is scrolled in search of a control."""
_PATIENCE = 30.0
"""Seconds a control gets to become usable: a solver knows that it will, also where many browsers share a machine."""


class LostError(PlanAndActError):
    """A solver does not find its way: the site and its solver do not fit together."""


class Hand:
    """The hand of a solver.

    Args:
        session: The browser session; its current tab is the page to begin on.
        synonyms: What controls may be called as well.
        urls: The addresses of the sites by name.
        artefacts: Where the observations are kept; None to keep none.
        tokens: Budget of an observation.
    """

    def __init__(
        self,
        session: "Session",
        *,
        synonyms: Mapping[str, str],
        urls: Mapping[str, str],
        artefacts: Artefacts | None = None,
        tokens: int = 2_000,
    ) -> None:
        self.urls = urls
        self.rounds: list[Round] = []
        self._step = 1
        self._session = session
        self._synonyms = synonyms
        self._artefacts = artefacts
        self._tokens = tokens

    def step(self, number: int) -> None:
        """From here on, actions work on this step of the template's plan; a solver begins with the first, 1.

        What lies in the way is no step of the plan: such rounds name no step, and say in their reasoning what they do.
        """
        self._step = number

    async def look(self) -> Observation:
        """The page as it is now, once nothing lies in the way any more."""
        for _ in range(5):
            seen = await self._session.observe(tokens=self._tokens)
            control, goal = next((ends for sign, *ends in _IN_THE_WAY if sign in seen.text), ("", ""))
            found = _named(seen, {control}, None) if control else []
            if not found:
                return seen
            await self._do(actions.Click(element=found[0].label), seen, in_the_way=goal)
        msg = f"something lies over the page again and again:\n{seen.text[:1_000]}"
        raise LostError(msg)

    async def sees(self, text: str) -> bool:
        """Whether a text is on the page, in view or near it."""
        return text in (await self.look()).text

    async def text(self) -> str:
        """The page as text."""
        return (await self.look()).text

    async def read(self, pattern: str) -> str:
        """What the first group of a pattern finds on the page, which is scrolled until it does.

        Raises:
            LostError: When it finds nothing.
        """
        seen = await self.look()
        for _ in range(_SCREENS):
            if match := re.search(pattern, seen.text):
                return match[1]
            if not await self._scroll(seen):
                break
            seen = await self.look()
        msg = f"the page does not say {pattern!r}:\n{seen.text[:3_000]}"
        raise LostError(msg)

    async def note(self, what: str, value: str) -> None:
        """Note a fact that is needed where its page no longer is: an agent remembers nothing else of it.

        Args:
            what: What it is, e.g. `Stars of Wayfinder`.
            value: What the page says of that, in the page's words.

        Raises:
            LostError: When the page does not say it: who learns from that would learn to invent.
        """
        await self.read(f"({re.escape(value)})")
        self._record(actions.Note(note=f"{what}: {value}"), await self.look(), 0.0)

    async def has(self, name: str, role: str | None = None) -> bool:
        """Whether a control is on the page, in view or near it."""
        return bool(_named(await self.look(), self._names(name), role))

    async def click(self, name: str, role: str | None = None, *, near: str | None = None) -> None:
        """Click a control.

        Args:
            name: Its accessible name.
            role: Its role, when there are others of the name.
            near: A text before it on the page (its row or card), when there are others of the name and role.
        """
        element, seen = await self._find(name, role, near)
        await self._do(actions.Click(element=element.label), seen)

    async def type(self, name: str, text: str, role: str | None = None, *, submit: bool = False) -> None:
        """Type into a field."""
        element, seen = await self._find(name, role, None)
        await self._do(actions.Type(element=element.label, text=text, submit=submit), seen)

    async def search(self, name: str, text: str, *, nothing: str = "No results") -> None:
        """Search; with other words (one word less at a time) while nothing is found.

        Args:
            name: The search field.
            text: The words.
            nothing: What the page says when it has found nothing.
        """
        words = text.split()
        for count in (*range(len(words), 0, -1), 0):
            # At last, the beginning of the first word: sites search for parts of words.
            query = " ".join(words[:count]) if count else words[0][:-1]
            element, seen = await self._find(name, None, None)
            await self._do(actions.Search(element=element.label, text=query), seen)
            if not await self.sees(nothing):
                return
        msg = f"no search for {text!r} finds anything"
        raise LostError(msg)

    async def select(self, name: str, option: str, role: str | None = None, *, near: str | None = None) -> None:
        """Choose an option of a list."""
        element, seen = await self._find(name, role, near)
        await self._do(actions.Select(element=element.label, option=option), seen)

    async def press(self, key: str) -> None:
        """Press a key."""
        await self._do(actions.Press(key=key), await self.look())

    async def upload(self, name: str, file: str) -> None:
        """Put a file of the folder of uploads into a field."""
        element, seen = await self._find(name, None, None)
        await self._do(actions.Upload(element=element.label, file=file), seen)

    async def goto(self, url: str) -> None:
        """Open an address, e.g. that of another site (`urls`)."""
        await self._do(actions.Goto(url=url), await self.look())

    async def back(self) -> None:
        """Go back."""
        await self._do(actions.GoBack(), await self.look())

    async def end(self, answer: str | None, *, impossible: str | None = None) -> None:
        """End the run: with an answer, without one, or by giving up."""
        action: AnyAction = actions.GiveUp(reason=impossible) if impossible else actions.Finish(answer=answer or "")
        seen = await self.look()
        self._record(action, seen, 0.0)

    async def _find(self, name: str, role: str | None, near: str | None) -> tuple[Element, Observation]:
        seen = await self.look()
        names = self._names(name)
        for _ in range(_SCREENS):
            found = _named(seen, names, role, near)
            if found:
                return found[0], seen
            more = _named(seen, {_ELSEWHERE}, None)
            if more and "expanded" not in more[0].states:
                await self._do(actions.Click(element=more[0].label), seen)
            elif not await self._scroll(seen):
                break
            seen = await self.look()
        msg = f"there is no {role or 'control'} {name!r}{f' near {near!r}' if near else ''} on\n{seen.text[:3_000]}"
        raise LostError(msg)

    async def _scroll(self, seen: Observation) -> bool:
        action = actions.Scroll()
        outcome = await perform(action, self._session)
        moved = outcome.status == "ok" and (await self._session.observe(tokens=self._tokens)).text != seen.text
        if moved:
            self._record(action, seen, 0.0, outcome=outcome)
        return moved

    def _names(self, name: str) -> set[str]:
        """What a control may be called, renamed or not: the whole name, or its first word and the rest."""
        first, _, rest = name.partition(" ")
        other = self._synonyms.get(name) or (f"{self._synonyms[first]} {rest}" if first in self._synonyms else name)
        return {name, other}

    async def _do(self, action: AnyAction, seen: Observation, *, in_the_way: str | None = None) -> None:
        began = time.monotonic()
        outcome = await perform(action, self._session, timeout=_PATIENCE)
        if outcome.status not in ("ok", "no_effect"):
            msg = f"{action!r}: {outcome.message}\n{seen.text[:3_000]}"
            raise LostError(msg)
        self._record(action, seen, time.monotonic() - began, outcome=outcome, in_the_way=in_the_way)

    def _record(
        self,
        action: AnyAction,
        seen: Observation,
        seconds: float,
        *,
        outcome: object = None,
        in_the_way: str | None = None,
    ) -> None:
        kept = self._artefacts.put(seen.text) if self._artefacts else None
        self.rounds.append(
            Round.model_validate(
                {
                    "index": len(self.rounds) + 1,
                    "url": seen.url,
                    "title": seen.title,
                    "fingerprint": seen.fingerprint,
                    "observation": kept,
                    "reasoning": in_the_way,
                    "action": action.model_copy(update={"step": None if in_the_way else self._step}),
                    "outcome": outcome or {"status": "ok"},
                    "seconds": round(seconds, 3),
                }
            )
        )


def _named(seen: Observation, names: set[str], role: str | None, near: str | None = None) -> list[Element]:
    """The elements with one of the names, the one that follows `near` most closely first."""
    wanted = {_plain(name) for name in names}
    fitting = [e for e in seen.elements.values() if role in (None, e.role)]
    found = [e for e in fitting if _plain(e.name) in wanted]
    # "Issues 12" is the control "Issues" with a count.
    found = found or [e for e in fitting if _COUNT.sub("", _plain(e.name)) in wanted]
    if near is None:
        return found
    at = [match.start() for match in re.finditer(re.escape(near), seen.text)]
    places = {e.ref: match.start() for e in found if (match := re.search(rf"#{e.ref}\b", seen.text))}
    gaps = [
        (min(places[e.ref] - start for start in at if start <= places[e.ref]), e)
        for e in found
        if e.ref in places and any(start <= places[e.ref] for start in at)
    ]
    return [e for _, e in sorted(gaps, key=lambda pair: pair[0])]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
