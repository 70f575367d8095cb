"""The agent as a server's operator has set it up, by the environment."""

import os
from typing import Any

from plan_and_act.agent.graph import Agent, create_agent
from plan_and_act.agent.rules import policy_from_environment
from plan_and_act.browser.secrets import Secrets


def agent_from_environment(**options: Any) -> Agent:
    """The agent with the secrets, origins and approval rules that the environment names.

    Args:
        options: What else `create_agent` takes, e.g. a checkpointer.

    Raises:
        ConfigError: When what the environment names cannot be used.
    """
    return create_agent(
        secrets=Secrets.from_environment(),
        allowed_origins=_origins("PLAN_AND_ACT_ALLOWED_ORIGINS"),
        private_origins=_origins("PLAN_AND_ACT_PRIVATE_ORIGINS"),
        approval=policy_from_environment(),
        **options,
    )


def _origins(variable: str) -> list[str]:
    return os.environ.get(variable, "").replace(",", " ").split()
