"""What the CRM refused, one row a lead, in the CRM's own words; shown beside the lead and never logged."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Written
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import refusals

COLUMNS = ("connection", "lead_id", "code", "message", "passing", "first_at", "last_at", "times")


class Refusal(NamedTuple):
    """Why a lead's score is not on its record. `passing`: the next push tries again by itself."""

    lead_id: str
    code: str
    message: str
    passing: bool
    first_at: str
    last_at: str
    times: int


def add(tx: Connection, connection: str, refused: Sequence[Written], *, at: str) -> None:
    """Keep the refusals; one of a lead that was refused before is counted on."""
    before = _seen(tx, connection, [written.id for written in refused])
    rows = []
    for written in refused:
        first_at, times = before.get(written.id, (at, 0))
        row = (connection, written.id, written.code, written.message, int(written.passing), first_at, at, times + 1)
        rows.append(row)
    bulk.upsert(tx, refusals, COLUMNS, rows, update=COLUMNS[2:])


def _seen(tx: Connection, connection: str, leads: Sequence[str]) -> dict[str, tuple[str, int]]:
    columns = ("lead_id", "first_at", "times")
    found = bulk.find(
        tx, refusals, columns, where="connection = ?", bound=(connection,), column="lead_id", values=leads
    )
    return {row[0]: (row[1], row[2]) for row in found}


def remove(tx: Connection, connection: str, leads: Sequence[str]) -> None:
    """Forget the refusals of these leads: their scores are written now, or they are to be left alone."""
    bulk.delete(tx, refusals, ("connection", "lead_id"), [(connection, lead_id) for lead_id in leads])


def newest(store: Store, connection: str, *, limit: int) -> list[Refusal]:
    """Return the refusals seen last."""
    columns = [refusals.c[name] for name in Refusal._fields]
    chosen = select(*columns).where(refusals.c.connection == connection)
    with store.read() as tx:
        rows = tx.execute(chosen.order_by(refusals.c.last_at.desc(), refusals.c.lead_id).limit(limit))
        return [_refusal(tuple(row)) for row in rows]


def of_lead(store: Store, connection: str, lead_id: str) -> Refusal | None:
    """Return why the lead's score is not on its record, if it was refused."""
    columns = [refusals.c[name] for name in Refusal._fields]
    mine = (refusals.c.connection == connection) & (refusals.c.lead_id == lead_id)
    with store.read() as tx:
        row = tx.execute(select(*columns).where(mine)).one_or_none()
    return None if row is None else _refusal(tuple(row))


def by_code(store: Store, connection: str) -> dict[str, int]:
    """Count the refused leads for each of the CRM's codes, the most frequent first."""
    counted = func.count()
    chosen = select(refusals.c.code, counted).where(refusals.c.connection == connection).group_by(refusals.c.code)
    with store.read() as tx:
        return {row[0]: row[1] for row in tx.execute(chosen.order_by(counted.desc(), refusals.c.code))}


def _refusal(row: tuple[object, ...]) -> Refusal:
    refusal = Refusal(*row)  # type: ignore[arg-type]  # the columns' types are those of the table
    return refusal._replace(passing=bool(refusal.passing))
