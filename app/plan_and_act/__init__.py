"""PLAN-AND-ACT (arXiv 2503.09572): a web agent that plans, acts, observes and replans, on LangGraph and Playwright.

agent = create_agent(models={"planner": "openai:gpt-5-mini"})
result = await agent.ainvoke({"task": "Which release is the newest?", "url": "https://www.python.org"})
print(result["answer"], result["ending"])
"""

from plan_and_act.actions import Action
from plan_and_act.agent import (
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
from plan_and_act.browser import Secret, Secrets, SessionOptions, pool
from plan_and_act.checkpoints import open_checkpoints
from plan_and_act.errors import PlanAndActError
from plan_and_act.trajectory import Ending, Outcome, Plan, PlanStep, Round, Task, Trajectory, Usage

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
