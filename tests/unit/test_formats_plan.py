"""Plans and verdicts, as models write them."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from langchain_core.messages import AIMessage

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm import Reply
from plan_and_act.llm.formats import PlanFormat, Verdict, VerdictFormat
from plan_and_act.testing import ScriptedModel
from plan_and_act.trajectory import Plan, PlanStep, Usage

PLAN = Plan(
    steps=[
        PlanStep(reasoning="The page lists contributors.", goal="Find the top contributor: the most commits"),
        PlanStep(reasoning="", goal="Follow them"),
    ]
)


def said(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(AIMessage(text), Usage(), finish_reason)


def goals(text: str) -> list[str]:
    return [step.goal for step in PlanFormat("text").parse(said(text)).steps]


@pytest.mark.parametrize("written", ["text", "json"])
@pytest.mark.parametrize("asked", ["text", "json"])
def test_a_plan_is_read_back_in_either_form_whichever_was_asked_for(written: Any, asked: Any) -> None:
    assert PlanFormat(asked).parse(said(PlanFormat(written).render(PLAN))).steps == PLAN.steps


@pytest.mark.parametrize(
    "text",
    [
        "## Step 1\nReasoning: x\nStep: Find it\n\n## Step 2\nReasoning: y\nStep: Follow them",
        "```markdown\n## Step 1\nStep: Find it\n## Step 2\nStep: Follow them\n```",
        "Here is the plan:\n\n### Step 1\n**Reasoning:** x\n**Step:** Find it\n### Step 2\n**Step:** Follow them",
        "[Start of Plan]\n## Step 1: Find it\n## Step 2: Follow them\n[End of Plan]",
        "**Step 1:** Find it\n**Step 2:** Follow them",
        "Step 1: Find it\nStep 2: Follow them",
        "Step 1. Find it\nStep 2. Follow them",
        "## Step 1\nFind it\n\n## Step 2\nFollow them",
        "1. Find it\n2. Follow them",
        "- Find it\n- Follow them",
        '{"steps": [{"reasoning": "x", "step": "Find it"}, {"step": "Follow them"}]}',
        '{"plan": ["Find it", "Follow them"]}',
        '[{"goal": "Find it"}, {"goal": "Follow them"}]',
        '```json\n{"steps": {"1": "Find it", "2": "Follow them"}}\n```',
        "<think>1. maybe\n2. or not</think>\n## Step 1\nStep: Find it\n## Step 2\nStep: Follow them",
    ],
)
def test_it_takes_what_models_write(text: str) -> None:
    assert goals(text) == ["Find it", "Follow them"]


def test_thinking_is_kept_apart() -> None:
    parsed = PlanFormat("text").parse(said("<think>\nHm.\n</think>\n## Step 1\nReasoning: x\nStep: Find it"))
    assert (parsed.reasoning, parsed.steps) == ("Hm.", [PlanStep(reasoning="x", goal="Find it")])


def test_values_over_several_lines_stay_together() -> None:
    parsed = PlanFormat("text").parse(said("## Step 1\nReasoning: one\ntwo\nStep: Note 03:12,\n04:40 and 05:09"))
    assert parsed.steps == [PlanStep(reasoning="one two", goal="Note 03:12, 04:40 and 05:09")]


def test_absurd_lengths_are_cut() -> None:
    steps = PlanFormat("text").parse(said("\n".join(f"Step {n}: {'x' * 50_000}" for n in range(1, 200)))).steps
    assert len(steps) == 30
    assert max(len(step.goal) for step in steps) == 1_000


NO_PLANS = ["", "I cannot help with that.", "{}", '{"steps": []}', "[1, 2]", "null", "[" * 20_000, "## Step 1\nStep:"]


@pytest.mark.parametrize("text", NO_PLANS, ids=range(len(NO_PLANS)))
@pytest.mark.parametrize("name", ["text", "json"])
def test_no_plan_is_told_the_right_form(name: Any, text: str) -> None:
    form = PlanFormat(name)
    with pytest.raises(ModelOutputError, match="no steps of a plan") as caught:
        form.parse(said(text))
    assert form.instructions() in str(caught.value)


def test_a_plan_is_held_to_its_schema_where_the_endpoint_can() -> None:
    from langchain_openai import ChatOpenAI

    local = ChatOpenAI(model="tiny", api_key="x", base_url="http://127.0.0.1:9/v1")  # type: ignore[arg-type]
    request = PlanFormat("json").request(local)
    schema = request["response_format"]["json_schema"]["schema"]
    Draft202012Validator(schema).validate({"steps": [{"reasoning": "because", "step": "Find it"}]})
    assert not Draft202012Validator(schema).is_valid({"steps": []})
    assert PlanFormat("text").request(local) == {}
    assert PlanFormat("json").request(ScriptedModel([])) == {}


def test_a_planner_that_was_trained_writes_the_goals_alone() -> None:
    from langchain_openai import ChatOpenAI

    form = PlanFormat("json", brief=True)
    local = ChatOpenAI(model="tiny", api_key="x", base_url="http://127.0.0.1:9/v1")  # type: ignore[arg-type]
    schema = Draft202012Validator(form.request(local)["response_format"]["json_schema"]["schema"])
    text = form.render(PLAN)
    assert schema.is_valid(json.loads(text))
    assert [step.goal for step in form.parse(said(text)).steps] == [step.goal for step in PLAN.steps]
    assert not schema.is_valid({"steps": [{"reasoning": "because", "step": "Find it"}]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reason: the page says so\nVerdict: YES", Verdict(True, "the page says so")),
        ("**Reason:** it is not there\n**Verdict:** NO", Verdict(False, "it is not there")),
        ("YES, the button says Following.", Verdict(True, "the button says Following.")),
        ("No.\nReason: nothing was done", Verdict(False, "nothing was done")),
        ('"NO"', Verdict(False, "")),
        ('{"reason": "the page\\nsays so", "verdict": "YES"}', Verdict(True, "the page says so")),
        ("<think>NO? Verdict: NO</think>Reason: it is\nVerdict: YES", Verdict(True, "it is")),
        ("Verdict: NO\nOn second thoughts:\nVerdict: YES", Verdict(True, "")),
    ],
)
def test_a_verdict_is_read(text: str, expected: Verdict) -> None:
    assert VerdictFormat().parse(said(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "Maybe.", "Not sure.", "Nothing was done, so yes and no", '{"verdict": "MAYBE"}', "1"]
)
def test_no_verdict_is_told_the_right_form(text: str) -> None:
    with pytest.raises(ModelOutputError, match="holds no verdict"):
        VerdictFormat().parse(said(text))


def test_a_reason_is_kept_short() -> None:
    assert len(VerdictFormat().parse(said(f"Reason: {'x' * 9_000}\nVerdict: NO")).reason) == 600


def test_a_verdict_is_held_to_its_schema_where_the_endpoint_can() -> None:
    from langchain_openai import ChatOpenAI

    local = ChatOpenAI(model="tiny", api_key="x", base_url="http://127.0.0.1:9/v1")  # type: ignore[arg-type]
    schema = VerdictFormat(constrained=True).request(local)["response_format"]["json_schema"]["schema"]
    Draft202012Validator(schema).validate({"reason": "so", "verdict": "NO"})
    assert json.dumps(schema)
    assert VerdictFormat().request(local) == {}
