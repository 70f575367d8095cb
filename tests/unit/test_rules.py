"""Which actions are carried out, asked about or refused: rules in their order, the operator's before the run's."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from plan_and_act.agent.context import Context
from plan_and_act.agent.policy import approval_of
from plan_and_act.agent.routing import after_executor
from plan_and_act.agent.rules import POLICIES, VARIABLE, ApprovalRule, judge, load_policy, policy_from_environment
from plan_and_act.errors import ConfigError

PAGE = "https://shop.example.com/cart"
PAY = {"action": "click", "element": 'button "Pay now #3"'}


def click(name: str) -> dict[str, Any]:
    return {"action": "click", "element": name}


@pytest.mark.parametrize(
    ("action", "risks"),
    [
        (click('button "Place order #4"'), ("pay",)),
        (click('link "Order history #4"'), ("none",)),
        (click('link "Sort ascending #4"'), ("none",)),
        (click('button "Delete repository #9"'), ("delete",)),
        (click('button "Cancel subscription and confirm #9"'), ("delete", "agree")),
        (click('button "Comment #2"'), ("publish",)),
        ({"action": "select", "element": 'combobox "With the selected #2"', "option": "Delete"}, ("delete",)),
        ({"action": "type", "element": 'textbox "Comment #2"', "text": "hi"}, ("none",)),
        ({"action": "type", "element": 'textbox "Comment #2"', "text": "hi", "submit": True}, ("send",)),
        ({"action": "type", "element": 'textbox "Code #2"', "text": "<secret:pin>", "submit": True},
         ("send", "secret")),
        ({"action": "search", "element": 'textbox "Search #2"', "text": "delete"}, ("none",)),
        ({"action": "press", "key": "Enter"}, ("send",)),
        ({"action": "press", "key": "Control+Enter"}, ("send",)),
        ({"action": "press", "key": "ArrowDown"}, ("none",)),
        ({"action": "upload", "element": 'button "File #2"', "file": "a.txt"}, ("upload",)),
        ({"action": "goto", "url": "/orders"}, ("none",)),
        ({"action": "goto", "url": "https://elsewhere.example/?q=1"}, ("leave",)),
        ({"action": "wait", "seconds": 1.0}, ("none",)),
    ],
)  # fmt: skip
def test_what_an_action_risks_and_who_is_asked(action: dict[str, Any], risks: tuple[str, ...]) -> None:
    risky = judge(["risky"], action, PAGE)
    assert risky.risks == risks
    assert risky.decision == ("ask" if {*risks} - {"none", "secret", "leave"} else "approve")
    assert judge(["always"], action, PAGE).decision == "ask"
    assert judge(["never"], action, PAGE).decision == "approve"


def test_a_number_alone_does_not_hide_what_the_element_is_called() -> None:
    # Models may name an element by its number; the name is looked up on the page.
    assert judge(["risky"], click("#3"), PAGE, named='button "Pay now #3"').decision == "ask"
    assert judge(["risky"], click("#3"), PAGE, named='button "Next #3"').decision == "approve"


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"action": "cl?ck"}, True),
        ({"action": "type"}, False),
        ({"element": "*pay NOW*"}, True),
        ({"element": "*Paypal*"}, False),
        ({"risk": "p*"}, True),
        ({"risk": "send"}, False),
        ({"origin": "https://*.example.com"}, True),
        ({"origin": "shop.example.com"}, True),
        ({"origin": "https://example.com"}, False),
        ({"origin": "http://shop.example.com"}, False),
        ({"action": "click", "risk": "send"}, False),
    ],
)
def test_a_rule_fits_when_all_it_names_fits(rule: dict[str, Any], fits: bool) -> None:
    assert judge([[{**rule, "decision": "deny"}]], PAY, PAGE).decision == ("deny" if fits else "approve")


def test_the_first_rule_that_fits_decides() -> None:
    ask, deny = {"risk": "pay", "decision": "ask"}, {"decision": "deny", "reason": "not today"}
    assert judge([[ask, deny]], PAY, PAGE).decision == "ask"
    verdict = judge([[deny, ask]], PAY, PAGE)
    assert (verdict.decision, verdict.rule and verdict.rule.reason) == ("deny", "not today")


@pytest.mark.parametrize(
    ("operator", "own", "decision", "by"),
    [
        ("never", "never", "approve", 0),
        ("risky", "never", "ask", 0),
        ("never", "risky", "ask", 1),
        ([{"decision": "deny"}], "never", "deny", 0),
        ([{"risk": "pay", "decision": "approve"}], "always", "approve", 0),
        ([{"decision": "escalate"}, {"decision": "deny"}], "risky", "ask", 1),
        ([{"decision": "escalate"}], "never", "approve", 0),
        ([{"risk": "send", "decision": "deny"}], [{"decision": "escalate"}], "ask", 1),
    ],
)
def test_the_operators_rules_come_first_and_may_hand_on(operator: Any, own: Any, decision: str, by: int) -> None:
    verdict = judge([operator, own], PAY, PAGE)
    assert (verdict.decision, verdict.policy) == (decision, by)


def test_what_approves_must_fit_every_name_and_every_risk() -> None:
    """A model that is led by a page can call an element what it likes, and a button can do two things."""
    search = [{"element": "*search*", "decision": "approve"}, {"decision": "ask"}]
    assert judge([search], click('button "Search #3"'), PAGE, named='button "Search #3"').decision == "approve"
    assert judge([search], click('button "Search: Pay now #3"'), PAGE, named='button "Pay now #3"').decision == "ask"
    harmless = [{"risk": "none", "decision": "approve"}, {"risk": "send", "decision": "approve"}, {"decision": "ask"}]
    assert judge([harmless], click('button "Next #3"'), PAGE).decision == "approve"
    assert judge([harmless], click('button "Send #3"'), PAGE).decision == "approve"
    assert judge([harmless], click('button "Pay and send #3"'), PAGE).decision == "ask"
    # The other way round anything is enough to refuse.
    deny = [{"element": "*pay*", "decision": "deny"}]
    assert judge([deny], click('button "Search: Pay now #3"'), PAGE, named='button "Search #3"').decision == "deny"


def test_goto_is_judged_by_where_it_leads() -> None:
    rules = [{"origin": "https://bank.example", "decision": "deny"}]
    assert judge([rules], {"action": "goto", "url": "https://bank.example/x"}, PAGE).decision == "deny"
    assert judge([rules], {"action": "goto", "url": "/x"}, "https://bank.example/").decision == "deny"
    assert judge([rules], {"action": "goto", "url": "/x"}, PAGE).decision == "approve"


def test_the_named_policies_are_lists_of_rules() -> None:
    assert all(isinstance(rule, ApprovalRule) for rules in POLICIES.values() for rule in rules)
    own = [rule.model_dump() for rule in POLICIES["risky"]]
    assert judge([own], PAY, PAGE) == judge(["risky"], PAY, PAGE)


def state(operator: Any, own: Any, **pending: Any) -> Any:
    settings = Context(approve=own).model_dump(mode="json") | {"operator": operator}
    return {"settings": settings, "pending": {"action": PAY, **pending}, "page": {"url": PAGE}}


def test_routing_reads_the_rules_from_state() -> None:
    rule = {"risk": "pay", "decision": "ask"}
    assert after_executor(state([], "never")) == "act"
    assert after_executor(state([rule], "never")) == "approve"
    assert after_executor(state([], [rule])) == "approve"
    assert after_executor(state([{**rule, "decision": "deny"}], "always")) == "act"  # act refuses it
    hidden = state([], [rule], action=click("#3"), element='button "Pay now #3"')
    assert approval_of(hidden).decision == "ask"


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"decision": "maybe"},
        {"decision": "deny", "action": "clik"},
        {"decision": "ask", "risk": "payment"},
        {"decision": "ask", "origin": "https://x/path"},
        {"decision": "ask", "elements": "*"},
    ],
)
def test_what_is_no_rule(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Context(approve=[rule])
    with pytest.raises(ConfigError, match="approval policy cannot be used"):
        judge([[rule]], PAY, PAGE)


def test_a_policy_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "approval.yaml"
    file.write_text("- {risk: pay, decision: deny, reason: by hand}\n- decision: escalate\n")
    assert [rule.decision for rule in load_policy(file)] == ["deny", "escalate"]
    assert policy_from_environment() == []
    monkeypatch.setenv(VARIABLE, str(file))
    assert policy_from_environment() == load_policy(file)
    file.write_text("risky")
    assert load_policy(file) == POLICIES["risky"]


@pytest.mark.parametrize(
    ("content", "says"),
    [("sometimes", "cannot be used"), ("- [", "cannot be read"), ("- {risk: pay}", "decision"), ("", "cannot be used")],
)
def test_a_file_that_holds_no_policy(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "approval.yaml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=says) as caught:
        load_policy(file)
    assert "approval.yaml" in str(caught.value)
    with pytest.raises(ConfigError, match="nowhere"):
        load_policy(tmp_path / "nowhere.yaml")
