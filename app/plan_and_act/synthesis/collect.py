"""collect: queries to trajectories, by an agent of this package or by the practice web's solvers (paper, section 4.1).

The episodes are run by `plan_and_act.evaluation`: in parallel, each once, and on from where a killed process stopped.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, NonNegativeInt, ValidationError

from plan_and_act.agent import Context
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser.observation import DEFAULT_TOKENS
from plan_and_act.errors import ConfigError, MissingExtraError, StorageError
from plan_and_act.evaluation.agents import web_agent
from plan_and_act.evaluation.attempt import Failure
from plan_and_act.evaluation.config import SECONDS, Evaluation
from plan_and_act.evaluation.folder import Folder, hash_of
from plan_and_act.evaluation.remote import on_ray
from plan_and_act.evaluation.results import Row as Result
from plan_and_act.evaluation.runner import evaluate
from plan_and_act.evaluation.suite import EvalTask, Selection, Suite
from plan_and_act.llm import choose
from plan_and_act.llm.call import Prices, model_name
from plan_and_act.synthesis import practice
from plan_and_act.synthesis.config import Config, Section
from plan_and_act.synthesis.rows import Provenance, QueryRow, Split, TrajectoryRow
from plan_and_act.synthesis.stage import Estimate, Forecast, Job, Progress, Stage
from plan_and_act.synthesis.teacher import check_price
from plan_and_act.trajectory import Trajectory

_ROUNDS, _CALLS, _PROMPT_TOKENS, _ANSWER_TOKENS = 12, 1.5, 1_500, 120
"""Rounds of an agent's episode, about; model calls a round with its replans; tokens of one beside the page."""


class CollectSettings(Section):
    """Settings of the stage `collect`."""

    solver: NonNegativeInt | dict[str, NonNegativeInt] = Field(
        0,
        description="Practice tasks of the training split done by solvers, without a model; or their number by "
        "site or template.",
    )
    tasks: int = Field(0, ge=0, description="Practice tasks of the training split done by the agent.")
    validation: int = Field(0, ge=0, description="Practice tasks of the validation split done by the agent.")
    queries: bool = Field(True, description="Whether the agent does the new queries.")
    disturbed: bool = Field(False, description="Whether the practice sites disturb their pages.")
    observation_tokens: int = Field(DEFAULT_TOKENS, ge=200, description="Budget of what solvers see of a page.")
    parallel: int = Field(4, ge=1, description="Episodes at once.")
    ray: str | None = Field(
        None, description="A Ray cluster that does the practice tasks (auto, ray://...); the new queries are done here."
    )
    agent: dict[str, Any] = Field(default_factory=dict, description="The agent's settings, as of `Context`.")


@dataclass(frozen=True)
class _Source:
    """Some episodes: the suite they are of, who does them, and what split they belong to."""

    name: str
    suite: Suite
    evaluation: Evaluation
    split: Split = "train"

    @property
    def solved(self) -> bool:
        return self.evaluation.agent == "solver"

    @property
    def checked(self) -> bool:
        return self.name != "queries"

    def tasks(self) -> list[EvalTask]:
        return self.suite.tasks(self.evaluation.selection)


class Collect(Stage[CollectSettings]):
    """Runs episodes."""

    name = "collect"
    Settings = CollectSettings
    asks = False

    def estimate(self, forecast: Forecast) -> Estimate:
        """A dozen rounds for each episode of the agent; solvers ask nobody."""
        wanted = self.settings
        queries = forecast.rows("queries") if wanted.queries else 0
        episodes = wanted.tasks + wanted.validation + queries
        solved = wanted.solver if isinstance(wanted.solver, int) else sum(wanted.solver.values())
        calls = round(episodes * _ROUNDS * _CALLS)
        given = _PROMPT_TOKENS + self._context(forecast.config).observation_tokens
        return Estimate(solved + episodes, calls, calls * given, calls * _ANSWER_TOKENS)

    def priced(self, config: Config) -> tuple[str | None, Prices]:
        """The agent's executor, which is asked most."""
        agent = self._context(config)
        return agent.executor_model or agent.planner_model, agent.prices

    async def run(self, job: Job) -> AsyncIterator[TrajectoryRow]:
        """Run the episodes of one source after the other; failures are kept, and marked by their reward."""
        sources = await asyncio.to_thread(lambda: list(self._sources(job)))
        if not sources:
            msg = "collect: nothing to do: set solver, tasks or validation, or carry out the stage queries first"
            raise ConfigError(msg)
        total = sum(len(source.tasks()) for source in sources)
        watcher = _Watcher(job, total)
        for source in sources:
            agent = None
            if job.given is not None and not source.solved:
                agent = web_agent(Context.model_validate(source.evaluation.context), models={"planner": job.given})
            identity = await asyncio.to_thread(source.evaluation.identity, source.suite, source.tasks())
            # Other settings are other results: they get a folder of their own.
            out = job.store.folder / "collect" / f"{source.name}-{hash_of(identity)[:8]}"
            results = await evaluate(
                source.evaluation,
                out,
                parallel=self.settings.parallel,
                watcher=watcher,
                suite=source.suite,
                agent=agent,
                workers=on_ray(self.settings.ray) if self.settings.ray and source.checked and agent is None else None,
            )
            for failure in results.failures:
                job.drop(f"no result ({failure.kind})")
            finished = await asyncio.to_thread(Folder(out).finished)
            for task in source.tasks():
                if task.id in finished:
                    yield await asyncio.to_thread(_row, job, source, task, finished[task.id], out)

    def _sources(self, job: Job) -> Iterator[_Source]:
        wanted, seeds = self.settings, (job.config.seed,)
        sites = tuple(name for name, site in job.config.sites.items() if not site.url and practice.is_practice(name))
        solver = {"": wanted.solver} if isinstance(wanted.solver, int) else wanted.solver
        drawn: list[tuple[str, Split, int, str, tuple[str, ...]]] = [
            *(("solver", "train", count, "solver", (name,) if name else sites) for name, count in solver.items()),
            ("tasks", "train", wanted.tasks, "agent", sites),
            ("validation", "validation", wanted.validation, "agent", sites),
        ]
        for name, split, count, doer, where in drawn:
            if not count:
                continue
            if not where or not {name.partition("/")[0] for name in where} <= set(sites):
                msg = f"collect: {name}: {count} needs a practice site among the sites of the configuration"
                raise ConfigError(msg)
            named = {"tasks" if "/" in "".join(where) else "sites": where}
            selection = Selection(episodes=count, seeds=seeds, **named)
            settings = {"split": split, "disturbed": wanted.disturbed, "observation_tokens": wanted.observation_tokens}
            evaluation = self._evaluation(job, "practice", settings, selection, doer)
            yield _Source(name, evaluation.make_suite(), evaluation, split)
        if wanted.queries and job.store.count("queries"):
            rows = list(job.read("queries", QueryRow))
            try:
                from plan_and_act.synthesis.free_tasks import FreeTasks
            except ImportError as error:
                what = "Collecting trajectories"
                raise MissingExtraError(what, "sites") from error
            evaluation = self._evaluation(job, "queries", {}, Selection(), "agent")
            yield _Source("queries", FreeTasks(rows=rows), evaluation)

    def _evaluation(
        self, job: Job, suite: str, settings: dict[str, Any], selection: Selection, agent: str
    ) -> Evaluation:
        context: dict[str, Any] = {}
        if agent == "agent":
            found = self._context(job.config)
            context = {"max_seconds": SECONDS, **found.model_dump(mode="json", exclude_defaults=True)}
            if job.given is not None:
                agent = "given"
            elif not any(found.named_models.values()) and choose("executor").embedded:
                msg = (
                    "collect: the agent has no model: name one (collect: agent: planner_model), or set "
                    "OPENAI_BASE_URL or OPENAI_API_KEY. Solvers need none (collect: solver)."
                )
                raise ConfigError(msg)
            for role in (*found.roles, "verifier") if found.verifier_model else found.roles:
                model = choose(role, {"planner": job.given}, found.named_models).model
                check_price(model_name(model), job.config.budget, found.prices)
        with _agent():
            return Evaluation(suite=suite, settings=settings, selection=selection, agent=agent, context=context)

    def _context(self, config: Config) -> Context:
        with _agent():
            return Context.model_validate({"prices": config.prices, **self.settings.agent})


@contextmanager
def _agent() -> Iterator[None]:
    """Say what is wrong with the settings of the agent."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        msg = f"collect: agent: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise ConfigError(msg) from error


class _Watcher:
    """Hears of episodes from the runner; counts what they used."""

    def __init__(self, job: Job, total: int) -> None:
        self._job, self._total, self._done = job, total, 0

    def begin(self, total: int, rows: Sequence[Result]) -> None:
        self._done += len(rows)
        self._tell()

    def finished(self, row: Result) -> None:
        self._done += 1
        self._tell()
        self._job.spend(row.total)

    def failed(self, failure: Failure, *, again: bool) -> None:
        self._tell()

    def _tell(self) -> None:
        self._job.watch(Progress(self._job.stage, self._done, self._total, self._job.drops.total()))


def _row(job: Job, source: _Source, task: EvalTask, run: Trajectory, out: Path) -> TrajectoryRow:
    """An episode as a row, its pages among those of the pipeline."""
    pages = Artefacts(out / "artefacts")
    for name in _observations(run):
        try:
            job.store.artefacts.put(pages.get(name))
        except StorageError:
            job.drop("page lost")
    if not source.checked:
        labels = {name: value for name, value in run.labels.items() if name not in ("success", "problems")}
        run = run.model_copy(update={"reward": None, "judge": None, "labels": labels})
    made_by = run.made_by
    return TrajectoryRow(
        site=task.site,
        split=source.split,
        template=task.template or None,
        trajectory=run,
        source="solver" if source.solved else "agent",
        checked=run.reward == 1 if source.checked else None,
        made_by=Provenance(
            stage=job.stage,
            teacher=made_by.models.get("executor") if made_by else None,
            prompt=made_by.prompts if made_by else None,
            parents=[] if source.checked else [task.id],
        ),
    )


def _observations(run: Trajectory) -> set[str]:
    found = {round_.observation for round_ in run.rounds} | {plan.observation for plan in run.plans}
    return {name for name in found if name}
