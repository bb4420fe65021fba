"""The scores that wait for the CRM: counted, and claimed page by page by the push that sends them.

A claim is a lease's token on the row. It lasts while the lease does: what a push that died had claimed is free again.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, select

from tasks.store import bulk, leases
from tasks.store.engine import Store
from tasks.store.refusals import LONGEST_WAIT
from tasks.store.tables import scores
from tasks.store.times import to_text

FREE = (
    "(claimed_by IS NULL OR (claimed_by <> ? AND "
    "claimed_by NOT IN (SELECT token FROM leases WHERE until > ? AND until <= ?)))"
)


class Waiting(NamedTuple):
    """A score to send."""

    lead_id: str
    outputs: str
    outputs_hash: str
    written_hash: str | None


class Queue(NamedTuple):
    """How many scores wait: those claimed for ourselves already, and those that anybody may send."""

    own: int
    free: int


def waiting(store: Store, connection: str, *, now: datetime, token: str | None = None) -> Queue:
    """Count the scores that a push under that lease may send now."""
    free = scores.c.claimed_by.is_(None) | and_(
        scores.c.claimed_by != (token or ""), scores.c.claimed_by.not_in(leases.living(now))
    )
    mine = (scores.c.connection == connection) & (scores.c.waiting == 1)
    counted = select(func.count()).where
    with store.read() as tx:
        own = tx.execute(counted(mine & (scores.c.claimed_by == token))).scalar_one() if token else 0
        return Queue(int(own), int(tx.execute(counted(mine & free)).scalar_one()))


def claim_page(
    store: Store,
    connection: str,
    *,
    token: str,
    own: bool,
    after: str,
    last: str | None = None,
    size: int,
    now: datetime,
) -> list[Waiting]:
    """Take the next scores to send, in order of lead id: those that are claimed for the lease, or those that are free.

    Nobody else sends them as long as the lease lives.
    """
    whose, bound = ("claimed_by = ?", [token])
    if not own:
        whose, bound = FREE, [token, to_text(now), to_text(now + timedelta(seconds=leases.LONGEST_S))]
    upto, end = (" AND lead_id <= ?", (last,)) if last is not None else ("", ())
    statement = (
        "SELECT lead_id, outputs, outputs_hash, written_hash FROM scores "  # noqa: S608  our own words
        f"WHERE connection = ? AND waiting = 1 AND lead_id > ? AND {whose}{upto} ORDER BY lead_id LIMIT ?"
    )
    with store.write() as tx:
        lock = "" if tx.dialect.name == "sqlite" else " FOR UPDATE SKIP LOCKED"
        found = bulk.rows(tx, statement + lock, (connection, after, *bound, *end, size))
        if not own:
            claimed = [(token, connection, row[0]) for row in found]
            bulk.update(tx, scores, ("claimed_by", "connection", "lead_id"), claimed)
    return list(map(Waiting._make, found))


def peek(
    store: Store, connection: str, *, after: str, size: int, now: datetime, refused: bool = False
) -> list[Waiting]:
    """Return the next scores that a push begun now would take, in order of lead id, without claiming them.

    Those that wait, refused ones whose next try has come, and with `refused` every refused one.
    """
    due = "(r.passing = 1 AND (r.next_at IS NULL OR r.next_at <= ? OR r.next_at > ?))"
    asked = "" if not refused else " OR 1 = 1"
    statement = (
        "SELECT lead_id, outputs, outputs_hash, written_hash FROM scores s "  # noqa: S608  our own words
        "WHERE connection = ? AND lead_id > ? AND (waiting = 1 OR (state = 'refused' AND EXISTS (SELECT 1 FROM "
        f"refusals r WHERE r.connection = s.connection AND r.lead_id = s.lead_id AND ({due}{asked})))) "
        "ORDER BY lead_id LIMIT ?"
    )
    bound = (connection, after, to_text(now), to_text(now + LONGEST_WAIT), size)
    with store.read() as tx:
        return [Waiting._make(row) for row in bulk.rows(tx, statement, bound)]
