"""Every template of the practice web: its solver reaches the goal, its checker takes nothing else for it.

`python benchmarks/practice.py` does the same for more seeds, worlds and disturbances.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.practice import PracticeWeb, practice_web
from plan_and_act.sites.tasks import TEMPLATES, WORLDS, Episode, Goal, Kind, Number, Says
from plan_and_act.trajectory import Trajectory

AT_ONCE = 4
"""Solvers at work side by side; most of their time they wait for pages."""

DISTURBED = list(TEMPLATES)[::3]
"""Templates solved under every disturbance as well."""


def plain(name: str) -> Episode:
    return Episode(name, WORLDS["train"], 1)


def disturbed(name: str) -> Episode:
    return Episode(name, WORLDS["test"], 2, Disturbances.all_on())


@pytest.fixture(scope="module")
async def web() -> AsyncIterator[PracticeWeb]:
    async with practice_web() as running:
        yield running


class Solving:
    """Solvers at work ahead of the tests that ask for what they did."""

    def __init__(self, web: PracticeWeb, episodes: list[Episode]) -> None:
        self._web = web
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks = {episode: asyncio.create_task(self._solve(episode)) for episode in episodes}

    async def __call__(self, episode: Episode) -> Trajectory:
        return await self._tasks[episode]

    async def _solve(self, episode: Episode) -> Trajectory:
        async with self._gate:
            return await self._web.solve(episode)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


@pytest.fixture(scope="module")
async def solved(web: PracticeWeb, request: pytest.FixtureRequest) -> AsyncIterator[Solving]:
    wanted = []
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.path == request.path and "solved" in item.fixturenames:
            wanted.append(item.callspec.params["episode"])
    solving = Solving(web, list(dict.fromkeys(wanted)))
    yield solving
    await solving.close()


@pytest.mark.parametrize("episode", [plain(name) for name in TEMPLATES], ids=lambda episode: episode.template)
async def test_the_solver_reaches_the_goal(solved: Solving, episode: Episode) -> None:
    done = await solved(episode)
    assert done.reward == 1, done.judge
    notes = [round_.action.step for round_ in done.rounds if round_.action.action == "note"]
    assert abs(len(done.rounds) - len(notes) - TEMPLATES[episode.template].length) <= 3
    for number, step in enumerate(done.plans[0].steps, 1):
        assert number in notes or not re.search(r"\b[Nn]ote (?!“)", step.goal), f"noted, as the plan says: {step.goal}"
    steps = [round_.action.step for round_ in done.rounds]
    assert steps == sorted(steps, key=lambda step: step or 0)
    assert set(steps) == set(range(1, len(done.plans[0].steps) + 1)), "a round for every step of the plan"


@pytest.mark.parametrize("episode", [disturbed(name) for name in DISTURBED], ids=lambda episode: episode.template)
async def test_the_solver_reaches_the_goal_under_every_disturbance(solved: Solving, episode: Episode) -> None:
    done = await solved(episode)
    assert done.reward == 1, done.judge
    assert all((round_.action.step is None) == bool(round_.reasoning) for round_ in done.rounds)


@pytest.mark.parametrize("name", TEMPLATES)
async def test_the_untouched_site_is_not_the_goal(web: PracticeWeb, name: str) -> None:
    token = uuid4().hex
    await web.begin(plain(name), token)
    for answer in (None, "It is done."):
        assert not (await web.verdict(plain(name), token, answer=answer, gave_up=False)).passed


def other_goal(episode: Episode) -> Goal:
    """The goal of another task of the template, with another right end."""
    template = TEMPLATES[episode.template]
    mine = episode.draw(template)[0].goal
    others = (Episode(episode.template, episode.world, seed).draw(template)[0].goal for seed in range(2, 60))
    return next(goal for goal in others if right_end(goal) != right_end(mine))


def right_end(goal: Goal) -> object:
    answer = goal.answer
    if isinstance(answer, Number):  # the numbers that the task itself gives do not matter
        return goal.changes, answer.value
    return goal.changes, answer.texts if isinstance(answer, Says) else answer


def can_be_done(kind: Kind) -> bool:
    return kind != "impossible"


@pytest.mark.parametrize(
    "episode",
    [plain(name) for name, template in TEMPLATES.items() if can_be_done(template.kind)],
    ids=lambda episode: episode.template,
)
async def test_what_reaches_one_goal_does_not_reach_another(
    web: PracticeWeb, solved: Solving, episode: Episode
) -> None:
    done = await solved(episode)
    states = {name: await web.sites[name].state(done.thread) for name in TEMPLATES[episode.template].sites}
    assert not other_goal(episode).verdict(states, done.answer, gave_up=False).passed
    assert not other_goal(episode).verdict(states, done.answer, gave_up=True).passed
