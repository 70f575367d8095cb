"""Rows of the pipeline, made up: trajectories of three rounds on pages of a shop, and their grounded plans."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from plan_and_act.actions import to_action
from plan_and_act.synthesis.config import Config
from plan_and_act.synthesis.pipeline import Pipeline
from plan_and_act.synthesis.rows import GroundedStep, PlanRow, Provenance, ReasonsRow, Replan, ReplansRow, TrajectoryRow
from plan_and_act.synthesis.stage import Job, Report, Stage
from plan_and_act.synthesis.store import Store
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Ending, Outcome, Round, Task, Trajectory

SITE = "corner-shop"
THINGS = ["kettle", "teapot", "lantern", "blanket", "ladder", "hammer", "compass", "bucket"]


def config(folder: Path, **more: Any) -> Config:
    return Config.model_validate(
        {"folder": folder, "sites": {SITE: {"url": "http://shop.test/", "seeds": ["x"]}}, **more}
    )


def thing(number: int) -> str:
    return f"{THINGS[number % len(THINGS)]} {number}"


def trajectory_row(
    store: Store, number: int, *, split: Any = "train", reward: float = 1.0, more: int = 0
) -> TrajectoryRow:
    """Search for a thing, open it, say what it costs. The price is on the last page only; pages can have more lines."""
    name = thing(number)
    pages = [
        f'heading "Corner shop {number}"\nsearchbox "Search #1"\nbutton "Sign in #2"',
        f'heading "Results"\nlink "{name} #3"\nlink "Help #4"',
        f'heading "{name}"\ntext "Price: ${number}.95"\nbutton "Add to basket #5"',
    ]
    actions: list[dict[str, Any]] = [
        {"action": "search", "element": "Search #1", "text": name},
        {"action": "click", "element": f"{name} #3"},
        {"action": "finish", "answer": f"${number}.95"},
    ]
    rounds = [
        Round(
            index=index, url=f"http://shop.test/{index}",
            observation=store.artefacts.put("\n".join([page, *(f"line {n} of {more}" for n in range(more))])),
            action=to_action(action), outcome=Outcome(status="ok"),
        )
        for index, (page, action) in enumerate(zip(pages, actions, strict=True), 1)
    ]  # fmt: skip
    run = Trajectory(
        thread=f"t{number}", task=Task(intent=f"What does the {name} cost?", url="http://shop.test/"),
        started="2026-11-21T08:00:00+00:00", rounds=rounds, ending=Ending(status="succeeded", reason="finished"),
        answer=f"${number}.95", reward=reward, judge="checker",
    )  # fmt: skip
    return TrajectoryRow(site=SITE, split=split, trajectory=run, source="solver", made_by=Provenance(stage="score"))


def plan_row(row: TrajectoryRow) -> PlanRow:
    assert row.page
    steps = [
        GroundedStep(reasoning="The page has a search field.", goal="Find it in the shop.", actions=[1, 2]),
        GroundedStep(reasoning="Its page tells the price.", goal="Report the price.", actions=[3]),
    ]
    return PlanRow(
        site=row.site, split=row.split, query=row.query, page=row.page, steps=steps, source="annotated",
        trajectory=row.id, made_by=Provenance(stage="annotate", parents=[row.id]),
    )  # fmt: skip


def without_reasoning(folder: Path) -> None:
    """Make the plans of `annotate` those that practice tasks come with: goals alone."""
    store = Store(folder)
    plans = list(store.read("annotate", PlanRow))
    with store.writer("annotate") as write:
        for plan in plans:
            steps = [step.model_copy(update={"reasoning": ""}) for step in plan.steps]
            write(PlanRow.model_validate({**plan.model_dump(exclude={"id"}), "steps": steps}))


def replans_row(row: TrajectoryRow) -> ReplansRow:
    plans = [
        Replan(round=1, steps=[GroundedStep(reasoning="Found.", goal="Open it and report its price.", actions=[2, 3])]),
        Replan(round=2, steps=[GroundedStep(reasoning="The price is shown.", goal="Report the price.", actions=[3])]),
    ]
    return ReplansRow(site=row.site, trajectory=row.id, plans=plans, made_by=Provenance(stage="replans"))


def reasons_row(row: TrajectoryRow) -> ReasonsRow:
    actions = {index: f"I look at page {index}. So this is next." for index in (1, 2, 3)}
    return ReasonsRow(
        site=row.site, about=row.id, plans={0: "First I would search."}, actions=actions,
        made_by=Provenance(stage="reason"),
    )  # fmt: skip


def fill(folder: Path, count: int, *stages: str, more: int = 0) -> list[TrajectoryRow]:
    """Write the rows of `score` and of the stages named, for so many trajectories."""
    store = Store(folder)
    rows = [trajectory_row(store, number, more=more) for number in range(count)]
    made: dict[str, Callable[[TrajectoryRow], Any]] = {
        "score": lambda row: row, "annotate": plan_row, "replans": replans_row, "reason": reasons_row,
    }  # fmt: skip
    for stage in ("score", *stages):
        with store.writer(stage) as write:
            for row in rows:
                write(made[stage](row))
    return rows


async def carry_out(
    folder: Path,
    stage: Stage[Any],
    script: Callable[[Sequence[BaseMessage]], Any] | None = None,
    *,
    model: BaseChatModel | None = None,
    **more: Any,
) -> tuple[Report, Any]:
    """Carry out one stage with a scripted teacher, or another."""
    model = model or ScriptedModel(script or (lambda _: ""))
    pipeline = Pipeline(config(folder, **more), {stage.name: stage.settings}, {"default": model})
    reports: list[Report] = []
    await pipeline.run([stage.name], told=reports.append)
    return reports[0], model


__all__ = [
    "SITE",
    "Job",
    "carry_out",
    "config",
    "fill",
    "plan_row",
    "replans_row",
    "thing",
    "trajectory_row",
    "without_reasoning",
]
