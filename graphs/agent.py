"""The agent as LangGraph Server and Studio load it; what the operator decides comes from the environment."""

import os

from plan_and_act import Secrets, create_agent

graph = create_agent(
    secrets=Secrets.from_environment(),
    private_origins=os.environ.get("PLAN_AND_ACT_PRIVATE_ORIGINS", "").replace(",", " ").split(),
)
