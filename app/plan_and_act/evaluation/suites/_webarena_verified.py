"""webarena-verified as a separate tool: the tasks, and the deterministic evaluation of what was recorded.

It pins its dependencies exactly, so it runs in an environment of its own (`uvx webarena-verified@1.2.3`, or the program
of any environment it was installed in) and is only ever called, never imported. It needs neither sites nor models.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, cast, get_args

from plan_and_act.artefacts import storage_error
from plan_and_act.browser import merged_har
from plan_and_act.errors import SuiteNotReadyError
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.trajectory import Trajectory

TOOL = "uvx webarena-verified@1.2.3"
Kind = Literal["RETRIEVE", "NAVIGATE", "MUTATE"]
STATUSES = (
    "SUCCESS", "NOT_FOUND_ERROR", "ACTION_NOT_ALLOWED_ERROR", "PERMISSION_DENIED_ERROR", "DATA_VALIDATION_ERROR",
    "UNKNOWN_ERROR",
)  # fmt: skip

ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "task_type": {
            "enum": list(get_args(Kind)),
            "description": "RETRIEVE: data were asked for. NAVIGATE: a page was to be shown. MUTATE: something was to "
            "be created, changed or deleted.",
        },
        "status": {
            "enum": list(STATUSES),
            "description": "SUCCESS: done. NOT_FOUND_ERROR: what the task speaks of is not there. "
            "ACTION_NOT_ALLOWED_ERROR: the site does not let anybody do that. PERMISSION_DENIED_ERROR: this account "
            "may not. DATA_VALIDATION_ERROR: what was given is missing or invalid. UNKNOWN_ERROR: anything else.",
        },
        "retrieved_data": {
            "type": ["array", "null"],
            "description": "For RETRIEVE the data, a list also for one value, numbers as numbers; else null.",
        },
        "error_details": {"type": ["string", "null"], "description": "What went wrong; null for SUCCESS."},
    },
    "required": ["task_type", "status", "retrieved_data"],
    "additionalProperties": False,
}
"""How an agent has to answer (docs of webarena-verified 1.2.3, agent response)."""

_SECONDS = 240.0
"""The tool takes a second; the first time `uvx` fetches it."""
_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class VerifiedTask:
    """A task of the data set; its ids are WebArena's own."""

    id: int
    template: int
    sites: tuple[str, ...]
    urls: tuple[str, ...]
    """With the sites' names in the place of their addresses: `__SHOPPING__/...`."""
    intent: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evaluation says of a recorded run."""

    score: float
    problems: tuple[str, ...]


class VerifiedTool:
    """The tool, as a command.

    Args:
        suite: Who asks, for errors.
        command: The program and its first arguments.
    """

    def __init__(self, suite: str, command: Sequence[str]) -> None:
        self._suite = suite
        self._command = list(command)
        self._data: bytes | None = None

    def version(self) -> str:
        """What the tool calls itself."""
        return self._run("--version").split()[-1]

    def data_hash(self) -> str:
        """Tells two versions of the data set apart."""
        return hashlib.sha256(self._dataset()).hexdigest()[:16]

    def tasks(self) -> list[VerifiedTask]:
        """All 812 tasks, by id.

        Raises:
            SuiteNotReadyError: When the tool is not there, or does not answer as it should.
        """
        try:
            found = [
                VerifiedTask(
                    id=row["task_id"],
                    template=row["intent_template_id"],
                    sites=tuple(row["sites"]),
                    urls=tuple(row["start_urls"]),
                    intent=row["intent"],
                    kind=cast("Kind", row["eval"][0]["expected"]["task_type"].upper()),
                )
                for row in json.loads(self._dataset())
            ]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self._fail(f"its tasks are not as expected ({type(error).__name__}: {error})", error)
        return sorted(found, key=lambda task: task.id)

    def evaluate(self, task_id: int, folder: Path, sites: Mapping[Any, str]) -> Verdict:
        """Evaluate what `record` has written for a task.

        Args:
            task_id: The task.
            folder: The folder that was recorded into.
            sites: The sites' addresses by name.

        Raises:
            SuiteNotReadyError: When the tool fails, or finds no verdict.
        """
        environments = {f"__{name.upper()}__": {"urls": [url]} for name, url in sites.items()}
        config = folder / "sites.json"
        config.write_text(json.dumps({"environments": environments}), encoding="utf-8")
        result = folder / str(task_id) / "eval_result.json"
        result.unlink(missing_ok=True)
        said = self._run("eval-tasks", "--output-dir", str(folder), "--config", str(config), "--task-ids", str(task_id))
        if not result.exists():
            self._fail(f"it has not evaluated task {task_id}: {_last_line(said)}")
        row = json.loads(result.read_text(encoding="utf-8"))
        if row["status"] not in ("success", "failure", "partial_match"):
            told = "; ".join(str(each.get("error_msg")) for each in row["evaluators_results"] or [])
            self._fail(f"it could not evaluate task {task_id}: {told or row.get('error_msg')}")
        return Verdict(float(row["score"]), tuple(_problems(row))[:_PROBLEMS])

    def _dataset(self) -> bytes:
        if self._data is None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "tasks.json"
                said = self._run("dataset-get", "--output", str(path))
                if not path.exists():
                    self._fail(f"it gives no tasks: {_last_line(said)}")
                self._data = path.read_bytes()
        return self._data

    def _run(self, *arguments: str) -> str:
        if not shutil.which(self._command[0]):
            self._fail("it is not installed")
        try:
            done = subprocess.run(
                [*self._command, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            self._fail(f"it took longer than {_SECONDS:.0f} s", error)
        except OSError as error:
            self._fail(f"it cannot be started ({error})", error)
        said = f"{done.stdout}\n{done.stderr}"
        if done.returncode:
            self._fail(f"it ended with {done.returncode}: {_last_line(said)}")
        return said

    def _fail(self, problem: str, cause: Exception | None = None) -> NoReturn:
        how = f"install uv ({TOOL}), or name its program with the setting `evaluator`"
        raise SuiteNotReadyError(self._suite, [f"`{' '.join(self._command)}`: {problem}; {how}"]) from cause


def record(folder: Path, task_id: int, response: Mapping[str, Any], har: Path) -> None:
    """Write what the evaluation reads: the agent's answer and the traffic of its session, which has to be closed.

    Raises:
        BrowserLostError: When the traffic was not written whole.
        StorageError: When files cannot be written.
    """
    traffic = merged_har(har)
    try:
        own = folder / str(task_id)
        own.mkdir(parents=True, exist_ok=True)
        (own / "agent_response.json").write_text(json.dumps(response, ensure_ascii=False), encoding="utf-8")
        (own / "network.har").write_text(json.dumps(traffic), encoding="utf-8")
    except OSError as error:
        doing = f"Writing what is to be evaluated to {folder}"
        raise storage_error(doing, error) from error


def response_of(run: Trajectory) -> dict[str, Any]:
    """The agent's answer as the evaluation wants it.

    An agent that answers by `ANSWER_SCHEMA` is taken at its word. Any other answer is data that were found, since it
    says no more: it can be right only where data were asked for. Without an answer the run has failed.
    """
    said = first_json(run.answer or "")
    if isinstance(said, Mapping) and "status" in said and "task_type" in said:
        data = said.get("retrieved_data")
        return {
            "task_type": str(said["task_type"]).upper(),
            "status": str(said["status"]).upper(),
            "retrieved_data": data if isinstance(data, list) or data is None else [data],
            "error_details": said.get("error_details"),
        }
    if run.answer:
        return {"task_type": "RETRIEVE", "status": "SUCCESS", "retrieved_data": [run.answer], "error_details": None}
    why = run.ending.message or run.ending.reason if run.ending else "the run has not ended"
    return {"task_type": "RETRIEVE", "status": "UNKNOWN_ERROR", "retrieved_data": None, "error_details": why}


def text_of(response: Mapping[str, Any]) -> str:
    """The answer in words, as the original evaluators read it; `N/A` for what cannot be done."""
    if response["status"] != "SUCCESS":
        return str(response["error_details"] or "N/A")
    values = response["retrieved_data"] or []
    return ", ".join(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)


def _problems(result: Mapping[str, Any]) -> list[str]:
    return [
        message
        for evaluator in result["evaluators_results"] or []
        for assertion in evaluator.get("assertions") or []
        if assertion.get("status") != "success"
        for message in assertion.get("assertion_msgs") or [assertion.get("assertion_name", "failed")]
    ]


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
