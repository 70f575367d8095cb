"""In which order threads and comments are shown, and what lists know of them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from plan_and_act.sites.board.data import STALE_HOURS
from plan_and_act.sites.board.model import Comment, Community, Thread
from plan_and_act.sites.board.state import State

SORTS = {"hot": "Hot", "new": "New", "top": "Top"}
RANGES: dict[str, tuple[str, timedelta | None]] = {
    "day": ("Today", timedelta(days=1)),
    "week": ("This week", timedelta(days=7)),
    "month": ("This month", timedelta(days=30)),
    "year": ("This year", timedelta(days=365)),
    "all": ("All time", None),
}
COMMENT_SORTS = {"best": "Best", "top": "Top", "new": "Newest", "old": "Oldest"}
_FADES = 1.4
"""Days after which a thread needs ten times the votes to be as hot."""


@dataclass(frozen=True, slots=True)
class Row:
    """A thread as a list shows it; the counts may be those of some hours ago."""

    thread: Thread
    score: int
    comments: int


def is_stale(state: State, *, fresh: bool) -> bool:
    """Whether lists are some hours old."""
    return state.visit.disturbances.stale and not fresh


def rows(state: State, threads: Iterable[Thread], *, fresh: bool, kept: str = "") -> list[Row]:
    """Threads for a list, without those that are hidden or by somebody who is blocked.

    Args:
        state: The session.
        threads: The threads.
        fresh: Whether they are to be as they are now.
        kept: The number of a thread that stays all the same.
    """
    shown = [
        thread
        for thread in threads
        if str(thread.id) == kept or not (state.has("hidden", thread.target) or state.has("block", thread.author))
    ]
    if not is_stale(state, fresh=fresh):
        return [Row(thread, state.score(thread), len(thread.shown)) for thread in shown]
    then = state.base.now - timedelta(hours=STALE_HOURS)
    return [
        Row(
            thread,
            state.score(thread) - thread.gained,
            sum(comment.created <= then for comment in thread.shown),
        )
        for thread in shown
        if thread.created <= then or thread.id not in state.base.threads
    ]


def ranked(state: State, found: Iterable[Row], sort: str, span: str, *, pins: bool = False) -> list[Row]:
    """Rows in one of `SORTS`; `span` is one of `RANGES` and counts for the top only.

    Args:
        state: The session.
        found: The rows.
        sort: One of `SORTS`.
        span: One of `RANGES`.
        pins: Whether pinned threads come first, as in their community.
    """
    limit = RANGES[span][1]
    if sort == "top" and limit is not None:
        found = [row for row in found if state.now - row.thread.created <= limit]
    keys: dict[str, Callable[[Row], Any]] = {
        "hot": lambda row: _heat(state, row),
        "new": lambda row: (row.thread.created, row.thread.id),
        "top": lambda row: (row.score, row.thread.id),
    }
    ordered = sorted(found, key=keys[sort], reverse=True)
    return sorted(ordered, key=lambda row: not row.thread.pinned) if pins and sort == "hot" else ordered


def _heat(state: State, row: Row) -> float:
    days = (state.now - row.thread.created).total_seconds() / 86_400
    return math.log10(max(row.score, 1)) - days / _FADES


def members(state: State, community: Community, *, fresh: bool) -> int:
    """How many members a list says that a community has."""
    return state.members(community.slug) - (community.gained if is_stale(state, fresh=fresh) else 0)


@dataclass(frozen=True, slots=True)
class Node:
    """A comment with the answers to it."""

    comment: Comment
    score: int
    replies: tuple["Node", ...]

    @property
    def size(self) -> int:
        """How many comments there are below it."""
        return sum(1 + node.size for node in self.replies)


def tree(state: State, thread: Thread, sort: str) -> tuple[Node, ...]:
    """The comments of a thread as a tree, every level in one of `COMMENT_SORTS`."""
    below: dict[int | None, list[Comment]] = {}
    for comment in thread.comments:
        below.setdefault(comment.parent, []).append(comment)

    def nodes(parent: int | None) -> tuple[Node, ...]:
        made = [Node(comment, state.score(comment), nodes(comment.id)) for comment in below.get(parent, ())]
        keys: dict[str, Callable[[Node], Any]] = {
            # What is talked about comes first, then what is liked.
            "best": lambda node: (-min(node.size, 2), -node.score, node.comment.id),
            "top": lambda node: (-node.score, node.comment.id),
            "new": lambda node: -node.comment.id,
            "old": lambda node: node.comment.id,
        }
        return tuple(node for node in sorted(made, key=keys[sort]) if not node.comment.gone or node.replies)

    return nodes(None)


def cut(nodes: Sequence[Node], count: int) -> tuple[Sequence[Node], Sequence[Node]]:
    """The first nodes, and the rest; a rest of one is not worth a button."""
    return (nodes, ()) if len(nodes) <= count + 1 else (nodes[:count], nodes[count:])
