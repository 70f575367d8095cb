"""Where a run stands in its plan, and what each replan changed.

A step counts as done when the run succeeded, or when a replan left it out after its last action had worked. It never
counts as done because a later step is under way: that says nothing about the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from plan_and_act.trajectory import Ending, Plan, PlanStep, Round

StepState = Literal["open", "under_way", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the check list shows it."""

    goal: str
    state: StepState
    number: int | None
    """Its number in the plan as it is now; None for a step that a replan left out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference between two revisions of a plan."""

    kind: Literal["kept", "added", "removed"]
    step: PlanStep


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of the plan, as the difference to the one before it."""

    plan: Plan
    changes: list[Change]


def revisions(plans: Sequence[Plan]) -> list[Revision]:
    """Every revision as the difference to the previous one; in the first, all steps are new."""
    found: list[Revision] = []
    previous: list[PlanStep] = []
    for plan in plans:
        matcher = SequenceMatcher(a=[_key(s) for s in previous], b=[_key(s) for s in plan.steps], autojunk=False)
        changes: list[Change] = []
        for tag, a1, a2, b1, b2 in matcher.get_opcodes():
            if tag == "equal":
                changes += [Change("kept", step) for step in plan.steps[b1:b2]]
            else:
                changes += [Change("removed", step) for step in previous[a1:a2]]
                changes += [Change("added", step) for step in plan.steps[b1:b2]]
        found.append(Revision(plan, changes))
        previous = plan.steps
    return found


def checklist(
    plans: Sequence[Plan], rounds: Sequence[Round], ending: Ending | None, *, under_way: int | None = None
) -> list[Step]:
    """The steps that replans left out, then the plan as it is now, each with its state.

    Args:
        plans: Every revision so far, the first one first.
        rounds: Every round so far.
        ending: How the run ended; None while it goes on.
        under_way: Number of the step that the action under way names; without one, the last round's step counts.
    """
    steps: list[Step] = []
    for earlier, later in pairwise(plans):
        kept = {_key(step) for step in later.steps}
        for number, step in enumerate(earlier.steps, 1):
            if _key(step) not in kept:
                steps.append(Step(step.goal, "done" if _worked(earlier, number, rounds) else "dropped", None))
    if not plans:
        return steps
    if under_way is None and rounds and rounds[-1].plan == plans[-1].revision:
        under_way = rounds[-1].action.step
    for number, step in enumerate(plans[-1].steps, 1):
        state: StepState = "open"
        if ending is not None and ending.status == "succeeded":
            state = "done"
        elif ending is None and number == under_way:
            state = "under_way"
        steps.append(Step(step.goal, state, number))
    return steps


def _worked(plan: Plan, number: int, rounds: Sequence[Round]) -> bool:
    on_step = [round_ for round_ in rounds if round_.plan == plan.revision and round_.action.step == number]
    return bool(on_step) and on_step[-1].outcome.status == "ok"


def _key(step: PlanStep) -> str:
    return " ".join(step.goal.casefold().split()).rstrip(".")
