from .actions import Action
from .agent import (
    Agent,
    Approval,
    ApprovalRule,
    Context,
    Review,
    create_agent,
    remote_agent,
    to_trajectory,
    web_tool,
)
from .browser import Secret, Secrets, SessionOptions, pool
from .checkpoints import open_checkpoints
from .errors import PlanAndActError
from .trajectory import Ending, Outcome, Plan, PlanStep, Round, Task, Trajectory, Usage

__all__ = [
    "Action",
    "Agent",
    "Approval",
    "ApprovalRule",
    "Context",
    "Ending",
    "Outcome",
    "Plan",
    "PlanAndActError",
    "PlanStep",
    "Review",
    "Round",
    "Secret",
    "Secrets",
    "SessionOptions",
    "Task",
    "Trajectory",
    "Usage",
    "create_agent",
    "open_checkpoints",
    "pool",
    "remote_agent",
    "to_trajectory",
    "web_tool",
]
