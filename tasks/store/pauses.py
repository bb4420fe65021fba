"""Connections that are not to be asked for a while: a person has to mend something, or the calls of the day are spent.

When the time is up the next unit tries again: if it comes through the pause ends by itself, else the next wait is
longer. Other connections go on meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import pauses
from tasks.store.times import from_text, to_text

MISCONFIGURED, QUOTA = "misconfigured", "quota"
FIRST_WAIT_S, LONGEST_WAIT_S = 300, 3_600  # until a connection that a person has to mend is tried again
COLUMNS = ("connection", "kind", "since", "until", "reason", "fix", "times")


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a connection is not asked, and until when; `times` is how often that was found so."""

    connection: str
    kind: str
    since: datetime
    until: datetime
    reason: str
    fix: str
    times: int


def of(store: Store, connection: str) -> Pause | None:
    """Return the pause of a connection."""
    with store.read() as tx:
        row = tx.execute(select(pauses).where(pauses.c.connection == connection)).one_or_none()
    if row is None:
        return None
    since, until = from_text(row.since), from_text(row.until)
    return Pause(row.connection, row.kind, since, until, row.reason, row.fix, row.times)


def until_mended(store: Store, connection: str, *, reason: str, fix: str, now: datetime) -> datetime:
    """Pause a connection that a person has to mend; returns when it is tried again. Waits grow from 5 min to 1 h.

    What fails while it is paused for that already was begun before, and is no further try.
    """
    known = of(store, connection)
    if known and known.kind == MISCONFIGURED and now < known.until <= now + timedelta(seconds=LONGEST_WAIT_S):
        return known.until
    times = known.times + 1 if known and known.kind == MISCONFIGURED else 1
    wait_s = min(FIRST_WAIT_S * 2 ** (times - 1), LONGEST_WAIT_S)
    since = known.since if known and known.kind == MISCONFIGURED else now
    until = now + timedelta(seconds=wait_s)
    _save(store, Pause(connection, MISCONFIGURED, since, until, reason, fix, times))
    return until


def until_quota(store: Store, connection: str, *, reason: str, until: datetime, now: datetime) -> None:
    """Pause a connection whose calls are spent."""
    known = of(store, connection)
    again = known is not None and known.kind == QUOTA
    since, times = (known.since, known.times + 1) if known and again else (now, 1)
    _save(store, Pause(connection, QUOTA, since, until, reason, "", times))


def end(store: Store, connection: str) -> None:
    """End the pause: the connection was used with success. Writes nothing when there is none."""
    if of(store, connection) is not None:
        with store.write() as tx:
            tx.execute(delete(pauses).where(pauses.c.connection == connection))


def _save(store: Store, pause: Pause) -> None:
    row = (
        pause.connection, pause.kind, to_text(pause.since), to_text(pause.until), pause.reason, pause.fix, pause.times,
    )  # fmt: skip
    with store.write() as tx:
        bulk.upsert(tx, pauses, COLUMNS, [row], update=COLUMNS[1:])
