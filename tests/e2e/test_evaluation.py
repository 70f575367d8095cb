"""Evaluations with a real browser: killed and resumed, from the command line, and the agent on suites."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from langchain_core.messages import BaseMessage

from fakesuite import Told
from follow import PLAN, follow, label
from plan_and_act import Context, pool
from plan_and_act.evaluation import Attempt, Score, Selection, make_suite
from plan_and_act.evaluation.agents import web_agent
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.results import Results, read_results
from plan_and_act.evaluation.runner import evaluate
from plan_and_act.evaluation.suites.practice import Practice
from plan_and_act.testing import ScriptedModel
from standin import StandIn

TEMPLATE = "forge/follow-top-contributor"
COUNT = 8


class Command:
    """`plan-and-act eval` in a process of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.environment = {**os.environ, "PLAN_AND_ACT_HOME": str(home), **environment}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from plan_and_act.cli import main; main()", "eval", *arguments,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        process = await self.start(*arguments)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


def solvers(out: Path) -> list[str]:
    return ["practice", "--agent", "solver", "--task", TEMPLATE, "--episodes", str(COUNT), "--parallel", "2",
            "--set", "split=train", "--out", str(out)]  # fmt: skip


def counted(out: Path) -> list[dict[str, Any]]:
    """The results without what no two runs share: times, names of sessions."""
    rows = [row.model_dump(mode="json") for row in read_results(out).rows]
    return [{name: value for name, value in row.items() if name not in ("seconds", "thread")} for row in rows]


def table(out: Path) -> str:
    return re.sub(r"[\d.]+ (min|s)\b", "TIME", (out / "results.md").read_text())


async def test_killed_half_way_and_resumed_the_table_is_that_of_an_undisturbed_run(tmp_path: Path) -> None:
    command = Command(tmp_path)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    code, out, err = await command.run(*solvers(undisturbed))
    assert code == 0, err
    assert re.search(r"forge +8 +100\.0% +67\.6% to 100\.0%", out)

    process = await command.start(*solvers(killed))
    lines = killed / "trajectories.jsonl"
    async with asyncio.timeout(120):
        while not (lines.exists() and lines.read_bytes().count(b"\n") >= COUNT // 2):
            assert process.returncode is None, (await process.communicate())[1].decode()
            await asyncio.sleep(0.01)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    done = {row.task: row.thread for row in read_results(killed).rows}
    assert COUNT // 2 <= len(done) < COUNT

    code, _, err = await command.run(*solvers(killed))
    assert code == 0, err
    assert f"{len(done)} of {COUNT} episodes are finished already" in err
    assert counted(killed) == counted(undisturbed)
    assert table(killed) == table(undisturbed)
    threads = {row.task: row.thread for row in read_results(killed).rows}
    assert {task: threads[task] for task in done} == done
    assert lines.read_bytes().count(b"\n") in (COUNT, COUNT + 1)  # one more if the kill cut a line off
    journal = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [(line["n"], line["rate"]) for line in journal] == [(COUNT, 1.0)] * 2
    assert journal[0]["config"] == journal[1]["config"]

    code, _, err = await command.run(*[word.replace("train", "test") for word in solvers(killed)])
    assert code == 2
    assert 'settings.split is "train" there and "test" here' in err


async def test_interrupted_it_says_that_the_same_command_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = await Command(tmp_path).start(*solvers(out), "--json")
    assert process.stdout
    while json.loads(await process.stdout.readline())["event"] != "episode":
        pass
    process.send_signal(signal.SIGINT)
    rest, err = await process.communicate()
    assert process.returncode == 130, err.decode()
    assert err.decode() == "Interrupted; the same command goes on.\n"
    last = json.loads(rest.splitlines()[-1])
    assert last["event"] == "result"
    assert 1 <= last["n"] < COUNT
    assert last["n"] == read_results(out).all.count


async def test_a_model_that_refuses_stops_the_evaluation(tmp_path: Path, web: StandIn) -> None:
    web.page("/v1/chat/completions", '{"error": {"message": "no such key"}}', status=401)
    command = Command(tmp_path, OPENAI_BASE_URL=f"{web.url}/v1", OPENAI_API_KEY="none")
    out = tmp_path / "out"
    code, table_, err = await command.run(
        "practice", "--task", TEMPLATE, "--episodes", "3", "--model", "openai:m", "--out", str(out)
    )
    assert code == 4, err
    assert "The evaluation was stopped." in err
    assert "0 of 3 episodes are finished and kept" in err
    assert "3 of 3 episodes have no result" in table_
    assert {failure.kind for failure in Folder(out).failures()} == {"model"}


# -- the agent --------------------------------------------------------------------------------------------------------


async def agent_on(
    suite: str, out: Path, executor: Any, settings: dict[str, Any] | None = None, *, made: Any = None, **more: Any
) -> Results:
    """An evaluation of the agent with scripted models."""
    context = {"executor_format": "text", **more.pop("context", {})}
    selection = Selection(**more.pop("selection", {}))
    models: Any = {"planner": ScriptedModel(lambda _: PLAN), "executor": ScriptedModel(executor)}
    evaluation = Evaluation(
        suite=suite, settings=settings or {}, selection=selection, agent="scripted", context=context
    )
    agent = web_agent(Context.model_validate(evaluation.context), models=models)
    return await evaluate(evaluation, out, suite=made, agent=agent, pauses=(0.1, 0.1), **more)


FOLLOW: dict[str, Any] = {"selection": {"tasks": (TEMPLATE,), "episodes": 2}}


async def test_the_agent_is_scored_by_the_sites(tmp_path: Path) -> None:
    results = await agent_on("practice", tmp_path, follow, {"split": "train"}, **FOLLOW)
    assert (results.all.successes, results.all.count) == (2, 2)
    row = results.rows[0]
    assert row.rounds == 4
    assert row.usage["planner"].calls == 1
    assert row.usage["executor"].calls == 4
    assert pool().keys == []
    (run,) = (run for run in Folder(tmp_path).finished().values() if run.task.id == row.task)
    assert run.made_by
    assert all((tmp_path / "artefacts" / (name := str(step.observation))[:2] / name).exists() for step in run.rounds)


async def test_a_claim_that_does_not_hold_is_a_wrong_end(tmp_path: Path) -> None:
    results = await agent_on("practice", tmp_path, lambda _: 'exit(message="Done!")', **FOLLOW)
    assert results.all.successes == 0
    assert results.reasons == {"wrong_end": 2}
    assert all("is missing" in problem for row in results.rows for problem in row.problems)


async def test_limits_of_rounds_and_time_hold(tmp_path: Path) -> None:
    rounds = await agent_on(
        "practice", tmp_path / "rounds", lambda _: 'do(action="Scroll Down")', context={"max_rounds": 2}, **FOLLOW
    )
    assert rounds.reasons == {"max_rounds": 2}

    class Hanging(ScriptedModel):
        async def _astream(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(60)
            yield

        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(60)

    evaluation = Evaluation(
        suite="practice", selection=Selection(**FOLLOW["selection"]), agent="hanging", context={"max_seconds": 2.0}
    )
    agent = web_agent(Context.model_validate(evaluation.context), models={"planner": Hanging([])})
    time = await evaluate(evaluation, tmp_path / "time", agent=agent)
    assert time.reasons == {"deadline": 2}
    assert all(row.seconds < 10 for row in time.rows)
    assert pool().keys == []


async def test_a_browser_that_is_killed_is_no_failure_of_the_agent(tmp_path: Path) -> None:
    killed = 0

    class Killing(Practice):
        name: ClassVar[str] = "killing"

        async def watch(self, attempt: Attempt) -> Score | None:
            nonlocal killed
            if not killed:
                killed += 1
                # All of the browser goes, and the run goes on in a new one.
                assert attempt.session
                await pool().close()
            return None

    told = Told()
    results = await agent_on(
        "practice", tmp_path, follow, made=Killing(split="train"), watcher=told, parallel=1, **FOLLOW
    )
    assert killed
    assert (results.all.successes, results.complete) == (2, True)


async def test_a_score_that_watch_gives_ends_the_run_after_its_round(tmp_path: Path) -> None:
    class Watching(Practice):
        async def watch(self, attempt: Attempt) -> Score | None:
            session = attempt.session
            assert session
            there = session.page.url.endswith("/contributors")
            return Score(reward=0.5, success=True, judge="page") if there else None

    results = await agent_on("practice", tmp_path, follow, made=Watching(split="train"), **FOLLOW)
    assert [(row.rounds, row.reward, row.judge) for row in results.rows] == [(1, 0.5, "page")] * 2
    assert pool().keys == []


SHOP = """<title>Shop</title><h1>Kettles</h1><p>Blue Kettle, <b>12.50</b></p>
<button onclick="document.body.insertAdjacentHTML('beforeend', '<p>In your cart: 1</p>'); this.disabled = true">
Buy</button><label><input type="checkbox" checked> Gift</label>"""


def buy(messages: Sequence[BaseMessage]) -> str:
    page = messages[-1].text
    if "In your cart" in page:
        return 'exit(message="It costs 12.50.")'
    return f"do(action=\"Click\", element='{label(page, 'Buy')}')"


CHECKS = """
tasks:
  - id: right
    url: {url}
    intent: Buy the kettle, and say what it costs.
    checks:
      - url: "*/kettles"
      - text: in your  CART
      - no_text: Sold out
      - answer_number: 12.5
      - answer_contains: costs
      - element: {{role: button, name: Buy, state: disabled}}
      - element: {{name: Gift, state: checked}}
  - id: wrong
    url: {url}
    intent: Buy the kettle, and say what it costs.
    checks:
      - url: "*/teapots"
      - text: Teapot
      - no_text: Kettles
      - answer_equals: "12.50"
      - answer_contains: euro
      - answer_number: 13
      - element: {{role: link, name: Buy}}
      - element: {{name: Gift, state: disabled}}
"""


async def test_checks_of_ones_own(tmp_path: Path, web: StandIn) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHECKS.format(url=web.page("/kettles", SHOP)))
    results = await agent_on("custom", tmp_path / "out", buy, {"file": str(file)}, context={"planning": "none"})
    right, wrong = results.rows
    assert (right.success, right.problems) == (True, ())
    assert wrong.success is False
    assert wrong.problems == (
        f"the address is {web.url}/kettles, not */teapots",
        "the page does not say 'Teapot'",
        "the page says 'Kettles'",
        "the answer is not '12.50'",
        "the answer does not say 'euro'",
        "the answer does not give 13 as its only number",
        "there is no link 'Buy'",
        "'Gift' is not disabled",
    )


async def test_a_page_that_cannot_be_opened_is_counted_apart(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHECKS.format(url="http://127.0.0.1:1/kettles"))
    results = await agent_on("custom", tmp_path / "out", buy, {"file": str(file)}, context={"planning": "none"})
    assert results.rows == []
    assert {failure.kind for failure in results.failures} == {"site"}


# -- the practice suite -----------------------------------------------------------------------------------------------


def test_its_episodes_are_those_of_the_split_and_the_seeds() -> None:
    tasks = make_suite("practice", {"split": "train"}).tasks(Selection(episodes=5, seeds=(1, 2), sites=("forge",)))
    assert len({task.id for task in tasks}) == 10
    assert {task.site for task in tasks} == {"forge"}
    assert {task.extra["world"] for task in tasks} == {11}
    lite = make_suite("practice", {"lite": True}).tasks(Selection())
    assert len(lite) == len({task.id for task in lite}) == 165
    disturbed = make_suite("practice", {"disturbed": True}).tasks(Selection(episodes=20))
    assert any(task.extra["disturbances"] for task in disturbed)


async def test_solvers_in_parallel_do_not_see_each_other(tmp_path: Path) -> None:
    """Two episodes each of a template whose project is the same in both would meet, were there one state for all."""
    settings = {"split": "train", "disturbed": True}
    selection = Selection(tasks=(TEMPLATE,), episodes=8)
    evaluation = Evaluation(suite="practice", settings=settings, selection=selection, agent="solver")
    results = await evaluate(evaluation, tmp_path, parallel=8)
    assert (results.all.successes, results.all.count) == (8, 8), [row.problems for row in results.rows]
    assert pool().keys == []
