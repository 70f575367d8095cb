"""New queries as a suite of the evaluation's runner: tasks without a checker, on practice sites or any others."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr

from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.sites.practice import PracticeWeb, practice_web
from plan_and_act.sites.tasks import WORLDS
from plan_and_act.synthesis.rows import QueryRow
from plan_and_act.trajectory import Task, Trajectory


class FreeTasks(Suite):
    """Tasks that a teacher made up: nobody but the outcome reward model can say whether one is done."""

    name: ClassVar[str] = "queries"

    rows: Sequence[QueryRow] = Field(exclude=True)
    """The queries; what they are is in the tasks already."""
    _web: PracticeWeb | None = PrivateAttr(None)

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`."""
        return selection.of(
            [
                EvalTask(id=row.id, site=row.site, intent=row.query, urls=(row.url,) if row.url else ())
                for row in self.rows
            ]
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: serves the practice sites among those of the tasks."""
        sites = sorted({row.site for row in self.rows if not row.url})
        if not sites:
            yield
            return
        async with practice_web(sites) as self._web:
            yield

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`; a practice site is begun in the world of the training split."""
        task = attempt.task
        if self._web is None or task.urls:
            url = task.urls[0]
            parts = urlsplit(url)
            # Who wrote the address into the configuration means it, also where it is private.
            origin = f"{parts.scheme}://{parts.netloc}"
            return Start(Task(intent=task.intent, url=url, id=task.id), private_origins=(origin,))
        site = self._web.sites[task.site]
        await site.reset(attempt.token, seed=WORLDS["train"])
        begun = Task(intent=task.intent, url=f"{site.url}/?session={attempt.token}", id=task.id)
        return Start(begun, private_origins=tuple(self._web.origins))

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`: not known yet."""
        return Score.passed(False, judge="nobody")
