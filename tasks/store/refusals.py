"""What the CRM refused, one row a lead, in the CRM's own words; shown beside the lead and never logged.

A refusal whose cause can pass goes out again after a wait that doubles with each further refusal, so that it is neither
forgotten nor hammered. One that a person has to mend goes out when the lead's score changes, or when somebody asks.
A row whose score has reached the CRM in another way, or is to be left alone, counts as none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, update

from connector.crm import Written
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import refusals, scores
from tasks.store.times import from_text, to_text

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
DOUBLINGS = 10  # more than it takes from the first wait to the longest, and few enough for any number of refusals
LEADS_AT_ONCE = 500  # ids bound by one statement
ROWS_AT_ONCE = 2_000
SETTLED = ("written", "excluded")  # states of a score that no refusal is about

COLUMNS = ("connection", "lead_id", "code", "message", "passing", "first_at", "last_at", "times", "next_at")


class Refusal(NamedTuple):
    """Why a lead's score is not on its record.

    `passing`: its cause can pass, and a push from `next_at` on tries again by itself. `queued`: the next push tries.
    """

    lead_id: str
    code: str
    message: str
    passing: bool
    first_at: str
    last_at: str
    times: int
    next_at: str | None
    queued: bool


class Group(NamedTuple):
    """The refusals with one of the CRM's codes.

    `passing` and `queued` count its leads. `next_at` is the first next try of those that are not queued, None without.
    """

    code: str
    leads: int
    passing: int
    queued: int
    first_at: str
    last_at: str
    next_at: str | None


_QUEUED = scores.c.waiting == 1
_OWN_SCORE = (scores.c.connection == refusals.c.connection) & (scores.c.lead_id == refusals.c.lead_id)
_REFUSAL = (*(refusals.c[name] for name in Refusal._fields[:-1]), _QUEUED)


def add(tx: Connection, connection: str, refused: Sequence[Written], *, at: str) -> None:
    """Keep the refusals; one of a lead that was refused before is counted on, and waits longer."""
    before = _seen(tx, connection, [written.id for written in refused])
    rows = []
    for written in refused:
        first_at, times = before.get(written.id, (at, 0))
        next_at = to_text(from_text(at) + wait(times + 1)) if written.passing else None
        kept = (written.code, written.message, int(written.passing), first_at, at, times + 1, next_at)
        rows.append((connection, written.id, *kept))
    bulk.upsert(tx, refusals, COLUMNS, rows, update=COLUMNS[2:])


def wait(times: int) -> timedelta:
    """Tell how long after this many refusals (1 or more) the next try is to come."""
    doubled: int = 2 ** min(times - 1, DOUBLINGS)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _seen(tx: Connection, connection: str, leads: Sequence[str]) -> dict[str, tuple[str, int]]:
    columns = ("lead_id", "first_at", "times")
    found = bulk.find(
        tx, refusals, columns, where="connection = ?", bound=(connection,), column="lead_id", values=leads
    )
    return {row[0]: (row[1], row[2]) for row in found}


def remove(tx: Connection, connection: str, leads: Sequence[str]) -> None:
    """Forget the refusals of these leads: their scores are written now, or they are to be left alone."""
    bulk.delete(tx, refusals, ("connection", "lead_id"), [(connection, lead_id) for lead_id in leads])


def requeue_due(store: Store, connection: str, *, now: datetime) -> int:
    """Queue the refused scores whose cause can have passed by now; returns how many. Repeatable.

    A next try that is farther away than the longest wait was set by a clock that was wrong, and counts as due.
    """
    next_at = refusals.c.next_at
    due = next_at.is_(None) | (next_at <= to_text(now)) | (next_at > to_text(now + LONGEST_WAIT))
    with store.write() as tx:
        return _requeue(tx, connection, (refusals.c.passing == 1) & due)


def requeue(store: Store, connection: str, *, code: str | None = None, leads: Sequence[str] | None = None) -> int:
    """Queue refused scores because somebody asks: all, those with a code, of some leads, or both. Returns how many.

    Those that are queued already are not counted.
    """
    asked = _asked(connection, code, None)
    with store.write() as tx:
        if leads is None:
            return _requeue(tx, connection, asked)
        return sum(_requeue(tx, connection, asked & refusals.c.lead_id.in_(ids)) for ids in _some(leads))


def _requeue(tx: Connection, connection: str, which: ColumnElement[bool]) -> int:
    # Step by step, with the ids in hand: as one statement PostgreSQL may look through all scores once for each of them,
    # as long as it has no statistics, which is throughout the first load.
    own = refusals.c.connection == connection
    asked = list(tx.execute(select(refusals.c.lead_id).where(own & which).order_by(refusals.c.lead_id)).scalars())
    return sum(_requeue_these(tx, connection, ids) for ids in _some(asked))


def _requeue_these(tx: Connection, connection: str, leads: Sequence[str]) -> int:
    refused = (scores.c.connection == connection) & (scores.c.state == "refused") & (scores.c.waiting == 0)
    # Who holds a row's lock is scoring that lead, which queues it anyway; to wait for it could end in a deadlock.
    chosen = select(scores.c.lead_id).where(refused & scores.c.lead_id.in_(leads)).order_by(scores.c.lead_id)
    free = list(tx.execute(chosen.with_for_update(skip_locked=True)).scalars())
    mine = (scores.c.connection == connection) & scores.c.lead_id.in_(free)
    return tx.execute(update(scores).where(mine).values(waiting=1)).rowcount if free else 0


def _some(leads: Sequence[str]) -> Iterator[Sequence[str]]:
    return (leads[start : start + LEADS_AT_ONCE] for start in range(0, len(leads), LEADS_AT_ONCE))


def newest(
    store: Store, connection: str, *, limit: int, code: str | None = None, leads: Sequence[str] | None = None
) -> list[Refusal]:
    """Return the refusals seen last: all, those with a code, of some (few) leads, or both."""
    last_first = _found(connection, code, leads).order_by(refusals.c.last_at.desc(), refusals.c.lead_id)
    with store.read() as tx:
        return [_refusal(tuple(row)) for row in tx.execute(last_first.limit(limit))]


def every(
    store: Store, connection: str, *, code: str | None = None, leads: Sequence[str] | None = None
) -> Iterator[Refusal]:
    """Yield the refusals in order of lead id, without holding all of them or a transaction."""
    by_lead = _found(connection, code, leads).order_by(refusals.c.lead_id).limit(ROWS_AT_ONCE)
    after = ""
    while True:
        with store.read() as tx:
            rows = [_refusal(tuple(row)) for row in tx.execute(by_lead.where(refusals.c.lead_id > after))]
        if not rows:
            return
        yield from rows
        after = rows[-1].lead_id


def of_lead(store: Store, connection: str, lead_id: str) -> Refusal | None:
    """Return why the lead's score is not on its record, if it was refused."""
    return next(iter(newest(store, connection, limit=1, leads=[lead_id])), None)


def groups(
    store: Store, connection: str, *, code: str | None = None, leads: Sequence[str] | None = None
) -> list[Group]:
    """Group the refusals by the CRM's code, the most frequent first; all, or as `newest`."""
    number, queued = func.count(), func.sum(case((_QUEUED, 1), else_=0))
    next_at = func.min(case((scores.c.waiting == 0, refusals.c.next_at)))
    span = (func.min(refusals.c.first_at), func.max(refusals.c.last_at), next_at)
    columns = (refusals.c.code, number, func.sum(refusals.c.passing), queued, *span)
    chosen = _standing(columns).where(_asked(connection, code, leads)).group_by(refusals.c.code)
    with store.read() as tx:
        rows = tx.execute(chosen.order_by(number.desc(), refusals.c.code))
        return [Group._make(row) for row in rows]


def by_code(store: Store, connection: str) -> dict[str, int]:
    """Count the refused leads for each of the CRM's codes, the most frequent first."""
    return {group.code: group.leads for group in groups(store, connection)}


def _found(connection: str, code: str | None, leads: Sequence[str] | None) -> Select[Any]:
    return _standing(_REFUSAL).where(_asked(connection, code, leads))


def _standing(columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(*columns).select_from(refusals.join(scores, _OWN_SCORE)).where(scores.c.state.not_in(SETTLED))


def _asked(connection: str, code: str | None, leads: Sequence[str] | None) -> ColumnElement[bool]:
    asked = refusals.c.connection == connection
    if code is not None:
        asked &= refusals.c.code == code
    return asked if leads is None else asked & refusals.c.lead_id.in_(leads)


def _refusal(row: tuple[Any, ...]) -> Refusal:
    refusal = Refusal._make(row)
    return refusal._replace(passing=bool(refusal.passing), queued=bool(refusal.queued))
