"""PLAN-AND-ACT (arXiv 2503.09572): a web agent that plans, acts, observes and replans, on LangGraph and Playwright.

agent = create_agent(models={"planner": "openai:gpt-5-mini"})
result = await agent.ainvoke({"task": "Which release is the newest?", "url": "https://www.python.org"})
print(result["answer"], result["ending"])
"""

import lazy_loader

# The names are in __init__.pyi. Each is imported when it is used first, so that a command line need not wait for all.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
