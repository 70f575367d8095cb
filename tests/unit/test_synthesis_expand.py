"""expand: pairs in both forms, and the rules that decide which are taken."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.synthesis import expand as module
from plan_and_act.synthesis import pairs
from plan_and_act.synthesis.expand import Expand, ExpandSettings
from plan_and_act.synthesis.grounding import check_invented
from plan_and_act.synthesis.heldout import HeldOut
from plan_and_act.synthesis.pairs import Form
from plan_and_act.synthesis.rows import GroundedStep, PlanRow, Provenance
from plan_and_act.synthesis.store import Store
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Usage
from synthetic import carry_out, fill, without_reasoning

PAGE = 'heading "Corner shop"\nsearchbox "Search #1"\nlink "Garden tools #2"\nbutton "Sign in #3"'


MADE = Provenance(stage="expand", teacher="scripted", prompt=None, parents=[])


def pair(number: int, query: str, *, page: int = 1, goal: str = "Find it in the shop.", reasoning: str = "") -> str:
    why = reasoning or "The page of the corner shop has a search field."
    return (
        f"## Pair {number}\nQuery: {query}\nPage: {page}\n## Step 1\nReasoning: {why}\nStep: {goal}\n"
        f"## Step 2\nReasoning: Then it is known.\nStep: Report it: {query}\n"
    )


async def expand(folder: Path, script: Any, **settings: Any) -> tuple[Any, list[PlanRow], Any]:
    teacher = {"concurrency": settings.pop("concurrency", 4)}
    report, model = await carry_out(folder, Expand(ExpandSettings(**settings)), script, teacher=teacher)
    return report, list(Store(folder).read("expand", PlanRow)), model


WORDS = ("oak", "birch", "maple", "cedar", "willow", "walnut", "cherry", "poplar", "aspen", "linden", "hazel", "rowan")


def fresh(messages: Sequence[BaseMessage], calls: list[int]) -> str:
    """Ten pairs that are like no others, on the pages in turn."""
    calls.append(1)
    pages = len(re.findall(r"^Page \d+:$", messages[-1].text, re.M))
    start = len(calls) * 10
    tasks = [f"{WORDS[n % 12]} {n} {WORDS[n // 12 % 12]} x{n} y{n} z{n}" for n in range(start, start + 10)]
    return "\n".join(pair(i + 1, task, page=i % pages + 1) for i, task in enumerate(tasks))


async def test_pairs_are_bound_to_the_pages_of_their_seeds(tmp_path: Path) -> None:
    fill(tmp_path, 8, "annotate")
    calls: list[int] = []
    report, rows, model = await expand(tmp_path, lambda m: fresh(m, calls), count=40)
    seeds = {row.id: row for row in Store(tmp_path).read("annotate", PlanRow)}
    assert report.rows == len(rows) == 40
    for row in rows:
        assert seeds[row.made_by.parents[0]].page == row.page
        assert len(row.made_by.parents) == 5
        assert row.made_by.teacher == "scripted"
        assert row.made_by.prompt
    assert {row.page for row in rows} == {row.page for row in seeds.values()}
    assert "8 pages are used" in report.notes[0]
    shown = [re.findall(r"^Query: (.+)$", call[-1].text, re.M) for call in model.calls]
    assert all(len(set(queries)) == 5 for queries in shown)


async def test_every_rule_drops_what_breaks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, 1, "annotate")
    monkeypatch.setattr(module, "held_out", lambda sites: HeldOut(["Brass Dragon"]))
    answers = [
        pair(1, "Which garden lamp has the best reviews?"),
        pair(2, "Which garden lamp has the best reviews at all?"),
        pair(3, "How heavy is the iron anvil?", goal='Press the "Weigh now" button.'),
        pair(4, "Is there any oak table left?", goal="Open the Furniture Outlet section."),
        pair(5, "Who sells the silver spoon set?", goal="Scroll down to the spoons."),
        pair(6, "Which candles burn longest?", goal="Click link #4."),
        pair(7, "How old is the Brass Dragon?"),
        pair(8, "What do pillows cost here?", reasoning="Nothing."),
        pair(9, "Does the shop deliver on Sundays?", page=7),
        "## Pair 10\nQuery: Which clock is the loudest?\n",
    ]
    script = iter(["\n".join(answers)])
    report, rows, _ = await expand(tmp_path, lambda _: next(script, ""), count=9, seeds=1)
    assert [row.query for row in rows] == ["Which garden lamp has the best reviews?"]
    assert report.drops.pop("no usable answer") > 0
    assert report.drops == {
        "like one before": 1, "invented control": 2, "scrolling in a step": 1, "element number in a step": 1,
        "like a held-out task": 1, "step 1 without the page": 1, "half a pair": 2,
    }  # fmt: skip


async def test_plans_of_goals_alone_are_made_more_of_as_such(tmp_path: Path) -> None:
    fill(tmp_path, 2, "annotate")
    without_reasoning(tmp_path)

    def goals_alone(messages: Sequence[BaseMessage]) -> str:
        assert "easoning" not in "".join(message.text for message in messages)
        return re.sub(r"^Reasoning: .*\n", "", fresh(messages, [1]), flags=re.M)

    report, rows, _ = await expand(tmp_path, goals_alone, count=4, seeds=2)
    assert (len(rows), report.drops) == (4, {})
    assert not any(step.reasoning for row in rows for step in row.steps)


async def test_a_page_the_teacher_likes_best_is_not_used_more_than_twice_its_share(tmp_path: Path) -> None:
    fill(tmp_path, 5, "annotate")
    calls: list[int] = []

    def always(messages: Sequence[BaseMessage]) -> str:
        favourite = re.search(r'Page (\d+):\n<page \w+>\nheading "Corner shop 0"', messages[-1].text)
        return re.sub(r"^Page: \d+$", f"Page: {favourite and favourite[1]}", fresh(messages, calls), flags=re.M)

    report, rows, _ = await expand(tmp_path, always, count=50, each=10)
    assert len(rows) == 20
    assert report.drops["page used too often"] > 0
    assert "Stopped at 20 of 50" in report.notes[0]


def test_a_planted_control_is_found_and_what_is_shown_is_not() -> None:
    steps = [
        GroundedStep(reasoning="The Corner shop has a search field.", goal="Open the Garden Tools link."),
        GroundedStep(reasoning="The task names it.", goal='Find the "Red Spade" and go back to the Home page.'),
    ]
    check_invented(steps, "What does the red spade cost?", PAGE, [])
    planted = [*steps, GroundedStep(reasoning="To buy it.", goal='Choose "Express Checkout".')]
    with pytest.raises(RuleBrokenError, match="Express Checkout"):
        check_invented(planted, "What does the red spade cost?", PAGE, [])
    check_invented(planted, "What does the red spade cost?", PAGE, ["Use Express checkout."])


async def test_the_same_inputs_give_the_same_bytes_and_a_second_time_costs_nothing(tmp_path: Path) -> None:
    fill(tmp_path, 6, "annotate")

    first, _, model = await expand(tmp_path, told, count=30)
    before = Store(tmp_path).path("expand").read_bytes()
    second, _, again = await expand(tmp_path, told, count=30)
    assert Store(tmp_path).path("expand").read_bytes() == before
    assert len(model.calls) > 0
    assert again.calls == []
    assert (first.paid.calls, second.paid.calls) == (len(model.calls), 0)


def told(messages: Sequence[BaseMessage]) -> str:
    """An answer that depends on the question alone."""
    return fresh(messages, [1] * (sum(map(ord, messages[-1].text)) % 1_000))


DYING = """
import asyncio, os, sys
from pathlib import Path
from test_synthesis_expand import expand, told

left = iter(range(3))
answer = lambda messages: told(messages) if next(left, None) is not None else os._exit(9)
asyncio.run(expand(Path(sys.argv[1]), answer, count=60, concurrency=1))
"""


async def test_killed_and_carried_out_again_nothing_is_lost_and_nothing_paid_twice(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        fill(tmp_path / name, 6, "annotate")
    _, _, whole = await expand(tmp_path / "whole", told, count=60)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    dead = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", DYING, str(tmp_path / "killed")], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert dead.returncode == 9
    assert not Store(tmp_path / "killed").has("expand")
    _, _, rest = await expand(tmp_path / "killed", told, count=60)
    both = [Store(tmp_path / name).path("expand").read_bytes() for name in ("whole", "killed")]
    assert both[0] == both[1]
    assert len(rest.calls) == len(whole.calls) - 3


def reply(text: str) -> Reply:
    return Reply(AIMessage(text), Usage())


BLOCKS, OBJECT = Form(constrained=False, reasoned=True), Form(constrained=True, reasoned=True)


def test_pairs_are_read_from_json_and_from_blocks() -> None:
    whole = {"query": "Which lamp is best?", "page": 2, "steps": [{"reasoning": "r", "step": "g"}]}
    found, halves = OBJECT.parse(reply(json.dumps({"pairs": [whole, {"query": 1}]})), 2)
    assert (found[0].query, found[0].page, found[0].steps[0].goal, halves) == ("Which lamp is best?", 2, "g", 1)
    blocks = """**Data Pair 1**
User Query: Which lamp is best?
Initial HTML State: index 1
Global Plan:
## Step 1
Reasoning: r
Step: g"""
    assert BLOCKS.parse(reply(blocks), 1)[0][0].steps[0].goal == "g"


@pytest.mark.parametrize("reasoned", [True, False])
@pytest.mark.parametrize("constrained", [True, False])
def test_examples_are_shown_in_the_form_that_answers_have(constrained: bool, reasoned: bool) -> None:
    steps = [GroundedStep(reasoning="Seen there." if reasoned else "", goal=goal) for goal in ("Find it", "Buy it")]
    row = PlanRow(site="s", query="Which lamp is best?", page="b" * 64, steps=steps, source="expanded", made_by=MADE)
    form = Form(constrained, pairs.reasoned([row]))
    shown = form.shown([row], ["a" * 64, row.page]).removeprefix("Example 1\n")
    ((pair,), halves) = form.parse(reply(f'{{"pairs": [{shown}]}}' if constrained else f"## Pair 1\n{shown}"), 2)
    assert (pair.query, pair.page, pair.steps, halves) == (row.query, 2, steps, 0)
    assert ("easoning" in form.asked + shown + json.dumps(form.schema(3, 2, exact=False))) == reasoned
    check_invented(pair.steps, pair.query, "Which is seen there", [], reasoned=form.reasoned)


@pytest.mark.parametrize("form", [BLOCKS, OBJECT, Form(constrained=False, reasoned=False), Form(True, False)])
def test_a_form_that_was_copied_is_no_pair(form: Form) -> None:
    copied = form.asked.replace("the task", "Which lamp is best?").replace("the number of the page", "1")
    with pytest.raises(ModelOutputError, match="no whole pair"):
        form.parse(reply(copied), 1)


@pytest.mark.parametrize("text", ["", "I cannot do that.", "## Pair 1\nQuery: Which lamp is best?\n", '{"pairs": []}'])
@pytest.mark.parametrize("form", [BLOCKS, OBJECT])
def test_an_answer_without_a_whole_pair_is_told_the_form(form: Form, text: str) -> None:
    with pytest.raises(ModelOutputError) as told:
        form.parse(reply(text), 1)
    assert form.asked in str(told.value)
