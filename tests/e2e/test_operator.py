"""What the server's graph lets runs reach, by default and as its operator sets it; a run can only narrow that."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from plan_and_act import ApprovalRule, PlanAndActError
from standin import StandIn

GRAPH = Path(__file__).parents[2] / "graphs" / "agent.py"
BLOCKED = "blocked_by_policy"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALLOWED_ORIGINS", "PRIVATE_ORIGINS", "APPROVAL"):
        monkeypatch.delenv(f"PLAN_AND_ACT_{name}", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # nobody listens: a run ends once it has its page


async def end(url: str, **context: Any) -> str:
    """Why a run of the server's graph ended; `no model` when it got its first page."""
    graph = runpy.run_path(str(GRAPH))["graph"]
    settings = {"planning": "none", "executor_model": "openai:none", **context}
    try:
        result = await graph.ainvoke({"task": "Look.", "url": url}, context=settings)
    except PlanAndActError:
        return "no model"
    return str(result["ending"]["reason"])


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://169.254.169.254/latest/",
     "http://10.0.0.1/", "http://2130706433:{port}/", "http://metadata.google.internal/", "file:///etc/passwd"],
)  # fmt: skip
async def test_private_addresses_are_out_of_reach_unless_the_operator_lists_them(url: str, web: StandIn) -> None:
    for allowed in ([], ["*"], [web.url, "http://*"]):
        assert await end(url.format(port=web.port), allowed_origins=allowed) == BLOCKED
    assert web.connections == 0


async def test_a_run_narrows_what_the_operator_lists(
    web: StandIn, elsewhere: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.page("/", "<title>Start</title>")
    monkeypatch.setenv("PLAN_AND_ACT_PRIVATE_ORIGINS", web.url)
    assert await end(web.url) == "no model"
    assert await end(web.url, allowed_origins=[elsewhere.url]) == BLOCKED
    assert await end(elsewhere.url, allowed_origins=[elsewhere.url]) == BLOCKED
    assert elsewhere.connections == 0


async def test_a_run_cannot_leave_the_operators_allowed_origins(
    web: StandIn, elsewhere: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.page("/", f"<title>Start</title><img src='{elsewhere.url}/hit'>")
    monkeypatch.setenv("PLAN_AND_ACT_PRIVATE_ORIGINS", f"{web.url}, {elsewhere.url}")
    monkeypatch.setenv("PLAN_AND_ACT_ALLOWED_ORIGINS", web.url)
    for allowed in ([], ["*"], [elsewhere.url, web.url]):
        assert await end(elsewhere.url, allowed_origins=allowed) == BLOCKED
    assert await end(web.url) == "no model"
    assert elsewhere.connections == 0


async def test_the_operators_approval_policy_is_read(
    web: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "approval.yaml").write_text("- {risk: pay, decision: deny}\n")
    monkeypatch.setenv("PLAN_AND_ACT_APPROVAL", str(tmp_path / "approval.yaml"))
    graph = runpy.run_path(str(GRAPH))["graph"]
    found = [values["settings"] async for values in graph.astream(
        {"task": "Look.", "url": web.url}, context={"planning": "none"}, stream_mode="values", output_keys=["settings"]
    ) if values.get("settings")]  # fmt: skip
    assert [ApprovalRule(**rule) for rule in found[0]["operator"]] == [ApprovalRule(risk="pay", decision="deny")]
