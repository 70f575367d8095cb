"""The agent: a LangGraph state graph of planner, executor, observe and replan."""

from plan_and_act.agent.approve import Approval
from plan_and_act.agent.context import Context
from plan_and_act.agent.graph import Agent, create_agent
from plan_and_act.agent.record import to_trajectory
from plan_and_act.agent.remote import RemoteAgent, remote_agent
from plan_and_act.agent.review import Review
from plan_and_act.agent.rules import ApprovalRule, load_policy
from plan_and_act.agent.state import Input, Output, State
from plan_and_act.agent.tool import tool_graph, web_tool

__all__ = [
    "Agent",
    "Approval",
    "ApprovalRule",
    "Context",
    "Input",
    "Output",
    "RemoteAgent",
    "Review",
    "State",
    "create_agent",
    "load_policy",
    "remote_agent",
    "to_trajectory",
    "tool_graph",
    "web_tool",
]
