"""The practice web as a whole: every site running, episodes begun and judged, solvers at work.

async with practice_web() as web:
episode = episodes("test", 1)[0]
task = await web.begin(episode, "try-1")
...                                     # an agent does the task
verdict = await web.verdict(episode, "try-1", answer=answer, gave_up=False)
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import OriginPolicy, SessionOptions, pool
from plan_and_act.browser.observation import DEFAULT_TOKENS
from plan_and_act.sites.registry import SITES
from plan_and_act.sites.serve import Site, serve
from plan_and_act.sites.tasks import TEMPLATES, Episode, Hand
from plan_and_act.sites.verdict import Verdict
from plan_and_act.trajectory import Ending, Plan, PlanStep, Task, Trajectory

UPLOADS = Path(__file__).parent / "uploads"
"""The files that tasks ask to upload: the folder of uploads of who does them."""


class PracticeWeb:
    """The running sites.

    Args:
        sites: By name.
    """

    def __init__(self, sites: dict[str, Site]) -> None:
        self.sites = sites

    @cached_property
    def origins(self) -> list[str]:
        """The sites' addresses, e.g. as the private origins an agent may reach."""
        return [site.url for site in self.sites.values()]

    @cached_property
    def synonyms(self) -> dict[str, str]:
        """What controls of all sites may be called when they are renamed."""
        return {label: other for name in self.sites for label, other in SITES[name].synonyms.items()}

    async def begin(self, episode: Episode, token: str) -> Task:
        """Reset the session of an episode on all of its sites.

        Args:
            episode: The episode.
            token: Names the session; another one for every try.

        Returns:
            The task; its URL selects the session, and so do the addresses of other sites in its text.
        """
        template = TEMPLATES[episode.template]
        draw, phrasing = episode.draw(template)
        for name in template.sites:
            await self.sites[name].reset(token, seed=episode.world, disturbances=episode.disturbances)
        urls = {f"{name}_url": f"{self.sites[name].url}/?session={token}" for name in template.sites}
        first = self.sites[template.sites[0]].url
        mark = "&" if "?" in draw.start else "?"
        return Task(
            intent=phrasing.format(**draw.slots, **urls),
            url=f"{first}{draw.start}{mark}session={token}",
            id=episode.id,
        )

    async def verdict(self, episode: Episode, token: str, *, answer: str | None, gave_up: bool) -> Verdict:
        """Whether the goal was reached, and nothing else was changed."""
        template = TEMPLATES[episode.template]
        draw, _ = episode.draw(template)
        states = {name: await self.sites[name].state(token) for name in template.sites}
        return draw.goal.verdict(states, answer, gave_up=gave_up)

    async def judge(self, episode: Episode, token: str, trajectory: Trajectory) -> Verdict:
        """The verdict on a run that has ended."""
        gave_up = trajectory.ending is not None and trajectory.ending.reason == "gave_up"
        return await self.verdict(episode, token, answer=trajectory.answer, gave_up=gave_up)

    async def solve(
        self, episode: Episode, *, instead: Episode | None = None, artefacts: Artefacts | None = None
    ) -> Trajectory:
        """Let the template's solver do an episode, and judge it.

        Args:
            episode: The episode.
            instead: Another episode of the template, whose task the solver does in the place of this one's: a wrong
                end, for those who test checkers.
            artefacts: Where the observations are kept; None to keep none.

        Returns:
            What it did, with the checker's reward.

        Raises:
            LostError: When the solver does not find its way.
        """
        token = f"solver-{uuid4().hex}"
        task = await self.begin(episode, token)
        try:
            run = await self.work(instead or episode, token, task, artefacts=artefacts)
        finally:
            await pool().release(token)
        verdict = await self.judge(episode, token, run)
        run.reward = float(verdict.passed)
        run.judge = f"checker: {'; '.join(verdict.problems)}" if verdict.problems else "checker"
        return run

    async def work(
        self,
        episode: Episode,
        token: str,
        task: Task,
        *,
        artefacts: Artefacts | None = None,
        tokens: int = DEFAULT_TOKENS,
    ) -> Trajectory:
        """Let the template's solver do an episode that has begun; the browser session under the token stays open.

        Args:
            episode: What it does.
            token: Names the session on the sites, and the browser's.
            task: What `begin` said.
            artefacts: Where the observations are kept; None to keep none.
            tokens: Budget of an observation: what the solver does not see, it scrolls to.

        Raises:
            LostError: When the solver does not find its way.
        """
        template = TEMPLATES[episode.template]
        draw, _ = episode.draw(template)
        options = SessionOptions(policy=OriginPolicy(private=self.origins), uploads=UPLOADS)
        session = await pool().session(token, options)
        started = datetime.now(UTC)
        await session.goto(task.url)
        urls = {name: f"{self.sites[name].url}/?session={token}" for name in template.sites}
        hand = Hand(session, synonyms=self.synonyms, urls=urls, artefacts=artefacts, tokens=tokens)
        plan = Plan(revision=1, steps=[PlanStep(goal=step.format(**draw.slots)) for step in template.plan])
        answer = await template.solve(hand, draw)
        impossible = "The task cannot be done." if draw.goal.impossible else None
        await hand.end(answer, impossible=impossible)
        ending = (
            Ending(status="failed", reason="gave_up", message=impossible)
            if impossible
            else Ending(status="succeeded", reason="finished")
        )
        return Trajectory(
            thread=token,
            task=task,
            started=started.isoformat(timespec="seconds"),
            plans=[plan],
            rounds=[round_.model_copy(update={"plan": 1}) for round_ in hand.rounds],
            ending=ending,
            answer=answer,
            seconds=round((datetime.now(UTC) - started).total_seconds(), 3),
        )


@asynccontextmanager
async def practice_web(sites: Iterable[str] = ()) -> AsyncIterator[PracticeWeb]:
    """Serve the practice web in the running event loop until the block ends.

    Args:
        sites: Names of the sites to serve; all of them when left out.
    """
    async with AsyncExitStack() as stack:
        running = {
            name: await stack.enter_async_context(serve(SITES[name].app(control=True))) for name in sites or SITES
        }
        yield PracticeWeb(running)
