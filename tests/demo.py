"""The forge demo task in a session of its own."""

from typing import Any
from uuid import uuid4

from plan_and_act.sites import Site, Verdict, demo_task

SEED = 7


class Demo:
    """The demo task in a session of its own, and how it stands."""

    def __init__(self, site: Site) -> None:
        self.site, self.session = site, uuid4().hex
        self.task, self._check = demo_task(SEED, site.url, session=self.session)

    @property
    def input(self) -> dict[str, Any]:
        return {"task": self.task.intent, "url": self.task.url}

    async def verdict(self) -> Verdict:
        return self._check(await self.site.state(self.session))

    async def counts(self) -> dict[str, int]:
        """How often each effect happened on the site, undone or not."""
        counts: dict[str, int] = (await self.site.state(self.session))["counts"]
        return counts
