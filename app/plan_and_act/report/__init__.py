"""Pages people look at: the HTML report of one run, and the words it shares with the live view."""

from plan_and_act.report.page import ReadsArtefacts, render_report, write_report
from plan_and_act.report.progress import Step, StepState, checklist, revisions
from plan_and_act.report.words import action_in_words, duration, ending_in_words, money

__all__ = [
    "ReadsArtefacts",
    "Step",
    "StepState",
    "action_in_words",
    "checklist",
    "duration",
    "ending_in_words",
    "money",
    "render_report",
    "revisions",
    "write_report",
]
