"""Exit codes: one table for endings, one for errors, and the text of `--help`."""

import sqlite3

from plan_and_act.errors import (
    BlockedByPolicyError,
    BrowserLostError,
    BrowserNotFoundError,
    BudgetSpentError,
    EvaluationStoppedError,
    ModelError,
    PageError,
    PlanAndActError,
    PoolFullError,
    SecretError,
)
from plan_and_act.trajectory import Ending, EndingReason

SUCCEEDED, FAILED, USAGE, LIMIT, MODEL, BROWSER, REFUSED, WAITING, INCOMPLETE = range(9)
BUG, INTERRUPTED = 70, 130

MEANINGS = {
    SUCCEEDED: "the task is done; an evaluation: every episode has a result",
    FAILED: "the agent gave up, or its claim to be done did not hold",
    USAGE: "a wrong option, file or setting; a run or a store of runs that cannot be used",
    LIMIT: "stopped by a limit (rounds, tokens, money, time) or because it went round in circles",
    MODEL: "the model could not be used, or gave no usable answer",
    BROWSER: "no browser, a lost browser, or a page that cannot be opened",
    REFUSED: "refused by a person or by the origin policy",
    WAITING: "waits for a person; resume answers",
    INCOMPLETE: "an evaluation ended, and some of its episodes have no result; the same command does them",
    BUG: "an error that should not happen; please report it",
    INTERRUPTED: "interrupted (Ctrl-C, SIGTERM); resume goes on",
}
"""Every exit code and what it means."""

ENDINGS: dict[EndingReason, int] = {
    "finished": SUCCEEDED,
    "gave_up": FAILED,
    "finish_refused": FAILED,
    "max_rounds": LIMIT,
    "stalled": LIMIT,
    "budget_tokens": LIMIT,
    "budget_cost": LIMIT,
    "deadline": LIMIT,
    "model_output": MODEL,
    "browser_lost": BROWSER,
    "page_unreachable": BROWSER,
    "blocked_by_policy": REFUSED,
    "rejected_by_person": REFUSED,
}
"""The exit code of every ending."""

STOPPED: dict[str, int] = {
    "model": MODEL,
    "model_timeout": MODEL,
    "browser": BROWSER,
    "site": BROWSER,
    "score": INCOMPLETE,
    "worker": INCOMPLETE,
    "bug": BUG,
}
"""The exit code of an evaluation that was stopped, by what it concerns."""

_ERRORS: list[tuple[type[Exception], int]] = [
    (BlockedByPolicyError, REFUSED),
    (SecretError, REFUSED),
    (BudgetSpentError, LIMIT),
    (ModelError, MODEL),
    (BrowserNotFoundError, BROWSER),
    (BrowserLostError, BROWSER),
    (PoolFullError, BROWSER),
    (PageError, BROWSER),
    (PlanAndActError, USAGE),
    (sqlite3.DatabaseError, USAGE),
]

HELP = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())
"""The table of exit codes, for the end of a help text."""


def of_ending(ending: Ending | None) -> int:
    """The exit code of a run's ending; of a run without one: it waits for a person."""
    return WAITING if ending is None else ENDINGS[ending.reason]


def of_error(error: BaseException) -> int:
    """The exit code of an error; `BUG` for one that is none of ours."""
    if isinstance(error, EvaluationStoppedError):
        return STOPPED[error.kind]
    return next((code for kind, code in _ERRORS if isinstance(error, kind)), BUG)
