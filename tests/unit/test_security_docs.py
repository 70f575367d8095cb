"""What the documents on security claim: the example policy does what it says, and the tests named are there."""

import re
from pathlib import Path
from typing import Any

import pytest

from plan_and_act.agent.rules import RISKS, ApprovalRule, judge, load_policy

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "docs" / "security.md").read_text()
SHOP, ELSEWHERE = "https://shop.example.com/cart", "https://elsewhere.example/"


def click(name: str) -> dict[str, Any]:
    return {"action": "click", "element": f'button "{name} #1"'}


def typed(name: str) -> dict[str, Any]:
    return {"action": "type", "element": f'textbox "{name} #1"', "text": "<secret:shop>"}


@pytest.mark.parametrize(
    ("action", "url", "own", "decision"),
    [
        (typed("Password"), SHOP, "never", "approve"),
        (typed("Password"), SHOP, "always", "ask"),
        (typed("Password"), ELSEWHERE, "never", "deny"),
        (typed("Comment"), SHOP, "never", "deny"),
        ({"action": "upload", "element": "#3", "file": "a.txt"}, SHOP, "never", "deny"),
        (click("Pay now"), SHOP, "never", "ask"),
        (click("Remove from cart"), SHOP, "always", "approve"),
        (click("Remove from cart"), ELSEWHERE, "never", "ask"),
        (click("Delete account"), SHOP, "never", "ask"),
        (click("Next"), SHOP, "never", "approve"),
        (click("Send"), SHOP, "risky", "ask"),
    ],
)
def test_the_example_policy(action: dict[str, Any], url: str, own: str, decision: str, tmp_path: Path) -> None:
    found = re.search(r"```yaml\n# approval.yaml\n(.*?)```", SECURITY, re.S)
    assert found
    (tmp_path / "approval.yaml").write_text(found[1])
    assert judge([load_policy(tmp_path / "approval.yaml"), own], action, url).decision == decision


def test_every_field_and_risk_is_described() -> None:
    for name in (*ApprovalRule.model_fields, *RISKS):
        assert f"`{name}`" in SECURITY, name


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "THREAT_MODEL.md").read_text())
    assert len(named) > 15
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text() if name else (ROOT / path).exists(), (path, name)
