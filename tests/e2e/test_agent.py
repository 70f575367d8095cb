"""The graph on a real site in a real browser, with scripted models."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from demo import Demo
from follow import PLAN, follow
from plan_and_act import Context, create_agent, pool, to_trajectory
from plan_and_act.errors import ConfigError, ModelUnavailableError
from plan_and_act.sites import serve
from plan_and_act.testing import ScriptedModel

Make = Callable[..., Any]
THREAD: Any = {"configurable": {"thread_id": "t"}}


async def test_the_demo_task_is_done_and_nothing_else(demo: Demo, agent_of: Make) -> None:
    result = await agent_of().ainvoke(demo.input)
    assert result["ending"]["status"] == "succeeded"
    assert result["answer"] == "Followed the top contributor."
    assert [row["action"]["action"] for row in result["rounds"]] == ["click", "click", "click", "finish"]
    assert (await demo.verdict()).passed
    assert pool().keys == []


async def test_rounds_name_elements_as_the_page_does_however_briefly_the_model_did(demo: Demo, agent_of: Make) -> None:
    # As solvers' rounds do: what a model is trained on and what it is shown tell the past alike.
    def briefly(messages: Sequence[BaseMessage]) -> str:
        return re.sub(r"""element='\w+ "(.*)"'""", r'element="\1"', follow(messages))

    result = await agent_of(briefly).ainvoke(demo.input)
    named = [row["action"]["element"] for row in result["rounds"] if row["action"]["action"] == "click"]
    said = [call["args"]["element"] for m in result["messages"] if isinstance(m, AIMessage) for call in m.tool_calls[:1]
            if "element" in call["args"]]  # fmt: skip
    assert [re.fullmatch(r'\w+ "(.+ #\d+)"', element)[1] for element in named] == said  # type: ignore[index]


async def test_messages_are_a_chat_with_every_tool_call_answered(demo: Demo, agent_of: Make) -> None:
    messages = (await agent_of().ainvoke(demo.input))["messages"]
    assert isinstance(messages[0], HumanMessage)
    assert messages[1].text.startswith("## Step 1")
    assert messages[-1].text == "Followed the top contributor."
    called = [call["id"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls]
    assert called == [m.tool_call_id for m in messages if isinstance(m, ToolMessage)]
    assert len(called) == 4


async def test_a_chat_message_that_names_a_url_starts_a_run(demo: Demo, agent_of: Make) -> None:
    said = f"{demo.task.intent} Start at {demo.task.url}."
    result = await agent_of().ainvoke({"messages": [{"role": "user", "content": said}]})
    assert (await demo.verdict()).passed
    assert len([m for m in result["messages"] if isinstance(m, HumanMessage)]) == 1


@pytest.mark.parametrize("given", [{"task": "Do it."}, {"url": "http://127.0.0.1/"}, {"task": " ", "url": "http://x/"}])
async def test_a_run_without_task_or_url_says_what_is_missing(given: dict[str, str], agent_of: Make) -> None:
    with pytest.raises(ConfigError, match=r"needs a (task|URL)"):
        await agent_of().ainvoke(given)


async def test_a_task_that_is_given_counts_more_than_a_message_that_was_left_behind(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(checkpointer=InMemorySaver())
    with pytest.raises(ConfigError, match="needs a URL"):
        await agent.ainvoke({"messages": [HumanMessage("Cancel my subscription.")]}, THREAD)
    result = await agent.ainvoke(demo.input, THREAD)
    assert (await agent.aget_state(THREAD)).values["task"] == demo.task.intent
    assert result["ending"]["status"] == "succeeded"
    assert (await demo.verdict()).passed


async def test_a_second_task_on_the_thread_starts_afresh(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(planner=[PLAN, PLAN], checkpointer=InMemorySaver())
    first = await agent.ainvoke(demo.input, THREAD)
    second = await agent.ainvoke(demo.input, THREAD)
    assert len(first["rounds"]) == 4
    assert [row["index"] for row in second["rounds"]] == [1, 2, 3, 4][: len(second["rounds"])]
    assert len(second["plans"]) == 1
    assert second["ending"]["status"] == "succeeded"


async def test_without_planning_no_plan_is_made(demo: Demo, agent_of: Make) -> None:
    result = await agent_of(planner=[], context={"planning": "none"}).ainvoke(demo.input)
    assert result["plans"] == []
    assert (await demo.verdict()).passed


async def test_static_planning_shows_the_planner_the_first_page_only(demo: Demo, agent_of: Make) -> None:
    planner = ScriptedModel([PLAN])
    wrong_first = iter(['do(action="Click", element="No such thing #999")'])
    agent = agent_of(
        lambda messages: next(wrong_first, None) or follow(messages),
        context={"planning": "static", "replan_every": 1},
        models={"planner": planner},
    )
    result = await agent.ainvoke(demo.input)
    assert len(planner.calls) == 1
    assert result["rounds"][0]["outcome"]["status"] == "error"
    assert result["ending"]["status"] == "succeeded"


async def test_replanning_every_round_gives_the_executor_the_newest_plan(demo: Demo, agent_of: Make) -> None:
    count = iter(range(1, 100))
    planner = ScriptedModel(lambda _: PLAN.replace("Follow that person.", f"Follow that person ({next(count)})."))
    executor = ScriptedModel(follow)
    agent = agent_of(context={"replan_every": 1}, models={"planner": planner, "executor": executor})
    result = await agent.ainvoke(demo.input)
    assert [plan["revision"] for plan in result["plans"]] == [1, 2, 3, 4]
    shown = [int(re.search(r"person \((\d+)\)", call[-1].text)[1]) for call in executor.calls]  # type: ignore[index]
    assert shown == [1, 2, 3, 4]
    assert [row["plan"] for row in result["rounds"]] == [1, 2, 3, 4]


async def test_a_failed_action_replans_and_the_replanner_sees_what_failed(demo: Demo, agent_of: Make) -> None:
    planner = ScriptedModel([PLAN, PLAN])
    answers = iter(['do(action="Click", element="No such thing #999")'])
    agent = agent_of(lambda messages: next(answers, None) or follow(messages), models={"planner": planner})
    result = await agent.ainvoke(demo.input)
    assert result["plans"][1]["cause"] == "the last action failed"
    assert "No such thing" in planner.calls[1][-1].text
    assert (await demo.verdict()).passed


async def test_prose_is_answered_with_what_was_wrong_and_then_ends_the_run(demo: Demo, agent_of: Make) -> None:
    executor = ScriptedModel(lambda _: "I think we should look around a bit.")
    result = await agent_of(models={"executor": executor}).ainvoke(demo.input)
    assert result["ending"]["reason"] == "model_output"
    assert len(executor.calls) == 3
    assert "do(action=" in executor.calls[1][-1].text
    assert result["usage"]["executor"]["calls"] == 3


async def test_a_model_that_is_gone_stops_the_run_and_it_can_be_resumed(demo: Demo, agent_of: Make) -> None:
    gone = iter([ConnectionRefusedError("no")] * 0 + [RuntimeError("401 unauthorized")])

    def flaky(messages: Sequence[BaseMessage]) -> Any:
        if "Unfollow" in messages[-1].text or 'button "Follow' not in messages[-1].text:
            return follow(messages)
        return next(gone, None) or follow(messages)

    agent = agent_of(flaky, checkpointer=InMemorySaver())
    with pytest.raises(ModelUnavailableError):
        await agent.ainvoke(demo.input, THREAD)
    (key,) = pool().keys
    session = pool().live(key)
    assert session
    assert session.spare  # another run may have its place
    result = await agent.ainvoke(None, THREAD)
    assert result["ending"]["status"] == "succeeded"
    assert (await demo.counts()).get("follow") == 1
    assert len(result["rounds"]) == 4


async def test_the_same_action_again_and_again_is_stopped(demo: Demo, agent_of: Make) -> None:
    stuck = ScriptedModel(lambda _: 'do(action="Scroll Up")')
    planner = ScriptedModel(lambda _: PLAN)
    result = await agent_of(models={"executor": stuck, "planner": planner}).ainvoke(demo.input)
    assert result["ending"] == {
        "status": "stopped", "reason": "stalled",
        "message": "The same scroll was tried 6 times on the same page without effect.",
    }  # fmt: skip
    assert "3 times" in stuck.calls[3][-1].text


async def test_limits_stop_a_run_with_everything_kept(demo: Demo, agent_of: Make) -> None:
    result = await agent_of(context={"max_rounds": 2}).ainvoke(demo.input)
    assert result["ending"]["reason"] == "max_rounds"
    assert len(result["rounds"]) == 2


async def test_giving_up_and_asking_for_a_replan(demo: Demo, agent_of: Make) -> None:
    answers = iter(['replan(reason="the plan does not fit")', 'note("a fact")', 'give_up(reason="no way")'])
    executor = ScriptedModel(lambda _: next(answers))
    result = await agent_of(models={"executor": executor, "planner": ScriptedModel([PLAN, PLAN])}).ainvoke(demo.input)
    assert [row["action"]["action"] for row in result["rounds"]] == ["replan", "note", "give_up"]
    assert result["plans"][1]["cause"] == "the executor asked for it"
    assert result["ending"]["reason"] == "gave_up"
    assert "a fact" in executor.calls[2][-1].text


async def test_an_unreachable_page_is_a_typed_ending(agent_of: Make, forge: Any) -> None:
    result = await agent_of().ainvoke({"task": "Look.", "url": "http://nowhere.invalid/"})
    assert (result["ending"]["status"], result["ending"]["reason"]) == ("failed", "page_unreachable")
    assert "nowhere.invalid" in result["ending"]["message"]
    blocked = await agent_of(context={"allowed_origins": ["https://example.com"]}).ainvoke(
        {"task": "Look.", "url": forge.url}
    )
    assert blocked["ending"]["reason"] == "blocked_by_policy"


async def test_the_answer_must_fit_the_schema(demo: Demo, agent_of: Make) -> None:
    schema = {"type": "object", "properties": {"commits": {"type": "integer"}}, "required": ["commits"]}
    answers = iter(
        ['exit(message="342")', 'exit(message=\'{"commits": "many"}\')', "exit(message='{\"commits\": 342}')"]
    )
    planner = ScriptedModel(lambda _: PLAN)
    executor = ScriptedModel(lambda _: next(answers))
    agent = agent_of(context={"output_schema": schema}, models={"executor": executor, "planner": planner})
    result = await agent.ainvoke(demo.input)
    assert result["answer"] == '{"commits": 342}'
    assert [row["outcome"]["status"] for row in result["rounds"]] == ["error", "error", "ok"]
    assert '"commits"' in executor.calls[0][1].text


async def test_a_verifier_refuses_twice_and_then_the_run_fails(demo: Demo, agent_of: Make) -> None:
    verifier = ScriptedModel(lambda _: "Reason: nobody is followed yet\nVerdict: NO")
    models = {
        "verifier": verifier,
        "executor": ScriptedModel(lambda _: 'exit(message="done")'),
        "planner": ScriptedModel(lambda _: PLAN),
    }
    result = await agent_of(models=models).ainvoke(demo.input)
    assert (result["ending"]["status"], result["ending"]["reason"]) == ("failed", "finish_refused")
    assert len(verifier.calls) == 3
    assert "nobody is followed yet" in result["ending"]["message"]
    assert result["plans"][1]["cause"] == "the claim to be done did not hold"


async def test_approval_is_asked_before_the_action_and_a_rejected_one_never_happens(demo: Demo, agent_of: Make) -> None:
    executor = ScriptedModel(follow)
    agent = agent_of(
        context={"approve": "always"}, checkpointer=InMemorySaver(),
        models={"executor": executor, "planner": ScriptedModel(lambda _: PLAN)},
    )  # fmt: skip
    asked = (await agent.ainvoke(demo.input, THREAD))["__interrupt__"][0].value
    assert (asked["type"], asked["action"]["action"]) == ("approval", "click")
    for _ in range(2):
        state = await agent.ainvoke(Command(resume={"decision": "approve"}), THREAD)
    assert "Follow #" in state["__interrupt__"][0].value["action"]["element"]
    assert (await demo.counts()) == {}
    await agent.ainvoke(Command(resume={"decision": "reject", "reason": "not this one"}), THREAD)
    assert (await demo.counts()) == {}
    assert any("not this one" in m.text for m in executor.calls[-1])
    ended = await agent.ainvoke(Command(resume={"decision": "stop"}), THREAD)
    assert ended["ending"]["reason"] == "rejected_by_person"


async def test_an_edited_action_is_carried_out_instead(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(context={"approve": "always", "max_rounds": 1}, checkpointer=InMemorySaver())
    await agent.ainvoke(demo.input, THREAD)
    edit = {"decision": "edit", "action": {"action": "goto", "url": "/people"}}
    result = await agent.ainvoke(Command(resume=edit), THREAD)
    assert result["rounds"][0]["action"] == {"action": "goto", "url": "/people"}
    state = await agent.aget_state(THREAD)
    assert state.values["page"]["url"].endswith("/people")


async def test_a_long_reason_to_give_up_ends_the_run_as_a_short_one_does(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(executor=lambda _: f'give_up(reason="{"no " * 1_000}")')
    result = await agent.ainvoke(demo.input, THREAD)
    assert result["ending"]["reason"] == "gave_up"
    assert result["rounds"][0]["outcome"]["message"].endswith("…")


SHELF = """<title>Shelf</title><div id=top>{undo}</div>
<script>const post = path => fetch(path, {{method: "POST"}})</script>
<button onclick="post('/saved'); document.getElementById('top').innerHTML = '<button>Undo</button>'">Save</button>
<p>Kettle <button onclick="post('/cart/1')">Add to cart</button>
<p>Pot <button onclick="post('/cart/2')">Add to cart</button>
<p>Pan <button onclick="post('/pan')">Take the pan</button>"""


@pytest.mark.parametrize(("button", "carried_out"), [("Add to cart", ["/saved"]), ("Take the pan", ["/saved", "/pan"])])
async def test_an_action_approved_after_the_browser_was_closed_is_for_its_element_or_for_none(
    button: str, carried_out: list[str]
) -> None:
    posted: list[str] = []

    async def shelf(_: Request) -> HTMLResponse:
        return HTMLResponse(SHELF.format(undo="<button>Undo</button>" if posted else ""))

    async def post(request: Request) -> Response:
        posted.append(request.url.path)
        return Response(status_code=204)

    def shop(messages: Sequence[BaseMessage]) -> str:
        page = messages[-1].text
        label = re.findall(rf'button "{button} #\d+"', page)[-1] if "Undo" in page else "Save"
        return f"do(action=\"Click\", element='{label}')"

    routes = [Route("/", shelf), Route("/{path:path}", post, methods=["POST"])]
    async with serve(Starlette(routes=routes)) as site:
        agent = create_agent(
            models={"planner": ScriptedModel(shop)}, private_origins=[site.url], checkpointer=InMemorySaver(),
            context=Context(planning="none", executor_format="text", max_rounds=2, approve="always"),
        )  # fmt: skip
        await agent.ainvoke({"task": "Save, and take something.", "url": site.url}, THREAD)
        await agent.ainvoke(Command(resume={"decision": "approve"}), THREAD)
        # "Undo" came last and stands first: on the page that is opened again everything below has another number.
        await pool().release(pool().keys[0])
        result = await agent.ainvoke(Command(resume={"decision": "approve"}), THREAD)
    assert result["rounds"][1]["outcome"]["status"] == ("no_effect" if carried_out[1:] else "error")
    assert posted == carried_out


async def test_a_question_waits_for_its_answer(demo: Demo, agent_of: Make) -> None:
    answers = iter(['ask(question="Which one?")'])
    executor = ScriptedModel(lambda messages: next(answers, None) or follow(messages))
    agent = agent_of(context={"ask": True}, checkpointer=InMemorySaver(), models={"executor": executor})
    asked = await agent.ainvoke(demo.input, THREAD)
    assert asked["__interrupt__"][0].value == {"type": "question", "question": "Which one?"}
    with pytest.raises(ValidationError, match="at most 1900 characters"):  # a part of it would be no answer
        await agent.ainvoke(Command(resume="the first " * 200), THREAD)
    result = await agent.ainvoke(Command(resume="the first"), THREAD)
    assert result["rounds"][0]["outcome"]["message"] == "The person answered: the first"
    assert (await demo.verdict()).passed


async def test_a_fork_goes_on_from_its_page_and_leaves_the_original_alone(demo: Demo, agent_of: Make) -> None:
    agent = agent_of(planner=lambda _: PLAN, checkpointer=InMemorySaver())
    await agent.ainvoke(demo.input, THREAD)
    history = [state async for state in agent.aget_state_history(THREAD)]
    on_contributors = next(s for s in history if s.next == ("executor",) and len(s.values["rounds"]) == 1)
    changed = {"plans": [{"revision": 2, "steps": [{"goal": "Follow that person."}], "round": 1, "cause": "edited"}]}
    forked = await agent.aupdate_state(on_contributors.config, changed, as_node="replan")
    result = await agent.ainvoke(None, forked)
    assert result["ending"]["status"] == "succeeded"
    assert [plan["revision"] for plan in result["plans"]][:2] == [1, 2]
    assert result["rounds"][1]["url"].endswith("/contributors")


async def test_secrets_are_typed_and_never_shown(demo: Demo, forge: Any) -> None:
    from plan_and_act import Secret, Secrets
    from plan_and_act.sites.forge.data import PASSWORD, PERSONA

    await forge.reset(demo.session, account="nobody")

    def sign_in(messages: Sequence[BaseMessage]) -> str:
        page = messages[-1].text
        if "Account menu" in page:
            return 'exit(message="signed in")'
        typed = sum(isinstance(message, AIMessage) for message in messages)
        if typed < 2:
            field, text = [("Username", PERSONA), ("Password", "<secret:forge>")][typed]
            found = re.search(rf'textbox "{field} #\d+"', page)
            return f'do(action="Type", element=\'{found and found[0]}\', argument="{text}")'
        found = re.search(r'button "Sign in #\d+"', page)
        return f"do(action=\"Click\", element='{found and found[0]}')"

    model = ScriptedModel(sign_in)
    saver = InMemorySaver()
    agent = create_agent(
        models={"planner": model}, private_origins=[forge.url], checkpointer=saver,
        context=Context(planning="none", executor_format="text", max_rounds=6),
        secrets=Secrets({"forge": Secret(PASSWORD, origins=[forge.url])}),
    )  # fmt: skip
    result = await agent.ainvoke({"task": "Sign in.", "url": f"{forge.url}/sign-in?session={demo.session}"}, THREAD)
    assert result["answer"] == "signed in", result["rounds"]
    assert PASSWORD not in str(model.calls)
    states = [state async for state in agent.aget_state_history(THREAD)]
    assert PASSWORD not in str(states)
    assert PASSWORD not in to_trajectory(states[0].values, "t").model_dump_json()


async def test_actions_on_tabs_are_offered_when_there_are_tabs(demo: Demo, agent_of: Make, forge: Any) -> None:
    opened = iter(["new tab"])

    def open_one(messages: Sequence[BaseMessage]) -> str:
        return 'do(action="Click", element="Open #1")' if next(opened, None) else 'exit(message="seen")'

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("<title>Start</title><a href='/' target=_blank>Open</a>")

    executor = ScriptedModel(open_one)
    async with serve(Starlette(routes=[Route("/", page)])) as site:
        agent = create_agent(
            models={"planner": executor}, private_origins=[site.url],
            context=Context(planning="none", executor_format="text"),
        )  # fmt: skip
        await agent.ainvoke({"task": "Open it.", "url": site.url})
    assert ["Close Tab" in call[0].text or "close_tab" in call[0].text for call in executor.calls] == [False, True]
    assert "tabs\n 1. " in executor.calls[1][-1].text


async def test_a_limit_of_cost_without_a_price_is_refused_at_the_start(demo: Demo, agent_of: Make) -> None:
    with pytest.raises(ConfigError, match="no price for scripted"):
        await agent_of(context={"max_cost": 1.0}).ainvoke(demo.input)
    limited = {"max_cost": 0.000_001, "prices": {"scripted": (1.0, 1.0)}}
    result = await agent_of(context=limited).ainvoke(demo.input)
    assert result["ending"]["reason"] == "budget_cost"


async def test_turning_the_wheel_over_a_page_that_does_not_move_has_no_effect(agent_of: Make) -> None:
    async def still(_: Request) -> HTMLResponse:
        return HTMLResponse("<title>Short</title><p>All there is.</p>")

    async with serve(Starlette(routes=[Route("/", still)])) as site:
        agent = create_agent(
            models={"planner": ScriptedModel(['do(action="Scroll Down")', 'exit(message="no more")'])},
            context=Context(planning="none", executor_format="text"),
            private_origins=[site.url],
        )
        result = await agent.ainvoke({"task": "Read on.", "url": site.url})
    assert result["rounds"][0]["outcome"]["status"] == "no_effect"
