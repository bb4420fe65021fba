"""Processes that serve, as they report themselves: when each was last heard of, and when it last ended some work.

A process that runs and does nothing looks alive from outside; what it writes here is what tells. Names are made by
`name_here`, so that a health check in the same container knows its own.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import processes
from tasks.store.times import from_text, to_text

COLUMNS = ("name", "kind", "queues", "started_at", "seen_at", "worked_at")


@dataclass(frozen=True, slots=True)
class Process:
    """A worker or a beat; `worked_at` is when it last ended a piece of work, None before the first."""

    name: str
    kind: str
    queues: tuple[str, ...]
    started_at: datetime
    seen_at: datetime
    worked_at: datetime | None

    @property
    def host(self) -> str:
        return self.name.partition(":")[0]


def host_here() -> str:
    """Tell what this machine, or container, is called."""
    return socket.gethostname()


def name_here(kind: str) -> str:
    """Name this process: "host:kind:1234", as `beat` wants it."""
    return f"{host_here()}:{kind}:{os.getpid()}"


def beat(store: Store, name: str, kind: str, queues: Sequence[str], *, now: datetime, worked: bool) -> None:
    """Note that the process lives, and, if `worked`, that it has just ended a piece of work.

    Meant to be called every 15 s or so; the first call makes the row.
    """
    at = to_text(now)
    row = (name, kind, ",".join(queues), at, at, at if worked else None)
    update = ("kind", "queues", "seen_at", *(("worked_at",) if worked else ()))
    with store.write() as tx:
        bulk.upsert(tx, processes, COLUMNS, [row], update=update)


def worked(store: Store, name: str, *, now: datetime) -> None:
    """Note that a process which reports has just ended a piece of work; of others nothing is noted."""
    at = to_text(now)
    with store.write() as tx:
        tx.execute(update(processes).where(processes.c.name == name).values(seen_at=at, worked_at=at))


def ended(store: Store, name: str) -> None:
    """Take a process out that stops in good order."""
    with store.write() as tx:
        tx.execute(delete(processes).where(processes.c.name == name))


def forget(store: Store, *, before: datetime) -> int:
    """Take those out that were last seen before then: they were killed long ago. Returns how many."""
    with store.write() as tx:
        return tx.execute(delete(processes).where(processes.c.seen_at < to_text(before))).rowcount


def every(store: Store) -> list[Process]:
    """Return all processes, by name."""
    with store.read() as tx:
        return [_process(row) for row in tx.execute(select(processes).order_by(processes.c.name))]


def _process(row: Row[tuple[object, ...]]) -> Process:
    return Process(
        row.name,
        row.kind,
        tuple(queue for queue in row.queues.split(",") if queue),
        from_text(row.started_at),
        from_text(row.seen_at),
        from_text(row.worked_at) if row.worked_at else None,
    )
