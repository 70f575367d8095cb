"""score: trajectories to rewards, by the site's checker or an outcome reward model (paper, section 4.1).

The model is asked for YES or NO as the verifier of a run is. Where its endpoint tells probabilities, the reward is that
of YES against that of NO; otherwise it is 1 or 0. From 0.5 on a trajectory counts as a success.
"""

import hashlib
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator

from pydantic import Field

from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import VerdictFormat
from plan_and_act.llm.messages import page_marks, verifier_messages
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.rows import Provenance, TrajectoryRow
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import clipped

_PROMPT_TOKENS, _ACTIONS_TOKENS, _ANSWER_TOKENS = 300, 350, 2


class ScoreSettings(Section):
    """Settings of the stage `score`."""

    compare: int = Field(
        0, ge=0, description="Trajectories with a checker that the model scores too, to see how far the two agree."
    )
    logprobs: bool = Field(True, description="Ask for probabilities; off for a model that refuses to tell them.")


class _YesOrNo(VerdictFormat):
    """The verdict alone: a probability that follows a reason says how well the reason was written."""

    def instructions(self) -> str:
        return "Answer with YES or NO and nothing else."


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
        agreed: Counter[tuple[bool, bool]] = Counter()

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
            if row.checked is not None and chance is not None:
                agreed[row.checked, chance >= 0.5] += 1
            yield _scored(job, row, chance, asked=wanted and chance is not None)
        if agreed:
            same, all_ = agreed[True, True] + agreed[False, False], agreed.total()
            job.notes.append(
                f"Model and checker agree on {same:,} of {all_:,} ({same / all_:.0%}): {agreed[False, True]:,} false "
                f"successes, {agreed[True, False]:,} false failures."
            )

    async def _probability(self, job: Job, row: TrajectoryRow) -> float | None:
        """How likely the model finds that the task was done; None when it does not say."""
        run = row.trajectory
        last = run.rounds[-1].observation if run.rounds else None
        if last is None:
            job.drop("the last page was not kept")
            return None
        form = _YesOrNo()
        page = clipped(job.store.page(last), job.config.teacher_of(job.stage).page_tokens)
        # The same page gives the same question, so that the answer is found again.
        with page_marks(hashlib.sha256(page.encode("utf-8", "surrogatepass")).digest()):
            messages = verifier_messages(row.query, run.rounds, page, run.answer or "(none)", form)

        def parse(reply: Reply) -> float:
            done = form.parse(reply).done
            return chance if (chance := _told(reply)) is not None else float(done)

        return await job.ask(messages, parse, logprobs=self.settings.logprobs)


def _told(reply: Reply) -> float | None:
    """The probability of YES against that of NO where the verdict stands; None where the endpoint does not tell."""
    tokens = (reply.message.response_metadata.get("logprobs") or {}).get("content") or []
    for token in tokens:
        if _word(token["token"]):
            found = {"YES": 0.0, "NO": 0.0}
            for other in token.get("top_logprobs") or [token]:
                if word := _word(other["token"]):
                    found[word] += math.exp(other["logprob"])
            return found["YES"] / total if (total := sum(found.values())) else None
    return None


def _word(token: str) -> str | None:
    word = token.strip(" \n\t*\"'.:").upper()
    return word if word in ("YES", "NO") else None


def _scored(job: Job, row: TrajectoryRow, chance: float | None, *, asked: bool) -> TrajectoryRow:
    reward = chance if row.checked is None else float(row.checked)
    judge = f"outcome reward model {job.teacher.name}" if row.checked is None else row.trajectory.judge
    made_by = (
        job.made_by("verifier", [row.id])
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
