"""describe: each action and the pages before and after it to what it did, in words (paper's code, plan annotation)."""

import asyncio
from collections.abc import AsyncIterator

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.llm.messages import action_list
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis.config import Section
from plan_and_act.synthesis.rows import DescriptionRow, TrajectoryRow
from plan_and_act.synthesis.rules import same_script
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.trajectory import Round

_LONGEST = 400
_ROUNDS = 6
"""Actions of a trajectory, about, where none has been made yet (the paper's are 8 long, the practice web's 4 to 10)."""
_PROMPT_TOKENS, _ANSWER_TOKENS = 250, 60


class Describe(Stage[Section]):
    """Says what actions did, for the teacher that reads the plan off them."""

    name = "describe"
    needs = ("score",)

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for each action, with two pages."""
        rows = forecast.rows("score")
        calls, pages = rows * _ROUNDS, 2 * forecast.config.teacher_of(self.name).page_tokens
        return Estimate(rows, calls, calls * (_PROMPT_TOKENS + pages), calls * _ANSWER_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[DescriptionRow]:
        """Describe the actions of one trajectory after the other."""

        async def describe(row: TrajectoryRow) -> list[str]:
            rounds = row.trajectory.rounds
            after = [*(following.observation for following in rounds[1:]), None]
            return await asyncio.gather(
                *(self._one(job, row.query, round_, page) for round_, page in zip(rounds, after, strict=True))
            )

        async for row, texts in job.each(job.successes(), describe, total=job.store.count("score")):
            made_by = job.made_by("synthesis_describe", [row.id])
            yield DescriptionRow(
                site=row.site, split=row.split, template=row.template, trajectory=row.id, texts=texts, made_by=made_by
            )

    async def _one(self, job: Job, query: str, round_: Round, after: str | None) -> str:
        """What an action did; empty for the last one, and where a page was not kept."""
        if round_.observation is None or after is None:
            return ""
        messages = prompt("synthesis_describe").format_messages(
            format="Answer with one or two sentences and nothing else.",
            task=query,
            before=job.page(round_.observation),
            action=action_list([round_]),
            after=job.page(after),
        )

        def parse(reply: Reply) -> str:
            text = " ".join(without_thinking(reply.text)[0].split())
            if not text:
                msg = "The answer is empty. Say in one or two sentences what the action did."
                raise ModelOutputError(msg)
            same_script(text, query)
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]}..."

        return await job.ask(messages, parse) or ""
