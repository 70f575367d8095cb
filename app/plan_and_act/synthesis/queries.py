"""queries: seed queries of a site to new ones, Alpaca style, kept when the site can do them (paper, section 4.1)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydantic import Field

from plan_and_act.errors import ConfigError, ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats import VerdictFormat
from plan_and_act.llm.formats.schema import response_format, strict
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking
from plan_and_act.llm.prompts import prompt
from plan_and_act.synthesis import practice
from plan_and_act.synthesis.config import Config, Section
from plan_and_act.synthesis.heldout import held_out
from plan_and_act.synthesis.rows import QueryRow
from plan_and_act.synthesis.rules import same_script
from plan_and_act.synthesis.similar import Seen
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Stage

_TASK = re.compile(r"^[ \t]*(?:[-*]|(?:#+[ \t]*)?(?:task[ \t]*)?\d+[ \t]*[.):])[ \t]*(.+)$", re.I | re.M)
_SHORTEST, _LONGEST = 10, 400
"""Characters of a query."""
_HOPELESS = 200
"""Queries in a row that cannot be done, after which no other is made up."""
_LINES = "Write one task a line, numbered, and nothing else:\n1. the first task\n2. the second task"
_OBJECT = 'Answer with one JSON object: {"tasks": ["the first task", "the second task"]}'
_PROMPT_TOKENS, _QUERY_TOKENS, _VERDICT_TOKENS = 500, 30, 50


class QueriesSettings(Section):
    """Settings of the stage `queries`."""

    count: int = Field(100, ge=1, description="New queries over all sites.")
    seeds: int = Field(5, ge=1, description="Seed queries a call is shown.")
    each: int = Field(10, ge=1, le=50, description="New queries a call is asked for.")
    similarity: float = Field(0.7, gt=0, le=1, description="ROUGE-L from which two queries are the same.")


@dataclass(frozen=True, slots=True)
class _Query:
    site: str
    text: str
    seeds: tuple[str, ...]


class Queries(Stage[QueriesSettings]):
    """Makes new tasks."""

    name = "queries"
    Settings = QueriesSettings

    def estimate(self, forecast: Forecast) -> Estimate:
        """A call for every ten queries, and one to judge each."""
        count, each = self.settings.count, self.settings.each
        calls = -(-count // each)
        return Estimate(
            rows=count,
            calls=calls + count,
            input_tokens=calls * (_PROMPT_TOKENS + self.settings.seeds * _QUERY_TOKENS) + count * _PROMPT_TOKENS,
            output_tokens=count * (_QUERY_TOKENS + _VERDICT_TOKENS),
        )

    async def run(self, job: Job) -> AsyncIterator[QueryRow]:
        """Ask for queries, site by site in turn; drop what is like one before, and what the site cannot do."""
        seeds = seeds_by_site(job.config)
        held, seen = held_out(job.config.practice), Seen(self.settings.similarity)
        for text in chain.from_iterable(seeds.values()):
            seen.add(text)
        sites, asked, found, barren = list(seeds), 0, 0, 0

        async def make(number: int) -> list[_Query]:
            nonlocal asked
            asked = max(asked, number + 1)
            turn, place = divmod(number, len(sites))
            return await self._make(job, sites[place], seeds[sites[place]], turn)

        def fresh(query: _Query) -> bool:
            if held.like(query.text):
                job.drop("like a held-out task")
            elif held.named(query.text):
                job.drop("names a held-out entity")
            elif not seen.add(query.text):
                job.drop("like one before")
            else:
                return True
            return False

        while found < self.settings.count and barren < _HOPELESS:
            before, missing = found, self.settings.count - found
            new = [query async for query in job.until(missing, self.settings.each, make, fresh, first=asked)]
            async for query, why in job.each(new, lambda query: self._judge(job, query), total=len(new)):
                if why is not None:
                    found += 1
                    yield QueryRow(
                        site=query.site,
                        query=query.text,
                        url=job.config.sites[query.site].url,
                        feasible=why,
                        seeds=list(query.seeds),
                        made_by=job.made_by("synthesis_queries"),
                    )
            if len(new) < missing:
                return
            barren = 0 if found > before else barren + len(new)
        if found < self.settings.count:
            job.notes.append(
                f"Stopped at {found:,} of {self.settings.count:,}: none of the last {barren:,} queries was found "
                "feasible. Look at what `sites` say under `about` and `rules`."
            )

    async def _make(self, job: Job, site: str, seeds: tuple[str, ...], number: int) -> list[_Query]:
        shown = job.evenly(seeds, self.settings.seeds, number, site)
        constrained = job.teacher.constrained
        messages = prompt("synthesis_queries").format_messages(
            format=_OBJECT if constrained else _LINES,
            about=job.config.sites[site].about or site,
            examples="\n".join(f"- {text}" for text in shown),
            count=self.settings.each,
        )

        def parse(reply: Reply) -> list[str]:
            texts = _tasks(reply)
            same_script(" ".join(texts), " ".join(shown))
            return texts[: self.settings.each]

        schema = _schema(self.settings.each, exact=strict(job.teacher.model)) if constrained else None
        texts = await job.ask(messages, parse, response_format=schema)
        return [_Query(site, text, tuple(shown)) for text in texts or []]

    async def _judge(self, job: Job, query: _Query) -> str | None:
        """Why the site can do it; None when it cannot."""
        site, form = job.config.sites[query.site], VerdictFormat(constrained=job.teacher.constrained)
        messages = prompt("synthesis_feasible").format_messages(
            format=form.instructions(),
            about=site.about or query.site,
            rules="\n".join(f"- {rule}" for rule in site.rules) or "(none)",
            query=query.text,
        )
        verdict = await job.ask(messages, form.parse, **form.request(job.teacher.model))
        if verdict is None:
            return None
        if not verdict.done:
            job.drop("not feasible")
            return None
        return verdict.reason


def seeds_by_site(config: Config) -> dict[str, tuple[str, ...]]:
    """The seed queries of each site: its own, or for a practice site tasks of its training split.

    Raises:
        ConfigError: A site has none.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, site in config.sites.items():
        own = site.seeds or (() if site.url else practice.seeds(name))
        if not own:
            msg = f"sites: {name}: there are no seed queries; write some under `seeds`"
            raise ConfigError(msg)
        found[name] = tuple(own)
    return found


def _tasks(reply: Reply) -> list[str]:
    text, _ = without_thinking(reply.text)
    value = first_json(text[max(text.find("{"), 0) :])
    rows = value.get("tasks") if isinstance(value, dict) else None
    found = [str(row) for row in rows] if isinstance(rows, list) else [match[1] for match in _TASK.finditer(text)]
    found = [" ".join(task.strip(" \t`\"'*").split()) for task in found]
    found = [task for task in found if _SHORTEST <= len(task) <= _LONGEST]
    if not found:
        msg = f"The answer holds no tasks. {_OBJECT if isinstance(value, dict) else _LINES}"
        raise ModelOutputError(msg)
    return found


def _schema(count: int, *, exact: bool) -> dict[str, Any]:
    task: dict[str, Any] = {"type": "string"} if exact else {"type": "string", "minLength": _SHORTEST, "maxLength": 200}
    tasks: dict[str, Any] = {"type": "array", "items": task}
    if not exact:
        tasks |= {"minItems": count, "maxItems": count}
    schema = {"type": "object", "properties": {"tasks": tasks}, "required": ["tasks"], "additionalProperties": False}
    return response_format("tasks", schema, strict=exact)
