"""What is old enough to go, table by table; deleted in small transactions, so that nobody waits for it.

What still matters stays however old it is: the last run of each verb that succeeded, refusals that stand, and erasures
of persons whom the CRM still holds, for these keep them from coming back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, select, tuple_, update

from tasks.store.answers import DOWN, FILE
from tasks.store.engine import Store
from tasks.store.tables import (
    alerts,
    answers,
    audit,
    changes,
    erasures,
    handovers,
    records,
    refusals,
    runs,
    scores,
    withheld,
)
from tasks.store.times import to_text

ROWS = 2_000  # deleted in one transaction
OVER = "over "  # how the name of an alert begins that does not hold any more


@dataclass(frozen=True, slots=True)
class Aged:
    """Rows of a table that go when they are older than so many days, by the moment in one of its columns."""

    table: Table
    moment: ColumnElement[str]
    also: ColumnElement[bool] | None = None


def _needed_run() -> ColumnElement[bool]:
    """Tell runs that others look back to: the last success of each verb of a connection, and what still runs."""
    last = select(func.max(runs.c.id)).where(runs.c.state == "succeeded").group_by(runs.c.connection, runs.c.verb)
    return runs.c.id.in_(last) | runs.c.finished_at.is_(None)


def _standing() -> ColumnElement[bool]:
    same = (scores.c.connection == refusals.c.connection) & (scores.c.lead_id == refusals.c.lead_id)
    return exists(select(scores.c.lead_id).where(same & scores.c.state.in_(("refused", "pending", "parked"))))


def _still_held() -> ColumnElement[bool]:
    same = (withheld.c.connection == erasures.c.connection) & (withheld.c.subject_hash == erasures.c.subject_hash)
    return exists(select(withheld.c.gone).where(same & (withheld.c.gone == 0)))


AGED = {
    "runs": Aged(runs, runs.c.started_at, ~_needed_run()),
    "audit": Aged(audit, audit.c.at),
    "history": Aged(changes, changes.c.at),
    "refusals": Aged(refusals, refusals.c.last_at, ~_standing()),
    "answers": Aged(answers, answers.c.asked_at, answers.c.key_hash.not_in((DOWN, FILE))),
    "handovers": Aged(handovers, handovers.c.made_at, handovers.c.state.not_in(("waiting", "working"))),
    "alerts": Aged(alerts, alerts.c.since, alerts.c.name.startswith(OVER, autoescape=True)),
    "erasures": Aged(erasures, erasures.c.erased_at, ~_still_held()),
    "gone": Aged(records, records.c.gone_at, records.c.gone.is_not(None)),
}


def note_gone(store: Store, *, now: datetime) -> None:
    """Note of records that are gone since when that is known: of many the CRM tells no moment, or an old one."""
    unnoted = records.c.gone.is_not(None) & records.c.gone_at.is_(None)
    with store.write() as tx:
        tx.execute(update(records).where(unnoted).values(gone_at=to_text(now)))


def remove(store: Store, what: str, *, before: datetime, rows: int = ROWS) -> Iterator[int]:
    """Delete what is older than that, so many rows in each transaction; yields how many each deleted."""
    aged = AGED[what]
    keys = list(aged.table.primary_key.columns)
    old = aged.moment < to_text(before)
    where = old if aged.also is None else and_(old, aged.also)
    some = select(*keys).where(where).limit(rows)
    while True:
        with store.write() as tx:
            number = tx.execute(delete(aged.table).where(tuple_(*keys).in_(some))).rowcount
        if number:
            yield number
        if number < rows:
            return


def empty_log(store: Store) -> None:
    """Empty SQLite's write-ahead log, which holds what was deleted; nothing while somebody else reads.

    Source: SQLite documentation, "PRAGMA wal_checkpoint".
    """
    if store.is_sqlite:
        raw = store.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()
