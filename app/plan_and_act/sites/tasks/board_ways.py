"""How a solver finds its way on board, and what it reads there."""

import re

from plan_and_act.sites.tasks.hand import Hand, LostError


async def open_thread(hand: Hand, title: str) -> None:
    """Find a thread by its title; results that are not up to date lack the newest."""
    await hand.search("Search Commonplace", title)
    await refresh(hand)
    while True:
        try:
            await hand.click(title, "link")
        except LostError:
            await hand.click("Next page")
        else:
            return


async def open_person(hand: Hand, username: str) -> None:
    """Find a person by name."""
    await hand.search("Search Commonplace", username)
    await hand.click(username, "link")


async def open_community(hand: Hand, name: str) -> None:
    """Find a community by name: among one's own at the side, else in the list."""
    if not await hand.has(name, "link"):
        await hand.click("Communities", "link")
        await hand.search("Find a community", name)
    await hand.click(name, "link")


async def refresh(hand: Hand) -> None:
    """Have a list brought up to date that says that it is not."""
    if await hand.has("Refresh"):
        await hand.click("Refresh")


async def number_before(hand: Hand, word: str) -> int:
    """The first number on the page that stands before a word."""
    return _whole(await hand.read(rf"(-?\d[\d,]*) {word}"))


async def number_after(hand: Hand, words: str) -> int:
    """The first number on the page that stands after some words."""
    return _whole(await hand.read(rf"{words}\W*(-?\d[\d,]*)"))


async def members(hand: Hand, names: list[str]) -> dict[str, int]:
    """How many members the list of communities tells of each; the names at the side come before the list."""
    text = await hand.text()
    return {name: _members(text[text.rindex(name) :]) for name in names if name in text}


async def members_by_topic(hand: Hand, topic: str, names: list[str]) -> dict[str, int]:
    """How many members communities have, from the list of those on a topic, the largest first; begins on any list."""
    await hand.select("Topic", topic)
    await hand.select("Order", "Most members")
    await hand.click("Show")
    await refresh(hand)
    return await members(hand, names)


async def topmost(hand: Hand, titles: list[str]) -> str:
    """Which of some threads comes first on the page."""
    text = await hand.text()
    places = {title: text.find(title) for title in titles}
    return min(titles, key=lambda title: (places[title] < 0, places[title]))


def _members(text: str) -> int:
    match = re.search(r"(\d[\d,]*) members", text)
    if match is None:
        msg = f"the list of communities does not say how many members:\n{text[:1_000]}"
        raise LostError(msg)
    return _whole(match[1])


def _whole(number: str) -> int:
    return int(number.replace(",", ""))
