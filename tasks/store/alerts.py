"""What somebody should know, as long as it holds: told once, again after a day, and once more when it is over.

A row's name is its idempotency key, so any number of processes may review at once. What is over keeps its row, renamed,
until that was told too; should it come back within `QUIET`, nothing is said, so that a state which comes and goes does
not fill a channel.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from tasks.store.engine import Store
from tasks.store.tables import alerts
from tasks.store.times import from_text, to_text

OVER = "over "  # before the name of what does not hold any more
HOLDS = timedelta(minutes=1)  # what passes sooner, such as a clock that jumped, is told to nobody
REPEAT = timedelta(days=1)
QUIET = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that holds now. `told` is a sentence for people that says what to do; `connection` may be None."""

    name: str
    connection: str | None
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An alert as it is kept. `since` is when it began, or ended if it `is_over`; `tries` are failed deliveries."""

    alert: Alert
    since: datetime
    told_at: datetime | None
    tries: int
    is_over: bool

    def due_at(self) -> datetime:
        """Tell when it is to be sent next: soon, or after growing waits if that failed, or a day after the last."""
        start = self.since + HOLDS if self.told_at is None else self.told_at + REPEAT
        if self.is_over:
            start = self.since + QUIET
        return start + sum((min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n in range(self.tries)), timedelta(0))


def note(store: Store, found: Sequence[Alert], *, now: datetime) -> list[Alert]:
    """Keep what holds now and mark the rest as over; returns what is new. Repeatable at any time."""
    with store.write() as tx:
        known = {kept.alert.name: kept for kept in _all(tx)}
        _end(tx, [kept for name, kept in known.items() if name not in {alert.name for alert in found}], now)
        return [alert for alert in found if _raise(tx, alert, known.get(alert.name), now)]


def _raise(tx: Connection, alert: Alert, known: Kept | None, now: datetime) -> bool:
    """Keep one that holds; tells whether it is new."""
    values: dict[str, Any] = {"connection": alert.connection, "kind": alert.kind, "told": alert.told}
    if known is None:
        tx.execute(insert(alerts).values(name=alert.name, **values, since=to_text(now), told_at=None, tries=0))
        return True
    if known.is_over:
        values |= {"name": alert.name, "since": to_text(now), "tries": 0}
    tx.execute(update(alerts).where(alerts.c.name == _key(known)).values(**values))
    return False


def _end(tx: Connection, gone: Iterable[Kept], now: datetime) -> None:
    for kept in gone:
        row = alerts.c.name == _key(kept)
        if kept.told_at is None:  # nobody has heard of it, so nobody need hear that it is over
            tx.execute(delete(alerts).where(row))
        elif not kept.is_over:
            tx.execute(update(alerts).where(row).values(name=OVER + kept.alert.name, since=to_text(now), tries=0))


def due(store: Store, *, now: datetime) -> list[Kept]:
    """Return what is to be sent now, the oldest first."""
    return [kept for kept in every(store) if kept.due_at() <= now]


def sent(store: Store, kept: Kept, *, now: datetime) -> None:
    """Note that people were told; what is over goes."""
    row = alerts.c.name == _key(kept)
    with store.write() as tx:
        tx.execute(
            delete(alerts).where(row)
            if kept.is_over
            else update(alerts).where(row).values(told_at=to_text(now), tries=0)
        )


def failed(store: Store, kept: Kept) -> None:
    """Note that telling people did not work; the next try is later."""
    with store.write() as tx:
        tx.execute(update(alerts).where(alerts.c.name == _key(kept)).values(tries=kept.tries + 1))


def every(store: Store) -> list[Kept]:
    """Return all, the oldest first; those that are over and not told yet among them."""
    with store.read() as tx:
        return _all(tx)


def _all(tx: Connection) -> list[Kept]:
    return [_kept(row) for row in tx.execute(select(alerts).order_by(alerts.c.since, alerts.c.name))]


def _key(kept: Kept) -> str:
    return OVER + kept.alert.name if kept.is_over else kept.alert.name


def _kept(row: Row[Any]) -> Kept:
    name = row.name.removeprefix(OVER)
    return Kept(
        alert=Alert(name, row.connection, row.kind, row.told),
        since=from_text(row.since),
        told_at=from_text(row.told_at) if row.told_at else None,
        tries=row.tries,
        is_over=name != row.name,
    )
