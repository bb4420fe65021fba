"""One execution of a verb: whether it lives, how far it came, how it ended. Holds numbers and no personal data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Row, insert, select, update

from connector.clock import Clock
from connector.errors import ConnectorError
from tasks.errors import TO_BE_MENDED, NotEnoughHistory
from tasks.store import leases
from tasks.store.engine import Store
from tasks.store.tables import runs
from tasks.store.times import from_text, to_text

Counts = dict[str, Any]
BY_HAND = "It was stopped by hand. Every verb may be run again."
STOPPED = "It stopped without a word (killed, or the machine went down). Every verb may be run again."


class State(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, with what it counted so far."""

    id: int
    connection: str
    verb: str
    state: State
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None
    counts: Counts
    error: str | None


@dataclass(slots=True)
class Recording:
    """A run while it runs: put what it counted into `counts`."""

    store: Store
    id: int
    clock: Clock
    counts: Counts


@contextmanager
def recorded(
    store: Store, connection: str, verb: str, clock: Clock, *, lease: str | None = None
) -> Iterator[Recording]:
    """Record the block as a run; an error in it ends the run as failed and goes on up.

    Of errors that a person can mend, or that pass, the message is kept, which says what to do and holds no field value;
    of all others only the kind.
    """
    run = Recording(store, begin(store, connection, verb, now=clock.now(), lease=lease), clock, {})
    try:
        yield run
    except BaseException as error:
        _end(run, State.FAILED, _told(error))
        raise
    _end(run, State.SUCCEEDED, None)


def _told(error: BaseException) -> str:
    if isinstance(error, (ConnectorError, *TO_BE_MENDED, NotEnoughHistory)):
        return str(error)
    if isinstance(error, SystemExit):  # Celery ends its processes so when they are to stop at once
        return STOPPED
    return BY_HAND if isinstance(error, KeyboardInterrupt) else type(error).__name__


def begin(store: Store, connection: str, verb: str, *, now: datetime, lease: str | None = None) -> int:
    """Note that a run has begun; returns its id."""
    at = to_text(now)
    row = {"connection": connection, "verb": verb, "state": State.RUNNING.value, "started_at": at, "heartbeat_at": at}
    with store.write() as tx:
        key = tx.execute(insert(runs).values(**row, counts="{}", lease=lease)).inserted_primary_key
    assert key is not None
    return int(key[0])


def close_silent(store: Store, connection: str, *, now: datetime) -> int:
    """End the runs as failed whose lease has ended: their process did not live to say so. Returns how many."""
    silent = (runs.c.connection == connection) & (runs.c.state == State.RUNNING.value)
    silent &= runs.c.lease.is_(None) | runs.c.lease.not_in(leases.living(now))
    values = {"state": State.FAILED.value, "error": STOPPED, "finished_at": to_text(now)}
    with store.write() as tx:
        return tx.execute(update(runs).where(silent).values(**values)).rowcount


def newest(store: Store, connection: str, *, limit: int) -> list[Run]:
    """Return the newest runs of a connection, the last one first."""
    chosen = select(runs).where(runs.c.connection == connection).order_by(runs.c.id.desc()).limit(limit)
    with store.read() as tx:
        return [_run(row) for row in tx.execute(chosen)]


def last_success(store: Store, connection: str, verb: str) -> Run | None:
    """Return the last run of the verb that succeeded."""
    mine = (runs.c.connection == connection) & (runs.c.verb == verb) & (runs.c.state == State.SUCCEEDED.value)
    with store.read() as tx:
        row = tx.execute(select(runs).where(mine).order_by(runs.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row)


def _end(run: Recording, state: State, error: str | None) -> None:
    at = to_text(run.clock.now())
    _set(run.store, run.id, state=state.value, error=error, finished_at=at, heartbeat_at=at, counts=_json(run.counts))


def _set(store: Store, run_id: int, **values: str | None) -> None:
    with store.write() as tx:
        tx.execute(update(runs).where(runs.c.id == run_id).values(**values))


def _json(counts: Counts) -> str:
    return orjson.dumps(counts).decode()


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        connection=row.connection,
        verb=row.verb,
        state=State(row.state),
        started_at=from_text(row.started_at),
        heartbeat_at=from_text(row.heartbeat_at),
        finished_at=from_text(row.finished_at) if row.finished_at else None,
        counts=orjson.loads(row.counts),
        error=row.error,
    )
