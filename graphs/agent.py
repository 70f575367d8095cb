"""The agent as LangGraph Server and Studio load it."""

from plan_and_act.agent import create_agent

graph = create_agent()
