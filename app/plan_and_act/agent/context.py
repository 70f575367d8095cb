"""What a run may set. LangGraph Studio draws it as a form; `ainvoke(..., context=...)` takes it or a dict of it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from plan_and_act.agent.rules import Policy
from plan_and_act.trajectory import Role

ReplanEvent = Literal[
    "action_failed", "nothing_changed", "stall", "unexpected_page", "executor_asked", "finish_refused"
]  # fmt: skip

ALL_EVENTS: tuple[ReplanEvent, ...] = (
    "action_failed", "nothing_changed", "stall", "unexpected_page", "executor_asked", "finish_refused"
)  # fmt: skip


def _model(*nodes: str) -> dict[str, Any]:
    return {"langgraph_nodes": list(nodes), "langgraph_type": "model"}


def _nodes(*nodes: str) -> dict[str, Any]:
    return {"langgraph_nodes": list(nodes)}


class Context(BaseModel):
    """Settings of one run: models by role, planning, limits, approval, allowed origins, observation, formats."""

    model_config = ConfigDict(extra="forbid")

    planner_model: str | None = Field(
        None,
        description="Model of the planner as provider:name, e.g. openai:gpt-5-mini. Without one: OPENAI_API_KEY or "
        "OPENAI_BASE_URL decide, else the embedded model. The other roles use it unless they have their own.",
        json_schema_extra=_model("planner"),
    )
    executor_model: str | None = Field(None, description="Model of the executor.", json_schema_extra=_model("executor"))
    replanner_model: str | None = Field(None, description="Model of the replanner.", json_schema_extra=_model("replan"))
    verifier_model: str | None = Field(
        None,
        description="Model that checks a claimed finish. Without one only the cheap checks are made.",
        json_schema_extra=_model("verify"),
    )

    planning: Literal["none", "static", "dynamic"] = Field(
        "dynamic",
        description="none: the executor alone (ReAct). static: plan once; page text after the first page never reaches "
        "the planner. dynamic: replan when the policy says so.",
        json_schema_extra=_nodes("planner", "replan"),
    )
    replan_every: int | None = Field(
        None,
        ge=1,
        le=100,
        description="Replan every k rounds; 1 is the paper.",
        json_schema_extra=_nodes("replan"),
    )
    replan_on: list[ReplanEvent] = Field(
        default=list(ALL_EVENTS), description="Events after which to replan.", json_schema_extra=_nodes("replan")
    )

    executor_format: Literal["tools", "text", "json"] | None = Field(
        None,
        description="How the executor speaks. tools: tool calls. text: the paper's do(action=...) lines. json: an "
        "object held to a schema whose elements are the page's own. Unset: json for the embedded model, else tools.",
        json_schema_extra=_nodes("executor"),
    )
    instructions: Literal["full", "brief"] | None = Field(
        None,
        description="How much the models are told. brief: the task, the page (a planner its beginning) and what was "
        "done, for models that were trained on such prompts. Unset: brief for the embedded model, else full.",
        json_schema_extra=_nodes("planner", "executor", "replan"),
    )
    observation: Literal["outline", "html"] = Field(
        "outline", description="Rendering of the page.", json_schema_extra=_nodes("observe")
    )
    observation_tokens: int = Field(
        2_000,
        ge=200,
        le=50_000,
        description="Budget of one observation in tokens.",
        json_schema_extra=_nodes("observe"),
    )
    screenshots: bool = Field(
        False, description="Take a screenshot every round, for the report.", json_schema_extra=_nodes("observe")
    )
    viewport: tuple[int, int] = Field((1280, 720), description="Width and height of the page in CSS pixels.")

    max_rounds: int = Field(30, ge=1, le=500, description="Actions a run may take.")
    max_replans: int = Field(
        10, ge=0, le=500, description="Replans a run may make; then it goes on with its last plan."
    )
    max_tokens: int | None = Field(None, ge=1, description="Tokens a run may use over all roles.")
    max_cost: float | None = Field(None, gt=0, description="US dollars a run may cost; needs `prices`.")
    max_seconds: float | None = Field(None, gt=0, description="Seconds a run may work.")
    model_timeout: float = Field(120.0, gt=0, description="Seconds one model call may take.")
    action_timeout: float = Field(5.0, gt=0, le=120, description="Seconds one action may take.")
    navigation_timeout: float = Field(30.0, gt=0, le=300, description="Seconds opening a page may take.")
    prices: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="US dollars per million input and output tokens, by model name."
    )

    allowed_origins: list[str] = Field(
        default_factory=list,
        description="The only origins the browser may reach, e.g. https://*.example.com. Empty: any public origin.",
        json_schema_extra=_nodes("act", "observe"),
    )
    approve: Policy = Field(
        "never",
        description="Which actions wait for a person's approval: never, risky (what pays, deletes, publishes, sends, "
        "uploads or agrees), always, or a list of rules, the first that fits deciding.",
        json_schema_extra=_nodes("approve", "act"),
    )
    review_plan: bool = Field(
        False,
        description="Let a person approve, edit or reject the plan before anything is done.",
        json_schema_extra=_nodes("review"),
    )
    ask: bool = Field(
        False, description="Let the executor ask the person questions.", json_schema_extra=_nodes("executor")
    )
    output_schema: dict[str, Any] | None = Field(
        None,
        description="JSON Schema the final answer must fit; what it refers to is in it.",
        json_schema_extra=_nodes("executor", "verify"),
    )

    @field_validator("output_schema")
    @classmethod
    def _can_be_checked(cls, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        if schema is not None:
            from plan_and_act.agent.answers import schema_problem  # many runs have none, and need not wait for it

            if problem := schema_problem(schema):
                raise ValueError(problem)
        return schema

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that plan and act in a run."""
        match self.planning:
            case "none":
                return ("executor",)
            case "static":
                # A plan that a person rejects is made anew also where the run itself never replans.
                return ("planner", "executor", "replanner") if self.review_plan else ("planner", "executor")
            case "dynamic":
                return ("planner", "executor", "replanner")

    @property
    def named_models(self) -> dict[Role, str | None]:
        """The models that are named, by role."""
        return {
            "planner": self.planner_model,
            "executor": self.executor_model,
            "replanner": self.replanner_model,
            "verifier": self.verifier_model,
        }
