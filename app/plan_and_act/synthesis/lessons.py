"""What the stages have made of a trajectory, put together: the run as it is to be taught.

Stages write their rows in the order of the trajectories, so that the files are read side by side, a row at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from plan_and_act.agent.policy import EVERY_ROUND
from plan_and_act.errors import ConfigError
from plan_and_act.synthesis.rows import GroundedStep, PlanRow, ReasonsRow, Replan, ReplansRow, Row, TrajectoryRow
from plan_and_act.synthesis.samples import Lesson
from plan_and_act.trajectory import Plan, PlanStep, Round, Task, Trajectory

R = TypeVar("R", bound=Row)

Planning = Literal["none", "static", "dynamic"]

_ALL_DONE = "End, since all of it is done"
"""What remains of a plan when only the end of the run does."""


class Beside(Generic[R]):
    """The rows of a later stage, read beside those they are about.

    Args:
        stage: The stage that made them.
        rows: In the order of the rows they are about, some of which may have none.
        about: The name of the field that holds the id of the row it is about.
    """

    def __init__(self, stage: str, rows: Iterator[R], about: str) -> None:
        self._stage, self._rows, self._about = stage, rows, about
        self._next = next(rows, None)

    def of(self, row: Row) -> R | None:
        """The row about another row; None when there is none."""
        found = self._next
        if found is None or getattr(found, self._about) != row.id:
            return None
        self._next = next(self._rows, None)
        return found

    def end(self) -> None:
        """See that no row is left over.

        Raises:
            ConfigError: One is: what it is about has been made anew since.
        """
        if self._next is not None:
            msg = (
                f"The rows of {self._stage} are about rows that are not there any more, "
                f"{getattr(self._next, self._about)} first: carry out the stage {self._stage} again."
            )
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A plan, the rounds done when it was made, and the rounds that each of its steps covers."""

    done: int
    steps: list[GroundedStep]
    cause: str | None = None


def lesson(
    row: TrajectoryRow,
    planning: Planning,
    plan: PlanRow | None = None,
    replans: ReplansRow | None = None,
    reasons: ReasonsRow | None = None,
) -> Lesson:
    """A trajectory with the plans it is to be taught with in the place of those it was made with.

    Args:
        row: The trajectory.
        planning: `none`: without plans. `static`: with the first plan. `dynamic`: with a new plan where there is one;
            a solver's own plan is made anew after every action.
        plan: Its grounded plan.
        replans: Its plans for what remained.
        reasons: Its chains of thought.
    """
    timed = _timed(row, planning, plan, replans)
    plans = [
        Plan(
            revision=number,
            steps=[PlanStep(reasoning=step.reasoning, goal=step.goal) for step in each.steps],
            round=each.done,
            cause=each.cause,
        )
        for number, each in enumerate(timed, 1)
    ]
    rounds = [_taught(round_, timed, reasons) for round_ in row.trajectory.rounds]
    thoughts = reasons.plans if reasons else {}
    return Lesson(
        row.trajectory.model_copy(update={"plans": plans, "rounds": rounds}),
        {each.revision: thoughts[each.round] for each in plans if each.round in thoughts},
        thinking=reasons is not None,
    )


def _timed(row: TrajectoryRow, planning: Planning, plan: PlanRow | None, replans: ReplansRow | None) -> list[_Timed]:
    steps = plan.steps if plan else own_plan(row)
    if not steps or planning == "none":
        return []
    later: list[Replan] = []
    if planning == "dynamic" and replans:
        later = replans.plans
    elif planning == "dynamic" and (plan is None or plan.source == "task"):  # no teacher has read another plan off it
        later = _own_replans(row)
    return [_Timed(0, steps), *(_Timed(each.round, each.steps, EVERY_ROUND) for each in later)]


def own_plan(row: TrajectoryRow) -> list[GroundedStep]:
    """The plan that a practice task comes with, and the rounds its solver spent on each step.

    What an agent planned is not taught.
    """
    plans = row.trajectory.plans if row.source == "solver" else []
    return [
        GroundedStep(
            reasoning=step.reasoning,
            goal=step.goal,
            actions=[round_.index for round_ in row.trajectory.rounds if round_.action.step == number],
        )
        for number, step in enumerate(plans[0].steps if plans else [], 1)
    ]


def _own_replans(row: TrajectoryRow) -> list[Replan]:
    """What remains of a practice task's plan after each action; what lies in the way first.

    Empty where the solver did not say which step it worked on, or did a step the plan does not have.
    """
    steps, rounds = own_plan(row), row.trajectory.rounds
    on = [number for round_ in rounds if (number := round_.action.step)]
    if not on or max(on) > len(steps):
        return []
    found: list[Replan] = []
    for done in range(1, len(rounds)):
        coming = rounds[done:]
        first = next((n for n, round_ in enumerate(coming) if round_.action.step), len(coming))
        way = [GroundedStep(reasoning="", goal=each.reasoning or "", actions=[each.index]) for each in coming[:first]]
        number = coming[first].action.step if first < len(coming) else None
        left = [
            step.model_copy(update={"actions": [n for n in step.actions if n > done]})
            for step in (steps[number - 1 :] if number else [])
        ]
        last = coming[-1].action
        if first == len(coming) - 1 and last.action == "finish" and not last.answer:
            left = [GroundedStep(reasoning="", goal=_ALL_DONE, actions=[coming[-1].index])]
        found.append(Replan(round=done, steps=way + left))
    return found


def plan_lesson(row: PlanRow, reasons: ReasonsRow | None = None) -> Lesson:
    """An expanded or augmented plan, which nobody has carried out."""
    plan = row.plan.model_copy(update={"observation": row.page})
    run = Trajectory(thread=row.id, task=Task(intent=row.query, url=""), started="", plans=[plan])
    return Lesson(run, {1: reasons.plans[0]} if reasons and 0 in reasons.plans else {})


def _taught(round_: Round, timed: list[_Timed], reasons: ReasonsRow | None) -> Round:
    """A round under the plan that was in force, its action saying which step it works on."""
    in_force = [(number, each) for number, each in enumerate(timed, 1) if each.done < round_.index]
    number, plan = in_force[-1] if in_force else (0, None)
    step = plan and next((n for n, s in enumerate(plan.steps, 1) if round_.index in s.actions), None)
    update: dict[str, object] = {
        "plan": number,
        "action": round_.action.model_copy(update={"step": step}),
    }
    if reasons:
        update["reasoning"] = reasons.actions.get(round_.index)
    return round_.model_copy(update=update)
