"""PLAN-AND-ACT (arXiv 2503.09572): a web agent that plans, acts, observes and replans, on LangGraph and Playwright."""
