"""export: what is in the data sets, on which side, in which shape, and what is left out."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from plan_and_act.actions import to_action
from plan_and_act.errors import ConfigError
from plan_and_act.synthesis import export as module
from plan_and_act.synthesis import practice
from plan_and_act.synthesis.export import Export, ExportSettings
from plan_and_act.synthesis.heldout import HeldOut, held_out
from plan_and_act.synthesis.narrow import narrowed
from plan_and_act.synthesis.rows import DatasetRow, GroundedStep, PlanRow, Provenance
from plan_and_act.synthesis.store import Store
from plan_and_act.trajectory import Plan, PlanStep
from synthetic import SITE, carry_out, fill, plan_row, thing, trajectory_row


async def export(folder: Path, **settings: Any) -> Any:
    return (await carry_out(folder, Export(ExportSettings(**settings))))[0]


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "datasets" / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def invented(row: PlanRow, query: str, stage: str = "expand") -> PlanRow:
    made_by = Provenance(stage=stage, parents=[row.id])
    return row.model_copy(
        update={
            "id": f"new-{query}",
            "query": query,
            "source": "augmented" if stage == "augment" else "expanded",
            "made_by": made_by,
        }
    )


async def test_one_row_a_round_and_a_plan_for_each_role(tmp_path: Path) -> None:
    fill(tmp_path, 4, "annotate", "replans")
    await export(tmp_path, validation=0)
    executor, planner = rows_of(tmp_path, "executor-train.chat.jsonl"), rows_of(tmp_path, "planner-train.chat.jsonl")
    assert len(executor) == 4 * 3
    assert len(planner) == 4
    assert len(rows_of(tmp_path, "replanner-train.chat.jsonl")) == 4 * 2
    assert planner[0]["completion"][0]["content"].startswith("## Step 1\nReasoning: The page has a search field.")
    second = executor[1]
    # The plan of this round, the page of this round, the round before as history, and the step it works on.
    assert "Open it and report its price." in second["prompt"][-1]["content"]
    assert 'link "kettle 0 #3"' in second["prompt"][-1]["content"]
    assert 'do(action="Search"' in second["prompt"][-2]["content"]
    assert second["completion"][0]["content"] == '# Step: 1\ndo(action="Click", element="kettle 0 #3")'


async def test_a_static_plan_stays_the_first_and_without_planning_there_is_none(tmp_path: Path) -> None:
    fill(tmp_path, 2, "annotate", "replans")
    await export(tmp_path, planning="static", validation=0)
    static = rows_of(tmp_path, "executor-train.chat.jsonl")
    assert all("Find it in the shop." in row["prompt"][-1]["content"] for row in static)
    assert static[2]["completion"][0]["content"].startswith("# Step: 2")
    assert "replan(" not in static[0]["prompt"][0]["content"]
    assert not rows_of(tmp_path, "replanner-train.chat.jsonl")
    await export(tmp_path, planning="none", validation=0)
    assert not rows_of(tmp_path, "planner-train.chat.jsonl")
    assert "The plan:" not in rows_of(tmp_path, "executor-train.chat.jsonl")[0]["prompt"][-1]["content"]


async def test_chains_of_thought_stand_before_plans_and_actions(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate", "reason")
    await export(tmp_path, validation=0)
    planner = rows_of(tmp_path, "planner-train.chat.jsonl")[0]["completion"][0]["content"]
    assert planner.startswith("<think>\nFirst I would search.\n</think>\n\n## Step 1")
    executor = rows_of(tmp_path, "executor-train.chat.jsonl")
    assert executor[0]["completion"][0]["content"].startswith("<think>\nI look at page 1. So this is next.\n</think>")
    assert "# Reason: I look at page 1." in executor[1]["prompt"][-2]["content"]
    await export(tmp_path, validation=0, executor_format="json")
    answer = rows_of(tmp_path, "executor-train.chat.jsonl")[0]["completion"][0]["content"]
    assert json.loads(answer)["reason"] == "I look at page 1. So this is next."


async def test_every_shape_holds_the_same_sample(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")
    await export(tmp_path, validation=0, shapes=["chat", "instruction", "torchtune"])
    for number in range(3):
        chat, instruction, torchtune = (
            rows_of(tmp_path, f"executor-train.{shape}.jsonl")[number] for shape in ("chat", "instruction", "torchtune")
        )
        turns = [m["content"] for m in torchtune["messages"]]
        assert torchtune["messages"] == [*chat["prompt"], *chat["completion"]]
        flat = [text for pair in instruction["history"] for text in pair]
        assert [instruction["system"], *flat, instruction["instruction"], instruction["output"]] == turns
    info = json.loads((tmp_path / "datasets" / "dataset_info.json").read_text())
    assert info["executor-train"]["file_name"] == "executor-train.instruction.jsonl"


async def test_tool_calls_are_in_chat_rows_only(tmp_path: Path) -> None:
    fill(tmp_path, 1, "annotate")
    await export(tmp_path, validation=0, executor_format="tools")
    row = rows_of(tmp_path, "executor-train.chat.jsonl")[0]
    assert row["completion"][0]["tool_calls"][0]["function"]["name"] == "search"
    assert "search" in [tool["function"]["name"] for tool in json.loads(row["tools"])]
    with pytest.raises(ConfigError, match="cannot hold tool calls"):
        await export(tmp_path, executor_format="tools", shapes=["torchtune"])


async def test_what_was_made_from_a_task_stays_on_its_side(tmp_path: Path) -> None:
    rows = fill(tmp_path, 40, "annotate")
    store = Store(tmp_path)
    with store.writer("expand") as write:
        expanded = [invented(plan_row(row), f"Buy the {thing(n)}.") for n, row in enumerate(rows)]
        for row in expanded:
            write(row)
    with store.writer("augment") as write:
        for row in expanded:
            write(invented(row, f"Please: {row.query}", "augment"))
    await export(tmp_path, validation=0.3)
    sides: dict[str, set[str]] = {}
    for part in ("train", "validation"):
        for row in rows_of(tmp_path, f"planner-{part}.chat.jsonl"):
            name = next(t for n in range(40) if f"{(t := thing(n))} cost" in str(row["prompt"]) or f"{t}." in str(row))
            sides.setdefault(name, set()).add(part)
    assert len(sides) == 40
    assert {len(parts) for parts in sides.values()} == {1}
    assert {part for parts in sides.values() for part in parts} == {"train", "validation"}


async def test_what_stages_add_can_be_left_out_and_stands_beside_the_rest(tmp_path: Path) -> None:
    rows = fill(tmp_path, 40, "annotate", "replans", "reason")
    with Store(tmp_path).writer("expand") as write:
        for row in (expanded := [invented(plan_row(row), f"Buy the {row.query}") for row in rows]):
            write(row)
    with Store(tmp_path).writer("augment") as write:
        for row in expanded:
            write(invented(row, f"Please: {row.query}", "augment"))
    await export(tmp_path, validation=0.3)
    await export(tmp_path, validation=0.3, without=["expand", "reason", "replans"], into="datasets-plain")

    def planner(folder: str, part: str) -> list[str]:
        lines = (tmp_path / folder / f"planner-{part}.chat.jsonl").read_text().splitlines()
        return [json.loads(line)["prompt"][-1]["content"].partition("\n")[0] for line in lines]

    for part in ("train", "validation"):
        whole, plain = planner("datasets", part), planner("datasets-plain", part)
        assert len(plain) == len(whole) * 2 // 3
        # What was made from rows that are left out is on the side it was on.
        assert set(plain) < set(whole)
    assert (tmp_path / "datasets/replanner-train.chat.jsonl").exists()
    assert not (tmp_path / "datasets-plain/replanner-train.chat.jsonl").exists()
    assert "<think>" not in (tmp_path / "datasets-plain/executor-train.chat.jsonl").read_text()
    await export(tmp_path, validation=0.3, roles=["planner"], into="datasets-planner")
    assert planner("datasets-planner", "train") == planner("datasets", "train")
    assert not list((tmp_path / "datasets-planner").glob("executor-*.jsonl"))
    for wrong in ({"without": ["score"]}, {"into": "../away"}, {"into": "collect"}, {"roles": []}):
        with pytest.raises(ValidationError):
            ExportSettings(**wrong)


async def test_nothing_held_out_is_trained_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "held_out", lambda sites: HeldOut(["Teapot 1"], ["shop/held"]))
    store = Store(tmp_path)
    rows = [trajectory_row(store, n, split=s) for n, s in enumerate(["train", "train", "test", "validation", "train"])]
    rows[4] = rows[4].model_copy(update={"template": "shop/held"})
    for stage, make in (("score", lambda row: row), ("annotate", plan_row)):
        with store.writer(stage) as write:
            for row in rows:
                write(make(row))
    step = GroundedStep(reasoning="Said.", goal="Open the teapot 1 page.")
    planted = plan_row(rows[0]).model_copy(update={"steps": [step], "source": "expanded"})
    with store.writer("expand") as write:
        write(planted.model_copy(update={"made_by": Provenance(stage="expand", parents=[plan_row(rows[0]).id])}))
    report = await export(tmp_path, validation=0)
    assert report.drops == {
        "names a held-out entity": 2, "of the test split": 1, "of the validation split": 1, "of a held-out template": 1,
    }  # fmt: skip
    written = "".join(path.read_text() for path in (tmp_path / "datasets").glob("*.jsonl"))
    assert "kettle 0" in written
    assert not any(name in written.lower() for name in ("teapot 1", "lantern 2", "blanket 3", "ladder 4"))


async def test_a_task_like_a_held_out_one_is_left_out_wherever_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["What does the teapot 1 cost?", "What does the lantern 2 cost?", "How heavy is the iron anvil?"]
    held = HeldOut((), tasks=asked)
    monkeypatch.setattr(module, "held_out", lambda sites: held)
    rows = fill(tmp_path, 3, "annotate")
    rows[2] = rows[2].model_copy(update={"template": "shop/price"})  # the practice web knows that it is of training
    store = Store(tmp_path)
    with store.writer("score") as write:
        for row in rows:
            write(row)
    for stage in ("expand", "augment"):
        with store.writer(stage) as write:
            write(invented(plan_row(rows[0]), f"How heavy is the iron anvil, {stage}?", stage))
    report = await export(tmp_path, validation=0)
    assert report.drops == {"like a held-out task": 3}
    written = rows_of(tmp_path, "planner-train.chat.jsonl")
    assert [name in row["prompt"][-1]["content"] for name, row in zip(["kettle 0", "lantern 2"], written, strict=True)]


def test_the_practice_web_holds_out_names_that_training_tasks_never_have() -> None:
    from plan_and_act.sites.tasks import TEMPLATES, episodes, lite

    sites = ("forge",)
    held = held_out(sites)
    assert len(held) > 0
    forge = [e for e in episodes("train", 30) if TEMPLATES[e.template].sites == sites]
    for episode in forge:
        draw, phrasing = episode.draw(TEMPLATES[episode.template])
        assert held.named(phrasing.format(**draw.slots, forge_url="")) is None
    judged = [e.draw(TEMPLATES[e.template])[0].slots for e in lite() if TEMPLATES[e.template].sites == sites]
    assert any(held.named(*map(str, slots.values())) for slots in judged)
    assert held.templates == {name for name, template in TEMPLATES.items() if template.split != "train"}
    assert all(held.like(task) for task in practice.held_out("forge"))
    assert not any(held.like(task) for task in practice.seeds("forge"))


async def test_pages_of_training_rows_can_be_narrowed_to_the_element_acted_on(tmp_path: Path) -> None:
    fill(tmp_path, 40, "annotate", more=60)

    def pages(part: str) -> list[list[str]]:
        prompts = [row["prompt"][-1]["content"] for row in rows_of(tmp_path, f"executor-{part}.chat.jsonl")]
        return [re.search(r"<page (\w+)>\n(.*)\n</page \1>", prompt, re.S)[2].split("\n") for prompt in prompts]

    await export(tmp_path, validation=0.3)
    whole, apart = pages("train"), pages("validation")
    await export(tmp_path, validation=0.3, narrow=1)
    found = pages("train")
    assert pages("validation") == apart
    for i, (page, before) in enumerate(zip(found, whole, strict=True)):
        if i % 3 == 2:
            assert page == before, "an answer is found on the whole page"
        else:
            assert len(page) == 2 + 16
            assert page[:2] == before[:2]
            assert "\n".join(page[2:]) in "\n".join(before)
            assert any(f'#{1 if i % 3 == 0 else 3}"' in line for line in page)
    await export(tmp_path, validation=0.3, narrow=0.5)
    shorter = sum(len(page) < len(before) for page, before in zip(pages("train"), whole, strict=True))
    assert 0.3 < shorter / (len(whole) * 2 / 3) < 0.7


def test_a_page_is_narrowed_to_any_stretch_that_has_the_element() -> None:
    lines = ['page "Shop"', "screens: 0", *(f'link "Offer #{n}"' for n in range(1, 61))]
    page = "\n".join(lines)
    for ref in (1, 9, 30, 60):
        action = to_action({"action": "click", "element": f'link "Offer #{ref}"'})
        made = [narrowed(page, action, random.Random(i)).split("\n") for i in range(300)]
        places = {found.index(f'link "Offer #{ref}"') for found in made}
        assert len(places) == {1: 1, 9: 9, 30: 16, 60: 1}[ref], places
        assert all(found[:2] == lines[:2] and len(found) == 2 + 16 for found in made)
        assert all("\n".join(found[2:]) in page for found in made)
    for whole in ({"action": "finish", "answer": "x"}, {"action": "click", "element": "Gone #99"}):
        assert narrowed(page, to_action(whole), random.Random(1)) == page


async def test_failures_and_what_has_no_plan_are_left_out_and_counted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = [trajectory_row(store, 0), trajectory_row(store, 1, reward=0.0), trajectory_row(store, 2)]
    with store.writer("score") as write:
        for row in rows:
            write(row)
    with store.writer("annotate") as write:
        write(plan_row(rows[2]))
    report = await export(tmp_path, validation=0)
    assert report.drops == {"no grounded plan": 1, "the trajectory failed": 1}
    assert len(rows_of(tmp_path, "planner-train.chat.jsonl")) == 1


async def test_rows_about_trajectories_that_are_gone_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, 3, "annotate")
    store = Store(tmp_path)
    with store.writer("score") as write:
        write(trajectory_row(store, 7))
    with pytest.raises(ConfigError, match="carry out the stage annotate again"):
        await export(tmp_path)


async def test_the_same_rows_give_the_same_bytes_and_a_manifest(tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        fill(folder, 5, "annotate", "replans", "reason")
        await export(folder, shapes=["chat", "torchtune"])
    for path in (tmp_path / "a" / "datasets").iterdir():
        if path.name != "README.md":
            assert path.read_bytes() == (tmp_path / "b" / "datasets" / path.name).read_bytes(), path
    found = list(Store(tmp_path / "a").read("export", DatasetRow))
    assert sum(row.rows for row in found if row.shape == "chat") == 5 * (3 + 1 + 2)
    assert all((tmp_path / "a" / row.file).exists() for row in found)


async def test_the_card_says_what_is_in_the_data_and_what_was_left_out(tmp_path: Path) -> None:
    fill(tmp_path, 3, "annotate")
    await export(tmp_path, validation=0)
    card = (tmp_path / "datasets" / "README.md").read_text()
    assert "| datasets/executor-train.chat.jsonl | 9 |" in card
    assert f"| {SITE} | 12 |" in card
    assert "| 2 | 3 |" in card  # three plans of two steps
    statistics = json.loads((tmp_path / "datasets" / "statistics.json").read_text())
    assert statistics["actions"] == {"click": 3, "finish": 3, "search": 3}
    assert (tmp_path / "datasets" / "actions.svg").read_text().count("<rect") == 3


async def test_a_practice_task_brings_its_plan_and_an_agents_own_is_not_taught(tmp_path: Path) -> None:
    store = Store(tmp_path)
    plans = [Plan(steps=[PlanStep(goal="Search for it"), PlanStep(goal="Answer with its price")])]
    rows = [trajectory_row(store, number) for number in range(2)]
    planned = [
        row.model_copy(update={"trajectory": row.trajectory.model_copy(update={"plans": plans}), "source": source})
        for row, source in zip(rows, ("solver", "agent"), strict=True)
    ]
    with store.writer("score") as write:
        for row in planned:
            write(row)
    report = await export(tmp_path, validation=0, executor_format="json", instructions="brief", planning="static")
    assert report.drops == {"no grounded plan": 1}
    (planner,) = rows_of(tmp_path, "planner-train.chat.jsonl")
    assert json.loads(planner["completion"][0]["content"]) == {"steps": ["Search for it", "Answer with its price"]}
    executor = rows_of(tmp_path, "executor-train.chat.jsonl")
    assert "Plan:\n1. Search for it\n2. Answer with its price\n" in executor[0]["prompt"][-1]["content"]
    assert json.loads(executor[1]["completion"][0]["content"]) == {"action": "click", "element": "kettle 0 #3"}


async def test_a_solvers_plan_is_made_anew_after_every_action(tmp_path: Path) -> None:
    store = Store(tmp_path)
    row = trajectory_row(store, 1)
    search, choose, end = row.trajectory.rounds
    # The advertisement lies over the page between the search and the choice, and is no step of the plan.
    way = choose.model_copy(
        update={
            "index": 2,
            "reasoning": "Close the advertisement",
            "action": to_action({"action": "click", "element": "Help #4"}),
        }
    )
    marked = [
        round_.model_copy(update={"index": index, "action": round_.action.model_copy(update={"step": step})})
        for index, (round_, step) in enumerate([(search, 1), (way, None), (choose, 1), (end, 2)], 1)
    ]
    plan = Plan(revision=1, steps=[PlanStep(goal="Find it in the shop."), PlanStep(goal="Report the price.")])
    run = row.trajectory.model_copy(update={"plans": [plan], "rounds": marked})
    with store.writer("score") as write:
        write(row.model_copy(update={"trajectory": run}))
    await export(tmp_path, validation=0, executor_format="json")
    replans = rows_of(tmp_path, "replanner-train.chat.jsonl")
    told = [[step["step"] for step in answer_of(replan)["steps"]] for replan in replans]
    assert told == [
        ["Close the advertisement", "Find it in the shop.", "Report the price."],
        ["Find it in the shop.", "Report the price."],
        ["Report the price."],
    ]
    executor = [answer_of(one) for one in rows_of(tmp_path, "executor-train.chat.jsonl")]
    assert [one["step"] for one in executor] == [1, 1, 1, 1]
    # A task that asks for no answer: by the end, nothing is left of the plan.
    silent = end.model_copy(update={"index": 4, "action": to_action({"action": "finish", "answer": "", "step": 2})})
    with store.writer("score") as write:
        write(row.model_copy(update={"trajectory": run.model_copy(update={"rounds": [*marked[:3], silent]})}))
    await export(tmp_path, validation=0, executor_format="json")
    assert "all of it is done" in answer_of(rows_of(tmp_path, "replanner-train.chat.jsonl")[-1])["steps"][0]["step"]
    await export(tmp_path, validation=0, executor_format="json", planning="static")
    executor = [answer_of(one) for one in rows_of(tmp_path, "executor-train.chat.jsonl")]
    assert [one.get("step") for one in executor] == [1, None, 1, 2]


def answer_of(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(row["completion"][0]["content"])  # type: ignore[no-any-return]
