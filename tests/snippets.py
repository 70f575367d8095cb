"""Snippets of the README, run as they stand there."""

import ast
import re
from pathlib import Path
from typing import Any

README = (Path(__file__).parents[1] / "README.md").read_text()


async def run_snippet(name: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a snippet that may await at its top."""
    found = re.search(rf"```python\n# readme: {name}\n(.*?)```", README, re.S)
    assert found, f"the README has no snippet {name}"
    code = compile(found[1], f"README.md: {name}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    if running is not None:
        await running
    return names
