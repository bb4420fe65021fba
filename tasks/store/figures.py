"""Figures for those who watch: what waits, since when, what came of the runs. Reads many tables and writes none.

Every statement is bounded or uses an index, so that a scrape each few seconds costs an installation nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, Select, and_, case, func, or_, select

from tasks.store import leases
from tasks.store.engine import Store
from tasks.store.runs import State as RunState
from tasks.store.tables import duplicates, likeness_marks, runs, scores, stale, units
from tasks.store.tables import leases as lease_rows
from tasks.store.times import from_text, to_text
from tasks.store.units import is_due

NEWEST = 2_000  # runs looked at: a week of syncs every five minutes
FEW = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """The units of a queue: how many by state, since when the oldest could have been begun, when one last ended.

    What cannot be begun is not waited for: of a connection or backfill that is paused, or behind one that excludes it.
    """

    states: dict[str, int]
    due: int
    due_since: datetime | None
    ended_at: datetime | None
    working: int


@dataclass(frozen=True, slots=True)
class Verb:
    """How the newest runs of a verb went: the last success, and the failures in a row since it."""

    verb: str
    begun_at: datetime | None  # of the last success
    succeeded_at: datetime | None
    failures: int
    first_at: datetime  # when the oldest run began that was looked at
    newest_at: datetime  # when the newest one began
    error: str | None


def queues(store: Store, *, now: datetime) -> dict[str, Queue]:
    """Look at each queue that has units."""
    counted = select(units.c.queue, units.c.state, func.count()).group_by(units.c.queue, units.c.state)
    ended = select(units.c.queue, func.max(units.c.finished_at)).group_by(units.c.queue)
    alive = and_(units.c.state == "working", units.c.lease.in_(leases.living(now)))
    working = select(units.c.queue, func.count()).where(alive).group_by(units.c.queue)
    states: dict[str, dict[str, int]] = {}
    with store.read() as tx:
        for queue, state, number in tx.execute(counted):
            states.setdefault(queue, {})[state] = number
        at_work = {row[0]: row[1] for row in tx.execute(working)}
        last = {row[0]: row[1] for row in tx.execute(ended)}
        due = {row[0]: (row[1], row[2]) for row in tx.execute(_due(now))}
    found = {}
    for queue, by_state in sorted(states.items()):
        number, since = due.get(queue, (0, None))
        found[queue] = Queue(by_state, number, _at(since), _at(last[queue]), at_work.get(queue, 0))
    return found


def _due(now: datetime) -> Select[str, int, str | None]:
    """Select for each queue the units that could be begun, and since when the oldest could."""
    alive = and_(units.c.state == "working", units.c.lease.in_(leases.living(now)))
    held = select(units.c.exclusive).where(alive, units.c.exclusive.is_not(None))
    # One whose worker died is waited for since its lease ended.
    since = case(
        (units.c.state == "waiting", units.c.not_before), else_=func.coalesce(lease_rows.c.until, units.c.not_before)
    )
    return (
        select(units.c.queue, func.count(), func.min(since))
        .select_from(units.outerjoin(lease_rows, units.c.lease == lease_rows.c.token))
        .where(is_due(now), or_(units.c.exclusive.is_(None), units.c.exclusive.not_in(held)))
        .group_by(units.c.queue)
    )


def is_worked_on(store: Store, connection: str, *, now: datetime) -> bool:
    """Tell whether somebody works on a unit of this connection at this moment."""
    alive = and_(units.c.state == "working", units.c.lease.in_(leases.living(now)))
    with store.read() as tx:
        return (
            tx.execute(select(units.c.id).where(alive, units.c.connection == connection).limit(1)).first() is not None
        )


def of_connection(store: Store, connection: str) -> dict[str, int]:
    """Count the units of a connection that are not done, by state."""
    open_units = and_(units.c.connection == connection, units.c.state.in_(("waiting", "working", "parked")))
    with store.read() as tx:
        found = tx.execute(select(units.c.state, func.count()).where(open_units).group_by(units.c.state))
        return {row[0]: row[1] for row in found}


def verbs(store: Store, connection: str, scheduled: Iterable[str] = ()) -> dict[str, Verb]:
    """Judge each verb by its newest runs; those in `scheduled` also if many runs of others came since."""
    seen: dict[str, list[Row[Any]]] = {}
    with store.read() as tx:
        for row in tx.execute(_judged(connection).limit(NEWEST)).all():
            seen.setdefault(row.verb, []).append(row)
        for verb in set(scheduled) - set(seen):
            seen[verb] = list(tx.execute(_judged(connection).where(runs.c.verb == verb).limit(FEW)).all())
    return {verb: _judge(verb, found) for verb, found in seen.items() if found}


def _judged(connection: str) -> Select[Any]:
    columns = (runs.c.verb, runs.c.state, runs.c.started_at, runs.c.finished_at, runs.c.error)
    return select(*columns).where(runs.c.connection == connection).order_by(runs.c.id.desc())


def _judge(verb: str, found: Sequence[Row[Any]]) -> Verb:
    failures, error = 0, None
    span = from_text(found[-1].started_at), from_text(found[0].started_at)
    for row in found:
        if row.state == RunState.SUCCEEDED.value:
            return Verb(verb, _at(row.started_at), _at(row.finished_at), failures, *span, error)
        if row.state == RunState.FAILED.value:
            failures, error = failures + 1, error or row.error
    return Verb(verb, None, None, failures, *span, error)


def rows(store: Store, connection: str, *, since: datetime) -> dict[str, int]:
    """Add up what runs and backfills counted that ended since then: written, refused, scored, pulled ..."""
    total: dict[str, int] = {}
    for told in _counts(store, connection, since=since):
        for term, count in orjson.loads(told).items():
            if isinstance(count, int) and not isinstance(count, bool):
                name = term.removeprefix("push_")
                total[name] = total.get(name, 0) + count
    return total


def _counts(store: Store, connection: str, *, since: datetime) -> list[str]:
    """Give what they counted, as JSON. The units of a backfill are no runs."""
    ended = and_(runs.c.connection == connection, runs.c.finished_at >= to_text(since))
    ended &= runs.c.started_at >= to_text(since - DAY)  # no run takes a day
    newest = select(runs.c.counts).where(ended).order_by(runs.c.id.desc()).limit(NEWEST)
    parts = and_(units.c.connection == connection, units.c.backfill.is_not(None), units.c.finished_at >= to_text(since))
    with store.read() as tx:
        return [*tx.execute(newest).scalars(), *tx.execute(select(units.c.counts).where(parts)).scalars()]


def unscored(store: Store, connection: str) -> int:
    """Count the leads that changed and are not scored again yet."""
    with store.read() as tx:
        return int(tx.execute(select(func.count()).where(stale.c.connection == connection)).scalar_one())


def unwritten_since(store: Store, connection: str) -> datetime | None:
    """Tell when the oldest score was made that the CRM does not have yet; None if it has them all."""
    waiting = and_(scores.c.connection == connection, scores.c.waiting == 1)
    with store.read() as tx:
        return _at(tx.execute(select(func.min(scores.c.scored_at)).where(waiting)).scalar())


@dataclass(frozen=True, slots=True)
class Twice:
    """What is there twice of a connection: (records, clusters) by entity, and when the newest was found."""

    found: dict[str, tuple[int, int]]
    newest_at: datetime | None


def twice(store: Store, connection: str) -> Twice | None:
    """Count what is there twice; None where nobody is looked for, or nobody was yet."""
    mine = duplicates.c.connection == connection
    columns = (func.count(), func.count(duplicates.c.cluster.distinct()), func.max(duplicates.c.found_at))
    looked = and_(likeness_marks.c.connection == connection, likeness_marks.c.rules != "")
    with store.read() as tx:
        is_sought = tx.execute(select(likeness_marks.c.entity).where(looked).limit(1)).first() is not None
        rows = tx.execute(select(duplicates.c.entity, *columns).where(mine).group_by(duplicates.c.entity)).all()
    if not is_sought:
        return None
    found = {row[0]: (row[1], row[2]) for row in sorted(rows, key=lambda row: row[0], reverse=True)}
    return Twice(found, _at(max((row[3] for row in rows), default=None)))


def _at(text: str | None) -> datetime | None:
    return from_text(text) if text else None
