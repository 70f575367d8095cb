"""Every error a user can cause, as a typed exception whose message says what happened and what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plan_and_act.trajectory import Usage


class PlanAndActError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(PlanAndActError):
    """A setting, file or combination of settings cannot be used."""


class MissingExtraError(ConfigError):
    """An optional dependency is needed; the message names the extra to install."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an extra: pip install "plan-and-act[{extra}]"')


class BrowserNotFoundError(PlanAndActError):
    """No Chromium could be found or started."""


class BrowserLostError(PlanAndActError):
    """The browser or its page went away (crash, kill, closed by hand) and could not be brought back."""


class PoolFullError(PlanAndActError):
    """The browser pool is at its limit of sessions."""


class PageError(PlanAndActError):
    """A page could not be opened: the name does not resolve, the certificate is broken, it never answers..."""


class BlockedByPolicyError(PageError):
    """The origin policy does not let the browser go there."""


class SecretError(PlanAndActError):
    """A secret is not known, or may not be typed on this site."""


class StorageError(PlanAndActError):
    """A file could not be written or found: the disk is full, the folder is not writable, an artefact is gone."""


class ModelError(PlanAndActError):
    """A chat model could not be used."""

    usage: "Usage | None" = None
    """What the tries that failed have used, where it is known: it counts against the budgets too."""


class ModelUnavailableError(ModelError):
    """The endpoint cannot be reached, does not know the model, refuses the key, or keeps failing."""


class ModelTimeoutError(ModelUnavailableError):
    """The model did not answer within the seconds one call may take."""


class ContextTooLongError(ModelUnavailableError):
    """The prompt is longer than the model's context; a smaller observation helps."""


class ModelOutputError(ModelError):
    """The model answered, and the answer is no action or plan; the message can be shown to the model."""


class RemoteError(PlanAndActError):
    """A graph server cannot be reached, refuses a request, or its run did not end."""


class CheckpointError(PlanAndActError):
    """A checkpoint store is locked, corrupt or from an older schema, or a thread is not in it."""


class SuiteNotReadyError(PlanAndActError):
    """What a suite of tasks needs is not there; the message lists all of it.

    Args:
        suite: The suite's name.
        missing: What is missing, a sentence or a name each.
    """

    def __init__(self, suite: str, missing: "Sequence[str]") -> None:
        super().__init__(f"The suite {suite} cannot begin: {'; '.join(missing)}")
        self.missing = tuple(missing)


class EvaluationStoppedError(PlanAndActError):
    """An evaluation cannot go on; what is finished is kept, and the same command goes on from there.

    Args:
        kind: What it concerns, as infrastructure errors are counted: model, browser, site...
        message: What happened, and what to do.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class BudgetSpentError(PlanAndActError):
    """The budget of what makes training data is spent; what was answered until then is kept."""


class AccessError(PlanAndActError):
    """A server was called without a key, or with one it does not know."""


class NoSuchThreadError(PlanAndActError):
    """A server has no such thread for this owner."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"There is no thread {thread_id[:80]!r}.")


class NoSuchRunError(PlanAndActError):
    """A thread of a server has no such run for this owner."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"There is no run {run_id[:80]!r} in this thread.")


class BusyThreadError(PlanAndActError):
    """A run of the thread is not finished yet."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"The thread {thread_id[:80]!r} has an unfinished run; wait for it, or cancel it.")


class QuotaError(PlanAndActError):
    """An owner has as many unfinished runs as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} unfinished runs, and no more are allowed; wait for one to end.")


class QueueFullError(PlanAndActError):
    """As many runs wait for a worker as a server lets wait."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} runs are waiting for a worker already; try again later, or start more workers.")
