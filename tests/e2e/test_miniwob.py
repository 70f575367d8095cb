"""MiniWoB++ in a real browser: solvers through an agent's actions, and what an agent must not see or spoil."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from plan_and_act import Context, pool
from plan_and_act.actions import Click, Type
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import OriginPolicy, Session, SessionOptions, perform
from plan_and_act.evaluation import Attempt, EvalTask, Selection, Start
from plan_and_act.evaluation.agents import web_agent
from plan_and_act.evaluation.attempt import attempt as attempt_at
from plan_and_act.evaluation.suites._miniwob_site import pages
from plan_and_act.evaluation.suites._miniwob_solvers import SOLVERS
from plan_and_act.evaluation.suites._miniwob_tasks import TASKS
from plan_and_act.evaluation.suites.miniwob import VIEWPORT, MiniWoB
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Trajectory

pytestmark = pytest.mark.skipif(pages() is None, reason="the pages are missing: pip install --no-deps miniwob")

SEEDS = (1, 2, 3)
SOLVED = list(SOLVERS)[::2] + list(SOLVERS)[1:8:2]
"""20 of the tasks that have a solver; the others are done by `plan-and-act eval miniwob --agent solver`."""
AT_ONCE = 4


@pytest.fixture(scope="module")
async def suite() -> AsyncIterator[MiniWoB]:
    running = MiniWoB(types=tuple(dict.fromkeys(TASKS.values())))
    async with running.open():
        yield running


@pytest.fixture
def attempt(suite: MiniWoB, tmp_path: Path) -> Callable[[EvalTask], Attempt]:
    def make(task: EvalTask) -> Attempt:
        token = f"miniwob-{task.id.replace('/', '-')}-{tmp_path.name[-8:]}"
        return Attempt(task, token, tmp_path, Artefacts(tmp_path / "artefacts"), suite.watch)

    return make


async def begun(suite: MiniWoB, this: Attempt) -> tuple[Start, Session]:
    start = await suite.begin(this)
    options = SessionOptions(viewport=VIEWPORT, policy=OriginPolicy(private=start.private_origins))
    session = await pool().session(this.token, options)
    await session.goto(start.task.url)
    return start, session


async def test_solvers_reach_reward_1(suite: MiniWoB, attempt: Callable[[EvalTask], Attempt]) -> None:
    tasks = suite.tasks(Selection(seeds=SEEDS, tasks=tuple(SOLVED)))
    assert len(tasks) == 60
    places = asyncio.Semaphore(AT_ONCE)

    async def reward(task: EvalTask) -> float:
        async with places:
            this = attempt(task)
            run = await suite.solve(this, await suite.begin(this))
            score = await suite.score(this, run)
            await this.close()
            return score.reward

    rewards = dict(zip((task.id for task in tasks), await asyncio.gather(*map(reward, tasks)), strict=True))
    assert {name for name, value in rewards.items() if value != 1} == set()


async def test_goals_are_the_same_for_the_same_seed(suite: MiniWoB, attempt: Callable[[EvalTask], Attempt]) -> None:
    names = ("enter-text/1", "enter-text/2", "email-inbox-nl-turk/1", "chase-circle/1", "use-colorwheel-2/1")
    tasks = suite.tasks(Selection(seeds=(1, 2), tasks=names))
    first, second = [[(await suite.begin(attempt(task))).task.intent for task in tasks] for _ in range(2)]
    assert first == second
    assert len(set(first)) == len(names)
    assert all(isinstance(goal, str) and len(goal) > 10 for goal in first)


async def test_the_agent_sees_the_task_and_neither_reward_nor_goal(
    suite: MiniWoB, attempt: Callable[[EvalTask], Attempt]
) -> None:
    (task,) = suite.tasks(Selection(tasks=("enter-text",)))
    this = attempt(task)
    start, session = await begun(suite, this)
    seen = (await session.observe()).text
    await this.close()
    assert start.task.intent == 'Enter "Bernardine" into the text field and press Submit.'
    assert "textbox" in seen
    for hidden in ("Bernardine", "Last reward", "Time left", "START"):
        assert hidden not in seen


async def test_going_on_after_the_end_does_not_wipe_the_result(
    suite: MiniWoB, attempt: Callable[[EvalTask], Attempt]
) -> None:
    (task,) = suite.tasks(Selection(tasks=("enter-text",)))
    this = attempt(task)
    _, session = await begun(suite, this)
    assert not await this.over()

    async def submit(text: str) -> None:
        seen = await session.observe()
        field, button = (next(e.label for e in seen.elements.values() if e.role == r) for r in ("textbox", "button"))
        await perform(Type(element=field, text=text), session)
        await perform(Click(element=button), session)

    await submit("wrong")
    assert await this.over()
    await submit("Bernardine")
    assert "START" not in (await session.observe()).text
    assert await session.page.evaluate("WOB_DONE_GLOBAL")
    await this.close()
    assert this.score
    assert (this.score.success, this.score.reward) == (False, 0.0)
    assert "reward -1" in this.score.problems[0]


async def test_time_runs_out(attempt: Callable[[EvalTask], Attempt]) -> None:
    hasty = MiniWoB(max_seconds=0.5)
    async with hasty.open():
        (task,) = hasty.tasks(Selection(tasks=("click-test",)))
        this = attempt(task)
        await begun(hasty, this)
        async with asyncio.timeout(5):
            while not (score := await hasty.watch(this)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await this.close()
    assert score.problems == ("reward -1: timed out",)


async def test_the_agent_is_stopped_by_the_page_s_first_reward(suite: MiniWoB, tmp_path: Path) -> None:
    (task,) = suite.tasks(Selection(tasks=("click-test-2",)))
    for label, reward in (("ONE", 1.0), ("TWO", 0.0)):
        # It would go on clicking if nobody ended the episode.
        script = ScriptedModel(lambda _, label=label: f'do(action="Click", element="{label}")')
        agent = web_agent(Context(planning="none", executor_format="text"), models={"planner": script})
        run = await attempt_at(suite, agent, task, folder=tmp_path, seconds=60)
        assert isinstance(run, Trajectory), run
        assert (run.reward, run.labels["success"], run.judge) == (reward, reward == 1, "page")
        assert len(run.rounds) == len(script.calls) == 1
        assert "Click button ONE." in "".join(message.text for message in script.calls[0])
