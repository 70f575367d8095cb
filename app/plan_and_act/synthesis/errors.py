"""Errors of the pipeline's own."""

from plan_and_act.errors import PlanAndActError


class BudgetSpentError(PlanAndActError):
    """The budget of an invocation is spent; what was answered until then is kept."""
