"""What became of the scores that a push sent: saved in batches, each in a transaction of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from connector.crm import Outcome, Written
from tasks.store import bulk, refusals
from tasks.store.engine import Store
from tasks.store.scores import State
from tasks.store.tables import scores
from tasks.store.times import to_text

PENDING, WRITTEN, REFUSED, PARKED, EXCLUDED = (
    str(state.value) for state in (State.PENDING, State.WRITTEN, State.REFUSED, State.PARKED, State.EXCLUDED)
)
COLUMNS = ("state", "waiting", "written_hash", "written_at", "attempts", "claimed_by", "connection", "lead_id")


class Ended(NamedTuple):
    """One outcome, with the hash of the values that were sent."""

    written: Written
    sent_hash: str


@dataclass(frozen=True, slots=True)
class PushCounts:
    """Where the rows of a push ended, each row in one place."""

    written: int = 0
    unchanged: int = 0  # the CRM held these values already; not sent
    refused: int = 0
    superseded: int = 0  # replaced by a newer score while it was on its way; that one waits
    converted: int = 0
    deleted: int = 0
    merged: int = 0
    parked: int = 0

    @property
    def excluded(self) -> int:
        return self.converted + self.deleted + self.merged

    @property
    def total(self) -> int:
        return self.written + self.unchanged + self.refused + self.superseded + self.excluded + self.parked

    def __add__(self, other: "PushCounts") -> "PushCounts":
        return PushCounts(
            self.written + other.written,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.superseded + other.superseded,
            self.converted + other.converted,
            self.deleted + other.deleted,
            self.merged + other.merged,
            self.parked + other.parked,
        )


class _Current(NamedTuple):
    """A lead's row as it is now: while its values were on their way it may have been scored again."""

    lead_id: str
    outputs_hash: str | None
    written_hash: str | None
    written_at: str | None
    attempts: int


class _After(NamedTuple):
    """What a row's columns shall be, and what it counts as."""

    counts_as: str
    state: str
    waiting: int
    written_hash: str | None
    written_at: str | None
    attempts: int


def save(store: Store, connection: str, ended: Sequence[Ended], *, now: datetime) -> PushCounts:
    """Keep the outcomes; returns where each row ended. Repeatable: a second time changes nothing but the times."""
    at = to_text(now)
    with store.write() as tx:
        if _all_written(tx, connection, ended, at):
            return PushCounts(written=len(ended))
        return _save_each(tx, connection, ended, at)


def _all_written(tx: Connection, connection: str, ended: Sequence[Ended], at: str) -> bool:
    """Keep a batch without anything unusual in it, at half the cost of a close look at each row."""
    if any(row.written.outcome is not Outcome.WRITTEN for row in ended):
        return False
    rows = [(WRITTEN, 0, row.sent_hash, at, None, row.sent_hash, 0, connection, row.written.id) for row in ended]
    columns = (
        "state", "waiting", "written_hash", "written_at", "claimed_by", "outputs_hash", "attempts", "connection",
        "lead_id",
    )  # fmt: skip
    return bulk.update(tx, scores, columns, rows, if_still=("outputs_hash", "attempts")) == len(rows)


def _save_each(tx: Connection, connection: str, ended: Sequence[Ended], at: str) -> PushCounts:
    counts: Counter[str] = Counter()
    rows, refused, settled = [], [], []
    current = _current(tx, connection, [row.written.id for row in ended])
    for row in ended:
        lead_id = row.written.id
        known = current.get(lead_id)
        if known is None:  # a pull has found the lead deleted, and erased its score, since it was sent
            counts["deleted"] += 1
            continue
        counts_as, state, waiting, *sent = _after(row, known, at)
        counts[counts_as] += 1
        rows.append((state, waiting, *sent, None, connection, lead_id))
        if counts_as == "refused":
            refused.append(row.written)
        elif known.attempts and not waiting:
            settled.append(lead_id)
    bulk.update(tx, scores, COLUMNS, rows)
    refusals.add(tx, connection, refused, at=at)
    refusals.remove(tx, connection, settled)
    return PushCounts(**counts)


def save_unchanged(store: Store, connection: str, held: Sequence[tuple[str, str]]) -> int:
    """Note that the CRM holds these scores already, given as (hash of the values, lead id).

    Returns how many of them still stand; a score that came in between waits as it did.
    """
    rows = [(WRITTEN, 0, hashed, connection, lead_id) for hashed, lead_id in held]
    columns = ("state", "waiting", "outputs_hash", "connection", "lead_id")
    with store.write() as tx:
        return bulk.update(tx, scores, columns, rows, if_still=("outputs_hash",))


def _current(tx: Connection, connection: str, leads: Sequence[str]) -> dict[str, _Current]:
    where, bound = "connection = ?", (connection,)
    found = bulk.find(tx, scores, _Current._fields, where=where, bound=bound, column="lead_id", values=leads)
    return {row.lead_id: row for row in map(_Current._make, found)}


def _after(row: Ended, known: _Current, at: str) -> _After:
    outcome, sent = row.written.outcome, row.sent_hash
    kept = known.written_hash, known.written_at, known.attempts
    match outcome:
        case Outcome.WRITTEN if sent == known.outputs_hash:
            return _After("written", WRITTEN, 0, sent, at, 0)
        case Outcome.WRITTEN:
            return _superseded(known, sent, at, 0)
        case Outcome.REFUSED if sent == known.outputs_hash:
            return _After("refused", REFUSED, 0, *kept[:2], attempts=known.attempts + 1)
        case Outcome.REFUSED:
            return _superseded(known, *kept)
        case Outcome.PARKED:
            return _After("parked", PARKED, 1, *kept)
        case Outcome.CONVERTED | Outcome.DELETED | Outcome.MERGED:
            return _After(outcome.value, EXCLUDED, 0, *kept)


def _superseded(known: _Current, written_hash: str | None, written_at: str | None, attempts: int) -> _After:
    """Let the score that came in between wait, unless it says that the lead is to be left alone."""
    again = known.outputs_hash is not None
    state = PENDING if again else EXCLUDED
    return _After("superseded", state, int(again), written_hash, written_at, attempts)
