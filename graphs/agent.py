"""The agent as LangGraph Server and Studio load it; what the operator decides comes from the environment."""

import os

from plan_and_act import Secrets, create_agent
from plan_and_act.agent.rules import policy_from_environment


def _origins(variable: str) -> list[str]:
    return os.environ.get(variable, "").replace(",", " ").split()


graph = create_agent(
    secrets=Secrets.from_environment(),
    allowed_origins=_origins("PLAN_AND_ACT_ALLOWED_ORIGINS"),
    private_origins=_origins("PLAN_AND_ACT_PRIVATE_ORIGINS"),
    approval=policy_from_environment(),
)
