"""Work in units: each is done once, by whoever claims it, and outlives all who work on it.

Celery only carries the news that there is work. A unit is claimed, ended and put back here, in transactions: a message
that is lost, doubled or late changes nothing. A unit whose worker died is claimed again when the lease has ended; one
that keeps killing its workers is parked, for a person to look at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update

from tasks.store import bulk, leases
from tasks.store.engine import Store
from tasks.store.tables import backfills, pauses, units
from tasks.store.times import from_text, to_text

LIVE, BACKFILL, TRAIN = "live", "backfill", "train"
QUEUES = (LIVE, BACKFILL, TRAIN)
MOST_ATTEMPTS = 10  # so often may a unit's workers die, or a unit fail, before it is parked
LONGEST_WAIT = timedelta(days=2)  # nothing ever waits longer: what seems to was put off before the clock went back
CLAIM_LOCK = 7310519  # a number of our own choosing: claims are made one at a time, in a millisecond each
LOOKED_AT = 50
DIED = "Its worker died each time that it was tried (killed for want of memory, or by a bug)."
COLUMNS = (
    "id", "connection", "queue", "verb", "arguments", "exclusive", "backfill", "priority", "state", "attempts",
    "not_before", "counts", "created_at",
)  # fmt: skip


class State(StrEnum):
    """How a unit stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class New:
    """A unit to add. `id` is its idempotency key; of those with one `exclusive`, one at a time is worked on."""

    id: str
    connection: str
    queue: str
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    exclusive: str | None = None
    backfill: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it stands."""

    id: str
    connection: str
    queue: str
    verb: str
    arguments: dict[str, Any]
    backfill: str | None
    state: State
    priority: int
    attempts: int
    not_before: datetime
    counts: dict[str, Any]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def add(tx: Connection, new: Iterable[New], *, now: datetime) -> None:
    """Add units; one whose id is there already stays as it is."""
    at = to_text(now)
    rows = [
        (
            unit.id, unit.connection, unit.queue, unit.verb, orjson.dumps(dict(unit.arguments)).decode(),
            unit.exclusive, unit.backfill, unit.priority, State.WAITING.value, 0, at, "{}", at,
        )
        for unit in new
    ]  # fmt: skip
    bulk.upsert(tx, units, COLUMNS, rows, update=())


def is_open(tx: Connection, exclusive: str, verb: str) -> bool:
    """Tell whether a unit of that verb waits already, or is worked on."""
    mine = and_(units.c.exclusive == exclusive, units.c.verb == verb, _open())
    return tx.execute(select(units.c.id).where(mine).limit(1)).first() is not None


def claim(
    store: Store, queue: str, *, token: str, now: datetime, at_a_time: int, attempts: int = MOST_ATTEMPTS
) -> Unit | None:
    """Take the next unit of the queue that is due, for the lease `token`; None when there is none.

    `at_a_time` is the most units of a backfill that are worked on at once for one connection.
    """
    with store.write() as tx:
        serialize(tx)
        found = _due(queue, now).where(_may_begin(queue, now, at_a_time))
        for row in tx.execute(found.order_by(units.c.priority, units.c.id).limit(LOOKED_AT)).all():
            if row.attempts >= attempts:
                _park(tx, row.id, row.error or DIED, now)
                _stick(tx, row.backfill)
            else:
                values = {"state": State.WORKING.value, "attempts": row.attempts + 1, "lease": token}
                began = row.started_at or to_text(now)
                tx.execute(update(units).where(units.c.id == row.id).values(**values, started_at=began))
                return _unit(row)
    return None


def serialize(tx: Connection) -> None:
    """Let nobody else claim or end units until the transaction ends (SQLite's write transactions do so anyway)."""
    if tx.dialect.name != "sqlite":
        tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CLAIM_LOCK})")


def _due(queue: str | None, now: datetime) -> Any:
    return select(units).where(units.c.queue == queue if queue else _open(), is_due(now))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Tell units whose time has come: nobody works on them, and neither connection nor backfill is paused."""
    paused = select(pauses.c.connection).where(_ahead(pauses.c.until, now))
    running = select(backfills.c.id).where(backfills.c.state == "running")
    return and_(
        or_(units.c.state == State.WAITING.value, _abandoned(now)),
        ~_ahead(units.c.not_before, now),
        units.c.connection.not_in(paused),
        or_(units.c.backfill.is_(None), units.c.backfill.in_(running)),
    )


def _ahead(column: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Tell a moment to come; one that is too far away was written before the clock was put back."""
    return and_(column > to_text(now), column <= to_text(now + LONGEST_WAIT))


def _abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(units.c.state == State.WORKING.value, units.c.lease.not_in(leases.living(now)))


def _open() -> ColumnElement[bool]:
    return units.c.state.in_((State.WAITING.value, State.WORKING.value))


def _may_begin(queue: str, now: datetime, at_a_time: int) -> ColumnElement[bool]:
    """Tell units that nobody else's work holds up; told for all at once, so that many of one never hide another."""
    others = units.alias("others")
    working = and_(others.c.state == State.WORKING.value, others.c.lease.in_(leases.living(now)))
    taken = select(others.c.exclusive).where(working, others.c.exclusive.is_not(None))
    full = select(others.c.connection).where(working, others.c.queue == queue).group_by(others.c.connection)
    free = units.c.connection.not_in(full.having(func.count() >= at_a_time))
    alone = units.c.exclusive.is_not(None)
    return or_(and_(alone, units.c.exclusive.not_in(taken)), and_(~alone, free))


def is_mine(tx: Connection, unit: Unit, token: str) -> bool:
    """Tell whether the unit is still worked on under that lease."""
    chosen = and_(units.c.id == unit.id, units.c.lease == token, units.c.state == State.WORKING.value)
    return tx.execute(select(units.c.id).where(chosen)).first() is not None


def note(store: Store, unit: Unit, token: str, counts: Mapping[str, Any]) -> None:
    """Note how far it is, for whoever tries it next; nothing when it is no longer ours."""
    mine = and_(units.c.id == unit.id, units.c.lease == token)
    with store.write() as tx:
        tx.execute(update(units).where(mine).values(counts=orjson.dumps(dict(counts)).decode()))


def end(tx: Connection, unit: Unit, *, counts: Mapping[str, Any], now: datetime, error: str | None = None) -> None:
    """Note that it is done; `error` tells what kept it from doing more, if that is for people to know."""
    values = {"state": State.DONE.value, "counts": orjson.dumps(dict(counts)).decode(), "error": error}
    tx.execute(update(units).where(units.c.id == unit.id).values(**values, finished_at=to_text(now), lease=None))


def postpone(tx: Connection, unit: Unit, *, until: datetime, error: str, again: bool) -> None:
    """Put it back until then; `again` when that does not count as a failure of the unit."""
    attempts = 0 if again else units.c.attempts
    values = {"state": _unless_cancelled(State.WAITING), "not_before": to_text(until), "error": error, "lease": None}
    tx.execute(update(units).where(units.c.id == unit.id).values(**values, attempts=attempts))


def park(tx: Connection, unit: Unit, *, error: str, now: datetime) -> None:
    """Let nobody try it again until a person says so; its backfill is stuck."""
    _park(tx, unit.id, error, now)
    _stick(tx, unit.backfill)


def _park(tx: Connection, unit_id: str, error: str, now: datetime) -> None:
    values = {"state": _unless_cancelled(State.PARKED), "error": error, "finished_at": to_text(now), "lease": None}
    tx.execute(update(units).where(units.c.id == unit_id).values(**values))


def _unless_cancelled(state: State) -> ColumnElement[str]:
    """Give that state to units, but to those of a backfill that was cancelled while they were worked on its own."""
    cancelled = select(backfills.c.id).where(backfills.c.state == State.CANCELLED.value)
    return case((units.c.backfill.in_(cancelled), State.CANCELLED.value), else_=state.value)


def _stick(tx: Connection, backfill: str | None) -> None:
    if backfill is not None:
        stuck = and_(backfills.c.id == backfill, backfills.c.state == "running")
        open_units = select(units.c.id).where(units.c.backfill == backfill, _open())
        if tx.execute(open_units.limit(1)).first() is None:
            tx.execute(update(backfills).where(stuck).values(state="stuck"))


def release(tx: Connection, where: ColumnElement[bool], *, now: datetime) -> int:
    """Let parked units be tried again; returns how many."""
    values = {"state": State.WAITING.value, "attempts": 0, "not_before": to_text(now), "finished_at": None}
    return tx.execute(update(units).where(units.c.state == State.PARKED.value, where).values(**values)).rowcount


def due(store: Store, now: datetime) -> dict[str, int]:
    """Count the units that may be worked on now, by queue."""
    found = _due(None, now).subquery()
    with store.read() as tx:
        counted = tx.execute(select(found.c.queue, func.count()).group_by(found.c.queue))
        return {row[0]: row[1] for row in counted}


def of_backfill(store: Store, backfill: str) -> list[Unit]:
    """Return the units of a backfill, in order of id."""
    with store.read() as tx:
        return [
            _unit(row) for row in tx.execute(select(units).where(units.c.backfill == backfill).order_by(units.c.id))
        ]


def parked(store: Store, connection: str | None = None) -> list[Unit]:
    """Return the units that a person has to look at."""
    chosen = select(units).where(units.c.state == State.PARKED.value)
    if connection is not None:
        chosen = chosen.where(units.c.connection == connection)
    with store.read() as tx:
        return [_unit(row) for row in tx.execute(chosen.order_by(units.c.id))]


def forget(store: Store, *, before: datetime) -> int:
    """Forget the units without a backfill that ended before then; returns how many."""
    ended = and_(units.c.state == State.DONE.value, units.c.finished_at < to_text(before), units.c.backfill.is_(None))
    with store.write() as tx:
        return tx.execute(units.delete().where(ended)).rowcount


def _unit(row: Row[Any]) -> Unit:
    return Unit(
        id=row.id,
        connection=row.connection,
        queue=row.queue,
        verb=row.verb,
        arguments=orjson.loads(row.arguments),
        backfill=row.backfill,
        state=State(row.state),
        priority=row.priority,
        attempts=row.attempts,
        not_before=from_text(row.not_before),
        counts=orjson.loads(row.counts),
        error=row.error,
        created_at=from_text(row.created_at),
        started_at=from_text(row.started_at) if row.started_at else None,
        finished_at=from_text(row.finished_at) if row.finished_at else None,
    )
