"""Decisions by hand: a lead's grade or route, set by a person until some moment, and why.

One for a lead. Setting one, ending it, and its running out each queue exactly that lead to be scored anew, in one
transaction with the line of the audit.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from tasks.store import audit, bulk, marks, stale
from tasks.store.audit import Line
from tasks.store.engine import Store
from tasks.store.tables import overrides
from tasks.store.times import from_text, to_text

AUTOMATIC = "Truegrade itself"
COLUMNS = ("connection", "lead_id", "grade", "route", "because", "made_by", "made_at", "until")


@dataclass(frozen=True, slots=True)
class Override:
    """What was decided: a grade, a route or both; `until` is the first moment at which it does not hold any more."""

    lead_id: str
    grade: str | None
    route: str | None
    because: str
    made_by: str
    made_at: datetime
    until: datetime | None


def put(store: Store, connection: str, override: Override) -> None:
    """Set it, in place of an earlier one for the lead."""
    row = asdict(override) | {"connection": connection, "made_at": to_text(override.made_at)}
    row["until"] = to_text(override.until) if override.until else None
    with store.write() as tx:
        bulk.upsert(tx, overrides, COLUMNS, [tuple(row[name] for name in COLUMNS)], update=COLUMNS[2:])
        _changed(tx, connection, override, Line(override.made_at, override.made_by, "override set", "", {}))


def end(store: Store, connection: str, lead_id: str, *, now: datetime, actor: str) -> Override | None:
    """End the lead's decision by hand; returns it, or None when there was none."""
    mine = (overrides.c.connection == connection) & (overrides.c.lead_id == lead_id)
    with store.write() as tx:
        row = tx.execute(delete(overrides).where(mine).returning(overrides)).one_or_none()
        if row is None:
            return None
        _changed(tx, connection, _read(row), Line(now, actor, "override ended", "", {}))
    return _read(row)


def expire(store: Store, connection: str, *, now: datetime) -> int:
    """Take out what has run out, and queue its leads; returns how many. Where nothing has, this reads a few rows."""
    past = (overrides.c.connection == connection) & (overrides.c.until <= to_text(now))
    with store.read() as tx:
        if tx.execute(select(overrides.c.lead_id).where(past).limit(1)).first() is None:
            return 0
    with store.write() as tx:
        rows = tx.execute(delete(overrides).where(past).returning(overrides)).all()
        for row in rows:
            _changed(tx, connection, _read(row), Line(now, AUTOMATIC, "override expired", "", {}))
    return len(rows)


def holding(store: Store, connection: str, leads: Sequence[str], *, now: datetime) -> dict[str, Override]:
    """Return by lead what is decided by hand at this moment."""
    where, bound = "connection = ? AND (until IS NULL OR until > ?)", (connection, to_text(now))
    with store.read() as tx:
        found = bulk.find(tx, overrides, COLUMNS[1:], where=where, bound=bound, column="lead_id", values=leads)
    return {row[0]: _made(dict(zip(COLUMNS[1:], row, strict=True))) for row in found}


def every(store: Store, connection: str) -> list[Override]:
    """Return all of a connection, the one that ends next first."""
    mine = select(overrides).where(overrides.c.connection == connection)
    with store.read() as tx:
        rows = tx.execute(mine.order_by(overrides.c.until.nulls_last(), overrides.c.lead_id)).all()
    return list(map(_read, rows))


def _changed(tx: Connection, connection: str, override: Override, line: Line) -> None:
    """Queue the lead under a number of its own, which no scoring that runs now has seen, and note who did it."""
    stale.add(tx, connection, [override.lead_id], version=marks.next_version(tx, connection))
    until = to_text(override.until) if override.until else None
    detail = {"grade": override.grade, "route": override.route, "until": until}
    subject = f"{connection} {override.lead_id}"
    audit.add_with(tx, Line(line.at, line.actor, line.action, subject, detail))


def _read(row: Row[Any]) -> Override:
    return _made({name: getattr(row, name) for name in COLUMNS[1:]})


def _made(row: dict[str, Any]) -> Override:
    until = from_text(row["until"]) if row["until"] else None
    return Override(**row | {"made_at": from_text(row["made_at"]), "until": until})
