"""MiniWoB++ as a suite: 130 small pages, judged by the reward they give themselves.

The pages come from the package `miniwob` (`pip install --no-deps miniwob`); nothing else of it is needed. An episode is
one page with one seed. The first reward ends it; it is taken without the discount for time, so that slow models and
fast ones are measured alike, and above 0 is a success, as the field counts it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import ClassVar

from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from pydantic import Field, PrivateAttr

from plan_and_act.browser import OriginPolicy, SessionOptions, pool
from plan_and_act.errors import ConfigError, PageError, SuiteNotReadyError
from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.evaluation.suites._miniwob_site import GOAL, INSTALL, PACKAGE, MiniWoBSite, pages
from plan_and_act.evaluation.suites._miniwob_solvers import SOLVERS, work
from plan_and_act.evaluation.suites._miniwob_tasks import NEEDS, PURE_DOM, TASKS, VARIES, Type
from plan_and_act.sites.serve import serve
from plan_and_act.trajectory import Task, Trajectory

VIEWPORT = (500, 320)
"""The tasks take 160 x 210 pixels."""
_READY = 10.0
"""Seconds a page gets until its task is ready."""


class MiniWoB(Suite):
    """Tasks of MiniWoB++; those that text suffices for, unless other types are named."""

    name: ClassVar[str] = "miniwob"

    types: tuple[Type, ...] = Field(PURE_DOM, min_length=1, description="The types of tasks to choose from.")
    max_seconds: float = Field(900.0, gt=0, description="Seconds after which a page ends its episode by itself.")

    _site: MiniWoBSite | None = PrivateAttr(None)
    _url: str = PrivateAttr("")

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`; seed 1 where none is named, and `episodes` of them for each seed."""
        seeds = selection.seeds or (1,)
        every = [_task(name, seed) for seed in seeds for name in TASKS if TASKS[name] in self.types]
        found = selection.model_copy(update={"episodes": None}).of(every)
        few = Selection(episodes=selection.episodes)
        rows = [[task for task in found if task.seed == seed] for seed in seeds]
        return [task for row in rows if row for task in few.of(row)]

    def versions(self) -> dict[str, str]:
        """See `Suite`."""
        return {PACKAGE: version(PACKAGE)} if pages() else {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: serves the pages in the running event loop."""
        html = pages()
        if html is None or not html.is_dir():
            raise SuiteNotReadyError(self.name, [f"its pages are not installed: {INSTALL}"])
        site = MiniWoBSite(html, self.max_seconds)
        async with serve(site.app()) as served:
            self._site, self._url = site, served.url
            try:
                yield
            finally:
                self._site = None

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`; the goal is read from a page of the same seed, which the agent does not see."""
        url = f"{self._url}/miniwob/{attempt.task.template}.html?seed={attempt.task.seed}"
        intent = await self._goal(f"{attempt.token}/goal", url)
        return Start(
            Task(intent=intent, url=f"{url}&episode={attempt.token}", id=attempt.task.id),
            private_origins=(self._url,),
            settings={"viewport": VIEWPORT, "allowed_origins": [self._url]},
        )

    async def watch(self, attempt: Attempt) -> Score | None:
        """See `Suite`: the page's first reward."""
        result = self._running.results.get(attempt.token)
        if result is None:
            return None
        won = result.raw > 0
        problems = () if won else (f"reward {result.raw:g}{f': {result.reason}' if result.reason else ''}",)
        return Score(reward=min(max(result.raw, 0.0), 1.0), success=won, judge="page", problems=problems)

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`."""
        ended = "the agent ended before the page gave a reward"
        return await self.watch(attempt) or Score.passed(False, judge="page", problems=[ended])

    async def solve(self, attempt: Attempt, start: Start) -> Trajectory:
        """See `Suite`; about a third of the tasks have a solver."""
        if attempt.task.template not in SOLVERS:
            msg = f"{attempt.task.template} has no solver; those that have one: {', '.join(SOLVERS)}"
            raise ConfigError(msg)
        options = SessionOptions(viewport=VIEWPORT, policy=OriginPolicy(private=start.private_origins))
        session = await pool().session(attempt.token, options)
        return await work(attempt.task.template, session, start.task, artefacts=attempt.artefacts)

    @property
    def _running(self) -> MiniWoBSite:
        if self._site is None:
            raise SuiteNotReadyError(self.name, ["it is not open"])
        return self._site

    async def _goal(self, key: str, url: str) -> str:
        session = await pool().session(key, SessionOptions(policy=OriginPolicy(private=[self._url])))
        try:
            await session.goto(url)
            ready = await session.page.wait_for_function(GOAL, timeout=_READY * 1_000)
            return str(await ready.json_value())
        except PlaywrightTimeoutError as error:
            msg = f"{url} did not become ready within {_READY:g} seconds"
            raise PageError(msg) from error
        finally:
            await pool().release(key)


def _task(name: str, seed: int) -> EvalTask:
    kind = TASKS[name]
    extra = {"needs": NEEDS[kind]} if NEEDS[kind] else {}
    if name in VARIES:
        extra["varies"] = "the page is not the same every time under one seed"
    return EvalTask(id=f"{name}/{seed}", site=kind, template=name, seed=seed, extra=extra)
