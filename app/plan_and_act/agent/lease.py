"""At most once: the right to carry out an action, issued with the decision and taken before the action.

A lease lives in the process that issued it and can be taken once. After a kill, a restart, a cancelled step or a fork
the lease that state holds is unknown or already taken, so nobody can tell whether the action was carried out: it is
not repeated, the page is observed, and the run goes on with "outcome unknown".
"""

from uuid import uuid4

_issued: set[str] = set()


def issue() -> str:
    """A new lease, to be checkpointed with the action it is for."""
    lease = uuid4().hex[:16]
    _issued.add(lease)
    return lease


def take(lease: str | None) -> bool:
    """Whether the holder of this lease may act; true at most once a lease, and only in this process."""
    if lease not in _issued:
        return False
    _issued.discard(lease)
    return True
