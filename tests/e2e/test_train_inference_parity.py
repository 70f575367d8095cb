"""The prompt in a training row is the prompt the running agent sends: recorded from a model, made from a trajectory."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage, convert_to_openai_messages
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from demo import Demo
from follow import PLAN, follow
from plan_and_act import Context, Secret, Secrets, create_agent, to_trajectory, trajectory
from plan_and_act.agent.state import State
from plan_and_act.artefacts import Artefacts
from plan_and_act.llm import Reply
from plan_and_act.llm.formats import action_format
from plan_and_act.llm.messages import page_marks
from plan_and_act.sites import Site, serve
from plan_and_act.synthesis.samples import Dropped, Lesson, Sample, context_of, samples
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Trajectory, Usage

KEY = b"the same for the run and for the rows"
FORMATS = ["text", "json", "tools"]
Make = Callable[..., Any]


def sent(messages: Sequence[BaseMessage]) -> str:
    """The bytes of a prompt, as an OpenAI-compatible endpoint gets them."""
    return json.dumps(convert_to_openai_messages(list(messages)), ensure_ascii=False)


def on_disk(state: State, folder: Path) -> Trajectory:
    """The trajectory of a run, once it has been in a file."""
    trajectory.append(folder / "runs.jsonl", to_trajectory(state, "t"))
    return next(trajectory.read(folder / "runs.jsonl"))


def exported(lesson: Lesson, form: Any, folder: Path) -> list[Sample | Dropped]:
    pages = Artefacts(folder)
    with page_marks(KEY):
        return list(samples(lesson, form, lambda name: pages.get(name).decode(), context_of(lesson.trajectory)))


def prompts(found: Sequence[Sample | Dropped], *roles: str) -> dict[int, str]:
    return {row.round: sent(row.prompt) for row in found if isinstance(row, Sample) and row.role in roles}


async def recorded(agent: Any, task: dict[str, Any]) -> Any:
    with page_marks(KEY):
        found = agent.astream(task, stream_mode="values", output_keys=list(State.__annotations__))
        return [values async for values in found][-1]


@pytest.mark.parametrize("instructions", ["full", "brief"])
@pytest.mark.parametrize("form", FORMATS)
async def test_every_prompt_of_a_run_with_replans_is_in_its_rows(
    form: str, instructions: str, demo: Demo, forge: Site, tmp_path: Path
) -> None:
    first = iter(['do(action="Click", element="No such thing #999")'])
    executor = ScriptedModel(lambda messages: next(first, None) or follow(messages))
    planner = ScriptedModel(lambda _: PLAN)
    agent = create_agent(
        models={"planner": planner, "executor": executor},
        context=Context(executor_format=form, instructions=instructions, replan_every=1),  # type: ignore[arg-type]
        private_origins=[forge.url],
        artefacts=Artefacts(tmp_path),
    )
    run = on_disk(await recorded(agent, demo.input), tmp_path)
    assert [row.action.action for row in run.rounds] == ["click", "click", "click", "click", "finish"]
    found = exported(Lesson(run), form, tmp_path)

    acted = prompts(found, "executor")
    failed = Dropped("executor", 1, "the action failed or changed nothing")
    assert failed in found
    assert acted == {index: sent(call) for index, call in enumerate(executor.calls, 1) if index != failed.round}
    assert prompts(found, "planner", "replanner") == dict(enumerate(map(sent, planner.calls)))
    offered = [row.tools for row in found if isinstance(row, Sample) and row.role == "executor"]
    assert all(tools == executor.tools for tools in offered)


@pytest.mark.parametrize("form", FORMATS)
async def test_tabs_hints_secrets_files_and_schemas_are_in_the_rows_too(form: str, tmp_path: Path) -> None:
    async def page(_: Any) -> HTMLResponse:
        return HTMLResponse(f"<title>Start</title><a href='/' target=_blank>Open</a>{'<p>More.</p>' * 300}")

    script = ['do(action="Click", element="Open #1")', *['do(action="Click", element="None #99")'] * 3]
    executor = ScriptedModel([*script, 'exit(message="{\\"seen\\": true}")'])
    schema = {"type": "object", "required": ["seen"]}
    async with serve(Starlette(routes=[Route("/", page)])) as site:
        agent = create_agent(
            models={"planner": executor},
            context=Context(planning="none", executor_format=form, output_schema=schema, ask=True),  # type: ignore[arg-type]
            private_origins=[site.url],
            artefacts=Artefacts(tmp_path),
            secrets=Secrets({"forge": Secret("hidden", origins=[site.url])}),
            uploads=tmp_path,
        )
        state = await recorded(agent, {"task": "Open it.", "url": site.url})
    run = on_disk(state, tmp_path)
    assert [row.tabs for row in run.rounds] == [1, 2, 2, 2, 2]
    assert run.rounds[-1].hint is not None
    found = exported(Lesson(run), form, tmp_path)
    assert prompts(found, "executor") == {1: sent(executor.calls[0]), 5: sent(executor.calls[-1])}
    assert "<secret:forge>" in prompts(found, "executor")[1]


@pytest.mark.parametrize("form", FORMATS)
async def test_an_answer_in_a_row_is_read_back_as_the_action_that_was_done(
    form: Any, demo: Demo, agent_of: Make, tmp_path: Path
) -> None:
    agent = agent_of(artefacts=Artefacts(tmp_path))
    run = on_disk(await recorded(agent, demo.input), tmp_path)
    for thinking in (False, True):
        thought = run.model_copy(
            update={"rounds": [r.model_copy(update={"reasoning": "It is so.\nIndeed."}) for r in run.rounds]}
        )
        lesson = Lesson(thought, thinking=thinking)
        found = exported(lesson, form, tmp_path)
        answers = {s.round: s.answer for s in found if isinstance(s, Sample) and s.role == "executor"}
        assert len(answers) == len(run.rounds)
        for row in run.rounds:
            name = row.action.action
            parsed = action_format(form, (name, "replan")).parse(Reply(answers[row.index], Usage()))
            same = {"element"} if "element" in type(row.action).model_fields else set()
            assert parsed.action.model_dump(exclude=same) == row.action.model_dump(exclude=same)
            assert "It is so." in (parsed.reasoning or "")


@pytest.mark.parametrize("edited", [False, True])
async def test_what_a_review_made_of_a_plan_is_in_the_rows(
    edited: bool, demo: Demo, agent_of: Make, tmp_path: Path
) -> None:
    planner, executor = ScriptedModel([PLAN, PLAN]), ScriptedModel(follow)
    agent = agent_of(
        context={"review_plan": True}, models={"planner": planner, "executor": executor},
        artefacts=Artefacts(tmp_path), checkpointer=InMemorySaver(),
    )  # fmt: skip
    thread: Any = {"configurable": {"thread_id": "t"}}
    last = {"decision": "edit", "steps": ["Follow the top contributor."]} if edited else {"decision": "approve"}
    with page_marks(KEY):
        await agent.ainvoke(demo.input, thread)
        await agent.ainvoke(Command(resume={"decision": "reject", "reason": "anew"}), thread)
        await agent.ainvoke(Command(resume=last), thread)
    run = on_disk((await agent.aget_state(thread)).values, tmp_path)
    found = exported(Lesson(run), "text", tmp_path)
    assert prompts(found, "executor") == {index: sent(call) for index, call in enumerate(executor.calls, 1)}
    # What a person did not want is not taught, nor is what they wrote themselves: no model was asked for it.
    assert prompts(found, "planner", "replanner") == ({} if edited else {0: sent(planner.calls[1])})
    assert Dropped("planner", 0, "a person did not want the plan") in found
    assert (Dropped("replanner", 0, "a person wrote the plan") in found) == edited
