"""replans: two steps, every action covered, and nothing in a plan that only later pages show."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage

from plan_and_act.actions import to_action
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.leaks import moment
from plan_and_act.synthesis.replans import Replans
from plan_and_act.synthesis.rows import ReplansRow
from plan_and_act.synthesis.store import Store
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Outcome, Round
from synthetic import carry_out, fill

PAGES = [
    'heading "Corner shop"\nsearchbox "Search #1"',
    'heading "Results"\nlink "Iron kettle #3"\nlink "Tea by Ada Lovett #4"',
    'heading "Iron kettle"\ntext "Price: $17.95, sold by Grace Hopwood"\nbutton "Add to basket #5"',
]
TASK = "What does the cheapest kettle cost?"


def rounds() -> list[Round]:
    actions: list[dict[str, Any]] = [
        {"action": "search", "element": "Search #1", "text": "kettle"},
        {"action": "click", "element": "Iron kettle #3"},
        {"action": "finish", "answer": "$17.95"},
    ]
    return [
        Round(index=n, url="http://x.test/", action=to_action(action), outcome=Outcome(status="ok"))
        for n, action in enumerate(actions, 1)
    ]


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("Report the price of $17.95.", 1),
        ("The kettle is sold by Grace Hopwood.", 1),
        ('Open the page and look for "sold by".', 1),
        ("Choose the Iron kettle among the results.", 0),
        ("The iron kettle is the cheapest.", 0),
        ("Look for 17.95 on the page.", 1),
    ],
)
def test_a_planted_leak_is_found(text: str, done: int) -> None:
    with pytest.raises(RuleBrokenError, match="Nobody can know") as caught:
        moment(TASK, rounds(), PAGES, done).check(text)
    assert caught.value.rule == "knows what only later pages show"


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("Report the price of $17.95.", 2),
        ("Open the Iron kettle, which Ada Lovett does not sell.", 1),
        ("Find the cheapest kettle in the results and report its price.", 0),
        ("Search the Corner shop for a kettle.", 0),
        ("There may be 3 kettles or 300.", 0),
    ],
)
def test_what_is_known_or_said_of_nothing_is_no_leak(text: str, done: int) -> None:
    moment(TASK, rounds(), PAGES, done).check(text)


def teacher(messages: Sequence[BaseMessage], *, rewritten: Any) -> str:
    """Says all in hindsight, and what a test wants when it is to say it again."""
    text = messages[-1].text if len(messages) == 2 else messages[1].text
    if "The remaining actions:" in messages[1].text:
        last = int(re.search(r"actions 1 to (\d+)", messages[1].text)[1])  # type: ignore[index]
        return "\n".join(
            f"## Step {n}\nReasoning: It is there.\nDescription: d\nStep: Do part {n} about the cost.\nActions: [{n}]"
            for n in range(1, last + 1)
        )
    count = len(re.findall(r"^## Step", text, re.M))
    return str(rewritten(messages, count))


def plain(_: Any, count: int) -> str:
    return "\n".join(
        f"## Step {n}\nReasoning: There should be more.\nStep: Go on to find it." for n in range(1, count + 1)
    )


async def replans(folder: Path, rewritten: Any) -> tuple[Any, list[ReplansRow], Any]:
    report, model = await carry_out(folder, Replans(Section()), lambda m: teacher(m, rewritten=rewritten))
    return report, list(Store(folder).read("replans", ReplansRow)), model


async def test_there_is_a_plan_after_every_action_and_its_steps_cover_what_remains(tmp_path: Path) -> None:
    rows = fill(tmp_path, 3, "annotate")
    report, found, model = await replans(tmp_path, plain)
    assert [row.trajectory for row in found] == [row.id for row in rows]
    for row in found:
        assert [plan.round for plan in row.plans] == [1, 2]
        assert [[step.actions for step in plan.steps] for plan in row.plans] == [[[2], [3]], [[3]]]
        assert all(step.goal == "Go on to find it." for plan in row.plans for step in plan.steps)
    assert not report.drops
    # Whoever writes it again is not shown the remaining actions, nor later pages.
    again = [call[-1].text for call in model.calls if "The remaining actions:" not in call[-1].text]
    assert len(again) == 6
    assert not any("finish" in text for text in again)
    assert sum(".95" in text for text in again) == 3  # the last page shows the price


async def test_a_leak_is_told_and_when_it_stays_the_plan_is_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")

    def leaks_once(messages: Sequence[BaseMessage], count: int) -> str:
        return plain(None, count) if len(messages) > 2 else plain(None, count).replace("find it", 'find "Price: $0.95"')

    _, found, model = await replans(tmp_path, leaks_once)
    told = [call[-1].text for call in model.calls if len(call) > 2]
    assert len(told) == 1
    assert "Nobody can know" in told[0]
    assert [plan.round for plan in found[0].plans] == [1, 2]

    fill(tmp_path / "stubborn", 1, "annotate")
    always = lambda _, count: plain(None, count).replace("find it", "report $0.95")  # noqa: E731
    report, found, _ = await replans(tmp_path / "stubborn", always)
    assert report.drops == {"knows what only later pages show": 1}
    assert [plan.round for plan in found[0].plans] == [2]  # by then the page shows it


async def test_a_plan_with_other_steps_is_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")
    report, found, _ = await replans(tmp_path, lambda _, count: plain(None, count + 1))
    assert report.drops == {"another number of steps": 2}
    assert not found
