"""The queue of runs, as workers see it: they take runs, say that they live, and end them or give them back.

A run is `pending`, then `running` under a worker that says every few seconds that it lives, then `success`,
`interrupted` or `error`. A thread has one running run at most; the database sees to it, whichever workers ask at
the same moment. What the agent did is in the checkpoints, not here.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from plan_and_act.server.database import events, runs
from plan_and_act.server.records import Run, clock, moment, run_of, settle

LOST = 15.0
"""Seconds without a word from its worker after which a run is given to another one."""

ATTEMPTS = 5
"""Workers that may die over one run before it is ended with an error."""


class Queue:
    """The runs that wait for workers and those under way. `Runs.queue` is one.

    Args:
        engine: The database.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._now = clock(engine)

    async def take(self, worker: str) -> Run | None:
        """Take the run that has waited longest, of a thread on which nobody works; None when there is none."""
        other = runs.alias()
        busy = exists().where(other.c.thread_id == runs.c.thread_id, other.c.status == "running")
        next_one = (
            select(runs)
            .where(runs.c.status == "pending", ~busy)
            .order_by(runs.c.queued)
            .limit(1)
            .with_for_update(skip_locked=True, of=runs)
        )
        try:
            async with self._engine.begin() as db:
                row = (await db.execute(next_one)).one_or_none()
                if row is None:
                    return None
                mine = {"status": "running", "worker": worker, "alive": self._now, "attempts": row.attempts + 1}
                taken = await db.execute(
                    update(runs).where(runs.c.run_id == row.run_id, runs.c.status == "pending").values(mine)
                )
                found = (await db.execute(select(runs).where(runs.c.run_id == row.run_id))).one()
                return run_of(found) if taken.rowcount else None
        except IntegrityError:  # another worker has taken another run of the same thread in this moment
            return None

    async def begun(self, run_id: str, before: str) -> None:
        """Note the checkpoint a run begins at."""
        async with self._engine.begin() as db:
            await db.execute(update(runs).where(runs.c.run_id == run_id).values(before=before))

    async def alive(self, worker: str, run_ids: Sequence[str]) -> tuple[set[str], set[str]]:
        """Say that a worker lives.

        Args:
            worker: Its name.
            run_ids: What it works on.

        Returns:
            Those of them that are no longer its own, since they were given away, and those that are to be cancelled.
        """
        mine = runs.c.run_id.in_(run_ids), runs.c.worker == worker, runs.c.status == "running"
        async with self._engine.begin() as db:
            await db.execute(update(runs).where(*mine).values(alive=self._now))
            kept = {row.run_id: row.cancelled for row in await db.execute(select(runs).where(*mine))}
        return set(run_ids) - set(kept), {run_id for run_id, cancelled in kept.items() if cancelled}

    async def say(self, worker: str, run_id: str, event_name: str, data: Any) -> bool:
        """Add to what a run streams.

        Returns:
            False when the run is no longer the worker's.
        """
        mine = exists().where(runs.c.run_id == run_id, runs.c.worker == worker, runs.c.status == "running")
        next_number = select(func.coalesce(func.max(events.c.number), 0) + 1).where(events.c.run_id == run_id)
        row = {"run_id": run_id, "number": next_number.scalar_subquery(), "event": event_name, "data": to_json(data)}
        async with self._engine.begin() as db:
            if not (await db.execute(select(mine))).scalar_one():
                return False
            await db.execute(insert(events).values(row))
        return True

    async def end(self, worker: str, run: Run, status: str, thread_status: str) -> None:
        """End a run; nothing happens when it is no longer the worker's."""
        await self._leave(worker, run, {"status": status}, thread_status)

    async def give_back(self, worker: str, run: Run) -> None:
        """Put a run back into the queue, for another worker; that is no failed attempt."""
        again = {"status": "pending", "worker": None, "attempts": run.attempts - 1}
        await self._leave(worker, run, again, "busy")

    async def reclaim(self) -> list[str]:
        """Put the runs of workers that are gone back into the queue.

        Those that are to be cancelled end, and so do those that took too many workers with them.

        Returns:
            The ids of all of them.
        """
        lost = runs.c.status == "running", runs.c.alive < self._now - LOST
        async with self._engine.begin() as db:
            found = [
                run_of(row) for row in await db.execute(select(runs).where(*lost).with_for_update(skip_locked=True))
            ]
            for run in found:
                status = "interrupted" if run.cancelled else "error" if run.attempts >= ATTEMPTS else "pending"
                await db.execute(
                    update(runs)
                    .where(runs.c.run_id == run.run_id, *lost)
                    .values(status=status, worker=None, updated_at=moment())
                )
                if status != "pending":
                    await settle(db, run.thread_id, status)
        return [run.run_id for run in found]

    async def _leave(self, worker: str, run: Run, values: dict[str, Any], thread_status: str) -> None:
        async with self._engine.begin() as db:
            left = await db.execute(
                update(runs)
                .where(runs.c.run_id == run.run_id, runs.c.worker == worker, runs.c.status == "running")
                .values({**values, "updated_at": moment()})
            )
            if left.rowcount:
                await settle(db, run.thread_id, thread_status)


def to_json(value: Any) -> str:
    """Plain JSON of what a graph streams: messages and models as their dumps.

    It is ASCII: what comes from pages may hold halves of characters (lone surrogates), which no encoding takes.
    """
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "_asdict"):
        return value._asdict()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)
