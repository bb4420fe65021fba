"""The companies whose values wait for the CRM, and what became of those that were sent; as `sending` and `outcomes`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, or_, select, update

from connector.crm import Outcome, Written
from tasks.store import bulk, marks
from tasks.store import company_scores as kept
from tasks.store.company_scores import KEY
from tasks.store.engine import Store
from tasks.store.refusals import LONGEST_WAIT, wait
from tasks.store.scores import State
from tasks.store.tables import company_scores
from tasks.store.times import from_text, to_text

ENDED = (
    "state", "waiting", "written_hash", "written_at", "code", "message", "passing", "times", "next_at", "outputs_hash",
    *KEY,
)  # fmt: skip


GONE = (Outcome.DELETED, Outcome.MERGED)


class Waiting(NamedTuple):
    """Values to send."""

    company_id: str
    outputs: str
    outputs_hash: str
    written_hash: str | None
    written_at: str | None
    times: int


class Refused(NamedTuple):
    """The companies whose values were refused with one code, the CRM's words for one of them."""

    code: str
    companies: int
    message: str


def waiting(store: Store, connection: str) -> int:
    """Count the companies with values to send."""
    mine = (company_scores.c.connection == connection) & (company_scores.c.waiting == 1)
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(company_scores).where(mine)).scalar_one())


def page(store: Store, connection: str, *, after: str, size: int) -> list[Waiting]:
    """Return the next values to send, in order of company id."""
    table = company_scores
    mine = (table.c.connection == connection) & (table.c.waiting == 1) & (table.c.company_id > after)
    columns = [table.c[name] for name in Waiting._fields]
    found = select(*columns).where(mine & table.c.outputs.is_not(None)).order_by(table.c.company_id).limit(size)
    with store.read() as tx:
        return [Waiting._make(row) for row in tx.execute(found)]


def save_outcomes(
    store: Store, connection: str, ended: Sequence[tuple[Waiting, Written]], *, now: datetime
) -> dict[str, int]:
    """Keep what became of values that were sent; returns how many ended how. What was reckoned since still waits."""
    with store.write() as tx:
        marks.locked(tx, connection)  # nobody reckons between the look at what stands and the end of this transaction
        current = _current(tx, connection, [row.company_id for row, _ in ended])
        gone = {row.company_id for row, written in ended if written.outcome in GONE or row.company_id not in current}
        rows = [_ended(connection, row, written, to_text(now)) for row, written in ended if row.company_id not in gone]
        still = [row for row in rows if current[row[-1]] == row[-3]]
        bulk.update(tx, company_scores, ENDED, still, if_still=("outputs_hash",))
        if len(still) < len(rows):
            _note_what_it_holds(tx, connection, [row for row in rows if current[row[-1]] != row[-3]])
        kept.drop(tx, connection, gone)
    states = [row[0] for row in still]
    counts = {one.value: states.count(one.value) for one in (State.WRITTEN, State.REFUSED, State.PARKED)}
    return counts | {"excluded": len(gone), "superseded": len(rows) - len(still)}


def _current(tx: Connection, connection: str, companies: Sequence[str]) -> dict[str, str | None]:
    """Tell the hash of each company's values as they are by now."""
    how: dict[str, Any] = {"where": "connection = ?", "bound": (connection,)}
    found = bulk.find(tx, company_scores, ("company_id", "outputs_hash"), **how, column="company_id", values=companies)
    return dict(found)


def _note_what_it_holds(tx: Connection, connection: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Note what the CRM took of companies that were reckoned anew meanwhile, so that it is written over."""
    held = [(row[2], row[3], *row[-2:]) for row in rows if row[0] == State.WRITTEN]
    bulk.update(tx, company_scores, ("written_hash", "written_at", *KEY), held)
    again = (
        "UPDATE company_scores SET state = 'pending', waiting = 1 WHERE connection = ? AND state = 'written' "
        "AND outputs_hash <> written_hash"
    )
    tx.exec_driver_sql(bulk.sql(tx, again), (connection,))


def _ended(connection: str, row: Waiting, written: Written, at: str) -> tuple[Any, ...]:
    own = (row.outputs_hash, connection, row.company_id)
    match written.outcome:
        case Outcome.WRITTEN:
            return (State.WRITTEN.value, 0, row.outputs_hash, at, None, None, 0, 0, None, *own)
        case Outcome.PARKED:
            return (State.PARKED.value, 1, row.written_hash, row.written_at, None, None, 0, row.times, None, *own)
        case _:
            times, passing = row.times + 1, written.passing
            next_at = to_text(from_text(at) + wait(times)) if passing else None
            told = (written.code, written.message, int(passing), times, next_at)
            return (State.REFUSED.value, 0, row.written_hash, row.written_at, *told, *own)


def save_unchanged(store: Store, connection: str, rows: Sequence[Waiting]) -> None:
    """Note that the CRM holds these values already."""
    told = [(State.WRITTEN.value, 0, row.outputs_hash, connection, row.company_id) for row in rows]
    with store.write() as tx:
        bulk.update(tx, company_scores, ("state", "waiting", "outputs_hash", *KEY), told, if_still=("outputs_hash",))


def requeue(store: Store, connection: str, *, now: datetime, asked: bool = False) -> int:
    """Queue refused values whose cause can have passed by now, or all because somebody asks; returns how many."""
    table = company_scores
    is_over = or_(table.c.next_at <= to_text(now), table.c.next_at > to_text(now + LONGEST_WAIT))
    due = and_(table.c.next_at.is_not(None), is_over)
    mine = (table.c.connection == connection) & (table.c.state == State.REFUSED.value) & (table.c.waiting == 0)
    with store.write() as tx:
        return tx.execute(update(table).where(mine if asked else mine & due).values(waiting=1)).rowcount


def refused(store: Store, connection: str) -> list[Refused]:
    """Group the companies whose values were refused by the CRM's code, the most frequent first."""
    table = company_scores
    mine = (table.c.connection == connection) & (table.c.state == State.REFUSED.value)
    number = func.count()
    found = select(table.c.code, number, func.max(table.c.message)).where(mine).group_by(table.c.code)
    with store.read() as tx:
        return [Refused._make(row) for row in tx.execute(found.order_by(number.desc(), table.c.code))]
