"""The line that stays of each erasure: when, by whom, why, and how much of what went; of whom, by a keyed hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from connector.crm import Entity
from tasks.store import bulk, withheld
from tasks.store.engine import Store
from tasks.store.tables import erasures
from tasks.store.times import from_text, to_text

COLUMNS = ("id", "connection", "subject_hash", "asked_by", "why", "counts", "erased_at")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One person's erasure: `counts` are rows by table; the person is known by `subject_hash` alone."""

    id: str
    connection: str
    subject_hash: str
    asked_by: str
    why: str
    counts: dict[str, int]
    erased_at: datetime


def note(tx: Connection, erasure: Erasure) -> None:
    """Keep the line of an erasure; a person who is erased again has one line, with all that ever went."""
    before = tx.execute(select(erasures).where(erasures.c.id == erasure.id)).one_or_none()
    counts = _added(orjson.loads(before.counts) if before else {}, erasure.counts)
    row = (
        erasure.id, erasure.connection, erasure.subject_hash, erasure.asked_by, erasure.why,
        orjson.dumps(counts).decode(), to_text(erasure.erased_at),
    )  # fmt: skip
    bulk.upsert(tx, erasures, COLUMNS, [row], update=COLUMNS[3:])


def is_noted(tx: Connection, erasure_id: str) -> bool:
    """Tell whether there is a line of this erasure."""
    return tx.execute(select(erasures.c.id).where(erasures.c.id == erasure_id)).first() is not None


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def of_lead(store: Store, connection: str, lead_id: str) -> Erasure | None:
    """Return the erasure of a lead, by its id; None when it never was erased here."""
    with store.read() as tx:
        hashed = withheld.known_hashing(tx, connection)
        if hashed is None:
            return None
        mine = erasures.c.subject_hash == hashed(Entity.LEAD, lead_id)
        row = tx.execute(select(erasures).where(mine & (erasures.c.connection == connection))).one_or_none()
    return None if row is None else _erasure(row)


def newest(store: Store, *, limit: int) -> list[Erasure]:
    """Return the newest erasures, the last one first."""
    with store.read() as tx:
        rows = tx.execute(select(erasures).order_by(erasures.c.erased_at.desc(), erasures.c.id).limit(limit))
        return [_erasure(row) for row in rows]


def _erasure(row: Row[Any]) -> Erasure:
    at = from_text(row.erased_at)
    return Erasure(row.id, row.connection, row.subject_hash, row.asked_by, row.why, orjson.loads(row.counts), at)
