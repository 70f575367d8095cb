"""expand: a few tasks with their plans to many new ones on the same first pages (paper, sections 4.3 and A.6)."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import ceil

from pydantic import Field

from plan_and_act.errors import ConfigError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import strict
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis.config import Section, SiteSettings
from plan_and_act.synthesis.grounding import check_invented
from plan_and_act.synthesis.heldout import held_out
from plan_and_act.synthesis.pairs import Form, Pair, reasoned
from plan_and_act.synthesis.rows import PlanRow
from plan_and_act.synthesis.rules import about, same_script
from plan_and_act.synthesis.similar import Seen, words
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage
from plan_and_act.synthesis.teacher import RuleBrokenError, clipped, fenced

_PROMPT_TOKENS, _PLAN_TOKENS = 500, 250
_OFTEN = 2.0
"""How many times its fair share a page may be used; teachers have favourites."""


class ExpandSettings(Section):
    """Settings of the stage `expand`; the defaults are the paper's."""

    count: int = Field(10_000, ge=1, description="New pairs of task and plan over all sites.")
    seeds: int = Field(5, ge=1, le=20, description="Pairs a call is shown.")
    each: int = Field(10, ge=1, le=50, description="New pairs a call is asked for.")
    similarity: float = Field(0.7, gt=0, le=1, description="ROUGE-L from which two tasks are the same.")


@dataclass(frozen=True, slots=True)
class _New:
    """A pair, the plans it was made after, and the one among them whose page it begins on."""

    pair: Pair
    seeds: list[PlanRow]
    page: str

    @property
    def parents(self) -> list[str]:
        """The plan whose page it has first: what it was made from."""
        return [row.id for row in sorted(self.seeds, key=lambda row: row.page != self.page)]


class Expand(Stage[ExpandSettings]):
    """Multiplies plans."""

    name = "expand"
    Settings = ExpandSettings
    needs = ("annotate",)

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for every ten pairs, with five pages and plans."""
        calls = ceil(self.settings.count / self.settings.each)
        given = _PROMPT_TOKENS + self.settings.seeds * _PLAN_TOKENS + forecast.config.teacher_of(self.name).page_tokens
        return Estimate(self.settings.count, calls, calls * given, self.settings.count * _PLAN_TOKENS)

    async def run(self, job: Job) -> AsyncIterator[PlanRow]:
        """Ask site by site in turn; take what holds to its page, is like nothing before, and uses pages evenly."""
        seeds: dict[str, list[PlanRow]] = {}
        for row in job.read("annotate", PlanRow):
            if row.split == "train":
                seeds.setdefault(row.site, []).append(row)
        if not seeds:
            msg = f"The stage {self.name} has nothing to begin with: annotate has made no plan."
            raise ConfigError(msg)
        sites = sorted(seeds)
        taken = _Taken(job, self.settings, seeds)

        async def make(number: int) -> list[_New]:
            turn, place = divmod(number, len(sites))
            site = sites[place]
            return await self._make(job, site, job.evenly(seeds[site], self.settings.seeds, turn, site), turn)

        async for new in job.until(self.settings.count, self.settings.each, make, taken.accept):
            first = new.seeds[0]
            yield PlanRow(
                site=first.site,
                query=new.pair.query,
                page=new.page,
                steps=new.pair.steps,
                source="expanded",
                made_by=job.made_by("synthesis_expand", new.parents),
            )
        job.notes.append(taken.report())

    async def _make(self, job: Job, site: str, seeds: list[PlanRow], turn: int) -> list[_New]:
        teacher, pages = job.teacher, list(dict.fromkeys(row.page for row in seeds))
        # The pages share the room that one has in other prompts: five whole ones are too much for a small teacher.
        room = job.config.teacher_of(self.name).page_tokens // len(pages)
        form = Form(teacher.constrained, reasoned(seeds))
        messages = prompt("synthesis_expand").format_messages(
            format=form.asked,
            about=_settings(job, site).about or site,
            pages="\n\n".join(
                f"Page {number}:\n{fenced(clipped(job.store.page(page), room))}" for number, page in enumerate(pages, 1)
            ),
            examples=form.shown(seeds, pages),
            count=self.settings.each,
        )

        def parse(reply: Reply) -> tuple[list[Pair], int]:
            found, halves = form.parse(reply, len(pages))
            same_script(" ".join(pair.query for pair in found), " ".join(row.query for row in seeds))
            return found, halves

        schema = form.schema(self.settings.each, len(pages), exact=strict(teacher.model))
        # Where there are few seeds the same are drawn again, and another answer is wanted.
        answer = await job.ask(messages, parse, response_format=schema, sample=turn)
        if answer is None:
            return []
        found, halves = answer
        if halves:
            job.drop("half a pair", halves)
        return [_New(pair, seeds, pages[pair.page - 1]) for pair in found[: self.settings.each]]


def _settings(job: Job, site: str) -> SiteSettings:
    """What is known of a site; tasks of several practice sites have none of their own."""
    return job.config.sites.get(site, SiteSettings())


class _Taken:
    """What has been taken so far, which decides what else is."""

    def __init__(self, job: Job, settings: ExpandSettings, seeds: dict[str, list[PlanRow]]) -> None:
        self._job = job
        self._seen = Seen(settings.similarity)
        self._held = held_out(job.config.practice)
        self._used: Counter[str] = Counter()
        self._most: dict[str, int] = {}
        self._openings: set[tuple[str, ...]] = set()
        self._count = 0
        for rows in seeds.values():
            for row in rows:
                self._seen.add(row.query)
            pages = {row.page for row in rows}
            fair = settings.count / len(seeds) / len(pages)
            for page in pages:
                self._most[page] = self._most.get(page, 0) + max(settings.each, ceil(_OFTEN * fair))

    def accept(self, new: _New) -> bool:
        """Whether a pair is taken; why not is counted."""
        reason = self._against(new)
        if reason:
            self._job.drop(reason)
            return False
        self._used[new.page] += 1
        self._openings.add(tuple(words(new.pair.query)[:3]))
        self._count += 1
        return True

    def report(self) -> str:
        """How different the new tasks are from each other."""
        uses = [self._used[page] for page in self._most]
        return (
            f"{self._count:,} tasks begin in {len(self._openings):,} ways (their first three words); "
            f"{len(uses):,} pages are used {min(uses):,} to {max(uses):,} times."
        )

    def _against(self, new: _New) -> str | None:
        pair = new.pair
        goals = " ".join(step.goal for step in pair.steps)
        try:
            about(" ".join([goals, *(step.reasoning for step in pair.steps)]), pair.query)
            plans = (f"{row.query}\n" + "\n".join(f"{s.reasoning}\n{s.goal}" for s in row.steps) for row in new.seeds)
            page = self._job.store.page(new.page)
            check_invented(pair.steps, pair.query, page, plans, reasoned=reasoned(new.seeds))
        except RuleBrokenError as error:
            return error.rule
        if self._held.like(pair.query) or self._held.named(pair.query, goals):
            return "like a held-out task"
        if self._used[new.page] >= self._most[new.page]:
            return "page used too often"
        return None if self._seen.add(pair.query) else "like one before"
