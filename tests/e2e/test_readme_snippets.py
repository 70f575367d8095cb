"""The README's snippets of embedding run as they stand there; the one of the graph API runs in tests/server."""

import pytest

from demo import Demo
from follow import PLAN, follow
from plan_and_act.sites import Site
from plan_and_act.testing import ScriptedModel
from snippets import run_snippet


async def test_embed(demo: Demo, forge: Site, capsys: pytest.CaptureFixture[str]) -> None:
    names = {
        "TASK": demo.task.intent, "URL": demo.task.url, "SITE": forge.url,
        "PLANNER": ScriptedModel([PLAN]), "EXECUTOR": ScriptedModel(follow),
    }  # fmt: skip
    await run_snippet("embed", names)
    assert "succeeded" in capsys.readouterr().out
    assert (await demo.verdict()).passed


async def test_tools(forge: Site, capsys: pytest.CaptureFixture[str]) -> None:
    await run_snippet("tools", {"SITE": forge.url, "URL": f"{forge.url}/people"})
    out = capsys.readouterr().out
    assert 'button "Search #3"' in out
    assert "/projects" in out
