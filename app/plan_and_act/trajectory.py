"""The nouns of the project: Task, Plan, Outcome, Round, Ending, Usage, Trajectory.

One schema for what a run does, what its report shows and what training reads. Actions are in `plan_and_act.actions`.
Source: PLAN-AND-ACT (arXiv 2503.09572) sections 3.1-3.3 and appendix A for plan, round and trajectory.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plan_and_act.actions import Action
from plan_and_act.errors import ConfigError

SCHEMA_VERSION = 1

EDITED, REJECTED = "a person edited it", "a person rejected it"
"""Why there is a revision of a plan after a person's review: their own, or (with their reason) the next."""

_LONGEST_MESSAGE = 2_000
LONGEST_ANSWER = 1_900
"""Characters of what a person answers: all of it fits an outcome's message, and reaches the executor."""

Role = Literal["planner", "executor", "replanner", "verifier", "teacher", "judge"]


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Task(_Noun):
    """What a person wants done, and where it starts."""

    intent: str = Field(min_length=1, max_length=20_000)
    url: str = Field(description="The page the task starts on.")
    id: str | None = Field(None, description="The task's name in its suite, when it comes from one.")


class PlanStep(_Noun):
    """One high-level goal of a plan, and why it is there."""

    reasoning: str = ""
    goal: str


class Plan(_Noun):
    """A short list of goals. Revision 1 is the first plan; each replan is one revision more."""

    revision: int = Field(1, ge=1)
    steps: list[PlanStep]
    cause: str | None = Field(None, description="Why this revision was made; None for the first plan.")
    round: int = Field(0, ge=0, description="How many rounds had been done when it was made.")
    observation: str | None = Field(None, description="Hash of the text of the page it was made on.")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"


class Outcome(_Noun):
    """What an action did.

    `ok`: carried out and something changed or nothing had to. `no_effect`: carried out, and the page is as before.
    `error`: not carried out; the message says why. `unknown`: may or may not have been carried out (the process died).
    """

    status: Literal["ok", "no_effect", "error", "unknown"]
    message: Annotated[str, AfterValidator(_cut)] = Field(
        "", description="One sentence for the model and the report, cut after 2,000 characters."
    )
    changes: list[str] = Field(default_factory=list, description="What changed, a short phrase each.")
    unexpected: bool = Field(False, description="Whether the page that followed is an error page or was restored.")


class Round(_Noun):
    """One action and what came of it (one observation-action pair of the paper, section 3.2)."""

    index: int = Field(ge=1)
    plan: int = Field(0, ge=0, description="The plan's revision the executor was given; 0 without a plan.")
    url: str
    title: str = ""
    fingerprint: str | None = Field(None, description="Fingerprint of the page the action was decided on.")
    observation: str | None = Field(None, description="Hash of the page's text, as the models saw it.")
    tabs: int = Field(1, ge=1, description="How many tabs were open when the action was decided on.")
    hint: str | None = Field(None, description="What the executor was told beside task, plan and page.")
    screenshot: str | None = Field(None, description="Hash of the screenshot taken before the action.")
    target: list[float] | None = Field(None, description="The target on the screenshot: x, y, width, height in px.")
    reasoning: str | None = None
    action: Action
    outcome: Outcome
    seconds: float = Field(0.0, ge=0)


EndingStatus = Literal["succeeded", "failed", "stopped"]
EndingReason = Literal[
    "finished", "gave_up", "finish_refused", "max_rounds", "stalled", "model_output", "budget_tokens", "budget_cost",
    "deadline", "browser_lost", "page_unreachable", "blocked_by_policy", "rejected_by_person",
]  # fmt: skip


class Ending(_Noun):
    """How a run ended: the status, the reason, and a sentence that helps."""

    status: EndingStatus
    reason: EndingReason
    message: str = ""


class Usage(_Noun):
    """What one role has used: calls, tokens, money (US dollars; None while no price is known) and seconds."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        cost = None if self.cost is None and other.cost is None else (self.cost or 0.0) + (other.cost or 0.0)
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=cost,
            seconds=self.seconds + other.seconds,
        )


class MadeBy(_Noun):
    """What made a trajectory: enough to tell two runs apart and to repeat one."""

    version: str
    prompts: str = Field(description="Hash of the prompts.")
    models: dict[str, str] = Field(default_factory=dict, description="Model by role.")
    secrets: list[str] = Field(default_factory=list, description="Names of the secrets the executor could type.")
    uploads: bool = Field(False, description="Whether there was a folder of files to upload.")
    config: dict[str, Any] = Field(default_factory=dict, description="The settings that were not at their default.")


class Trajectory(_Noun):
    """A whole run: from the task to the ending, with every plan revision and every round."""

    schema_version: int = SCHEMA_VERSION
    thread: str
    task: Task
    started: str = Field(description="ISO 8601, UTC.")
    plans: list[Plan] = Field(default_factory=list)
    rounds: list[Round] = Field(default_factory=list)
    ending: Ending | None = Field(None, description="None while the run goes on or waits for a person.")
    answer: str | None = None
    usage: dict[Role, Usage] = Field(default_factory=dict)
    seconds: float = 0.0
    reward: float | None = None
    judge: str | None = Field(None, description="Who gave the reward: a checker or a model.")
    made_by: MadeBy | None = None
    labels: dict[str, Any] = Field(
        default_factory=dict, description="What an evaluation tells of it: site, template, seed, success, problems..."
    )

    @property
    def total(self) -> Usage:
        """Usage over all roles."""
        return sum(self.usage.values(), Usage())


def append(path: Path, trajectory: Trajectory) -> None:
    """Append a trajectory to a JSONL file and flush it to disk; a line cut off by an earlier crash is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = trajectory.model_dump_json().encode() + b"\n"
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> Iterator[Trajectory]:
    """Read a JSONL file of trajectories; a line cut off by a crash is passed over.

    Raises:
        ConfigError: When a whole line is of another schema version.
    """
    # As bytes: the cut may be within a character.
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if row.get("schema_version") != SCHEMA_VERSION:
                found = row.get("schema_version")
                msg = f"{path}:{number} has trajectory schema {found}; this version reads {SCHEMA_VERSION}"
                raise ConfigError(msg)
            yield Trajectory.model_validate(row)
