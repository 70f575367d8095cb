"""augment: more of those training plans that the planner's failures call for (paper, sections 4.3, A.7 and A.8).

Failures on the validation split are put into classes, by a teacher or by a person (`failure_classes.yaml`); training
plans are sorted into the classes; and each plan that fits one is varied. The class is kept with every new plan, so that
one can see afterwards which helped.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import Field

from plan_and_act.errors import ConfigError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import render_plan
from plan_and_act.llm.formats.schema import strict
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis import classes as failure_classes
from plan_and_act.synthesis.classes import Classes, FailureClass
from plan_and_act.synthesis.config import Section, SiteSettings
from plan_and_act.synthesis.grounding import check_invented
from plan_and_act.synthesis.heldout import held_out
from plan_and_act.synthesis.pairs import Form, Pair, reasoned
from plan_and_act.synthesis.rows import PlanRow, TrajectoryRow
from plan_and_act.synthesis.rules import about, same_script
from plan_and_act.synthesis.similar import Seen
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import RuleBrokenError

_PROMPT_TOKENS, _PLAN_TOKENS, _CHOICE_TOKENS = 500, 250, 40
_MOST_FAILURES = 30
"""Failures of a site that a teacher is shown."""


class AugmentSettings(Section):
    """Settings of the stage `augment`; the defaults are the paper's."""

    count: int = Field(5_000, ge=1, description="New pairs of task and plan over all sites.")
    similarity: float = Field(0.85, gt=0, le=1, description="ROUGE-L from which two tasks are the same.")


@dataclass(frozen=True, slots=True)
class _Point:
    """A training plan, and the class of failures it helps to avoid."""

    row: PlanRow
    fits: FailureClass


@dataclass(frozen=True, slots=True)
class _New:
    """A new pair, and what it was made from."""

    pair: Pair
    point: _Point


class Augment(Stage[AugmentSettings]):
    """Makes more of what the planner lacks."""

    name = "augment"
    Settings = AugmentSettings
    needs = ("score", "annotate")

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for each plan to sort, and one for each new plan."""
        rows, count = forecast.rows("annotate"), self.settings.count
        page = forecast.config.teacher_of(self.name).page_tokens
        given = rows * (_PROMPT_TOKENS + _PLAN_TOKENS) + count * (_PROMPT_TOKENS + _PLAN_TOKENS + page)
        return Estimate(count, rows + count, given, rows * _CHOICE_TOKENS + count * _PLAN_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[PlanRow]:
        """Find the classes, sort the training plans, and vary those that fit one, in turn.

        Raises:
            ConfigError: There are neither classes nor failures to make them from.
        """
        classes = await self._classes(job)
        points = [point async for point in self._points(job, classes)]
        if not points:
            where = job.store.folder / failure_classes.FILE
            job.notes.append(f"No training plan fits a class of failures, so there are none to vary; look at {where}.")
            return
        seen, held = Seen(self.settings.similarity), held_out(job.config.practice)
        for point in points:
            seen.add(point.row.query)
        made: Counter[str] = Counter()

        async def make(number: int) -> list[_New]:
            turn, place = divmod(number, len(points))
            return await self._vary(job, points[place], turn)

        def accept(new: _New) -> bool:
            goals = " ".join(step.goal for step in new.pair.steps)
            if held.like(new.pair.query):
                job.drop("like a held-out task")
            elif held.named(new.pair.query, goals):
                job.drop("names a held-out entity")
            elif not seen.add(new.pair.query):
                job.drop("like one before")
            else:
                made[new.point.fits.name] += 1
                return True
            return False

        async for new in job.until(self.settings.count, 1, make, accept):
            seed = new.point.row
            yield PlanRow(
                site=seed.site,
                query=new.pair.query,
                page=seed.page,
                steps=new.pair.steps,
                source="augmented",
                failure_class=new.point.fits.name,
                made_by=job.made_by("synthesis_augment", [seed.id]),
            )
        job.notes.append("; ".join(f"{name}: {count:,}" for name, count in sorted(made.items())))

    async def _classes(self, job: Job) -> Classes:
        """The classes in the file; where there is none, those a teacher proposes, which are written to it."""
        path = job.store.folder / failure_classes.FILE
        if path.exists():
            return failure_classes.read(path)
        failures: dict[str, list[TrajectoryRow]] = {}
        for row in job.read("score", TrajectoryRow):
            if row.split == "validation" and not row.success:
                failures.setdefault(row.site, []).append(row)
        if not failures:
            msg = (
                "The stage augment needs failures: collect runs of the planner on tasks of the validation split, or "
                f"write classes of failures to {path}."
            )
            raise ConfigError(msg)
        found: Classes = {}
        async for site, made in job.each(sorted(failures), lambda site: self._proposed(job, site, failures[site])):
            if made:
                found[site] = made
        failure_classes.write(path, found)
        job.notes.append(f"Classes of failures were proposed and written to {path.name}; a person may edit them.")
        return found

    async def _proposed(self, job: Job, site: str, rows: list[TrajectoryRow]) -> list[FailureClass] | None:
        constrained = job.teacher.constrained
        messages = prompt("synthesis_classes").format_messages(
            format=failure_classes.CLASS_OBJECT if constrained else failure_classes.CLASS_LINES,
            about=job.config.sites.get(site, SiteSettings()).about or site,
            failures="\n\n".join(map(_failure, rows[:_MOST_FAILURES])),
        )
        schema = failure_classes.classes_schema(exact=strict(job.teacher.model)) if constrained else None
        return await job.ask(messages, failure_classes.proposed, response_format=schema)

    async def _points(self, job: Job, classes: Classes) -> AsyncIterator[_Point]:
        """The training plans that fit a class."""
        rows = (row for row in job.read("annotate", PlanRow) if row.split == "train" and classes.get(row.site))

        async def sort(row: PlanRow) -> FailureClass | None:
            known, constrained = classes[row.site], job.teacher.constrained
            messages = prompt("synthesis_classify").format_messages(
                format=failure_classes.CHOICE_OBJECT if constrained else failure_classes.CHOICE_LINES,
                classes=failure_classes.listed(known),
                task=row.query,
                plan=render_plan(row.plan),
            )

            def parse(reply: Reply) -> tuple[FailureClass | None]:
                return (failure_classes.chosen(reply, known),)

            schema = failure_classes.choice_schema(known, exact=strict(job.teacher.model)) if constrained else None
            answer = await job.ask(messages, parse, response_format=schema)
            if answer is not None and answer[0] is None:
                job.drop("training plan that fits no class")
            return answer[0] if answer else None

        async for row, fits in job.each(rows, sort, total=job.store.count("annotate")):
            if fits:
                yield _Point(row, fits)

    async def _vary(self, job: Job, point: _Point, turn: int) -> list[_New]:
        row = point.row
        page = job.store.page(row.page)
        form = Form(job.teacher.constrained, reasoned([row]))
        messages = prompt("synthesis_augment").format_messages(
            format=form.asked,
            need=point.fits.needed,
            page=f"Page 1:\n{job.page(row.page)}",
            example=form.shown([row], [row.page]),
        )
        known = [f"{step.reasoning}\n{step.goal}" for step in row.steps]

        def parse(reply: Reply) -> Pair:
            found, _ = form.parse(reply, 1)
            pair = found[0]
            same_script(pair.query, row.query)
            about(" ".join(f"{step.reasoning} {step.goal}" for step in pair.steps), pair.query)
            check_invented(pair.steps, pair.query, page, [row.query, *known], reasoned=form.reasoned)
            if abs(len(pair.steps) - len(row.steps)) > 1:
                problem = f"The example has {len(row.steps)} steps and yours {len(pair.steps)}: keep to its way."
                raise RuleBrokenError(problem, rule="another way than the example's")
            return pair

        schema = form.schema(1, 1, exact=strict(job.teacher.model))
        pair = await job.ask(messages, parse, response_format=schema, sample=turn)
        return [_New(pair, point)] if pair else []


def _failure(row: TrajectoryRow) -> str:
    """A failed run as the teacher is told it."""
    run = row.trajectory
    plan = render_plan(run.plans[0]) if run.plans else "(no plan)"
    ending = run.ending.message or run.ending.reason if run.ending else "It did not end."
    return f"Task: {row.query}\nPlan:\n{plan}\nHow it ended, after {len(run.rounds)} actions: {ending}"
