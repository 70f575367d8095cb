"""replans: a plan after every action of a trajectory, from what is known then (paper, sections 4.2.1 and A.9)."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import PlanFormat, render_plan
from plan_and_act.llm.formats.schema import strict
from plan_and_act.llm.messages import action_list
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis import grounded
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.leaks import Moment, moment
from plan_and_act.synthesis.lessons import Beside
from plan_and_act.synthesis.rows import GroundedStep, PlanRow, Replan, ReplansRow, TrajectoryRow
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import RuleBrokenError
from plan_and_act.trajectory import Plan, PlanStep, Round

_PROMPT_TOKENS, _PLAN_TOKENS, _ROUNDS = 900, 250, 7
"""Tokens of a prompt without its page, of a plan, and the replans of a trajectory: the paper's has 8 actions."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A successful trajectory, its grounded plan, and the pages its actions were decided on."""

    row: TrajectoryRow
    plan: PlanRow
    pages: list[str]


class Replans(Stage[Section]):
    """Writes the plans that a replanner is trained to write."""

    name = "replans"
    needs = ("score", "annotate")

    def estimate(self, forecast: Forecast) -> Estimate:
        """Two calls for every action but the last."""
        rows = forecast.rows("annotate")
        calls = 2 * _ROUNDS * rows
        page = forecast.config.teacher_of(self.name).page_tokens
        return Estimate(rows, calls, calls * (_PROMPT_TOKENS + page), calls * _PLAN_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[ReplansRow]:
        """Replan trajectory by trajectory; a plan that knows too much to the end is dropped and counted."""
        plans = Beside("annotate", job.read("annotate", PlanRow), "trajectory")
        items = self._items(job, plans)
        total = job.store.count("annotate")
        async for item, made in job.each(items, lambda item: self._replans(job, item), total=total):
            if made:
                yield ReplansRow(
                    site=item.row.site,
                    split=item.row.split,
                    template=item.row.template,
                    trajectory=item.row.id,
                    plans=made,
                    made_by=job.made_by("synthesis_replan", [item.row.id, item.plan.id]),
                )
        plans.end()

    def _items(self, job: Job, plans: Beside[PlanRow]) -> Iterator[_Item]:
        for row in job.successes():
            plan = plans.of(row)
            hashes = [round_.observation for round_ in row.trajectory.rounds]
            if plan is None:
                job.drop("no grounded plan")
            elif None in hashes:
                job.drop("the page was not kept")
            else:
                yield _Item(row, plan, [job.store.page(name) for name in hashes if name])

    async def _replans(self, job: Job, item: _Item) -> list[Replan]:
        """A plan after each action, each made knowing the one before."""
        found: list[Replan] = []
        before = item.plan.steps
        rounds = item.row.trajectory.rounds
        for done in range(1, len(rounds)):
            now = moment(item.row.query, rounds, item.pages, done)
            steps = await self._hindsight(job, item, before, done)
            if steps is not None:
                steps = await self._rewritten(job, item, steps, done, now)
            if steps is not None:
                before = steps
                found.append(Replan(round=done, steps=steps))
        return found

    async def _hindsight(
        self, job: Job, item: _Item, before: Sequence[GroundedStep], done: int
    ) -> list[GroundedStep] | None:
        """The plan by who knows the remaining actions, with the rounds that each step covers."""
        rounds, teacher = item.row.trajectory.rounds, job.teacher
        rest = [round_.model_copy(update={"index": round_.index - done}) for round_ in rounds[done:]]
        messages = prompt("synthesis_replan").format_messages(
            format=grounded.OBJECT if teacher.constrained else grounded.BLOCKS,
            task=item.row.query,
            plan=_written(before),
            done=action_list(rounds[:done]),
            page=_page(job, rounds[done]),
            actions=action_list(rest),
            last=len(rest),
        )

        def parse(reply: Reply) -> list[GroundedStep]:
            steps = grounded.parse(reply)
            grounded.check(steps, rest, item.row.query)
            return steps

        schema = grounded.schema(len(rest), exact=strict(teacher.model)) if teacher.constrained else None
        steps = await job.ask(messages, parse, response_format=schema)
        if steps is None:
            return None
        return [step.model_copy(update={"actions": [index + done for index in step.actions]}) for step in steps]

    async def _rewritten(
        self, job: Job, item: _Item, steps: Sequence[GroundedStep], done: int, now: Moment
    ) -> list[GroundedStep] | None:
        """The same plan by who does not know what comes, each step still covering its rounds."""
        rounds, teacher = item.row.trajectory.rounds, job.teacher
        form = PlanFormat("json" if teacher.constrained else "text")
        messages = prompt("synthesis_rewrite").format_messages(
            format=form.instructions(),
            task=item.row.query,
            done=action_list(rounds[:done]),
            page=_page(job, rounds[done]),
            plan=_written(steps),
        )

        def parse(reply: Reply) -> list[GroundedStep]:
            again = form.parse(reply).steps
            if len(again) != len(steps):
                problem = f"The plan has {len(steps)} steps and yours {len(again)}: keep their number and order."
                raise RuleBrokenError(problem, rule="another number of steps")
            made = [
                GroundedStep(reasoning=new.reasoning, goal=new.goal, actions=old.actions)
                for new, old in zip(again, steps, strict=True)
            ]
            if any(not step.reasoning for step in made):
                problem = "Every step has Reasoning and Step."
                raise RuleBrokenError(problem, rule="half a step")
            now.check(*(text for step in made for text in (step.reasoning, step.goal)))
            return made

        request = form.request(teacher.model) if teacher.constrained else {}
        return await job.ask(messages, parse, **request)


def _written(steps: Sequence[GroundedStep]) -> str:
    return render_plan(Plan(steps=[PlanStep(reasoning=step.reasoning, goal=step.goal) for step in steps]))


def _page(job: Job, round_: Round) -> str:
    assert round_.observation is not None, "items without pages are left out"
    return job.page(round_.observation)
