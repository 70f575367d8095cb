"""What the files of the pipeline hold: one kind of row a stage, each with a schema version and what made it.

A row's id is a hash of its content, so that the same inputs give the same bytes, and a row can name its parents. Pages
are not in rows: they are artefacts beside the files (`Store.page`), named by hash.
"""

import hashlib
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plan_and_act.trajectory import Plan, PlanStep, Trajectory

ROW_VERSION = 1

THRESHOLD = 0.5
"""Reward from which a trajectory counts as a success: that of the paper's reward model."""

Split = Literal["train", "validation", "test"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(_Part):
    """What made a row."""

    stage: str
    teacher: str | None = Field(None, description="The model that wrote it; None where none was asked.")
    prompt: str | None = Field(None, description="Hash of the prompt the model was given.")
    parents: list[str] = Field(default_factory=list, description="Ids of the rows it was made from.")


class Row(_Part):
    """What every row has. Subclasses add what a stage makes; `id` is filled in."""

    schema_version: int = ROW_VERSION
    id: str = ""
    site: str
    split: Split = "train"
    template: str | None = Field(None, description="The task's template on the practice web; None for a free query.")
    made_by: Provenance

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.id:
            content = self.model_dump_json(exclude={"id"}).encode("utf-8", "surrogatepass")
            object.__setattr__(self, "id", hashlib.sha256(content).hexdigest()[:16])
        return self


class QueryRow(Row):
    """A new task for a site (stage `queries`; paper, section 4.1)."""

    query: str
    url: str | None = Field(None, description="The page it starts on; None for a practice site, which is begun anew.")
    feasible: str = Field(description="Why the site can do it, in the words of the filter.")
    seeds: list[str] = Field(description="The seed queries that its teacher was shown.")


class TrajectoryRow(Row):
    """What a demonstrator did (stages `collect` and `score`; paper, section 4.1), failures included.

    `trajectory.reward` and `trajectory.judge` say whether it counts as a success, and who says so.
    """

    trajectory: Trajectory
    source: Literal["solver", "agent"]
    checked: bool | None = Field(None, description="The site's checker; None where the task has none.")
    score: float | None = Field(None, ge=0, le=1, description="The outcome reward model's probability of success.")

    @property
    def success(self) -> bool:
        """Whether it is one to learn from."""
        return (self.trajectory.reward or 0.0) >= THRESHOLD

    @property
    def query(self) -> str:
        """The task in words."""
        return self.trajectory.task.intent

    @property
    def page(self) -> str | None:
        """Hash of the first page; None where observations were not kept."""
        return self.trajectory.rounds[0].observation if self.trajectory.rounds else None


class DescriptionRow(Row):
    """What each action of a trajectory did, in words (stage `describe`)."""

    trajectory: str = Field(description="Id of the trajectory's row.")
    texts: list[str] = Field(description="One for each round; empty where there is none, as for the last action.")


class GroundedStep(_Part):
    """A step of a plan and the actions it stands for."""

    reasoning: str
    goal: str
    description: str = Field("", description="What the actions do; never shown to the planner that is trained.")
    actions: list[int] = Field(default_factory=list, description="Rounds it covers, by index; empty when invented.")


class PlanRow(Row):
    """A plan for a query on a first page (stages `annotate`, `expand` and `augment`; paper, sections 4.2 and 4.3)."""

    query: str
    page: str = Field(description="Hash of the first page.")
    steps: list[GroundedStep] = Field(min_length=1)
    source: Literal["annotated", "task", "expanded", "augmented"] = Field(
        description="task: it came with a practice task; nobody read it off the trajectory."
    )
    trajectory: str | None = Field(None, description="Id of the trajectory's row, where the plan was read off one.")
    failure_class: str | None = Field(None, description="The class of failures it is meant to help with.")

    @property
    def plan(self) -> Plan:
        """The plan as the planner is trained to write it: reasoning and goals, without the actions."""
        return Plan(steps=[PlanStep(reasoning=step.reasoning, goal=step.goal) for step in self.steps])


class Replan(_Part):
    """The plan for what remains after some of a trajectory's rounds."""

    round: int = Field(ge=1, description="How many rounds had been done.")
    steps: list[GroundedStep] = Field(min_length=1)


class ReplansRow(Row):
    """A plan after every action of a trajectory, from what is known then (stage `replans`; paper, section 4.2.1)."""

    trajectory: str = Field(description="Id of the trajectory's row.")
    plans: list[Replan]


class ReasonsRow(Row):
    """Chains of thought that lead to plans and actions as they are (stage `reason`; paper, section 4.2.2)."""

    about: str = Field(description="Id of the row of the trajectory, or of the expanded or augmented plan.")
    plans: dict[int, str] = Field(default_factory=dict, description="Before a plan, by the rounds done until then.")
    actions: dict[int, str] = Field(default_factory=dict, description="Before an action, by its round.")


class DatasetRow(Row):
    """A file of a data set (stage `export`)."""

    file: str = Field(description="Its path in the pipeline's folder.")
    role: Literal["planner", "replanner", "executor"]
    part: Literal["train", "validation"]
    shape: Literal["chat", "instruction", "torchtune"]
    rows: int
    sha256: str
