"""score: trajectories to rewards, by the site's checker or an outcome reward model (paper, section 4.1).

The model is asked as the judge of an evaluation is (`plan_and_act.evaluation.judge`), its answers cached and counted.
Where its endpoint tells probabilities, the reward is that of YES against that of NO; otherwise it is 1 or 0.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from pydantic import Field

from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.agreement import agreement
from plan_and_act.evaluation.judge import Evidence, YesOrNo, judge_messages, probability
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import VerdictFormat
from plan_and_act.llm.messages import page_marks
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.rows import THRESHOLD, Provenance, TrajectoryRow
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import clipped

_PROMPT_TOKENS, _ACTIONS_TOKENS, _ANSWER_TOKENS = 300, 350, 50


class ScoreSettings(Section):
    """Settings of the stage `score`."""

    compare: int = Field(
        0, ge=0, description="Trajectories with a checker that the model scores too, to see how far the two agree."
    )
    reasons: bool = Field(
        True, description="Whether the model says why before it says YES or NO; off for those trained to say the word."
    )
    logprobs: bool = Field(True, description="Ask for probabilities; off for a model that refuses to tell them.")


class Score(Stage[ScoreSettings]):
    """Judges trajectories."""

    name = "score"
    Settings = ScoreSettings
    needs = ("collect",)
    asks = False

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for each trajectory without a checker, with its last page."""
        rows = forecast.rows("collect")
        calls = min(rows, forecast.rows("queries") + self.settings.compare)
        page = forecast.config.teacher_of(self.name).page_tokens
        return Estimate(rows, calls, calls * (_PROMPT_TOKENS + _ACTIONS_TOKENS + page), calls * _ANSWER_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[TrajectoryRow]:
        """Judge one trajectory after the other; all go on, successes and failures, with their rewards."""
        verdicts: list[tuple[bool, bool | None]] = []

        def items() -> Iterator[tuple[TrajectoryRow, bool]]:
            compared = 0
            for row in job.read("collect", TrajectoryRow):
                compared += row.checked is not None
                yield row, row.checked is None or compared <= self.settings.compare

        async def score(item: tuple[TrajectoryRow, bool]) -> float | None:
            row, wanted = item
            return await self._probability(job, row) if wanted else None

        async for (row, wanted), chance in job.each(items(), score, total=job.store.count("collect")):
            if row.checked is None and chance is None:
                continue
            if row.checked is not None and wanted:
                verdicts.append((row.checked, None if chance is None else chance >= THRESHOLD))
            yield _scored(job, row, chance, asked=wanted and chance is not None)
        if verdicts:
            job.notes.append(f"How far the model agrees with the checkers:\n{agreement(verdicts).text()}")

    async def _probability(self, job: Job, row: TrajectoryRow) -> float | None:
        """How likely the model finds that the task was done; None when it does not say."""
        try:
            evidence = Evidence.of(row.trajectory, job.store.artefacts)
        except ConfigError:
            job.drop("no page was kept")
            return None
        form = VerdictFormat() if self.settings.reasons else YesOrNo()
        page = clipped(evidence.page, job.config.teacher_of(job.stage).page_tokens)
        # The same page gives the same question, so that the answer is found again.
        with page_marks(hashlib.sha256(page.encode("utf-8", "surrogatepass")).digest()):
            messages = judge_messages(replace(evidence, page=page), form)

        def parse(reply: Reply) -> float:
            done = form.parse(reply).done
            return chance if (chance := probability(reply)) is not None else float(done)

        return await job.ask(messages, parse, logprobs=self.settings.logprobs)


def _scored(job: Job, row: TrajectoryRow, chance: float | None, *, asked: bool) -> TrajectoryRow:
    reward = chance if row.checked is None else float(row.checked)
    judge = f"outcome reward model {job.teacher.name}" if row.checked is None else row.trajectory.judge
    made_by = (
        job.made_by("judge", [row.id])
        if asked
        else Provenance(stage=job.stage, teacher=None, prompt=None, parents=[row.id])
    )
    return TrajectoryRow(
        site=row.site,
        split=row.split,
        template=row.template,
        trajectory=row.trajectory.model_copy(update={"reward": reward, "judge": judge}),
        source=row.source,
        checked=row.checked,
        score=chance,
        made_by=made_by,
    )
