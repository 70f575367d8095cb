"""The pipeline as a whole: its stages in order, and one or all of them carried out."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from pydantic import TypeAdapter

from plan_and_act.artefacts import storage_error
from plan_and_act.errors import ConfigError
from plan_and_act.llm.call import cost
from plan_and_act.llm.models import choose
from plan_and_act.synthesis.annotate import Annotate
from plan_and_act.synthesis.augment import Augment
from plan_and_act.synthesis.cache import Cache
from plan_and_act.synthesis.collect import Collect
from plan_and_act.synthesis.config import Config, Section, read, unknown_stage
from plan_and_act.synthesis.describe import Describe
from plan_and_act.synthesis.expand import Expand
from plan_and_act.synthesis.export import Export
from plan_and_act.synthesis.queries import Queries
from plan_and_act.synthesis.reason import Reason
from plan_and_act.synthesis.replans import Replans
from plan_and_act.synthesis.score import Score
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Progress, Report, Stage
from plan_and_act.synthesis.store import Store
from plan_and_act.synthesis.teacher import Gate, Ledger, Teacher, endpoint

STAGES: dict[str, type[Stage[Any]]] = {
    kind.name: kind for kind in (Queries, Collect, Score, Describe, Annotate, Expand, Augment, Replans, Reason, Export)
}
"""Every stage, in the order in which `all` carries them out."""

_REPORTS = TypeAdapter(dict[str, Report])


@dataclass
class Pipeline:
    """The stages of one configuration.

    Args:
        config: What all stages share.
        sections: The settings of each stage.
        models: Teachers by stage that stand in for those of the configuration; `default` for all others.
    """

    config: Config
    sections: Mapping[str, Section]
    models: Mapping[str, BaseChatModel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Store(self.config.folder)

    @classmethod
    def load(cls, path: Path, *, models: Mapping[str, BaseChatModel] | None = None) -> "Pipeline":
        """The pipeline that a file describes.

        Raises:
            ConfigError: The file cannot be read, or something in it cannot be used.
        """
        config, sections = read(path, {name: kind.Settings for name, kind in STAGES.items()})
        return cls(config, sections, models or {})

    def named(self, name: str) -> list[str]:
        """The stages that a name stands for: itself, or with `all` those of the configuration, in their order.

        Raises:
            ConfigError: There is no such stage.
        """
        if name == "all":
            return [stage for stage in STAGES if stage in (self.config.stages or STAGES)]
        if name not in STAGES:
            raise unknown_stage(name, [*STAGES, "all"])
        return [name]

    def stage(self, name: str) -> Stage[Any]:
        """A stage with its settings."""
        return STAGES[name](self.sections[name])

    def estimate(self, names: Sequence[str]) -> dict[str, Estimate]:
        """What stages will make and use, each reckoning with what those before it are expected to make."""
        forecast = Forecast(self.config, self.store)
        found = {}
        for name in names:
            found[name] = self.stage(name).estimate(forecast)
            forecast.expected[name] = found[name].rows
        return found

    def cost(self, name: str, estimate: Estimate) -> float | None:
        """US dollars of an estimate; None where the model that is asked has no price."""
        model, prices = self.stage(name).priced(self.config)
        known = (model or "").partition(":")[2] or model or ""
        return cost(known, estimate.input_tokens, estimate.output_tokens, prices)

    @property
    def episodes_at_once(self) -> int:
        """Browser sessions that it needs at once."""
        collect: Any = self.sections["collect"]
        return int(collect.parallel)

    async def run(
        self,
        names: Sequence[str],
        *,
        skip: bool = False,
        watch: Callable[[Progress], None] = lambda _: None,
        told: Callable[[Report], None] = lambda _: None,
    ) -> None:
        """Carry out stages, one after the other.

        Args:
            names: The stages.
            skip: Pass over a stage whose teacher or input is not there, saying so in its report, instead of raising.
            watch: Told how far a stage has come.
            told: Given the report of each stage, also of one that then breaks off with an error.

        Raises:
            ConfigError: A setting, an input or the teacher is missing or cannot be used.
            ModelUnavailableError: A teacher's endpoint is lost; what was answered is kept.
            BudgetSpentError: The budget is spent; what was answered is kept.
        """
        ledger = Ledger(self.config.budget, self.config.prices)
        cache = Cache(self.store.folder / "answers.sqlite")
        gates: dict[str, Gate] = {}
        try:
            for name in names:
                hire = partial(self._teacher, name, cache, ledger, gates)
                spend, given = partial(ledger.spend, name), self._given(name)
                job = Job(name, self.config, self.store, watch, hire, self.reports, spend, given)
                report = Report(stage=name)
                # An endpoint may have to be asked what it serves.
                if why := await asyncio.to_thread(self.missing, name):
                    if not skip:
                        raise ConfigError(why)
                    told(report.model_copy(update={"skipped": why}))
                    continue
                try:
                    await self._one(job, report)
                finally:
                    account = ledger.account(name)
                    report.paid, report.saved, report.notes = account.paid, account.saved, job.notes
                    report.drops = dict(sorted(job.drops.items()))
                    told(report)
                self._keep(report)
        finally:
            cache.close()

    async def _one(self, job: Job, report: Report) -> None:
        stage = self.stage(job.stage)
        began = time.monotonic()
        try:
            with self.store.writer(stage.name) as write:
                async with aclosing(stage.run(job)) as made:  # type: ignore[type-var]
                    async for row in made:
                        write(row)
                        report.rows += 1
        finally:
            report.seconds = round(time.monotonic() - began, 3)

    def missing(self, name: str) -> str | None:
        """Why a stage cannot be carried out now, or None when its input and its teacher are there."""
        stage = self.stage(name)
        try:
            stage.check(self.store)
            if stage.asks:
                self._model(name)
        except ConfigError as error:
            return str(error)
        return None

    def _teacher(self, stage: str, cache: Cache, ledger: Ledger, gates: dict[str, Gate]) -> Teacher:
        settings, model = self.config.teacher_of(stage), self._model(stage)
        gate = gates.setdefault(endpoint(model), Gate(settings.concurrency, settings.requests_per_minute))
        return Teacher(model, settings, stage=stage, cache=cache, ledger=ledger, gate=gate)

    def _model(self, stage: str) -> BaseChatModel:
        if (given := self._given(stage)) is not None:
            return given
        name = self.config.teacher_of(stage).model
        chosen = choose("teacher", {"teacher": name})
        if chosen.embedded and not name:
            msg = (
                f"The stage {stage} needs a teacher, and there is none: name a model in the configuration "
                "(teacher: model), or set OPENAI_BASE_URL or OPENAI_API_KEY. The embedded model is too small."
            )
            raise ConfigError(msg)
        return chosen.model

    def _given(self, stage: str) -> BaseChatModel | None:
        return self.models.get(stage) or self.models.get("default")

    def reports(self) -> dict[str, Report]:
        """What became of each stage when it was last carried out to its end."""
        path = self._reports_path
        return _REPORTS.validate_json(path.read_bytes()) if path.exists() else {}

    def _keep(self, report: Report) -> None:
        path = self._reports_path
        part = path.with_suffix(".part")
        try:
            part.write_bytes(_REPORTS.dump_json(self.reports() | {report.stage: report}, indent=1))
            part.replace(path)
        except OSError as error:
            doing = f"Writing {path}"
            raise storage_error(doing, error) from error

    @property
    def _reports_path(self) -> Path:
        return self.store.folder / "reports.json"
