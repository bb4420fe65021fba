"""Who changed what of the configuration, and when. Lines are only ever added, and hold no secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, insert, select

from tasks.store.engine import Store
from tasks.store.tables import audit
from tasks.store.times import from_text, to_text


@dataclass(frozen=True, slots=True)
class Line:
    """One change: `actor` did `action` to `subject`."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def add(store: Store, line: Line) -> None:
    """Add a line. `detail` names settings and numbers, never a secret or a person's data."""
    with store.write() as tx:
        add_with(tx, line)


def add_with(tx: Connection, line: Line) -> None:
    """Add a line together with the change that it tells of."""
    row = {"at": to_text(line.at), "actor": line.actor, "action": line.action, "subject": line.subject}
    tx.execute(insert(audit).values(**row, detail=orjson.dumps(line.detail).decode()))


def newest(store: Store, *, limit: int) -> list[Line]:
    """Return the newest lines, the last one first."""
    with store.read() as tx:
        rows = tx.execute(select(audit).order_by(audit.c.id.desc()).limit(limit)).all()
    return list(map(_line, rows))


def last(store: Store, where: ColumnElement[bool]) -> Line | None:
    """Return the newest line of those."""
    with store.read() as tx:
        row = tx.execute(select(audit).where(where).order_by(audit.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _line(row)


def _line(row: Row[Any]) -> Line:
    return Line(from_text(row.at), row.actor, row.action, row.subject, orjson.loads(row.detail))
