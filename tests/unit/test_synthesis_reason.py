"""reason: traces end where the ground truth is, know nothing of later, and what contradicts it is dropped."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_openai import ChatOpenAI

from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.reason import Reason
from plan_and_act.synthesis.rows import PlanRow, Provenance, ReasonsRow
from plan_and_act.synthesis.store import Store
from synthetic import carry_out, fill
from teachers import endpoint


def given(messages: Sequence[BaseMessage]) -> str:
    """What the teacher is told to arrive at: the first goal, or the action."""
    text = messages[1].text
    if found := re.search(r"The action you will arrive at:\n(.+)\n", text):
        return found[1]
    plan = text.partition("The plan you will arrive at:")[2]
    return f"First: {re.search(r'Step: (.+)', plan)[1]}"  # type: ignore[index]


def thinks(messages: Sequence[BaseMessage]) -> str:
    return f"I look at what is there and what is asked for.\n\n{given(messages)}"


async def reason(folder: Path, script: Callable[[Sequence[BaseMessage]], Any]) -> tuple[Any, list[ReasonsRow]]:
    report, _ = await carry_out(folder, Reason(Section()), script)
    return report, list(Store(folder).read("reason", ReasonsRow))


async def test_there_is_a_trace_before_every_plan_and_action(tmp_path: Path) -> None:
    rows = fill(tmp_path, 2, "annotate", "replans")
    plan = next(iter(Store(tmp_path).read("annotate", PlanRow)))
    made_by = Provenance(stage="expand", parents=[plan.id])
    with Store(tmp_path).writer("expand") as write:
        write(plan.model_copy(update={"id": "new", "source": "expanded", "made_by": made_by}))
    report, found = await reason(tmp_path, thinks)
    assert not report.drops
    assert [row.about for row in found] == [*(row.id for row in rows), "new"]
    text = "I look at what is there and what is asked for."
    assert found[0].plans == {0: text, 1: text, 2: text}
    assert found[0].actions == {1: text, 2: text, 3: text}
    assert (found[2].plans, found[2].actions) == ({0: text}, {})


async def test_a_trace_that_arrives_elsewhere_is_told_and_then_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")

    def elsewhere(messages: Sequence[BaseMessage]) -> str:
        answer = thinks(messages)
        return answer.replace("kettle 0 #3", "Help #4").replace("First: Find it in the shop.", "First: Sign in.")

    report, found = await reason(tmp_path, elsewhere)
    assert report.drops == {"contradicts the action": 1, "contradicts the plan": 1}
    assert (list(found[0].plans), list(found[0].actions)) == ([], [1, 3])


async def test_a_trace_that_knows_what_comes_later_is_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")
    report, found = await reason(tmp_path, lambda m: f"I know that it will cost $0.95 in the end.\n{given(m)}")
    # Before the last action the price is on the page.
    assert report.drops == {"knows what only later pages show": 3}
    assert list(found[0].actions) == [3]


async def test_half_an_answer_another_language_and_nothing_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")

    def bad(messages: Sequence[BaseMessage]) -> str:
        if "The plan you will" in messages[1].text:
            return "I think, and I do not arrive."
        return {"Search": given(messages), "Click": f"我先看看页面上有什么，然后再决定下一步。\n{given(messages)}"}.get(
            given(messages)[11:17].strip('",'), ""
        )

    report, found = await reason(tmp_path, bad)
    assert report.drops == {"no usable answer": 2, "no thoughts": 1, "another language": 1}
    assert not found


async def test_a_teacher_that_is_held_to_a_form_says_where_it_arrives_in_a_field(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")
    told: list[str] = []
    wrong = iter(["First: Sign in."])
    long = iter(["I look. " * 75])

    def fields(messages: Sequence[BaseMessage]) -> str:
        told.append(messages[0].text)
        name = "first" if "The plan you will" in messages[1].text else "action"
        end = next(wrong, given(messages)).removeprefix("First: ")
        thoughts = next(long, "") if name == "action" else ""
        return json.dumps({"thoughts": thoughts or "I look at what is there: {a form}.", name: end})

    with endpoint(fields) as (url, asked):
        model = ChatOpenAI(model="small", base_url=url, api_key="none")
        report, _ = await carry_out(tmp_path, Reason(Section()), model=model, teacher={"constrained": True})
    (found,) = Store(tmp_path).read("reason", ReasonsRow)
    assert not report.drops
    assert set(found.actions.values()) == {*found.plans.values()} == {"I look at what is there: {a form}."}
    assert all("Answer with one JSON object" in text for text in told)
    assert len(asked) == 6  # once it led elsewhere, once it was cut off
