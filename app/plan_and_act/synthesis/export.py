"""export: all that was made, as data sets that train a planner, a replanner and an executor (paper, section 5.1).

Prompts are rendered as the running agent renders them (`plan_and_act.synthesis.samples`). Tasks are split, not rows:
what was made from a task (its plan, its rounds, the plans that were expanded or augmented from it) stays on its side.
"""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeVar

from pydantic import Field

from plan_and_act.llm.formats import FormatName
from plan_and_act.llm.messages import page_marks
from plan_and_act.synthesis.card import Statistics, write_card
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.datasets import FOLDER, DatasetFiles
from plan_and_act.synthesis.heldout import HeldOut, held_out
from plan_and_act.synthesis.lessons import Beside, Planning, lesson, own_plan, plan_lesson
from plan_and_act.synthesis.narrow import narrowed
from plan_and_act.synthesis.rows import DatasetRow, PlanRow, ReasonsRow, ReplansRow, Row, TrajectoryRow
from plan_and_act.synthesis.samples import Dropped, Lesson, Sample, TrainedRole, context_of, samples
from plan_and_act.synthesis.shapes import Shape, check_shape
from plan_and_act.synthesis.similar import words
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Progress, Stage
from plan_and_act.trajectory import Round

_MARKS = b"plan-and-act data set"
"""Marks of pages in data sets need be no secret: no live run makes its marks with this key."""

R = TypeVar("R", bound=Row)

Part = Literal["train", "validation"]
Adding = Literal["replans", "expand", "augment", "reason"]


class ExportSettings(Section):
    """Settings of the stage `export`."""

    executor_format: FormatName = Field("text", description="How the executor that is trained will speak.")
    planning: Planning = Field(
        "dynamic",
        description="none: the executor alone (ReAct). static: with the first plan. dynamic: with plans made anew.",
    )
    instructions: Literal["full", "brief"] = Field(
        "full", description="How much prompts say of how to answer: brief for models that learn it from the data."
    )
    narrow: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of the executor's training rows that act on an element and show 16 lines of the page around "
        "it: such rows have little more than half the tokens. Validation rows show whole pages.",
    )
    shapes: list[Shape] = Field(
        default=["chat"], min_length=1, description="chat (TRL), instruction (LLaMA-Factory), torchtune."
    )
    validation: float = Field(0.05, ge=0, le=0.5, description="Share of the tasks kept apart, to watch training by.")
    roles: list[TrainedRole] = Field(
        default=["planner", "replanner", "executor"], min_length=1, description="Whose data sets are written."
    )
    without: list[Adding] = Field(
        default=[], description="Stages whose rows are left out, to train with and without them (the paper's Table 1)."
    )
    into: str = Field(
        FOLDER, pattern=rf"^{FOLDER}(-[\w-]+)?$", description="For the data sets: `datasets`, or `datasets-NAME`."
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """A row, what is to be learned from it, and the id of the row whose side of the split it is on."""

    row: TrajectoryRow | PlanRow
    lesson: Lesson
    root: str


class Export(Stage[ExportSettings]):
    """Writes the data sets, and their card."""

    name = "export"
    Settings = ExportSettings
    needs = ("score",)
    asks = False

    def estimate(self, forecast: Forecast) -> Estimate:
        """Files only; it asks nobody."""
        roles = 1 if self.settings.planning == "none" else len(self.settings.roles)
        return Estimate(rows=2 * roles * len(self.settings.shapes))

    async def run(self, job: Job) -> AsyncIterator[DatasetRow]:
        """Go through trajectories and plans, and write what can be learned from each.

        Raises:
            ConfigError: A shape cannot hold the executor's format, or rows of a stage are about others that are gone.
            StorageError: A page is not there any more, or a file cannot be written.
        """
        for shape in self.settings.shapes:
            check_shape(shape, self.settings.executor_format)
        held = held_out(job.config.practice)
        files = DatasetFiles(job.store.folder, self.settings.into, self.settings.shapes)
        statistics = Statistics()
        apart: set[str] = set()
        for number, item in enumerate(self._items(job), 1):
            if reason := _unfit(item, held):
                job.drop(reason)
                continue
            part = self._part(job, item, apart)
            if item.row.made_by.stage in self.settings.without:
                continue  # its side is known to what was made from it
            for sample in self._samples(job, item, part):
                if sample.role not in self.settings.roles:
                    continue
                if isinstance(sample, Dropped):
                    job.drop(f"{sample.role}: {sample.reason}")
                    continue
                files.write(item.row, sample, part)
                statistics.add(item.row, sample, part)
            job.watch(Progress(self.name, number, None, job.drops.total()))
            await asyncio.sleep(0)
        rows = files.finish()
        write_card(
            job,
            self.settings.model_dump(mode="json"),
            statistics,
            rows,
            folder=job.store.folder / self.settings.into,
            reports={name: report for name, report in job.reports().items() if name != self.name},
            held_out=len(held),
        )
        for row in rows:
            yield row

    def _items(self, job: Job) -> Iterator[_Item]:
        """Successful trajectories with their plans, then the plans nobody has carried out."""
        plans = self._beside(job, "annotate", PlanRow, "trajectory")
        replans = self._beside(job, "replans", ReplansRow, "trajectory")
        reasons = self._beside(job, "reason", ReasonsRow, "about")
        for row in job.read("score", TrajectoryRow):
            plan, later, why = plans.of(row), replans.of(row), reasons.of(row)
            if not row.success:
                job.drop("the trajectory failed")
            elif self.settings.planning != "none" and plan is None and not own_plan(row):
                job.drop("no grounded plan")
            else:
                made = lesson(row, self.settings.planning, plan, later, why)
                yield _Item(row, made, row.id if plan is None else plan.id)
        plans.end()
        replans.end()
        if self.settings.planning != "none":
            stages = [stage for stage in ("expand", "augment") if job.store.has(stage)]
            for invented in chain.from_iterable(job.read(stage, PlanRow) for stage in stages):
                yield _Item(invented, plan_lesson(invented, reasons.of(invented)), invented.made_by.parents[0])
            reasons.end()

    def _beside(self, job: Job, stage: str, kind: type[R], about: str) -> Beside[R]:
        """The rows of a stage, if it has been carried out and is wanted, to be read beside others."""
        wanted = job.store.has(stage) and stage not in self.settings.without
        return Beside(stage, job.read(stage, kind) if wanted else iter(()), about)

    def _samples(self, job: Job, item: _Item, part: Part) -> Iterator[Sample | Dropped]:
        settings = self.settings

        def shown(page: str, row: Round) -> str:
            rng = random.Random(f"{item.row.id}/{row.index}")
            narrow = part == "train" and rng.random() < settings.narrow
            return narrowed(page, row.action, rng) if narrow else page

        context = context_of(item.lesson.trajectory).model_copy(
            update={
                "planning": settings.planning,
                "executor_format": settings.executor_format,
                "instructions": settings.instructions,
            }
        )
        with page_marks(_MARKS):
            yield from samples(item.lesson, settings.executor_format, job.store.page, context, shown)

    def _part(self, job: Job, item: _Item, apart: set[str]) -> Part:
        """The side of a task: drawn for a trajectory, inherited by what was made from its plan."""
        if isinstance(item.row, TrajectoryRow):
            task = f"{job.config.seed}/{item.row.site}/{' '.join(words(item.row.query))}"
            drawn = int.from_bytes(hashlib.sha256(task.encode()).digest()[:4]) / (1 << 32)
            if drawn < self.settings.validation:
                apart.add(item.root)
        elif item.root in apart:
            # Others may have been made from this one.
            apart.add(item.row.id)
        return "validation" if item.root in apart else "train"


def _unfit(item: _Item, held: HeldOut) -> str | None:
    """Why a row must not be trained on, or None."""
    row, run = item.row, item.lesson.trajectory
    if row.split != "train":
        return f"of the {row.split} split"
    if row.template in held.templates:
        return "of a held-out template"
    if row.template is None and held.like(row.query):
        return "like a held-out task"
    texts = [run.task.intent, *item.lesson.thoughts.values()]
    texts += [text for plan in run.plans for step in plan.steps for text in (step.reasoning, step.goal)]
    texts += [text for round_ in run.rounds for text in (round_.action.model_dump_json(), round_.reasoning or "")]
    return "names a held-out entity" if held.named(*texts) else None
