"""A solver's hand: notes are of what the page says."""

import pytest

from plan_and_act.sites.tasks.hand import Hand, LostError
from standin import Opener, StandIn


async def test_a_note_is_of_what_the_page_says(open_session: Opener, web: StandIn) -> None:
    session = await open_session()
    await session.goto(web.url)
    await session.page.set_content("<p>Anvil</p><p style='margin-top:3000px'>1,053 stars</p>")
    hand = Hand(session, synonyms={}, urls={}, tokens=200)
    await hand.note("Stars of Anvil", "1,053")
    assert hand.rounds[-1].action.note == "Stars of Anvil: 1,053"
    done = len(hand.rounds)
    with pytest.raises(LostError, match="does not say"):
        await hand.note("Stars of Anvil", "1,054")
    assert not any(row.action.action == "note" for row in hand.rounds[done:])
