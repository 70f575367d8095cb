"""docs/api.md names every node, every question with its fields, and every part of the output."""

import inspect
import re
from pathlib import Path

import pytest

from plan_and_act import create_agent
from plan_and_act.agent import approve, ask, review
from plan_and_act.agent.state import Output

DOC = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_every_node_and_every_part_of_the_output_is_named() -> None:
    nodes = {name for name in create_agent().get_graph().nodes if not name.startswith("__")}
    assert {name for name in nodes if f"`{name}`" not in DOC} == set()
    assert {name for name in Output.__annotations__ if f"`{name}`" not in DOC} == set()


@pytest.mark.parametrize("node", [approve, ask, review])
def test_every_question_is_named_with_its_fields(node: object) -> None:
    asked = re.findall(r'^ +"(\w+)": |\{"type": "(\w+)", "(\w+)"', inspect.getsource(node), re.M)  # type: ignore[arg-type]
    names = {name for found in asked for name in found if name} - {"type"}
    assert names
    assert {name for name in names if f"`{name}`" not in DOC} == set()
