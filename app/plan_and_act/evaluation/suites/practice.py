"""The practice web as a suite: tasks drawn from seeds, judged by the sites' own state, with solvers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from pydantic import Field, PrivateAttr

from plan_and_act.browser import SessionOptions
from plan_and_act.browser.observation import DEFAULT_TOKENS
from plan_and_act.errors import ConfigError, SuiteNotReadyError
from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.sites import Disturbances
from plan_and_act.sites.practice import UPLOADS, PracticeWeb, practice_web
from plan_and_act.sites.tasks import TEMPLATES, Episode, LostError, Split, episodes, lite
from plan_and_act.trajectory import Ending, Trajectory

COUNT = 100
"""Episodes that are drawn for each seed where nothing else is said."""


class Practice(Suite):
    """Tasks on the practice web."""

    name: ClassVar[str] = "practice"

    split: Split = Field("test", description="train, validation or test.")
    lite: bool = Field(False, description="The fixed set of 165 episodes of the test split.")
    disturbed: bool = Field(False, description="Whether the sites disturb their pages, as drawn for each episode.")
    observation_tokens: int = Field(DEFAULT_TOKENS, ge=200, description="Budget of what solvers see of a page.")

    _web: PracticeWeb | None = PrivateAttr(None)

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`; a selection by site or template is made before the episodes are drawn."""
        if self.lite:
            if self.split != "test" or self.disturbed or selection.seeds:
                msg = "the lite set is fixed: leave split, disturbed and the seeds out"
                raise ConfigError(msg)
            return selection.of([_task(episode) for episode in lite()])
        kinds = [
            EvalTask(id=name, site=_site(name)) for name, t in TEMPLATES.items() if t.split in ("train", self.split)
        ]
        templates = [kind.id for kind in selection.model_copy(update={"episodes": None}).of(kinds)]
        return [
            _task(episode)
            for seed in dict.fromkeys(selection.seeds or (0,))
            for episode in episodes(
                self.split,
                selection.episodes or COUNT,
                seed=seed,
                disturbed=self.disturbed,
                templates=templates,
            )
        ]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: serves the sites in the running event loop."""
        async with practice_web() as self._web:
            yield
        self._web = None

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`."""
        task = await self.web.begin(_episode(attempt.task), attempt.token)
        return Start(task, private_origins=tuple(self.web.origins), session=SessionOptions(uploads=UPLOADS))

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`."""
        verdict = await self.web.judge(_episode(attempt.task), attempt.token, run)
        return Score.passed(verdict.passed, judge="checker", problems=verdict.problems)

    async def solve(self, attempt: Attempt, start: Start) -> Trajectory:
        """See `Suite`."""
        try:
            return await self.web.work(
                _episode(attempt.task),
                attempt.token,
                start.task,
                artefacts=attempt.artefacts,
                tokens=self.observation_tokens,
            )
        except LostError as error:
            ending = Ending(status="failed", reason="stalled", message=str(error)[:2_000])
            return Trajectory(thread=attempt.token, task=start.task, started="", ending=ending)

    @property
    def web(self) -> PracticeWeb:
        """The running sites."""
        if self._web is None:
            raise SuiteNotReadyError(self.name, ["it is not open"])
        return self._web


def _task(episode: Episode) -> EvalTask:
    return EvalTask(
        id=episode.id,
        site=_site(episode.template),
        template=episode.template,
        seed=episode.seed,
        extra={
            "world": episode.world,
            "disturbances": episode.disturbances.names,
            "kind": TEMPLATES[episode.template].kind,
            "length": TEMPLATES[episode.template].length,
        },
    )


def _episode(task: EvalTask) -> Episode:
    return Episode(task.template, task.extra["world"], task.seed, Disturbances.named(task.extra["disturbances"]))


def _site(template: str) -> str:
    return template.partition("/")[0]
