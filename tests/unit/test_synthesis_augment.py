"""augment: classes from failures or from a person, Other never used, and each new plan says which class it is for."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import AIMessage, BaseMessage

from plan_and_act.errors import ConfigError, ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.synthesis import augment as module
from plan_and_act.synthesis import classes
from plan_and_act.synthesis.augment import Augment, AugmentSettings
from plan_and_act.synthesis.heldout import HeldOut
from plan_and_act.synthesis.rows import PlanRow
from plan_and_act.synthesis.store import Store
from plan_and_act.trajectory import Usage
from synthetic import SITE, carry_out, plan_row, trajectory_row, without_reasoning

CLASSES = {SITE: [
    {"name": "Search wording", "problem": "It searches with whole sentences.", "needed": "Short searches."},
    {"name": "Prices", "problem": "It stops too early.", "needed": "Prices on the things' own pages."},
]}  # fmt: skip


def prepare(folder: Path, *, failures: int = 2) -> None:
    """Six training plans, and some failures on the validation split."""
    store = Store(folder)
    train = [trajectory_row(store, number) for number in range(6)]
    failed = [trajectory_row(store, 10 + n, split="validation", reward=0.0) for n in range(failures)]
    with store.writer("score") as write:
        for row in [*train, *failed]:
            write(row)
    with store.writer("annotate") as write:
        for row in train:
            write(plan_row(row))


class Teacher:
    """Answers each of the three questions."""

    def __init__(self, **answers: Any) -> None:
        self.proposed: list[str] = []
        self.answers = answers
        self.made = 0

    def __call__(self, messages: Sequence[BaseMessage]) -> str:
        text = messages[1].text
        if "Name the classes." in text:
            self.proposed.append(text)
            return "".join(
                f"Class: {c['name']}\nProblem: {c['problem']}\nNeeded: {c['needed']}\n\n" for c in CLASSES[SITE]
            )
        if "Which class would it help" in text:
            number = int(re.search(r"(\d+) cost", text)[1])  # type: ignore[index]
            return f"Reason: so.\nClass: {self.answers.get('classes', ['A', 'B', 'Other'])[number % 3]}"
        self.made += 1
        name = re.search(r"Query: What does the (\w+ \d+) cost", text)[1]  # type: ignore[index]
        why = "The page of the shop has a search field."
        steps = "\n".join(
            f"## Step {n}\nReasoning: {why}\nStep: Go on with the {name}."
            for n in range(1, self.answers.get("steps", 2) + 1)
        )
        query = f"Offer {self.made} u{self.made} v{self.made} for {name}, please"
        return f"## Pair 1\nQuery: {query}\nPage: 1\n{steps}"


async def augment(
    folder: Path, teacher: Callable[[Sequence[BaseMessage]], str], **settings: Any
) -> tuple[Any, list[PlanRow]]:
    report, _ = await carry_out(folder, Augment(AugmentSettings(**settings)), teacher)
    return report, list(Store(folder).read("augment", PlanRow))


async def test_failures_become_classes_and_classes_become_plans(tmp_path: Path) -> None:
    prepare(tmp_path)
    teacher = Teacher()
    report, rows = await augment(tmp_path, teacher, count=8)
    seeds = {row.id: row for row in Store(tmp_path).read("annotate", PlanRow)}
    assert len(rows) == 8
    assert len(teacher.proposed) == 1
    assert "lantern 10" in teacher.proposed[0]
    for row in rows:
        seed = seeds[row.made_by.parents[0]]
        number = int(re.search(r"(\d+) cost", seed.query)[1])  # type: ignore[index]
        assert row.page == seed.page
        assert row.failure_class == ["Search wording", "Prices"][number % 3]
    # Four of the six plans fit a class, and each is varied as often; the two others are never used.
    assert [sum(row.made_by.parents == [id_] for row in rows) for id_ in seeds] == [2, 2, 0, 2, 2, 0]
    assert report.drops == {"training plan that fits no class": 2}
    assert report.notes[-1] == "Prices: 4; Search wording: 4"
    assert yaml.safe_load((tmp_path / "failure_classes.yaml").read_text()) == CLASSES


async def test_what_a_person_has_edited_is_used(tmp_path: Path) -> None:
    prepare(tmp_path, failures=0)
    edited = {SITE: [{"name": "My own", "problem": "p", "needed": "n"}, CLASSES[SITE][1]]}
    (tmp_path / "failure_classes.yaml").write_text(yaml.safe_dump(edited))
    teacher = Teacher()
    _, rows = await augment(tmp_path, teacher, count=4)
    assert not teacher.proposed
    assert {row.failure_class for row in rows} == {"My own", "Prices"}


async def test_without_failures_and_classes_it_says_what_is_missing(tmp_path: Path) -> None:
    prepare(tmp_path, failures=0)
    with pytest.raises(ConfigError, match="needs failures"):
        await augment(tmp_path, Teacher(), count=1)
    (tmp_path / "failure_classes.yaml").write_text(f"{SITE}:\n- name: x\n")
    with pytest.raises(ConfigError, match="with name, problem and needed"):
        await augment(tmp_path, Teacher(), count=1)


async def test_a_plan_that_goes_another_way_is_dropped(tmp_path: Path) -> None:
    prepare(tmp_path)
    report, rows = await augment(tmp_path, Teacher(steps=5), count=2)
    assert not rows
    assert report.drops["another way than the example's"] > 0


async def test_a_task_like_a_held_out_one_never_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path)
    held = HeldOut(["Brass Dragon"], tasks=["Offer u1 v1 for kettle 0, please"])
    monkeypatch.setattr(module, "held_out", lambda sites: held)
    report, rows = await augment(tmp_path, Teacher(), count=4)
    assert report.drops["like a held-out task"] > 0
    assert rows
    assert not any(held.like(row.query) for row in rows)


async def test_plans_of_goals_alone_are_varied_as_such(tmp_path: Path) -> None:
    prepare(tmp_path)
    without_reasoning(tmp_path)
    teacher = Teacher()
    _, rows = await augment(tmp_path, lambda m: re.sub(r"^Reasoning: .*\n", "", teacher(m), flags=re.M), count=2)
    assert len(rows) == 2
    assert not any(step.reasoning for row in rows for step in row.steps)


async def test_where_no_plan_fits_a_class_the_chain_goes_on_without(tmp_path: Path) -> None:
    prepare(tmp_path)
    report, rows = await augment(tmp_path, Teacher(classes=["Other"] * 3), count=2)
    assert not rows
    assert "No training plan fits a class" in report.notes[-1]


def test_a_class_may_use_words_of_the_form() -> None:
    lines = "Class: Reservations\nProblem: Plans search the catalogue\nNeeded: training examples"
    assert [each.name for each in classes.proposed(Reply(AIMessage(lines), Usage()))] == ["Reservations"]


@pytest.mark.parametrize("form", [classes.CLASS_LINES, classes.CLASS_OBJECT])
def test_a_form_that_was_copied_names_no_class(form: str) -> None:
    with pytest.raises(ModelOutputError, match="names no class"):
        classes.proposed(Reply(AIMessage(form), Usage()))
