"""The synthetic data pipeline as LangGraph Server and Studio load it; configurations lie in the working directory."""

from plan_and_act.synthesis.graph import create_pipeline

graph = create_pipeline()
