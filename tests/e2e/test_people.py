"""A person in the loop: the plan reviewed before anything is done, rules that ask, refuse and hand on."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from demo import Demo
from follow import PLAN, follow
from plan_and_act import Context, create_agent, pool, to_trajectory
from plan_and_act.artefacts import Artefacts
from plan_and_act.report import render_report
from plan_and_act.sites import serve
from plan_and_act.testing import ScriptedModel

Make = Callable[..., Any]
THREAD: Any = {"configurable": {"thread_id": "t"}}
REVIEW = {"review_plan": True}


def asked(result: dict[str, Any]) -> dict[str, Any]:
    return dict(result["__interrupt__"][0].value)


def answer(**given: Any) -> Command[Any]:
    return Command(resume=given)


async def test_a_plan_is_shown_and_approved_before_anything_is_done(demo: Demo, agent_of: Make) -> None:
    executor = ScriptedModel(follow)
    agent = agent_of(context=REVIEW, checkpointer=InMemorySaver(), models={"executor": executor})
    shown = asked(await agent.ainvoke(demo.input, THREAD))
    assert (shown["type"], shown["revision"], shown["task"]) == ("plan", 1, demo.task.intent)
    assert shown["steps"][0]["goal"] == "Open the project's contributors."
    assert executor.calls == []
    result = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert result["ending"]["status"] == "succeeded"
    assert len(result["plans"]) == 1
    assert (await demo.verdict()).passed


async def test_an_edited_plan_is_a_revision_with_its_cause_and_what_the_executor_is_given(
    demo: Demo, agent_of: Make
) -> None:
    executor, planner = ScriptedModel(follow), ScriptedModel([PLAN])
    agent = agent_of(
        context={**REVIEW, "max_replans": 0}, checkpointer=InMemorySaver(),
        models={"executor": executor, "planner": planner},
    )  # fmt: skip
    await agent.ainvoke(demo.input, THREAD)
    steps = ["Follow the top contributor, whoever it is.", {"goal": "Say who.", "reasoning": "It was asked."}]
    result = await agent.ainvoke(answer(decision="edit", steps=steps), THREAD)
    assert result["ending"]["status"] == "succeeded"
    assert [(plan["revision"], plan.get("cause"), plan["round"]) for plan in result["plans"]] == [
        (1, None, 0), (2, "a person edited it", 0),
    ]  # fmt: skip
    assert "whoever it is" in executor.calls[0][-1].text
    assert "Open the project's contributors" not in executor.calls[0][-1].text
    assert {row["plan"] for row in result["rounds"]} == {2}
    assert len(planner.calls) == 1
    run = to_trajectory((await agent.aget_state(THREAD)).values, "t")
    html = render_report(run, Artefacts())
    assert "a person edited it" in html
    assert "whoever it is" in html


@pytest.mark.parametrize("planning", ["dynamic", "static"])
async def test_a_rejected_plan_is_made_again_with_the_reason_and_shown_again(
    planning: str, demo: Demo, agent_of: Make
) -> None:
    planner = ScriptedModel([PLAN, PLAN.replace("Follow that person.", "Follow them.")])
    agent = agent_of(
        context={**REVIEW, "planning": planning}, checkpointer=InMemorySaver(), models={"planner": planner}
    )
    await agent.ainvoke(demo.input, THREAD)
    again = asked(await agent.ainvoke(answer(decision="reject", reason="shorter, please"), THREAD))
    assert (again["type"], again["revision"], again["steps"][-1]["goal"]) == ("plan", 2, "Follow them.")
    assert "shorter, please" in planner.calls[1][-1].text
    assert "Follow that person." in planner.calls[1][-2].text  # the plan it wrote before
    result = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert result["ending"]["status"] == "succeeded"
    assert result["plans"][1]["cause"] == "a person rejected it: shorter, please"
    assert len(result["plans"]) == 2


async def test_a_review_can_stop_the_run(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(context=REVIEW, checkpointer=InMemorySaver())
    await agent.ainvoke(demo.input, THREAD)
    result = await agent.ainvoke(answer(decision="stop", reason="never mind"), THREAD)
    assert result["ending"] == {"status": "stopped", "reason": "rejected_by_person", "message": "never mind"}
    assert result["rounds"] == []
    assert pool().keys == []


async def test_an_approved_plan_stands_when_the_browser_was_started_anew_meanwhile(demo: Demo, agent_of: Make) -> None:
    planner = ScriptedModel([PLAN])
    agent = agent_of(context=REVIEW, checkpointer=InMemorySaver(), models={"planner": planner})
    await agent.ainvoke(demo.input, THREAD)
    await pool().close()
    result = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert result["ending"]["status"] == "succeeded"
    assert len(planner.calls) == 1


@pytest.mark.parametrize("steps", [None, [], [""], [{"reasoning": "r"}]])
async def test_an_edit_without_steps_leaves_the_question_open(steps: Any, demo: Demo, agent_of: Make) -> None:
    agent = agent_of(context=REVIEW, checkpointer=InMemorySaver())
    await agent.ainvoke(demo.input, THREAD)
    with pytest.raises(ValidationError):
        await agent.ainvoke(Command(resume={"decision": "edit"} | ({} if steps is None else {"steps": steps})), THREAD)
    result = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert result["ending"]["status"] == "succeeded"


async def test_without_a_plan_there_is_nothing_to_review(demo: Demo, agent_of: Make) -> None:
    result = await agent_of(planner=[], context={**REVIEW, "planning": "none"}).ainvoke(demo.input)
    assert result["ending"]["status"] == "succeeded"


RULE = {"action": "click", "element": 'button "Follow*', "decision": "ask", "reason": "people notice"}


@pytest.mark.parametrize(("operator", "own", "by"), [("never", [RULE], "run"), ([RULE], "never", "operator")])
async def test_a_question_says_what_is_risked_and_which_rule_asks(
    operator: Any, own: Any, by: str, demo: Demo, agent_of: Make
) -> None:
    # The executor names the button by its number alone; the rule knows it all the same.
    def by_number(messages: Any) -> str:
        said = follow(messages)
        return said.replace(said.split("'")[1], "#" + said.split("#")[1].split('"')[0]) if "Follow #" in said else said

    agent = agent_of(by_number, context={"approve": own}, approval=operator, checkpointer=InMemorySaver())
    shown = asked(await agent.ainvoke(demo.input, THREAD))
    assert shown["action"]["element"].startswith("#")
    assert shown["element"].startswith('button "Follow #')
    assert (shown["asked_by"], shown["risks"]) == (by, ["none"])
    assert (shown["rule"]["reason"], shown["rule"]["element"]) == ("people notice", 'button "Follow*')
    assert await demo.counts() == {}
    assert (await agent.ainvoke(answer(decision="approve"), THREAD))["ending"]["status"] == "succeeded"


@pytest.mark.parametrize("operator", [True, False])
async def test_a_denied_action_is_not_carried_out_and_the_executor_is_told(
    operator: bool, demo: Demo, agent_of: Make
) -> None:
    deny = [{**RULE, "decision": "deny"}]
    executor = ScriptedModel(lambda m: 'give_up(reason="I may not")' if "people notice" in m[-1].text else follow(m))
    agent = agent_of(
        planner=lambda _: PLAN, context={"approve": "never" if operator else deny},
        approval=deny if operator else "never", models={"executor": executor},
    )  # fmt: skip
    result = await agent.ainvoke(demo.input)
    assert await demo.counts() == {}
    assert result["rounds"][-2]["outcome"]["status"] == "error"
    assert result["rounds"][-2]["outcome"]["message"] == "Not carried out: a rule forbids this action: people notice"
    assert result["ending"]["reason"] == "gave_up"


async def test_what_is_asked_about_is_in_the_picture_and_stays_in_the_report(agent_of: Make) -> None:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("<title>Long</title><div style='height: 2000px'>Read on.</div><button>Agree</button>")

    async with serve(Starlette(routes=[Route("/", page)])) as site:
        agent = create_agent(
            models={"planner": ScriptedModel(['do(action="Click", element="Agree #1")', 'exit(message="done")'])},
            context=Context(planning="none", executor_format="text", approve="always", screenshots=True),
            private_origins=[site.url], checkpointer=InMemorySaver(),
        )  # fmt: skip
        question = asked(await agent.ainvoke({"task": "Agree.", "url": site.url}, THREAD))
        seen = (await agent.aget_state(THREAD)).values["page"]["screenshot"]
        result = await agent.ainvoke(answer(decision="approve"), THREAD)
    _, top, _, height = question["target"]
    assert 0 <= top <= 720 - height
    shown = result["rounds"][0]
    assert shown["screenshot"] == question["screenshot"] != seen
    assert shown["target"] == question["target"]


@pytest.mark.parametrize("action", [None, {"action": "finish", "answer": "x"}, {"action": "explode"}])
async def test_an_edit_is_to_an_action_of_the_browser(action: Any, demo: Demo, agent_of: Make) -> None:
    agent = agent_of(context={"approve": "always", "max_rounds": 1}, checkpointer=InMemorySaver())
    await agent.ainvoke(demo.input, THREAD)
    with pytest.raises(ValidationError):
        await agent.ainvoke(answer(decision="edit", action=action), THREAD)
    result = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert result["rounds"][0]["outcome"]["status"] == "ok"


async def test_who_drives_a_run_cannot_edit_or_write_the_operators_rules_away(demo: Demo, agent_of: Make) -> None:
    deny = {**RULE, "decision": "deny"}
    agent = agent_of(
        lambda m: 'do(action="Scroll Down")' if 'button "Follow' in m[-1].text else follow(m),
        planner=lambda _: PLAN, context={"approve": "always", "max_rounds": 4}, approval=[deny],
        checkpointer=InMemorySaver(),
    )  # fmt: skip
    await agent.ainvoke(demo.input, THREAD)
    for _ in range(2):
        state = await agent.ainvoke(answer(decision="approve"), THREAD)
    assert asked(state)["action"]["action"] == "scroll"
    values = (await agent.aget_state(THREAD)).values
    config = await agent.aupdate_state(THREAD, {"settings": {**values["settings"], "operator": []}}, as_node="executor")
    await agent.ainvoke(None, config)
    # The name alone, without the role that the rule is written with: the rule is for the element on the page.
    result = await agent.ainvoke(answer(decision="edit", action={"action": "click", "element": "Follow"}), THREAD)
    assert "a rule forbids this action: people notice" in result["rounds"][2]["outcome"]["message"]
    assert await demo.counts() == {}


async def test_what_was_thought_before_a_person_is_asked_counts(demo: Demo, agent_of: Make) -> None:
    def slowly(messages: Sequence[BaseMessage]) -> str:
        time.sleep(0.3)
        return follow(messages)

    agent = agent_of(
        context={"approve": "always"}, checkpointer=InMemorySaver(), models={"executor": ScriptedModel(slowly)}
    )
    await agent.ainvoke(demo.input, THREAD)
    before = (await agent.aget_state(THREAD)).values["seconds"]
    await agent.ainvoke(answer(decision="approve"), THREAD)
    assert before >= 0.3
    assert (await agent.aget_state(THREAD)).values["seconds"] >= before + 0.3
