"""The stages queries, describe and annotate: their rules, what is dropped, and being killed and carried out again."""

import json
import math
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from plan_and_act.errors import BudgetSpentError, ConfigError, ModelOutputError, ModelUnavailableError
from plan_and_act.llm.call import Reply
from plan_and_act.synthesis import grounded, queries
from plan_and_act.synthesis.heldout import HeldOut
from plan_and_act.synthesis.lessons import lesson
from plan_and_act.synthesis.rows import DescriptionRow, GroundedStep, PlanRow, QueryRow, TrajectoryRow
from plan_and_act.synthesis.similar import Seen, rouge_l, words
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Plan, PlanStep, Usage
from teachers import ACTIONS, SEEDS, carry, followed, pipeline, write

# -- likeness ---------------------------------------------------------------------------------------------------------


def longest_common(one: list[str], other: list[str]) -> int:
    """The textbook's table, to compare with."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one, 1):
        for j, b in enumerate(other, 1):
            table[i][j] = table[i - 1][j - 1] + 1 if a == b else max(table[i - 1][j], table[i][j - 1])
    return table[-1][-1]


def test_rouge_l_is_what_the_textbook_says() -> None:
    rng = random.Random(1)
    for _ in range(300):
        one, other = ([rng.choice("abcdef") for _ in range(rng.randrange(1, 12))] for _ in range(2))
        assert rouge_l(one, other) == pytest.approx(2 * longest_common(one, other) / (len(one) + len(other)))
    assert rouge_l([], ["a"]) == 0
    assert rouge_l([], []) == 1


def test_no_like_text_is_missed_and_no_other_is_refused() -> None:
    rng, vocabulary = random.Random(2), words("the a find open star issue project user with most of x y z")
    taken: list[list[str]] = []
    seen = Seen(0.7)
    for _ in range(1_500):
        text = " ".join(rng.choice(vocabulary) for _ in range(7))
        like = any(rouge_l(other, words(text)) >= 0.7 for other in taken)
        assert seen.add(text) is not like
        if not like:
            taken.append(words(text))
    assert 0 < len(taken) < 1_500


# -- queries ----------------------------------------------------------------------------------------------------------


NAMES = ["Loomwork", "Pebble Auth", "Meadow ML", "Sparrow Mail", "Sundial Sync", "Tern", "Kestrel Notes", "Dune"]
ASKED = [
    "Star {}.",
    "How many releases did {} publish last year?",
    "Who reviewed the newest merge request in {}?",
    "Rename the milestone of {} to Winter.",
    "Please fork {} into my account!",
    "I need the licence {} is under, quickly.",
    "Mute notifications from {}",
    "Where does {} keep its contribution guide, and who wrote it?",
    "Add a label called urgent to open bugs of {}.",
]


def invent(messages: Sequence[BaseMessage]) -> str:
    """A teacher that makes up tasks, some twice, and finds that nothing can be forked."""
    asked = messages[-1].text
    if "Can it be done" in asked:
        return (
            "Reason: no forks\nVerdict: NO" if "fork" in asked.lower().split("task:")[1] else "Reason: ok\nVerdict: YES"
        )
    rng = random.Random(asked)
    tasks = [rng.choice(ASKED).format(rng.choice(NAMES)) for _ in range(10)]
    return "\n".join(f"{n}. {task}" for n, task in enumerate(tasks, 1))


async def test_new_queries_are_made_judged_and_told_apart(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, invent, queries={"count": 12})
    report = await carry(made, "queries")
    rows = list(made.store.read("queries", QueryRow))
    assert len(rows) == report.rows == 12
    assert len({row.query for row in rows}) == 12
    assert not any("fork" in row.query for row in rows)
    assert {"like one before", "not feasible"} <= set(report.drops)
    assert all(len(row.seeds) == 5 and set(row.seeds) <= set(SEEDS) for row in rows)
    assert all(row.made_by.teacher == "scripted" and row.made_by.prompt for row in rows)
    assert report.paid.calls == len(model.calls)
    assert made.reports()["queries"] == report


async def test_seeds_are_never_made_again(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, lambda _: "1. " + SEEDS[0] + "\n2. " + SEEDS[1].lower(), queries={"count": 3})
    report = await carry(made, "queries")
    assert (report.rows, set(report.drops)) == (0, {"like one before"})
    assert "Stopped at 0 of 3" in report.notes[0]


async def test_where_nothing_can_be_done_it_does_not_ask_for_ever(tmp_path: Path) -> None:
    def refuse(messages: Sequence[BaseMessage]) -> str:
        asked = messages[-1].text
        if "Can it be done" in asked:
            # The first is kept, so that a few are missing to the end.
            return f"Reason: so\nVerdict: {'YES' if 'oak 0 ' in asked else 'NO'}"
        made.append(asked)
        start = 10 * (len(made) - 1)
        return "\n".join(f"{n}. {words} {n} x{n} y{n} z{n}" for n, words in enumerate(["oak"] * 10, start))

    made: list[str] = []
    asking, _ = pipeline(tmp_path, refuse, queries={"count": 21})
    report = await carry(asking, "queries")
    assert report.rows == 1
    assert report.drops["not feasible"] == 220
    assert report.notes[0].startswith("Stopped at 1 of 21: none of the last 200 queries was found feasible.")


async def test_a_task_like_a_held_out_one_never_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldOut((), tasks=["Rename the milestone of Tern to Winter."])
    monkeypatch.setattr(queries, "held_out", lambda _: held)
    made, _ = pipeline(tmp_path, invent, queries={"count": 15}, sites={"forge": {"seeds": SEEDS}})
    report = await carry(made, "queries")
    assert report.drops["like a held-out task"] > 0
    assert not any("milestone" in row.query for row in made.store.read("queries", QueryRow))


def test_a_practice_site_has_seeds_of_the_training_split_alone() -> None:
    from plan_and_act.sites.tasks import WORLDS, episodes
    from plan_and_act.synthesis import practice
    from plan_and_act.synthesis.heldout import held_out

    assert practice.seeds("forge")
    assert not any(held_out(("forge",)).named(text) for text in practice.seeds("forge"))
    assert WORLDS["train"] not in (WORLDS["test"], WORLDS["validation"])
    assert {episode.world for episode in episodes("train", 20)} == {WORLDS["train"]}


async def test_a_site_without_seeds_is_named(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, invent, sites={"blog": {"url": "https://blog.example"}})
    with pytest.raises(ConfigError, match="sites: blog: there are no seed queries"):
        await carry(made, "queries")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("", "no usable answer"),
        ("I cannot do that.", "no usable answer"),
        ("1. 请关注洛姆沃克项目的最大贡献者并报告姓名", "another language"),
    ],
)
async def test_a_teacher_that_makes_no_tasks_is_told_and_counted(tmp_path: Path, said: str, rule: str) -> None:
    made, model = pipeline(tmp_path, lambda _: said, queries={"count": 1})
    report = await carry(made, "queries")
    assert report.rows == 0
    assert set(report.drops) == {rule}
    assert "Write" in model.calls[1][-1].text


async def test_tasks_are_taken_from_json_as_well(tmp_path: Path) -> None:
    def answer(messages: Sequence[BaseMessage]) -> str:
        text = invent(messages)
        if "Verdict" in text:
            return text
        return "```json\n" + json.dumps({"tasks": re.findall(r"\d+\. (.*)", text)}) + "\n```"

    made, _ = pipeline(tmp_path, answer, queries={"count": 5})
    assert (await carry(made, "queries")).rows == 5


# -- killed, and carried out again ------------------------------------------------------------------------------------


async def test_killed_anywhere_it_makes_the_same_bytes_and_pays_for_no_call_twice(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole, model = pipeline(tmp_path / "whole", invent, queries={"count": 20})
    await carry(whole, "queries")
    expected, needed = whole.store.path("queries").read_bytes(), len(model.calls)

    for kill_at in (1, 2, 9, needed - 1):
        folder = tmp_path / f"killed-{kill_at}"
        folder.mkdir()
        paid = 0

        def dying(messages: Sequence[BaseMessage], kill_at: int = kill_at) -> Any:
            nonlocal paid
            if paid == kill_at:
                return ValueError("killed")
            paid += 1
            return invent(messages)

        killed, _ = pipeline(folder, dying, queries={"count": 20})
        with pytest.raises(ModelUnavailableError):
            await carry(killed, "queries")
        assert not killed.store.has("queries")
        resumed, model = pipeline(folder, invent, queries={"count": 20})
        report = await carry(resumed, "queries")
        assert resumed.store.path("queries").read_bytes() == expected
        assert paid + len(model.calls) == needed
        assert report.paid.calls == len(model.calls)
        assert report.saved.calls == paid


async def test_the_same_again_costs_nothing_and_gives_the_same_bytes(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, invent, queries={"count": 20})
    await carry(made, "queries")
    before = made.store.path("queries").read_bytes()
    again, model = pipeline(tmp_path, invent, queries={"count": 20})
    report = await carry(again, "queries")
    assert (again.store.path("queries").read_bytes(), model.calls, report.paid) == (before, [], Usage())


async def test_a_budget_stops_a_stage_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, invent, queries={"count": 20}, budget={"tokens": 2_000})
    with pytest.raises(BudgetSpentError, match=r"budget of 2,000 tokens is spent"):
        await carry(made, "queries")
    assert 0 < len(model.calls) < 30
    more, rest = pipeline(tmp_path, invent, queries={"count": 20})
    await carry(more, "queries")
    (tmp_path / "whole").mkdir()
    whole, all_calls = pipeline(tmp_path / "whole", invent, queries={"count": 20})
    await carry(whole, "queries")
    assert len(model.calls) + len(rest.calls) == len(all_calls.calls)


# -- describe ---------------------------------------------------------------------------------------------------------


async def test_each_action_but_the_last_is_described(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, lambda messages: f"It opened {len(messages[-1].text)} things.")
    rows = [followed(made.store, n) for n in (1, 2)]
    write(made.store, "score", [*rows, followed(made.store, 3, reward=0), followed(made.store, 4, split="validation")])
    report = await carry(made, "describe")
    found = list(made.store.read("describe", DescriptionRow))
    assert [row.trajectory for row in found] == [row.id for row in rows]
    assert [bool(text) for text in found[0].texts] == [True, True, True, False]
    assert report.drops == {"the trajectory failed": 1}
    asked = model.calls[0][-1].text
    assert 'link "Contributors #3"' in asked
    assert "41 commits" in asked, "the page after the action"
    assert found[0].made_by.parents == [rows[0].id]


async def test_a_description_that_never_comes_is_left_empty_and_counted(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, lambda _: " ")
    write(made.store, "score", [followed(made.store)])
    report = await carry(made, "describe")
    assert next(made.store.read("describe", DescriptionRow)).texts == [""] * 4
    assert report.drops == {"no usable answer": 3}


# -- the rules of grounded plans --------------------------------------------------------------------------------------

GOOD = """## Step 1
Reasoning: The page of Loomwork has a link to its contributors.
Description: Opened the list and the person.
Step: Find the contributor of Loomwork with the most commits.
Actions: [1, 2]

## Step 2
Reasoning: Profiles have a button to follow.
Description: Followed.
Step: Follow that person and report it.
Actions: [3, 4]
"""


def steps(*actions: Sequence[int], goal: str = "Follow the top contributor") -> list[GroundedStep]:
    return [GroundedStep(reasoning="It is on the page.", goal=goal, actions=list(row)) for row in actions]


def checked(plan: Sequence[GroundedStep], tmp_path: Path, actions: Sequence[Any] = ACTIONS) -> str | None:
    """The rule that a plan breaks."""
    from plan_and_act.synthesis.store import Store

    run = followed(Store(tmp_path), actions=actions)
    try:
        grounded.check(plan, run.trajectory.rounds, run.query)
    except RuleBrokenError as error:
        return error.rule
    return None


@pytest.mark.parametrize(
    ("actions", "rule"),
    [
        ([[1, 2], [3, 4]], None),
        ([[1, 2, 3, 4]], None),
        ([[1], [2], [3], [4]], None),
        ([[1, 3, 4], [2]], "actions not contiguous"),
        ([[2, 1], [3, 4]], "actions not contiguous"),
        ([[3, 4], [1, 2]], "actions left out"),
        ([[1, 2], [2, 3, 4]], "actions out of order"),
        ([[1, 2], [1, 2], [3, 4]], "actions out of order"),
        ([[1, 2], [4]], "actions left out"),
        ([[1, 2], [3]], "actions left out"),
        ([[2, 3, 4]], "actions left out"),
        ([[0, 1, 2], [3, 4]], "action that does not exist"),
        ([[1, 2], [3, 4, 5]], "action that does not exist"),
        ([[1, 2], [], [3, 4]], "step without actions"),
    ],
)
def test_every_action_is_in_one_step_and_in_order(tmp_path: Path, actions: list[list[int]], rule: str | None) -> None:
    assert checked(steps(*actions), tmp_path) == rule


SCROLL = {"action": "scroll", "direction": "down"}


def test_scrolling_is_never_a_step(tmp_path: Path) -> None:
    actions = [ACTIONS[0], SCROLL, *ACTIONS[1:]]
    assert checked(steps([1, 2, 3], [4, 5]), tmp_path, actions) is None
    assert checked(steps([1], [2], [3, 4, 5]), tmp_path, actions) == "scrolling in a step"
    scrolled = steps([1, 2, 3, 4], goal="Scroll to the top contributor")
    assert checked(scrolled, tmp_path) == "scrolling in a step"


@pytest.mark.parametrize(
    ("goal", "rule"),
    [
        ("关注项目的最大贡献者", "another language"),
        ("Book a flight from Oslo to Rome", "about another task"),
        ('Click link "Contributors #3" of the project', "element number in a step"),
    ],
)
def test_what_a_plan_must_not_be(tmp_path: Path, goal: str, rule: str) -> None:
    plan = [GroundedStep(reasoning="Because.", goal=goal, actions=[1, 2, 3, 4])]
    assert checked(plan, tmp_path) == rule


def reply(text: str) -> Reply:
    return Reply(AIMessage(text), Usage())


JSON = json.dumps(
    {
        "steps": [
            {"reasoning": "A link.", "step": "Find the contributor.", "actions": [1, 2]},
            {"reasoning": "A button.", "step": "Follow.", "actions": "3-4"},
        ]
    }
)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("## Step 1", "**Step 1:**").replace("Actions: [3, 4]", "**Actions:** 3 to 4"),
        f"<think>First 1, then 2.</think>\n{GOOD}",
        f"```\n{GOOD}```",
        GOOD.replace("Description: Followed.\n", ""),
        JSON,
        f"Here it is:\n{JSON}",
    ],
)
def test_plans_are_read_as_teachers_write_them(text: str) -> None:
    found = grounded.parse(reply(text))
    assert [step.actions for step in found] == [[1, 2], [3, 4]]
    assert all(step.goal and step.reasoning for step in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no steps of a plan"),
        ("I would follow the person.", "holds no steps of a plan"),
        ('{"steps": []}', "JSON object"),
        (GOOD[: GOOD.index("Step: Follow")], "Step 2 is not whole"),
        ("## Step 1\nStep: Follow.\nActions: [1]", "Step 1 is not whole"),
    ],
)
def test_half_a_plan_and_none_are_told_apart(text: str, said: str) -> None:
    with pytest.raises(ModelOutputError, match=said):
        grounded.parse(reply(text))


# -- annotate ---------------------------------------------------------------------------------------------------------


async def test_a_plan_is_read_off_each_success(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, lambda _: GOOD)
    rows = [followed(made.store, n, reward=float(n != 2)) for n in (1, 2, 3)]
    write(made.store, "score", rows)
    report = await carry(made, "annotate")
    found = list(made.store.read("annotate", PlanRow))
    assert [row.trajectory for row in found] == [rows[0].id, rows[2].id]
    assert [step.actions for step in found[0].steps] == [[1, 2], [3, 4]]
    assert found[0].plan.steps[1].goal == "Follow that person and report it."
    assert found[0].page == rows[0].page
    assert report.drops == {"the trajectory failed": 1}
    assert "without descriptions" in report.notes[0]
    asked = model.calls[0][-1].text
    assert '1. Click link "Contributors"\n2. Click link "' in asked
    assert "cover the actions 1 to 4" in asked


async def test_a_plan_that_came_with_its_task_can_be_taken_as_it_is(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, lambda _: GOOD, annotate={"own": True})
    without = followed(made.store, 1)
    steps = [PlanStep(goal="Open the contributors"), PlanStep(goal="Follow the first")]
    on = [
        round_.model_copy(update={"action": round_.action.model_copy(update={"step": number})})
        for round_, number in zip(without.trajectory.rounds, (1, 2, 2, 2), strict=True)
    ]
    run = without.trajectory.model_copy(update={"plans": [Plan(steps=steps)], "rounds": on, "thread": "own"})
    brought = without.model_copy(update={"trajectory": run, "id": "own"})
    write(made.store, "score", [brought])
    assert not (await carry(made, "annotate")).notes
    (own,) = made.store.read("annotate", PlanRow)
    assert (own.source, own.made_by.teacher, model.calls) == ("task", None, [])
    assert [(step.goal, step.actions) for step in own.steps] == [
        ("Open the contributors", [1]), ("Follow the first", [2, 3, 4]),
    ]  # fmt: skip
    # What is taught of it is what is taught where the stage was not carried out.
    rows = [own, None]
    taught = [lesson(brought, planning, plan).trajectory for planning in ("static", "dynamic") for plan in rows]
    assert taught[0] == taught[1]
    assert taught[2] == taught[3]
    assert len(taught[2].plans) == len(on)
    # A task without a plan has a teacher's all the same.
    write(made.store, "score", [brought, without])
    assert "without descriptions" in (await carry(made, "annotate")).notes[0]
    assert [row.source for row in made.store.read("annotate", PlanRow)] == ["task", "annotated"]
    assert len(model.calls) == 1


async def test_the_teacher_is_told_what_was_described(tmp_path: Path) -> None:
    made, model = pipeline(
        tmp_path,
        lambda m: (
            GOOD.replace("Description: Followed.\n", "") if "Write the plan" in m[-1].text else "It opened a page."
        ),
    )
    write(made.store, "score", [followed(made.store)])
    described = await carry(made, "describe")
    await carry(made, "annotate")
    (row,) = made.store.read("annotate", PlanRow)
    assert model.calls[-1][-1].text.count("   It opened a page.") == 3
    assert row.steps[0].description == "Opened the list and the person."
    assert row.steps[1].description == "It opened a page."
    (about,) = made.store.read("describe", DescriptionRow)
    assert row.made_by.parents == [about.trajectory, about.id]
    assert described.rows == 1


async def test_a_broken_rule_is_told_and_mended(tmp_path: Path) -> None:
    made, model = pipeline(tmp_path, [GOOD.replace("[1, 2]", "[1, 3]"), GOOD])
    write(made.store, "score", [followed(made.store)])
    assert (await carry(made, "annotate")).rows == 1
    assert "The actions of step 1, [1, 3], do not follow one another." in model.calls[1][-1].text


@pytest.mark.parametrize(("name", "rule"), [("Tidewater", "about another task"), ("Loomwork", "speaks of the example")])
async def test_a_plan_that_is_the_examples_is_none(tmp_path: Path, name: str, rule: str) -> None:
    plan = grounded.render(grounded.EXAMPLE, constrained=False).replace("Tidewater", name)
    made, _ = pipeline(tmp_path, lambda _: plan)
    write(made.store, "score", [followed(made.store)])
    report = await carry(made, "annotate")
    assert (report.rows, report.drops) == (0, {rule: 1})


async def test_a_rule_broken_to_the_end_drops_the_plan_and_is_counted(tmp_path: Path) -> None:
    broken = {"0.": GOOD.replace("[3, 4]", "[3]"), "1.": "half", "2.": GOOD.replace("[1, 2]", "[2, 1]")}

    def answer(messages: Sequence[BaseMessage]) -> str:
        asked = messages[3].text  # after the instructions and an example
        return next(said for number, said in broken.items() if f"Loomwork {number}" in asked)

    made, _ = pipeline(tmp_path, answer)
    write(made.store, "score", [followed(made.store, n) for n in range(3)])
    report = await carry(made, "annotate")
    assert report.rows == 0
    assert report.drops == {"actions left out": 1, "actions not contiguous": 1, "no usable answer": 1}


async def test_what_only_a_later_page_shows_does_not_leak_into_a_plan(tmp_path: Path) -> None:
    leaking = GOOD.replace("Follow that person", "Follow Soraya Kamau")
    made, model = pipeline(tmp_path, [leaking, GOOD])
    write(made.store, "score", [followed(made.store)])
    assert (await carry(made, "annotate")).rows == 1
    assert "'soraya kamau' yet" in model.calls[1][-1].text
    made, _ = pipeline(tmp_path, lambda _: leaking.replace("Followed.", "Followed her."))
    made.store.folder.joinpath("answers.sqlite").unlink()
    assert (await carry(made, "annotate")).drops == {"knows what only later pages show": 1}


async def test_descriptions_of_trajectories_made_anew_are_refused(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, lambda m: GOOD if "Write the plan" in m[-1].text else "It opened a page.")
    write(made.store, "score", [followed(made.store, 1)])
    await carry(made, "describe")
    write(made.store, "score", [followed(made.store, 2)])
    with pytest.raises(ConfigError, match="carry out the stage describe again"):
        await carry(made, "annotate")


# -- score ------------------------------------------------------------------------------------------------------------


async def test_checkers_judge_where_they_are_and_a_model_elsewhere(tmp_path: Path) -> None:
    def answer(messages: Sequence[BaseMessage]) -> AIMessage:
        if "Loomwork 3" in messages[-1].text:
            return AIMessage("Reason: No.\nVerdict: NO")
        return AIMessage("Reason: It is followed.\nVerdict: YES")

    made, model = pipeline(tmp_path, answer, score={"compare": 2})
    rows = [
        followed(made.store, number, reward=reward).model_copy(update={"checked": checked})
        for number, reward, checked in [(1, 1, True), (2, 0, None), (3, 1, None), (4, 0, False), (5, 1, True)]
    ]
    write(made.store, "collect", rows)
    report = await carry(made, "score")
    found = list(made.store.read("score", TrajectoryRow))
    assert [(row.trajectory.reward, row.score, row.success) for row in found] == [
        (1, 1, True), (1, 1, True), (0, 0, False), (0, 1, False), (1, None, True),
    ]  # fmt: skip
    assert "Agreement 50.0%" in report.notes[0]
    assert "N = 2" in report.notes[0]
    assert len(model.calls) == 4
    assert [row.made_by.parents for row in found] == [[row.id] for row in rows]
    assert found[1].trajectory.judge == "outcome reward model scripted"
    assert "Unfollow" in model.calls[0][-1].text, "the last page"
    again, silent = pipeline(tmp_path, answer, score={"compare": 2})
    await carry(again, "score")
    assert not silent.calls


async def test_solvers_alone_need_no_teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PLAN_AND_ACT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    made, _ = pipeline(tmp_path, [])
    made.models = {}
    write(made.store, "collect", [followed(made.store).model_copy(update={"checked": True})])
    assert (await carry(made, "score")).rows == 1


async def test_what_the_model_does_not_judge_is_counted(tmp_path: Path) -> None:
    made, _ = pipeline(tmp_path, lambda _: "Perhaps.")
    write(
        made.store, "collect", [followed(made.store, 1), followed(made.store, 2).model_copy(update={"checked": True})]
    )
    report = await carry(made, "score")
    assert (report.rows, report.drops) == (1, {"no usable answer": 1})


async def test_the_reward_is_the_probability_where_the_endpoint_tells_it(tmp_path: Path) -> None:
    class Telling(ScriptedModel):
        logprobs: bool = False
        top_logprobs: int = 0

        def _answer(self, messages: list[BaseMessage]) -> AIMessage:
            assert (self.logprobs, self.top_logprobs) == (True, 5)
            top = [{"token": token, "logprob": math.log(p)} for token, p in (("YES", 0.3), ("NO", 0.1))]
            content = [{"token": "YES", "logprob": math.log(0.3), "top_logprobs": top}]
            message = super()._answer(messages)
            told = {**message.response_metadata, "logprobs": {"content": content}}
            return message.model_copy(update={"response_metadata": told})

    for _ in range(2):  # from the endpoint, and from the cache
        made, _ = pipeline(tmp_path, [], score={"reasons": False})
        made.models = {"default": Telling(["YES"])}
        write(made.store, "collect", [followed(made.store)])
        report = await carry(made, "score")
        (row,) = made.store.read("score", TrajectoryRow)
        assert row.score == row.trajectory.reward == pytest.approx(0.75)
    assert report.paid.calls == 0
