"""The newest score of each lead: what it was made from, what it says, and whether the CRM has it.

A row is `waiting` until a push has placed it. What the CRM holds is known by `written_hash`; a score whose values have
that hash already is never sent. A score that replaces another one while that is on its way to the CRM goes out again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk, leases, marks, stale
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.tables import leases as leases_table
from tasks.store.tables import scores
from tasks.store.times import to_text


class State(StrEnum):
    """What became of a lead's newest score."""

    PENDING = "pending"  # to be sent
    WRITTEN = "written"  # the CRM holds these values
    REFUSED = "refused"  # the CRM said no; see `tasks.store.refusals`
    PARKED = "parked"  # not sent for want of API calls; the next push sends it
    EXCLUDED = "excluded"  # converted, merged, deleted, or a customer already: left alone


class Known(NamedTuple):
    """What is known of a lead's last scoring."""

    model: str
    inputs_hash: str
    state: str
    waiting: bool
    score: int | None
    outputs_hash: str | None
    scored_at: str
    inputs: str | None
    previous_score: int | None
    previous_at: str | None
    previous_inputs: str | None
    written_hash: str | None

    @property
    def is_in_crm(self) -> bool:
        """Whether this score is the one the CRM holds."""
        return self.outputs_hash is not None and self.outputs_hash == self.written_hash


class Previous(NamedTuple):
    """The score that the CRM held before, since when, and the inputs that it was made from."""

    score: int | None = None
    at: str | None = None
    inputs: str | None = None


class Scored(NamedTuple):
    """A lead's new score: `outputs` are values by CRM field, `outputs_hash` a hash over all but the moment of scoring.

    `inputs` are the feature values that it was made from, as JSON; `previous_*` is what the CRM holds, or held, before.
    The values of an excluded lead are all None but its creation.
    """

    lead_id: str
    model: str
    inputs_hash: str
    state: State
    score: int | None = None
    grade: str | None = None
    likelihood: float | None = None
    outputs: str | None = None
    outputs_hash: str | None = None
    lead_created_at: str | None = None
    inputs: str | None = None
    previous_score: int | None = None
    previous_at: str | None = None
    previous_inputs: str | None = None


class Hot(NamedTuple):
    """A lead to call: `outputs` are the values for the CRM, by field."""

    lead_id: str
    score: int
    grade: str
    likelihood: float | None
    outputs: dict[str, Any]


SCORED = (
    "connection", "lead_id", "model", "inputs_hash", "state", "waiting", "score", "grade", "likelihood", "outputs",
    "outputs_hash", "scored_at", "lead_created_at", "inputs", "previous_score", "previous_at", "previous_inputs",
    "as_of", "claimed_by", "attempts",
)  # fmt: skip


def known(store: Store, connection: str, leads: Sequence[str]) -> dict[str, Known]:
    """Return what is known of those of the leads that were scored before."""
    with store.read() as tx:
        found = bulk.find(
            tx,
            scores,
            ("lead_id", *Known._fields),
            where="connection = ?",
            bound=(connection,),
            column="lead_id",
            values=leads,
        )
    return {row[0]: Known._make(row[1:]) for row in found}


def outputs(store: Store, connection: str, leads: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the values for the CRM, by field, of those of the leads that have a score."""
    with store.read() as tx:
        how: dict[str, Any] = {"where": "connection = ? AND outputs IS NOT NULL", "bound": (connection,)}
        found = bulk.find(tx, scores, ("lead_id", "outputs"), **how, column="lead_id", values=leads)
    return {lead_id: orjson.loads(text) for lead_id, text in found}


class Saved(NamedTuple):
    """What became of a chunk's scores: the leads whose score was kept, and those that another push is just sending.

    The latter have a new score all the same, which goes out after that push. None was kept when another model has taken
    over since.
    """

    kept: frozenset[str]
    sent_by_others: frozenset[str]


def _nothing(tx: Connection, kept: frozenset[str]) -> None:
    """Do nothing before scores are kept."""


def save(
    store: Store,
    connection: str,
    scored: Sequence[Scored],
    *,
    span: stale.Span,
    now: datetime,
    made_by: str | None = None,
    token: str | None = None,
    before: Callable[[Connection, frozenset[str]], None] = _nothing,
) -> Saved | None:
    """Keep the scores of a chunk and take its span out of the queue of stale leads, in one transaction.

    Leads that are gone by now are left out, and those that somebody scored meanwhile as of a later change, or with
    `made_by` from the same inputs: what a score says of the one before may differ, and a lead is not told two things.
    What has to be sent is claimed for the lease `token`. None, and nothing is done, when leads have been marked as
    stale for another model than `made_by`, so that these scores are out of date before they are kept. `before` is
    called with the leads whose scores are kept, while those of before still stand.
    """
    at = to_text(now)
    with store.write() as tx:
        if made_by is not None and marks.locked(tx, connection).marked_model != made_by:
            return None
        leads = [row.lead_id for row in scored]
        known = _held(tx, connection, leads, now)
        here = living(tx, connection, Entity.LEAD, leads)
        kept = {lead for lead in here if known.get(lead, _FREE).as_of <= span.version}
        if made_by is not None:
            kept -= {row.lead_id for row in scored if _made_from(row) == known.get(row.lead_id, _FREE).made_from}
        others = {lead for lead in kept if (held := known.get(lead, _FREE).claimed_by) and held != token}
        rows = [
            (
                connection, row.lead_id, row.model, row.inputs_hash, row.state.value, int(row.state is State.PENDING),
                row.score, row.grade, row.likelihood, row.outputs, row.outputs_hash, at, row.lead_created_at,
                row.inputs, row.previous_score, row.previous_at, row.previous_inputs, span.version,
                known[row.lead_id].claimed_by if row.lead_id in others else token, 0,
            )
            for row in scored
            if row.lead_id in kept
        ]  # fmt: skip
        before(tx, frozenset(kept))
        bulk.upsert(tx, scores, SCORED, rows, update=SCORED[2:-1])
        _send_what_differs(tx, connection, span)
        stale.done(tx, connection, span)
    pending = {row.lead_id for row in scored if row.state is State.PENDING}
    return Saved(frozenset(kept), frozenset(others & pending))


class _Held(NamedTuple):
    """As of which change a lead was scored, and from what, and the living lease that is sending its score."""

    as_of: int
    claimed_by: str | None
    made_from: tuple[str, str, bool] | None = None


_FREE = _Held(-1, None)


def _made_from(row: Scored) -> tuple[str, str, bool]:
    return row.model, row.inputs_hash, row.state is State.EXCLUDED


def _held(tx: Connection, connection: str, leads: Sequence[str], now: datetime) -> dict[str, _Held]:
    columns = ("lead_id", "as_of", "claimed_by", "model", "inputs_hash", "state")
    found = bulk.find(tx, scores, columns, where="connection = ?", bound=(connection,), column="lead_id", values=leads)
    living = set(tx.execute(select(leases_table.c.token).where(leases.lives(now))).scalars())
    return {
        lead: _Held(as_of, token if token in living else None, (model, inputs, state == State.EXCLUDED))
        for lead, as_of, token, model, inputs, state in found
    }


def _send_what_differs(tx: Connection, connection: str, span: stale.Span) -> None:
    """Queue the scores that looked written and are not, because a push wrote older values since we looked."""
    statement = (
        "UPDATE scores SET state = 'pending', waiting = 1 WHERE connection = ? AND lead_id > ? AND lead_id <= ? "
        "AND state = 'written' AND outputs_hash <> written_hash"
    )
    tx.exec_driver_sql(bulk.sql(tx, statement), (connection, span.after, span.last))


def hottest(store: Store, connection: str, *, limit: int) -> list[Hot]:
    """Return the leads with the highest likelihood (of points: score) that are not excluded, the hottest first."""
    shown = (scores.c.connection == connection) & scores.c.score.is_not(None)
    columns = (scores.c.lead_id, scores.c.score, scores.c.grade, scores.c.likelihood, scores.c.outputs)
    best_first = (scores.c.likelihood.desc().nulls_last(), scores.c.score.desc())
    with store.read() as tx:
        rows = tx.execute(select(*columns).where(shown).order_by(*best_first, scores.c.lead_id).limit(limit))
        return [Hot(row.lead_id, row.score, row.grade, row.likelihood, orjson.loads(row.outputs)) for row in rows]


def newest_leads(store: Store, connection: str, *, after: str, before: str, limit: int) -> list[str]:
    """Return the leads created after one instant and not after the other, the newest first, excluded ones included."""
    mine = (scores.c.connection == connection) & (scores.c.lead_created_at > after)
    chosen = select(scores.c.lead_id).where(mine & (scores.c.lead_created_at <= before))
    with store.read() as tx:
        found = tx.execute(chosen.order_by(scores.c.lead_created_at.desc(), scores.c.lead_id).limit(limit))
        return list(found.scalars())


def scored_at(store: Store, connection: str) -> dict[str, str]:
    """Tell when each lead that is not excluded was scored last."""
    columns = (scores.c.lead_id, scores.c.scored_at)
    shown = (scores.c.connection == connection) & scores.c.score.is_not(None)
    with store.read() as tx:
        return {row.lead_id: row.scored_at for row in tx.execute(select(*columns).where(shown))}


def by_state(store: Store, connection: str) -> dict[State, int]:
    """Count the scores in each state that occurs."""
    counted = select(scores.c.state, func.count()).where(scores.c.connection == connection).group_by(scores.c.state)
    with store.read() as tx:
        return {State(state): number for state, number in tx.execute(counted)}
