"""What an installed wheel holds."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_prompts_scripts_and_templates(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    wanted = [
        "__init__.pyi",
        "prompts/planner.md",
        "browser/snapshot.js",
        "py.typed",
        "sites/forge/templates/base.html",
    ]
    assert [f"plan_and_act/{name}" for name in wanted if f"plan_and_act/{name}" not in names] == []
    assert not [name for name in names if name.startswith(("tests/", "app/", "graphs/"))]


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_the_names_of_the_package_load_no_provider() -> None:
    providers = ("langchain_openai", "openai")
    code = f"import sys; from plan_and_act import *; print([m for m in {providers} if m in sys.modules])"
    assert python(code) == "[]"


def test_the_package_and_the_command_line_load_what_is_used_when_it_is_used() -> None:
    parts = ("langgraph", "langchain_core", "playwright", "plan_and_act.agent")
    code = f"import sys, plan_and_act, plan_and_act.cli.app; print([m for m in {parts} if m in sys.modules])"
    assert python(code) == "[]"
    assert python("import plan_and_act as p; print(len(p.__all__), all(getattr(p, n) for n in p.__all__))") == "24 True"
