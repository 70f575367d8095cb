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
    wanted = ["prompts/planner.md", "browser/snapshot.js", "py.typed", "sites/forge/templates/base.html"]
    assert [f"plan_and_act/{name}" for name in wanted if f"plan_and_act/{name}" not in names] == []
    assert not [name for name in names if name.startswith(("tests/", "app/", "graphs/"))]


def test_importing_the_package_loads_no_provider() -> None:
    code = "import sys, plan_and_act; print([m for m in ('langchain_openai', 'openai') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"
