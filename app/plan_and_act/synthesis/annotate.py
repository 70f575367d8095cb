"""annotate: a query and the trajectory that answered it to the plan it carried out (paper, sections 4.2 and A.5)."""

from collections.abc import AsyncIterator, Mapping, Sequence

from pydantic import Field

from plan_and_act.actions import Finish, GiveUp
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import strict
from plan_and_act.llm.prompts import prompt
from plan_and_act.report.words import action_in_words
from plan_and_act.synthesis import grounded
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.grounding import Shown, check_names
from plan_and_act.synthesis.leaks import moment
from plan_and_act.synthesis.lessons import Beside, own_plan
from plan_and_act.synthesis.rows import DescriptionRow, GroundedStep, PlanRow, TrajectoryRow
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.trajectory import Round

_PLAIN = str.maketrans("“”", '""')

_PROMPT_TOKENS, _ACTIONS_TOKENS, _ANSWER_TOKENS = 600, 350, 350


class AnnotateSettings(Section):
    """Settings of the stage `annotate`."""

    own: bool = Field(
        False, description="Take the plans that practice tasks come with; a teacher is asked where there is none."
    )


class Annotate(Stage[AnnotateSettings]):
    """Reads plans off successful trajectories."""

    name = "annotate"
    Settings = AnnotateSettings
    needs = ("score",)

    def __init__(self, settings: AnnotateSettings) -> None:
        super().__init__(settings)
        self.asks = not settings.own

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for each trajectory, with its first page."""
        rows = forecast.rows("score")
        given = _PROMPT_TOKENS + _ACTIONS_TOKENS + forecast.config.teacher_of(self.name).page_tokens
        return Estimate(rows, rows, rows * given, rows * _ANSWER_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[PlanRow]:
        """Annotate one trajectory after the other; a plan that breaks a rule to the end is dropped and counted.

        What `describe` has said of the actions is told to the teacher, where that stage has been carried out.
        """
        has_words = job.store.has("describe")
        described = Beside("describe", job.read("describe", DescriptionRow) if has_words else iter(()), "trajectory")
        items = ((row, described.of(row)) for row in job.successes())
        untold = False

        async def annotate(item: tuple[TrajectoryRow, DescriptionRow | None]) -> list[GroundedStep] | None:
            nonlocal untold
            if own := self._own(item[0]):
                return own
            untold |= not has_words
            return await self._plan(job, item[0], item[1].texts if item[1] else [])

        async for (row, about), steps in job.each(items, annotate, total=job.store.count("score")):
            if steps and row.page:
                own = bool(self._own(row))
                yield PlanRow(
                    site=row.site,
                    split=row.split,
                    template=row.template,
                    query=row.query,
                    page=row.page,
                    steps=steps,
                    source="task" if own else "annotated",
                    trajectory=row.id,
                    made_by=job.made_by(
                        None if own else "synthesis_annotate", [row.id, *([about.id] if about and not own else [])]
                    ),
                )
        described.end()
        if untold:
            job.notes.append("Actions are told without descriptions: the stage describe was not carried out.")

    def _own(self, row: TrajectoryRow) -> list[GroundedStep]:
        return own_plan(row) if self.settings.own else []

    async def _plan(self, job: Job, row: TrajectoryRow, texts: Sequence[str]) -> list[GroundedStep] | None:
        rounds = row.trajectory.rounds
        if row.page is None:
            job.drop("the first page was not kept")
            return None
        teacher, said = job.teacher, {round_.index: text for round_, text in zip(rounds, texts, strict=False)}
        messages = prompt("synthesis_annotate").format_messages(
            format=grounded.OBJECT if teacher.constrained else grounded.BLOCKS,
            example=grounded.render(grounded.EXAMPLE, constrained=teacher.constrained),
            task=row.query,
            page=job.page(row.page),
            actions="\n".join(
                _told(round_, following, said.get(round_.index, ""))
                for round_, following in zip(rounds, [*rounds[1:], None], strict=True)
            ),
            last=len(rounds),
        )

        pages = [job.store.page(round_.observation) if round_.observation else "" for round_ in rounds]
        now, shown = moment(row.query, rounds, pages, 0), Shown([row.query, *pages])

        def parse(reply: Reply) -> list[GroundedStep]:
            steps = grounded.parse(reply)
            grounded.check(steps, rounds, row.query)
            check_names(steps, shown)
            grounded.check_own(steps, "\n".join([row.query, *pages]))
            now.check(*(text for step in steps for text in (step.reasoning, step.goal)))
            return steps

        schema = grounded.schema(len(rounds), exact=strict(teacher.model)) if teacher.constrained else None
        steps = await job.ask(messages, parse, response_format=schema)
        return [_described(step, said) for step in steps] if steps else None


def _told(round_: Round, following: Round | None, description: str) -> str:
    """An action as the teacher is told it: without what must not be in plans (numbers, answers), and where it led."""
    match round_.action:
        case Finish():
            line = "Finish, and tell the answer"
        case GiveUp():
            line = "Give up, and say why"
        case action:
            line = action_in_words(action).translate(_PLAIN)
    if round_.outcome.status != "ok":
        line += " (in vain)"
    elif following and following.title != round_.title:
        line += f' (opens the page "{following.title}")'
    return f"{round_.index}. {line}" + (f"\n   {description}" if description else "")


def _described(step: GroundedStep, said: Mapping[int, str]) -> GroundedStep:
    """The step with what its actions did, where the teacher did not say it."""
    told = step.description or " ".join(text for index in step.actions if (text := said.get(index)))
    return step.model_copy(update={"description": told})
