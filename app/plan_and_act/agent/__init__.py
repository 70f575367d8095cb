"""The agent: a LangGraph state graph of planner, executor, observe and replan."""

from plan_and_act.agent.approve import Approval
from plan_and_act.agent.context import Context
from plan_and_act.agent.graph import Agent, create_agent
from plan_and_act.agent.record import to_trajectory
from plan_and_act.agent.review import Review
from plan_and_act.agent.rules import ApprovalRule, load_policy
from plan_and_act.agent.state import Input, Output, State

__all__ = [
    "Agent",
    "Approval",
    "ApprovalRule",
    "Context",
    "Input",
    "Output",
    "Review",
    "State",
    "create_agent",
    "load_policy",
    "to_trajectory",
]
