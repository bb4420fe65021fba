"""Mappings that were put in force for a connection, oldest first, each with who did it, when and why.

Lines are only ever added. The one with the highest number is in force for every process that reads the store; a
connection without any goes by its file.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from tasks.store.engine import Store
from tasks.store.tables import dictionaries
from tasks.store.times import from_text, to_text

# Of PostgreSQL, so that two people who promote at once get two numbers: any number that nobody else locks by. SQLite's
# write transaction is such a lock already.
NUMBERING_LOCK = 7_242_005


@dataclass(frozen=True, slots=True)
class Promoted:
    """A mapping as it was put in force: `text` is the file as it was, `version` the mapping's own (of its meaning)."""

    number: int
    version: str
    text: str
    applied_by: str
    why: str
    applied_at: datetime


def in_force(store: Store, connection: str) -> Promoted | None:
    """Return the mapping in force; None where none was ever promoted."""
    newest = select(dictionaries).where(dictionaries.c.connection == connection)
    with store.read() as tx:
        row = tx.execute(newest.order_by(dictionaries.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _promoted(row)


def every(store: Store, connection: str) -> list[Promoted]:
    """Return all of a connection, the newest first."""
    mine = select(dictionaries).where(dictionaries.c.connection == connection)
    with store.read() as tx:
        return [_promoted(row) for row in tx.execute(mine.order_by(dictionaries.c.number.desc()))]


def numbered(store: Store, connection: str, number: int) -> Promoted | None:
    """Return the one with that number."""
    mine = (dictionaries.c.connection == connection) & (dictionaries.c.number == number)
    with store.read() as tx:
        row = tx.execute(select(dictionaries).where(mine)).one_or_none()
    return None if row is None else _promoted(row)


def add(
    store: Store, connection: str, *, version: str, text: str, applied_by: str, why: str, now: datetime
) -> Promoted:
    """Put a mapping in force, from the next reading on, for all processes; returns it with its number, 1 or more."""
    kept = {"version": version, "text": text, "applied_by": applied_by, "why": why, "applied_at": to_text(now)}
    with store.write() as tx:
        number = _next_number(tx, connection)
        tx.execute(insert(dictionaries).values(connection=connection, number=number, **kept))
    return Promoted(number, version, text, applied_by, why, now)


def _next_number(tx: Connection, connection: str) -> int:
    if tx.dialect.name != "sqlite":
        tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({NUMBERING_LOCK})")
    highest = select(func.max(dictionaries.c.number)).where(dictionaries.c.connection == connection)
    return int(tx.execute(highest).scalar_one() or 0) + 1


def _promoted(row: Row[Any]) -> Promoted:
    at = from_text(row.applied_at)
    return Promoted(row.number, row.version, row.text, row.applied_by, row.why, at)
