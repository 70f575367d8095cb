"""What an evaluation is made of, as plain JSON: to be hashed, kept with the results, and sent to other machines."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from plan_and_act.agent import Context
from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.agents import web_agent
from plan_and_act.evaluation.suite import Agent, EvalTask, Selection, Suite
from plan_and_act.evaluation.suites import make_suite
from plan_and_act.llm import Chosen, choose, prompts_hash

if TYPE_CHECKING:
    from plan_and_act.llm.embedded import EmbeddedModel

SECONDS = 900.0
"""What a run may take where nothing is said: 30 rounds of a slow model."""


class Evaluation(BaseModel):
    """A suite, which of its episodes, and who does them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str = Field(description="Name of the suite.")
    settings: dict[str, Any] = Field(default_factory=dict, description="The suite's settings.")
    selection: Selection = Field(default_factory=Selection)
    agent: str = Field("agent", description="agent, solver, or a name for one that is passed to `evaluate`.")
    context: dict[str, Any] = Field({}, validate_default=True, description="The agent's settings, as of `Context`.")

    @field_validator("context")
    @classmethod
    def _checked(cls, context: dict[str, Any]) -> dict[str, Any]:
        found = Context.model_validate({"max_seconds": SECONDS, **context})
        if found.ask or found.review_plan or found.approve != "never":
            msg = "nobody is there to ask in an evaluation; leave ask, approve and review_plan out"
            raise ValueError(msg)
        if found.max_seconds is None:
            msg = "a run without end would hold up the evaluation; give max_seconds a number, or leave it out"
            raise ValueError(msg)
        return found.model_dump(mode="json", exclude_defaults=True)

    @property
    def seconds(self) -> float:
        """What a run may take."""
        return float(self.context["max_seconds"])

    def make_suite(self) -> Suite:
        """The suite with its settings.

        Raises:
            ConfigError: When there is no such suite, or a setting cannot be used.
        """
        return make_suite(self.suite, self.settings)

    def make_agent(self, suite: Suite) -> Agent:
        """Who does the episodes.

        Raises:
            ConfigError: When it is neither `agent` nor `solver`.
        """
        match self.agent:
            case "agent":
                return web_agent(Context.model_validate(self.context))
            case "solver":
                return suite.solve
        msg = f"{self.agent!r} is no agent of this package; pass it to `evaluate`"
        raise ConfigError(msg)

    def identity(self, suite: Suite, tasks: Sequence[EvalTask]) -> dict[str, Any]:
        """Everything that results depend on; to find the models, and to read embedded ones, may take a second or two.

        Raises:
            ConfigError: When a model cannot be made.
        """
        chosen = {}
        if self.agent == "agent":
            context = Context.model_validate(self.context)
            roles = (*context.roles, "verifier") if context.verifier_model else context.roles
            chosen = {role: choose(role, context.named_models) for role in roles}
        # An embedded model keeps its name when its files are others.
        embedded = {each.name: each for each in chosen.values() if each.embedded}
        versions = {
            "plan-and-act": version("plan-and-act"),
            "prompts": prompts_hash(),
            **suite.versions(),
            **{name: _content(each) for name, each in embedded.items()},
        }
        told = "\n".join(task.model_dump_json() for task in tasks)
        return {
            **self.model_dump(mode="json"),
            "settings": suite.model_dump(mode="json"),
            "models": {role: each.name for role, each in chosen.items()},
            "versions": versions,
            "tasks": {"count": len(tasks), "hash": hashlib.sha256(told.encode()).hexdigest()[:16]},
        }


def _content(chosen: Chosen) -> str:
    """What the files of an embedded model hold: a hash of the weights, and one of the adapter where there is one."""
    model = cast("EmbeddedModel", chosen.model)
    hashes = []
    for path in filter(None, (model._server.path, model._server.adapter)):
        with path.open("rb") as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest()[:16])
    return " + ".join(hashes)
