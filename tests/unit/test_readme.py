"""The README's drawing of the graph and its table of settings are what the code says.

`python tests/unit/test_readme.py` writes them anew.
"""

import re
from pathlib import Path

import pytest

from plan_and_act import Context, create_agent

README = Path(__file__).parents[2] / "README.md"


def graph() -> str:
    mermaid = create_agent().get_graph().draw_mermaid()
    lines = [line.strip() for line in mermaid.splitlines()]
    edges = [line for line in lines if "-->" in line or "-.->" in line]
    return "\n".join(["```mermaid", "graph TD", *(f"  {edge}" for edge in edges), "```"])


def settings() -> str:
    rows = ["| setting | default | what |", "|---|---|---|"]
    for name, field in Context.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "all of them" if name == "replan_on" else str(default if default not in (None, [], {}) else "-")
        rows.append(f"| `{name}` | {shown} | {field.description} |")
    return "\n".join(rows)


@pytest.mark.parametrize("block", [graph, settings])
def test_the_block_is_what_the_code_says(block) -> None:  # type: ignore[no-untyped-def]
    found = re.search(_pattern(block.__name__), README.read_text(), re.S)
    assert found, f"the README has no block {block.__name__}"
    assert found[1].strip() == block(), f"run: python {Path(__file__).relative_to(README.parent)}"


def _pattern(name: str) -> str:
    return rf"<!-- {name} -->(.*?)<!-- /{name} -->"


if __name__ == "__main__":
    text = README.read_text()
    for write in (graph, settings):
        new = f"<!-- {write.__name__} -->\n{write()}\n<!-- /{write.__name__} -->"
        text = re.sub(_pattern(write.__name__), lambda _, new=new: new, text, flags=re.S)  # type: ignore[misc]
    README.write_text(text)
