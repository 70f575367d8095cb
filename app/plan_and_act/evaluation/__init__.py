"""Evaluation: suites of tasks behind one interface, a runner, results with statistics."""

from plan_and_act.evaluation.suite import Agent, Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.evaluation.suites import SUITES, make_suite

__all__ = ["SUITES", "Agent", "Attempt", "EvalTask", "Score", "Selection", "Start", "Suite", "make_suite"]
