"""The agent as LangGraph Server and Studio load it; what the operator decides comes from the environment."""

from plan_and_act.server.operator import agent_from_environment

graph = agent_from_environment()
