"""What a connection's calls have cost: the CRM's latest word on its day, and our own calls by hour and purpose.

Calls are counted before they are made, a few at a time, in one transaction with the decision whether they may be: so
all workers together keep to the limit, and a worker that is killed leaves at most those few counted too many. What was
not used is given back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text, update

from tasks.store.engine import Store
from tasks.store.tables import calls, quotas
from tasks.store.times import from_text, to_text

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEPT = timedelta(days=32)
SHOWN = 2 * DAY  # how far back a ledger reaches: a day, however it is counted, is over by then
NEVER = ""

Found = Row[Any] | None

_COUNT = text(
    "INSERT INTO calls (connection, hour, purpose, number) VALUES (:connection, :hour, :purpose, :number) "
    "ON CONFLICT (connection, hour, purpose) DO UPDATE SET number = calls.number + excluded.number"
)
_OPEN = text("INSERT INTO quotas (connection, told_at) VALUES (:connection, '') ON CONFLICT (connection) DO NOTHING")


@dataclass(frozen=True, slots=True)
class Report:
    """What the CRM said of the calls of its day, by anybody, and when; None where it does not say."""

    used: int | None
    granted: int | None
    resets_at: datetime | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of ours in the hour that begins at `hour`."""

    hour: datetime
    purpose: str
    number: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that a decision needs: the latest report, and our calls of the last two days, oldest first."""

    report: Report
    spent: tuple[Spent, ...]


def hour_of(at: datetime) -> datetime:
    """Give the hour in which the moment is."""
    return at.replace(minute=0, second=0, microsecond=0)


def of(store: Store, connection: str, *, now: datetime) -> Ledger:
    """Read what is known of a connection's calls."""
    with store.read() as tx:
        row = tx.execute(select(quotas).where(quotas.c.connection == connection)).one_or_none()
        return _ledger(tx, connection, row, now)


@contextmanager
def deciding(
    store: Store, connection: str, *, report: Report | None, now: datetime
) -> Iterator[tuple[Connection, Ledger]]:
    """Give what is known, in a transaction in which `count` may take calls; `report` is kept first if it is the newest.

    One caller at a time decides for a connection, so that no two of them give away the same calls.
    """
    with store.write() as tx:
        row = _locked(tx, connection)
        if report is not None:
            _keep(tx, connection, row, report, now=now)
            row = _locked(tx, connection)
        yield tx, _ledger(tx, connection, row, now)


def count(tx: Connection, connection: str, purpose: str, *, hour: datetime, number: int) -> None:
    """Count calls of that hour; a negative number gives them back."""
    tx.execute(_COUNT, {"connection": connection, "hour": to_text(hour), "purpose": purpose, "number": number})


def settle(
    store: Store, connection: str, purpose: str, *, hour: datetime, unused: int, report: Report | None, now: datetime
) -> None:
    """Give back calls that were counted in that hour and not made, and keep the report if it is the newest."""
    with store.write() as tx:
        row = _locked(tx, connection)
        if report is not None:
            _keep(tx, connection, row, report, now=now)
        if unused:
            count(tx, connection, purpose, hour=hour, number=-unused)
        old = (calls.c.connection == connection) & (calls.c.hour < to_text(now - KEPT))
        tx.execute(delete(calls).where(old))


def _locked(tx: Connection, connection: str) -> Found:
    """Read the connection's row, and have it for ourselves until the transaction ends.

    SQLAlchemy leaves FOR UPDATE out on SQLite, where a transaction that writes is alone anyway.
    """
    statement = select(quotas).where(quotas.c.connection == connection).with_for_update()
    row = tx.execute(statement).one_or_none()
    if row is None:
        tx.execute(_OPEN, {"connection": connection})
        row = tx.execute(statement).one_or_none()
    return row


def _keep(tx: Connection, connection: str, row: Found, report: Report, *, now: datetime) -> None:
    """Save a report that is no older than the one we have; what it does not say stays as it was.

    One that we have from the future was told before the clock was set back.
    """
    told_at = to_text(report.told_at) if report.told_at else NEVER
    if row is not None and told_at < row.told_at <= to_text(now):
        return
    resets_at = to_text(report.resets_at) if report.resets_at else None
    said = {"used": report.used, "granted": report.granted, "resets_at": resets_at, "told_at": told_at}
    kept = {name: value for name, value in said.items() if value is not None}
    tx.execute(update(quotas).where(quotas.c.connection == connection).values(**kept))


def _ledger(tx: Connection, connection: str, row: Found, now: datetime) -> Ledger:
    since = to_text(hour_of(now) - SHOWN)
    found = tx.execute(
        select(calls.c.hour, calls.c.purpose, calls.c.number)
        .where(calls.c.connection == connection, calls.c.hour >= since)
        .order_by(calls.c.hour, calls.c.purpose)
    )
    spent = tuple(Spent(from_text(hour), purpose, number) for hour, purpose, number in found)
    return Ledger(_report(row), spent)


def _report(row: Found) -> Report:
    if row is None:
        return Report(None, None, None, None)
    resets_at, told_at = (from_text(at) if at else None for at in (row.resets_at, row.told_at))
    return Report(row.used, row.granted, resets_at, told_at)
