"""The agent as a tool, for MCP clients: a task and a URL in; the answer and how it ended out."""

from plan_and_act.agent import tool_graph
from plan_and_act.server.operator import agent_from_environment

graph = tool_graph(agent_from_environment())
