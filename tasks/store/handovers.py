"""Hand-overs of leads that have become hot: each once for an occasion, tried again until it is taken or over.

An occasion is the score that a lead rose from, so that a run that is repeated finds the same rise, and not another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import handovers, scores
from tasks.store.times import from_text, to_text

MOST_TRIES = 30  # over a day, with waits that grow to an hour
LONGEST_WAIT = timedelta(hours=1)
CLAIMED_FOR = timedelta(minutes=2)  # longer than one try takes
COLUMNS = (
    "connection", "lead_id", "kind", "occasion", "state", "arguments", "tries", "not_before", "told", "made_at",
)  # fmt: skip


class State(StrEnum):
    """How far a hand-over is."""

    WAITING = "waiting"
    SENT = "sent"
    OVER = "over"  # before it was told, the lead was gone or hot no more
    FAILED = "failed"  # tried too often


@dataclass(frozen=True, slots=True)
class Rise:
    """A lead that is hot now and was not before; `was` is the grade before, None for a first score."""

    lead_id: str
    occasion: str
    grade: str
    was: str | None


@dataclass(frozen=True, slots=True)
class Handover:
    """One hand-over as it is kept; `told` is what became of the last try."""

    connection: str
    kind: str
    rise: Rise
    state: State
    tries: int
    not_before: datetime
    told: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """The grade that a lead had, and when it was scored."""

    grade: str | None
    scored_at: str


@dataclass(frozen=True, slots=True)
class Late:
    """Hand-overs that do not get done: `given_up` of `number`, the first made at `since`; `told` by the last try."""

    number: int
    given_up: int
    since: datetime
    told: str | None


def grades(tx: Connection, connection: str, leads: Sequence[str]) -> dict[str, Before]:
    """Return the grades of those of the leads that were scored."""
    columns = ("lead_id", "grade", "scored_at")
    found = bulk.find(tx, scores, columns, where="connection = ?", bound=(connection,), column="lead_id", values=leads)
    return {lead: Before(grade, scored_at) for lead, grade, scored_at in found}


def add(tx: Connection, connection: str, kind: str, rises: Sequence[Rise], *, now: datetime) -> None:
    """Keep rises that are to be told; those that are kept already stay as they are."""
    at = to_text(now)
    for rise in rises:
        arguments = orjson.dumps({"grade": rise.grade, "was": rise.was}).decode()
        row = (connection, rise.lead_id, kind, rise.occasion, State.WAITING.value, arguments, 0, at, None, at)
        key = (handovers.c.connection == connection) & (handovers.c.lead_id == rise.lead_id)
        key &= (handovers.c.kind == kind) & (handovers.c.occasion == rise.occasion)
        if tx.execute(select(handovers.c.state).where(key)).first() is None:
            tx.execute(insert(handovers).values(dict(zip(COLUMNS, row, strict=True))))


def due(store: Store, connection: str, kind: str, *, now: datetime, limit: int) -> list[Handover]:
    """Return what is to be tried now, what waits longest first."""
    mine = (handovers.c.connection == connection) & (handovers.c.kind == kind)
    waiting = (handovers.c.state == State.WAITING.value) & (handovers.c.not_before <= to_text(now))
    chosen = select(handovers).where(mine & waiting).order_by(handovers.c.not_before, handovers.c.lead_id).limit(limit)
    with store.read() as tx:
        return list(map(_made, tx.execute(chosen).mappings()))


def connections_due(store: Store, *, now: datetime) -> list[str]:
    """Name the connections of which something is to be tried now."""
    waiting = (handovers.c.state == State.WAITING.value) & (handovers.c.not_before <= to_text(now))
    with store.read() as tx:
        found = select(handovers.c.connection).where(waiting).distinct().order_by(handovers.c.connection)
        return list(tx.execute(found).scalars())


def claim(store: Store, one: Handover, *, now: datetime) -> bool:
    """Begin a try, of all who would at once only one; a try whose process dies is repeated after two minutes."""
    values = {"tries": one.tries + 1, "not_before": to_text(now + CLAIMED_FOR)}
    still = (handovers.c.tries == one.tries) & (handovers.c.state == State.WAITING.value)
    with store.write() as tx:
        return tx.execute(update(handovers).where(_is(one) & still).values(values)).rowcount == 1


def ended(store: Store, one: Handover, state: State, told: str | None = None) -> None:
    """Note how it ended."""
    with store.write() as tx:
        tx.execute(update(handovers).where(_is(one)).values(state=state.value, told=told))


def failed(store: Store, one: Handover, told: str, *, now: datetime) -> None:
    """Note that a claimed try failed: it is tried again after 1, 2, 4 ... 60 minutes, thirty times."""
    wait = min(timedelta(minutes=2 ** min(one.tries, 10)), LONGEST_WAIT)
    state = State.FAILED if one.tries + 1 >= MOST_TRIES else State.WAITING
    values = {"state": state.value, "told": told, "not_before": to_text(now + wait)}
    with store.write() as tx:
        tx.execute(update(handovers).where(_is(one)).values(values))


def retry(store: Store, connection: str, *, now: datetime) -> int:
    """Let all that failed or wait be tried at once; returns how many."""
    mine = (handovers.c.connection == connection) & handovers.c.state.in_((State.WAITING.value, State.FAILED.value))
    with store.write() as tx:
        values = {"state": State.WAITING.value, "tries": 0, "not_before": to_text(now)}
        return tx.execute(update(handovers).where(mine).values(values)).rowcount


def counts(store: Store, connection: str) -> dict[State, int]:
    """Count the hand-overs in each state that occurs."""
    grouped = select(handovers.c.state, func.count()).where(handovers.c.connection == connection)
    with store.read() as tx:
        return {State(state): number for state, number in tx.execute(grouped.group_by(handovers.c.state))}


def late(store: Store, connection: str, *, tries: int, before: datetime, given_up_since: datetime) -> "Late | None":
    """Sum up what has waited since before that moment or was tried so often, and what was given up of late.

    None when nothing is late.
    """
    mine = handovers.c.connection == connection
    waits = (handovers.c.state == State.WAITING.value) & (
        (handovers.c.tries >= tries) | (handovers.c.made_at <= to_text(before))
    )
    given_up = (handovers.c.state == State.FAILED.value) & (handovers.c.made_at >= to_text(given_up_since))
    chosen = select(handovers.c.state, handovers.c.made_at, handovers.c.told).where(mine & (waits | given_up))
    with store.read() as tx:
        rows = tx.execute(chosen.order_by(handovers.c.made_at, handovers.c.lead_id)).all()
    if not rows:
        return None
    told = next((row.told for row in reversed(rows) if row.told), None)
    number = sum(row.state == State.FAILED.value for row in rows)
    return Late(len(rows), number, from_text(rows[0].made_at), told)


def newest(store: Store, connection: str, *, limit: int) -> list[Handover]:
    """Return the newest hand-overs, the last one first."""
    mine = select(handovers).where(handovers.c.connection == connection)
    with store.read() as tx:
        found = tx.execute(mine.order_by(handovers.c.made_at.desc(), handovers.c.lead_id).limit(limit))
        return list(map(_made, found.mappings()))


def _is(one: Handover) -> ColumnElement[bool]:
    mine = (handovers.c.connection == one.connection) & (handovers.c.lead_id == one.rise.lead_id)
    return mine & (handovers.c.kind == one.kind) & (handovers.c.occasion == one.rise.occasion)


def _made(row: RowMapping) -> Handover:
    rise = Rise(row["lead_id"], row["occasion"], **orjson.loads(row["arguments"]))
    moments = {name: from_text(row[name]) for name in ("not_before", "made_at")}
    state = State(row["state"])
    return Handover(row["connection"], row["kind"], rise, state, row["tries"], told=row["told"], **moments)
