"""What services told of each record, with source and moment, and which records have yet to be asked for.

A row is opened when a record with a key is seen (`wanted`), filled when its key is answered (`fill`), and due again
when the answer is old. It goes with its record.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.tables import enrichments
from tasks.store.times import from_text, to_text

LEAD = Entity.LEAD.value
COLUMNS = ("connection", "entity", "id", "source", "key_hash", "data", "made_at", "due_at")

Values = Mapping[str, str]


class Told(NamedTuple):
    """What a service told of a lead; `made_at` None: it has not been asked yet."""

    source: str
    values: Values
    made_at: datetime | None


class Filled(NamedTuple):
    """A lead whose key was answered, or could not be; then `values` are None, and what was told before goes."""

    lead_id: str
    key_hash: str
    values: Values | None
    due_at: datetime


def wanted(store: Store, connection: str, source: str, keys: Mapping[str, str | None], *, now: datetime) -> int:
    """Note for leads which key (as a hash; None: they have none) they are to be asked for; returns how many are new.

    What was told of another key goes; what was told of this one stays.
    """
    with store.write() as tx:
        here = living(tx, connection, Entity.LEAD, keys)
        held = _hashes(tx, connection, source, keys)
        fresh = [(lead, key) for lead, key in keys.items() if key and held.get(lead) != key and lead in here]
        at = to_text(now)
        rows = [(connection, LEAD, lead, source, key, None, None, at) for lead, key in fresh]
        bulk.upsert(tx, enrichments, COLUMNS, rows, update=("key_hash", "data", "made_at", "due_at"))
        lost = [(connection, LEAD, lead, source) for lead in held if not keys[lead]]
        bulk.delete(tx, enrichments, ("connection", "entity", "id", "source"), lost)
        return len(fresh)


def _hashes(tx: Connection, connection: str, source: str, leads: Iterable[str]) -> dict[str, str]:
    where, bound = "connection = ? AND entity = ? AND source = ?", (connection, LEAD, source)
    found = bulk.find(tx, enrichments, ("id", "key_hash"), where=where, bound=bound, column="id", values=leads)
    return dict(found)


def due(store: Store, connection: str, source: str, *, now: datetime, number: int) -> list[str]:
    """Name leads that are to be asked for, those that have waited longest first."""
    mine = (enrichments.c.connection == connection) & (enrichments.c.source == source)
    chosen = select(enrichments.c.id).where(mine & (enrichments.c.due_at <= to_text(now)))
    with store.read() as tx:
        return list(tx.execute(chosen.order_by(enrichments.c.due_at, enrichments.c.id).limit(number)).scalars())


def fill(tx: Connection, connection: str, source: str, rows: Sequence[Filled], *, now: datetime) -> list[str]:
    """Keep what was told of these leads, if they are still here; returns those of which it is another than before."""
    here = living(tx, connection, Entity.LEAD, [row.lead_id for row in rows])
    rows = [row for row in rows if row.lead_id in here]
    before = {lead: told.values for lead, some in _told(tx, connection, [row.lead_id for row in rows]).items()
              for told in some if told.source == source}  # fmt: skip
    at = to_text(now)
    made = [
        (connection, LEAD, row.lead_id, source, row.key_hash, _packed(row.values), at, to_text(row.due_at))
        for row in rows
    ]
    bulk.upsert(tx, enrichments, COLUMNS, made, update=("key_hash", "data", "made_at", "due_at"))
    return [row.lead_id for row in rows if dict(before.get(row.lead_id, {})) != dict(row.values or {})]


def are_any(tx: Connection, connection: str, source: str, leads: Iterable[str]) -> bool:
    """Tell whether any of these leads has a row of that source: not when all have gone meanwhile."""
    return bool(_hashes(tx, connection, source, leads))


def put_off(tx: Connection, connection: str, source: str, leads: Iterable[str], *, until: datetime) -> None:
    """Ask for these leads no earlier than then; what was told of them before stays."""
    rows = [(to_text(until), connection, LEAD, lead, source) for lead in leads]
    bulk.update(tx, enrichments, ("due_at", "connection", "entity", "id", "source"), rows)


def of(store: Store, connection: str, leads: Iterable[str]) -> dict[str, list[Told]]:
    """Return what services told of these leads; those of which nothing is known are left out."""
    with store.read() as tx:
        return _told(tx, connection, leads)


def waiting(store: Store, connection: str, source: str, *, now: datetime) -> tuple[int, int]:
    """Count the leads that are to be asked for, and those of which something was told."""
    mine = (enrichments.c.connection == connection) & (enrichments.c.source == source)
    with store.read() as tx:
        number = select(func.count()).select_from(enrichments)
        waits = tx.execute(number.where(mine & (enrichments.c.due_at <= to_text(now)))).scalar_one()
        known = tx.execute(number.where(mine & enrichments.c.data.is_not(None))).scalar_one()
    return int(waits), int(known)


def _told(tx: Connection, connection: str, leads: Iterable[str]) -> dict[str, list[Told]]:
    where, bound = "connection = ? AND entity = ?", (connection, LEAD)
    columns = ("id", "source", "data", "made_at")
    found = bulk.find(tx, enrichments, columns, where=where, bound=bound, column="id", values=leads)
    told: dict[str, list[Told]] = {}
    for lead, source, data, made_at in found:
        values = orjson.loads(data) if data else {}
        told.setdefault(lead, []).append(Told(source, values, from_text(made_at) if made_at else None))
    return told


def _packed(values: Values | None) -> str | None:
    return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS).decode() if values else None
