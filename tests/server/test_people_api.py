"""A person in the loop through the public SDK: the plan reviewed, rules that ask and refuse, a question answered."""

from typing import Any

import pytest
from langgraph_sdk import get_client

from plan_and_act.sites import Site, demo_task

TEXT = {"executor_format": "text"}


class Person:
    """Somebody who drives a run through the SDK."""

    def __init__(self, server: str, forge: Site, session: str, **context: Any) -> None:
        self.client, self.context = get_client(url=server), {**TEXT, **context}
        self.task, self.check = demo_task(7, forge.url, session=session)
        self.thread = ""

    async def begin(self) -> dict[str, Any]:
        """Start the run; returns what it waits for."""
        self.thread = (await self.client.threads.create())["thread_id"]
        start = {"task": self.task.intent, "url": self.task.url}
        await self.client.runs.wait(self.thread, "agent", input=start, context=self.context)
        return await self.question()

    async def question(self) -> dict[str, Any]:
        state: Any = await self.client.threads.get_state(self.thread)
        return dict(state["tasks"][0]["interrupts"][0]["value"])

    async def answer(self, answer: Any) -> dict[str, Any]:
        """Answer; returns the state's values."""
        await self.client.runs.wait(self.thread, "agent", command={"resume": answer}, context=self.context)
        state: Any = await self.client.threads.get_state(self.thread)
        return dict(state["values"])


@pytest.fixture
def session(request: pytest.FixtureRequest) -> str:
    return request.node.name  # type: ignore[no-any-return]


async def test_a_plan_is_rejected_edited_and_done(server: str, forge: Site, session: str) -> None:
    person = Person(server, forge, session, review_plan=True)
    shown = await person.begin()
    assert (shown["type"], len(shown["steps"])) == ("plan", 3)
    await person.answer({"decision": "reject", "reason": "in one step"})
    assert (await person.question())["revision"] == 2
    values = await person.answer({"decision": "edit", "steps": ["Follow the top contributor."]})
    assert values["ending"]["status"] == "succeeded"
    assert [plan.get("cause") for plan in values["plans"]] == [
        None, "a person rejected it: in one step", "a person edited it",
    ]  # fmt: skip
    assert person.check(await forge.state(session)).passed


async def test_rules_ask_with_their_reason_and_refuse(server: str, forge: Site, session: str) -> None:
    rules = [
        {"element": 'button "Follow*', "decision": "deny", "reason": "people notice"},
        {"action": "click", "decision": "ask", "reason": "step by step"},
    ]
    person = Person(server, forge, session, approve=rules, max_rounds=4, replan_on=[])
    shown = await person.begin()
    assert (shown["type"], shown["asked_by"], shown["rule"]["reason"]) == ("approval", "run", "step by step")
    values = await person.answer({"decision": "reject", "reason": "look again"})
    assert "look again" in values["rounds"][0]["outcome"]["message"]
    for _ in range(2):
        values = await person.answer({"decision": "approve"})
    assert values["rounds"][-1]["outcome"]["message"].endswith("a rule forbids this action: people notice")
    assert values["ending"]["reason"] == "max_rounds"
    assert (await forge.state(session))["counts"] == {}


async def test_a_question_is_answered(server: str, forge: Site, session: str) -> None:
    person = Person(server, forge, session, ask=True)
    assert await person.begin() == {"type": "question", "question": "Which one?"}
    values = await person.answer("the first")
    assert values["rounds"][0]["outcome"]["message"] == "The person answered: the first"
    assert values["ending"]["status"] == "succeeded"
    assert person.check(await forge.state(session)).passed
