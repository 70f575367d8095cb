"""WebArena against stand-in sites: sign-in, tabs, recorded traffic, resets, and webarena-verified's own verdicts."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plan_and_act import Context, pool
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser import OriginPolicy, Session
from plan_and_act.errors import SuiteNotReadyError
from plan_and_act.evaluation import Agent, Attempt, Selection, Start, Suite, make_suite
from plan_and_act.evaluation.agents import web_agent
from plan_and_act.evaluation.attempt import Failure, attempt
from plan_and_act.evaluation.judge import Judge, JudgeSettings
from plan_and_act.evaluation.suites._webarena_original import Original
from plan_and_act.sites.tasks import Hand
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Ending, Trajectory
from webarena_standin import Site, addresses, fake_tool, sites

TOOL = os.environ.get("PLAN_AND_ACT_WEBARENA_VERIFIED") or shutil.which("webarena-verified")
verified = pytest.mark.skipif(
    not TOOL,
    reason="webarena-verified is not installed (in an environment of its own); PLAN_AND_ACT_WEBARENA_VERIFIED names it",
)
RETRIEVED = '{"task_type": "RETRIEVE", "status": "SUCCESS", "retrieved_data": ["Quest Lumaflex Band"]}'
NAVIGATED = '{"task_type": "NAVIGATE", "status": "SUCCESS", "retrieved_data": null}'
CHANGED = '{"task_type": "MUTATE", "status": "SUCCESS", "retrieved_data": null}'

Steps = Callable[[Hand], Awaitable[None]]


@pytest.fixture
async def web() -> AsyncIterator[dict[str, Site]]:
    async with sites() as running:
        yield running


def by_hand(answer: str | None, steps: Steps | None = None) -> Agent:
    """An agent that takes fixed steps through an agent's own actions."""

    async def run(this: Attempt, start: Start) -> Trajectory:
        options = replace(start.session, policy=OriginPolicy(private=start.private_origins), artefacts=this.artefacts)
        session = await pool().session(this.token, options)
        await session.goto(start.task.url)
        hand = Hand(session, synonyms={}, urls={})
        if steps:
            await steps(hand)
        ending = Ending(status="succeeded", reason="finished")
        return Trajectory(
            thread=this.token, task=start.task, started="2026-01-01", rounds=hand.rounds, ending=ending, answer=answer
        )

    return run


async def todos(hand: Hand) -> None:
    await hand.click("To-Do List", "link")


async def comment(hand: Hand) -> None:
    await hand.click("Merge request", "link")
    await hand.type("Comment", "Good idea", "textbox")
    await hand.click("Comment", "button")
    assert await hand.sees("Comment added: Good idea")


async def issues(hand: Hand) -> None:
    await hand.click("Issues", "link")


async def carried(suite: Suite, agent: Agent, number: str, folder: Path) -> Trajectory | Failure:
    (task,) = suite.tasks(Selection(tasks=(number,)))
    async with suite.open():
        return await attempt(suite, agent, task, folder=folder, seconds=60)


@verified
@pytest.mark.parametrize(
    ("number", "answer", "steps", "reward"),
    [
        ("0", RETRIEVED, None, 1.0),
        ("0", RETRIEVED.replace("Quest Lumaflex", "Some other"), None, 0.0),
        ("0", "Quest Lumaflex Band", None, 1.0),
        ("44", NAVIGATED, todos, 1.0),
        ("44", NAVIGATED, issues, 0.0),
        ("392", CHANGED, comment, 1.0),
        ("392", CHANGED, issues, 0.0),
    ],
)
async def test_the_real_evaluator_tells_right_from_wrong(
    web: dict[str, Site], tmp_path: Path, number: str, answer: str, steps: Steps | None, reward: float
) -> None:
    suite = make_suite("webarena", {"sites": addresses(web), "evaluator": str(TOOL)})
    run = await carried(suite, by_hand(answer, steps), number, tmp_path)
    assert isinstance(run, Trajectory), run
    assert (run.reward, run.judge) == (reward, "webarena-verified 1.2.3")
    assert bool(run.labels["problems"]) == (reward == 0)


@verified
async def test_the_agent_itself_answers_in_the_form_that_is_evaluated(web: dict[str, Site], tmp_path: Path) -> None:
    suite = make_suite("webarena-lite", {"sites": addresses(web), "evaluator": str(TOOL)})
    script = ScriptedModel(['do(action="Click", element="To-Do List")', f"exit(message={NAVIGATED!r})"])
    agent = web_agent(Context(planning="none", executor_format="text"), models={"planner": script})
    run = await carried(suite, agent, "44", tmp_path)
    assert isinstance(run, Trajectory), run
    assert run.reward == 1
    assert '"task_type"' in "".join(message.text for message in script.calls[0])
    assert len(suite.tasks(Selection())) == 165


class Bench:
    """A suite with a stand-in evaluator."""

    def __init__(self, web: dict[str, Site], folder: Path, evaluate: str = "score = 1.0", **settings: Any) -> None:
        self.folder = folder
        tool = fake_tool(folder, lambda: evaluate)
        self.suite = make_suite("webarena", {"sites": addresses(web), "evaluator": tool, **settings})

    async def carry(self, agent: Agent, number: str) -> Trajectory | Failure:
        (task,) = self.suite.tasks(Selection(tasks=(number,)))
        return await attempt(self.suite, agent, task, folder=self.folder / "results", seconds=60)


async def test_sites_are_signed_in_to_once_and_every_task_begins_signed_in(
    web: dict[str, Site], tmp_path: Path
) -> None:
    seen = []

    async def look(hand: Hand) -> None:
        seen.append(await hand.text())

    bench = Bench(web, tmp_path)
    bench.suite.tasks(Selection())
    async with bench.suite.open():
        for number in ("0", "44", "44"):
            await bench.carry(by_hand("x", look), number)
    assert [text.split('"')[1] for text in seen] == ["Dashboard", "GitLab", "GitLab"]
    assert web["gitlab"].logins == {"byteblaze": 1}
    assert web["shopping_admin"].logins == {"admin": 1}


async def test_a_task_with_two_pages_begins_with_two_tabs(web: dict[str, Site], tmp_path: Path) -> None:
    tabs: list[list[str]] = []

    async def look(this: Attempt, start: Start) -> Trajectory:
        run = await by_hand("x")(this, start)
        session = this.session
        assert isinstance(session, Session)
        tabs.append(session.place()["tabs"])
        return run

    bench = Bench(web, tmp_path)
    bench.suite.tasks(Selection(tasks=("97",)))
    async with bench.suite.open():
        await bench.carry(look, "97")
    assert tabs == [[f"{web['map'].url}/", f"{web['wikipedia'].url}/"]]


async def test_what_is_evaluated_are_the_answer_and_the_traffic(web: dict[str, Site], tmp_path: Path) -> None:
    code = """posts = [e["request"] for e in entries if e["request"]["method"] == "POST"]
            score = float(response["task_type"] == "MUTATE" and '"Good idea"' in posts[-1]["postData"]["text"])"""
    bench = Bench(web, tmp_path, code)
    async with bench.suite.open():
        run = await bench.carry(by_hand(CHANGED, comment), "392")
        wrong = await bench.carry(by_hand("I did it.", comment), "392")
    assert isinstance(run, Trajectory), run
    assert isinstance(wrong, Trajectory), wrong
    assert (run.reward, run.labels["success"]) == (1, True)
    assert (wrong.reward, wrong.labels["problems"]) == (0, ["it is wrong"])


async def test_an_evaluator_that_cannot_say_is_no_verdict(web: dict[str, Site], tmp_path: Path) -> None:
    bench = Bench(web, tmp_path, 'score, status, message = 0.0, "error", "no such revision"')
    async with bench.suite.open():
        failure = await bench.carry(by_hand("x"), "44")
    assert isinstance(failure, Failure)
    assert failure.kind == "score"
    assert "could not evaluate task 44: no such revision" in failure.message


async def test_a_site_that_lets_nobody_in_is_named(web: dict[str, Site], tmp_path: Path) -> None:
    web["gitlab"].locked = True
    bench = Bench(web, tmp_path, accounts={"shopping_admin": {"user": "admin", "password": "wrong"}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plan_and_act.evaluation.suites._webarena_sites._STEP", 1_000)
        with pytest.raises(SuiteNotReadyError) as caught:
            async with bench.suite.open():
                pass
    assert [each.split(" cannot sign in")[0] for each in caught.value.missing] == [
        "gitlab: byteblaze", "shopping_admin: admin",
    ]  # fmt: skip
    assert "setting `accounts`" in caught.value.missing[0]


async def test_a_site_that_was_changed_is_put_back_before_the_next_task(web: dict[str, Site], tmp_path: Path) -> None:
    gitlab = web["gitlab"]
    bench = Bench(web, tmp_path, reset={"gitlab": f"{gitlab.url}/init"})
    bench.suite.tasks(Selection(sites=("gitlab",)))
    async with bench.suite.open():
        assert gitlab.resets == 0
        await bench.carry(by_hand(NAVIGATED, todos), "44")
        assert gitlab.resets == 1  # nobody knows what was left there
        await bench.carry(by_hand(NAVIGATED, todos), "44")
        assert gitlab.resets == 1
        await bench.carry(by_hand(CHANGED, comment), "392")
        assert (gitlab.resets, len(gitlab.notes)) == (1, 1)
        last = await bench.carry(by_hand(NAVIGATED, todos), "44")
        assert (gitlab.resets, len(gitlab.notes)) == (2, 0)
    assert isinstance(last, Trajectory), last

    gone = Bench(web, tmp_path, reset={"gitlab": f"{gitlab.url}/nothing"})
    gone.suite.tasks(Selection(tasks=("44",)))
    async with gone.suite.open():
        failure = await gone.carry(by_hand("x"), "44")
    assert isinstance(failure, Failure)
    assert failure.kind == "site"
    assert "gitlab could not be reset: POST" in failure.message


# --- the original evaluators ------------------------------------------------------------------------------------------


def judge(*script: str) -> Judge:
    return Judge(ScriptedModel(script), JudgeSettings(model="test:scripted", reasons=False))


async def original(
    session: Session, spec: dict[str, Any], *, answer: str = "", script: tuple[str, ...] = ()
) -> tuple[float, int]:
    """The score, with the session on the agent's last page, and how often the judge was asked."""
    full = {"reference_answers": {}, "reference_url": "", "program_html": [], **spec}
    checked = Original(full, "How far?", judge(*script))
    await checked.look(session)
    return await checked.score(answer, session), checked.usage.calls


@pytest.fixture
async def session(web: dict[str, Site], tmp_path: Path) -> AsyncIterator[Session]:
    from plan_and_act import SessionOptions

    options = SessionOptions(policy=OriginPolicy(private=["*"]), artefacts=Artefacts(tmp_path))
    opened = await pool().session("original", options)
    await opened.goto(f"{web['map'].url}/?from=a&to=b")
    yield opened
    await pool().release("original")


@pytest.mark.parametrize(
    ("reference", "answer", "script", "score"),
    [
        ({"exact_match": "557m"}, '"557M"', (), 1),
        ({"exact_match": "557m"}, "It is 557m", (), 0),
        ({"must_include": ["Quest", "Impulse"]}, "quest and impulse", (), 1),
        ({"must_include": ["Quest", "Impulse"]}, "quest", (), 0),
        ({"must_include": ["0"]}, "10", (), 0),
        ({"must_include": ["0"]}, "There are 0.", (), 1),
        ({"fuzzy_match": ["3 km", "by car"]}, "three kilometres, driving", ("YES", "YES"), 1),
        ({"fuzzy_match": ["3 km", "by car"]}, "three kilometres", ("YES", "NO"), 0),
        ({"fuzzy_match": "N/A"}, "N/A", (), 1),
        ({"fuzzy_match": "N/A"}, "There is no such place.", ("YES",), 1),
        ({"fuzzy_match": "N/A"}, "", (), 0),
    ],
)
async def test_original_answers(
    session: Session, reference: dict[str, Any], answer: str, script: tuple[str, ...], score: float
) -> None:
    spec = {"eval_types": ["string_match"], "reference_answers": reference}
    assert await original(session, spec, answer=answer, script=script) == (score, len(script))


@pytest.mark.parametrize(
    ("reference", "score"),
    [
        ("{map}/", 1),
        ("{map}?to=b", 1),
        ("{map}?to=c", 0),
        ("{map}?from=a |OR| {map}/elsewhere?from=c", 1),
        ("{map}/elsewhere", 0),
    ],
)
async def test_original_addresses(web: dict[str, Site], session: Session, reference: str, score: float) -> None:
    spec = {"eval_types": ["url_match"], "reference_url": reference.replace("{map}", web["map"].url)}
    assert (await original(session, spec))[0] == score


@pytest.mark.parametrize(
    ("url", "locator", "required", "script", "score"),
    [
        ("last", "document.querySelector('h1').outerText", {"exact_match": "Map"}, (), 1),
        ("last", "document.querySelector('h2').outerText", {"exact_match": "Map"}, (), 0),
        ("last", "", {"must_include": ["OpenStreetMap", "nothing |OR| <h1>"]}, (), 1),
        ("{wikipedia}/", "document.title", {"must_include": ["wikipedia"]}, (), 1),
        ("{wikipedia}/", "document.title", {"must_include": ["map"]}, (), 0),
        ("last", "document.title", {"fuzzy_match": ["a map", "open"]}, ("YES",), 1),
        ("last", "lambda: null", {"must_include": ["map"]}, (), 0),
    ],
)
async def test_original_pages(
    web: dict[str, Site], session: Session, url: str, locator: str, required: Any, script: tuple[str, ...], score: float
) -> None:
    target = {
        "url": url.replace("{wikipedia}", web["wikipedia"].url),
        "locator": locator,
        "required_contents": required,
    }
    found, calls = await original(session, {"eval_types": ["program_html"], "program_html": [target]}, script=script)
    assert (found, calls) == (score, len(script))


async def test_original_helpers_that_need_no_rest(web: dict[str, Site], session: Session) -> None:
    web["map"].pages |= {
        "/f/nyc/12": "<h1>Is a car necessary?</h1>",
        "/members": "<table><tr><td data-label=Account><span class=gl-avatar-labeled-sublabel>@vinta</span></td>"
        "<td class=col-max-role><span>Guest</span></td></tr></table>",
    }
    await session.goto(f"{web['map'].url}/f/nyc/12/comment/3")
    post = {
        "url": "func:reddit_get_post_url('__last_url__')", "locator": "document.body.innerText",
        "required_contents": {"must_include": ["car necessary"]},
    }  # fmt: skip
    role = {
        "url": f"{web['map'].url}/members", "locator": "func:gitlab_get_project_memeber_role(__page__, 'vinta')",
        "required_contents": {"must_include": ["Guest"]},
    }  # fmt: skip
    assert (await original(session, {"eval_types": ["program_html"], "program_html": [post, role]}))[0] == 1
