"""Enriched values for fields of the CRM's own: which are to be written, and what became of each.

A row is planned with the score of its lead, in one transaction. One that is `sending` was on its way when somebody
stopped; `tasks.store.backs` tells how a value of ours is known again, whatever becomes of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.backs import Back, Ended, Planned, State
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.refusals import LONGEST_WAIT, wait
from tasks.store.tables import write_backs
from tasks.store.times import from_text, to_text

KEY = ("connection", "lead_id", "field")
PLANNED = (*KEY, "source", "value", "state", "planned_at", "times")
ENDED = ("state", "written", "written_at", "code", "message", "times", "next_at", "sent", *KEY)
LEFT = ("state", "value", "sent", *KEY)
NO_STAMPS: Mapping[str, str] = MappingProxyType({})
OPEN = (State.PENDING, State.SENDING)


class Refused(NamedTuple):
    """The values of a field that were refused with one code, the CRM's words for the newest of them."""

    field: str
    code: str
    leads: int
    message: str


def of(store: Store, connection: str, leads: Iterable[str]) -> dict[str, dict[str, Back]]:
    """Return what was planned or written of these leads, by lead and field; those without any are left out."""
    with store.read() as tx:
        found = find(tx, connection, leads)
    told: dict[str, dict[str, Back]] = {}
    for back in found:
        told.setdefault(back.lead_id, {})[back.field] = back
    return told


def plan(tx: Connection, connection: str, rows: Sequence[Planned], *, now: datetime) -> int:
    """Keep what is to be written, of leads that are still there; returns how many values that is.

    A value that was refused or left before is planned again only if it is another one.
    """
    if not rows:
        return 0
    leads = sorted({row.lead_id for row in rows})
    here = living(tx, connection, Entity.LEAD, leads)
    known = {(back.lead_id, back.field): back for back in find(tx, connection, leads)}
    fresh = [row for row in rows if row.lead_id in here and _is_new(row, known.get((row.lead_id, row.field)))]
    at = to_text(now)
    made = [(connection, row.lead_id, row.field, row.source, row.value, State.PENDING.value, at, 0) for row in fresh]
    bulk.upsert(tx, write_backs, PLANNED, made, update=PLANNED[len(KEY) :])
    return len(made)


def _is_new(row: Planned, known: Back | None) -> bool:
    if known is None or known.state == State.THEIRS:
        return known is None
    return known.state in (State.WRITTEN, State.KNOWN) or known.value != row.value


def leave(store: Store, connection: str, backs: Sequence[Back]) -> None:
    """Plan these no more: nothing of ours is written there. What may have been written before stays known as ours."""
    kept, gone = [], []
    for back in backs:
        key = (connection, back.lead_id, back.field)
        if back.written or back.noting():
            state = State.WRITTEN if back.written else State.KNOWN
            end = State.THEIRS if back.state == State.THEIRS else state
            kept.append((end.value, back.written or "", back.noting(), *key))
        else:
            gone.append(key)
    with store.write() as tx:
        bulk.update(tx, write_backs, LEFT, kept)
        bulk.delete(tx, write_backs, KEY, gone)


def taken_over(tx: Connection, connection: str, backs: Iterable[Back]) -> None:
    """Note that people have written there: what stands there is theirs, even where it is a value that was ours."""
    rows = [(State.THEIRS.value, back.noting(), connection, back.lead_id, back.field) for back in backs]
    bulk.update(tx, write_backs, ("state", "sent", *KEY), rows)


def page(
    store: Store, connection: str, *, after: str, leads: int, fields: Collection[str] | None = None
) -> dict[str, list[Back]]:
    """Return the values that wait to be written to these fields (None: any), of the next so many leads by id.

    Values for fields that a mapping names no more wait until one names them again.
    """
    columns = [write_backs.c[name] for name in Back._fields]
    mine = _waiting(connection, fields)
    with store.read() as tx:
        next_leads = select(write_backs.c.lead_id).where(mine & (write_backs.c.lead_id > after)).distinct()
        ids = list(tx.execute(next_leads.order_by(write_backs.c.lead_id).limit(leads)).scalars())
        if not ids:
            return {}
        within = mine & (write_backs.c.lead_id > after) & (write_backs.c.lead_id <= ids[-1])
        rows = tx.execute(select(*columns).where(within).order_by(write_backs.c.lead_id, write_backs.c.field))
        found = [Back._make(row) for row in rows]
    return {lead: list(some) for lead, some in groupby(found, key=lambda back: back.lead_id)}


def are_any(store: Store, connection: str) -> bool:
    """Tell whether anything was ever planned or written here."""
    mine = select(write_backs.c.state).where(write_backs.c.connection == connection)
    with store.read() as tx:
        return tx.execute(mine.limit(1)).first() is not None


def waiting(store: Store, connection: str, *, fields: Collection[str] | None = None) -> int:
    """Count the leads with values that wait to be written to these fields; None: to any."""
    mine = _waiting(connection, fields)
    with store.read() as tx:
        return int(tx.execute(select(func.count(write_backs.c.lead_id.distinct())).where(mine)).scalar_one())


def _waiting(connection: str, fields: Collection[str] | None) -> ColumnElement[bool]:
    mine = (write_backs.c.connection == connection) & write_backs.c.state.in_(OPEN)
    return mine if fields is None else mine & write_backs.c.field.in_(sorted(fields))


def begin(store: Store, connection: str, backs: Iterable[Back], stamps: Mapping[str, str] = NO_STAMPS) -> None:
    """Note that these are on their way, so that what a crash leaves in the CRM is known to be ours.

    `stamps` are those of the records, by lead, as they were right before.
    """
    rows = [
        (State.SENDING.value, back.noting(back.value), stamps.get(back.lead_id), connection, back.lead_id, back.field)
        for back in backs
    ]
    with store.write() as tx:
        bulk.update(tx, write_backs, ("state", "sent", "stamp_at", *KEY), rows)


def save(store: Store, connection: str, ended: Sequence[Ended], *, now: datetime) -> None:
    """Keep what became of these values: what the CRM did not take is no value of ours."""
    at = to_text(now)
    rows = []
    for one in ended:
        is_written, is_refused = one.state is State.WRITTEN, one.state is State.REFUSED
        times = one.back.times + is_refused
        next_at = to_text(from_text(at) + wait(times)) if is_refused and one.passing else None
        written = (one.written, at) if is_written else (one.back.written, one.back.written_at)
        sent = one.back.noting(*filter(None, [one.back.written, one.written])) if is_written else one.back.noting()
        told = (one.code, one.message, times, next_at, sent)
        rows.append((one.state.value, *written, *told, connection, one.back.lead_id, one.back.field))
    with store.write() as tx:
        bulk.update(tx, write_backs, ENDED, rows)


def standing(store: Store, connection: str) -> dict[str, int]:
    """Count by field the values that the CRM took from us, but for those that pulls have seen people write over."""
    taken = (write_backs.c.connection == connection) & write_backs.c.written.is_not(None)
    mine = taken & (write_backs.c.state != State.THEIRS)
    chosen = select(write_backs.c.field, func.count()).where(mine).group_by(write_backs.c.field)
    with store.read() as tx:
        return {row[0]: int(row[1]) for row in tx.execute(chosen.order_by(write_backs.c.field))}


def requeue(store: Store, connection: str, *, now: datetime, asked: bool = False) -> int:
    """Queue refused values whose cause can have passed by now, or all because somebody asks; returns how many."""
    next_at = write_backs.c.next_at
    due = and_(next_at.is_not(None), or_(next_at <= to_text(now), next_at > to_text(now + LONGEST_WAIT)))
    mine = (write_backs.c.connection == connection) & (write_backs.c.state == State.REFUSED)
    again = update(write_backs).where(mine if asked else mine & due).values(state=State.PENDING.value)
    with store.write() as tx:
        return tx.execute(again).rowcount


def refused(store: Store, connection: str) -> list[Refused]:
    """Group the refused values by field and code, the most frequent first."""
    mine = (write_backs.c.connection == connection) & (write_backs.c.state == State.REFUSED)
    number, words = func.count(), func.max(write_backs.c.message)
    chosen = select(write_backs.c.field, write_backs.c.code, number, words).where(mine)
    with store.read() as tx:
        rows = tx.execute(chosen.group_by(write_backs.c.field, write_backs.c.code).order_by(number.desc(), "field"))
        return [Refused._make(row) for row in rows]


def find(tx: Connection, connection: str, leads: Iterable[str]) -> list[Back]:
    """Return what was planned or written of these leads, in no order, within a transaction."""
    where, bound = "connection = ?", (connection,)
    found = bulk.find(tx, write_backs, Back._fields, where=where, bound=bound, column="lead_id", values=leads)
    return list(map(Back._make, found))
