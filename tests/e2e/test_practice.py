"""Every template of the practice web: its solver reaches the goal, its checker takes nothing else for it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.practice import PracticeWeb, practice_web
from plan_and_act.sites.tasks import TEMPLATES, WORLDS, Episode

pytestmark = pytest.mark.parametrize("name", TEMPLATES)


@pytest.fixture(scope="module")
async def web() -> AsyncIterator[PracticeWeb]:
    async with practice_web() as running:
        yield running


async def test_the_solver_reaches_the_goal(web: PracticeWeb, name: str) -> None:
    done = await web.solve(Episode(name, WORLDS["train"], 1))
    assert done.reward == 1, done.judge
    assert abs(len(done.rounds) - TEMPLATES[name].length) <= 3


async def test_the_solver_reaches_the_goal_under_every_disturbance(web: PracticeWeb, name: str) -> None:
    done = await web.solve(Episode(name, WORLDS["test"], 2, Disturbances.all_on()))
    assert done.reward == 1, done.judge


async def test_the_untouched_site_is_not_the_goal(web: PracticeWeb, name: str) -> None:
    episode, token = Episode(name, WORLDS["train"], 1), uuid4().hex
    await web.begin(episode, token)
    assert not (await web.verdict(episode, token, answer=None, gave_up=False)).passed


async def test_the_goal_of_another_episode_is_not_the_goal(web: PracticeWeb, name: str) -> None:
    template, episode = TEMPLATES[name], Episode(name, WORLDS["train"], 1)
    if template.kind == "impossible":
        token = uuid4().hex
        await web.begin(episode, token)
        assert not (await web.verdict(episode, token, answer="It is done.", gave_up=False)).passed
        return
    goal = episode.draw(template)[0].goal
    others = (Episode(name, WORLDS["train"], seed) for seed in range(2, 60))
    other = next(other for other in others if other.draw(template)[0].goal != goal)
    assert (await web.solve(episode, instead=other)).reward == 0
