"""What each company gets from its open leads, and whether the CRM has it.

As of a lead's score: a row waits until it was sent, and values whose hash the CRM holds are never sent. What the CRM
said of a refusal stands in the row itself; such a row is sent again when its values change, when the cause can have
passed, or when somebody asks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, select, update

from tasks.store import bulk, company_stale
from tasks.store.engine import Store
from tasks.store.scores import State
from tasks.store.tables import company_scores
from tasks.store.times import to_text

KEY = ("connection", "company_id")
RECKONED = (
    "key", "best_lead", "score", "leads", "likelihood", "outputs", "outputs_hash", "before_score", "before_leads",
    "before_day",
)  # fmt: skip
ROW = (*KEY, *RECKONED, "scored_at", "state", "waiting", "written_hash", "passing", "times")


class Reckoned(NamedTuple):
    """What a company gets: `outputs` are values by CRM field, as JSON; `leads` is how many are open.

    `before_*`: the best score and the number of leads on a day, from which its change is told.
    """

    company_id: str
    key: str
    best_lead: str | None
    score: int | None
    leads: int
    likelihood: float | None
    outputs: str | None
    outputs_hash: str | None
    before_score: int | None
    before_leads: int
    before_day: str


class Known(NamedTuple):
    """A company's row: what was reckoned, and what became of it."""

    reckoned: Reckoned
    state: str
    waiting: bool
    written_hash: str | None
    written_at: str | None
    scored_at: str
    code: str | None
    message: str | None
    times: int
    next_at: str | None


_OF_KNOWN = (*Reckoned._fields, *Known._fields[1:])


def known(tx: Connection, connection: str, column: str, values: Iterable[str]) -> dict[str, Known]:
    """Return the rows whose `column` (company_id or key) is one of the values, by company id."""
    where, bound = "connection = ?", (connection,)
    found = bulk.find(tx, company_scores, _OF_KNOWN, where=where, bound=bound, column=column, values=values)
    size = len(Reckoned._fields)
    return {row[0]: Known(Reckoned._make(row[:size]), *row[size:]) for row in found}


def of_company(store: Store, connection: str, company_id: str) -> Known | None:
    """Return a company's row; None where it never got anything."""
    with store.read() as tx:
        return known(tx, connection, "company_id", [company_id]).get(company_id)


def save(tx: Connection, connection: str, rows: Sequence[Reckoned], before: dict[str, Known], *, now: datetime) -> int:
    """Keep what companies get, in place of what is known of them; returns how many have something to be sent."""
    made: list[tuple[Any, ...]] = []
    for row in rows:
        was = before.get(row.company_id)
        held = was.written_hash if was else None
        if was is not None and was.reckoned.outputs_hash == row.outputs_hash and was.state != State.EXCLUDED:
            state, waiting, times = was.state, int(was.waiting), was.times
        else:
            is_held = held == row.outputs_hash
            state, waiting, times = (State.WRITTEN if is_held else State.PENDING).value, int(not is_held), 0
        at = to_text(now)
        made.append((connection, *row, at, state, waiting, held, 0, times))
    kept = {*ROW} - {*KEY, "passing", "written_hash"}
    bulk.upsert(tx, company_scores, ROW, made, update=tuple(name for name in ROW if name in kept))
    return sum(bool(row[ROW.index("waiting")]) for row in made)


def drop(tx: Connection, connection: str, companies: Iterable[str]) -> None:
    """Drop the rows of companies that are no more."""
    bulk.delete(tx, company_scores, KEY, [(connection, company) for company in companies])


def by_state(store: Store, connection: str) -> dict[str, int]:
    """Count the companies in each state that occurs, and those with open leads ("with_leads")."""
    table = company_scores
    mine = table.c.connection == connection
    counted = select(table.c.state, func.count()).where(mine).group_by(table.c.state)
    open_ones = select(func.count()).select_from(table).where(mine & (table.c.leads > 0))
    with store.read() as tx:
        found = {row[0]: int(row[1]) for row in tx.execute(counted)}
        return {"with_leads": int(tx.execute(open_ones).scalar_one()), **found} if found else {}


def showing(tx: Connection, connection: str, lead_id: str) -> list[str]:
    """List the companies whose values in the CRM name this lead as the best one, as far as is known."""
    table = company_scores
    mine = (table.c.connection == connection) & (table.c.best_lead == lead_id) & table.c.written_hash.is_not(None)
    return list(tx.execute(select(table.c.company_id).where(mine).order_by(table.c.company_id)).scalars())


def perhaps_naming(tx: Connection, connection: str, leads: Sequence[str]) -> list[str]:
    """List the companies that the CRM may show one of these leads on.

    Those that leads' keys tell, and those that an erased one was taken out of, until they are reckoned anew.
    """
    table = company_scores
    how: dict[str, Any] = {"where": "connection = ?", "bound": (connection,)}
    keys = company_stale.keys_of(tx, connection, leads)
    found = {one for (one,) in bulk.find(tx, table, ("company_id",), **how, column="key", values=keys)}
    mine = (table.c.connection == connection) & (table.c.outputs.is_(None) | table.c.best_lead.in_(leads))
    return sorted(found | set(tx.execute(select(table.c.company_id).where(mine)).scalars()))


def unname(tx: Connection, connection: str, lead_id: str) -> int:
    """Take a lead out of all companies' values: they are reckoned anew without it. Returns how many named it.

    What the CRM holds names it until the next sync writes what was reckoned.
    """
    table = company_scores
    mine = (table.c.connection == connection) & (table.c.best_lead == lead_id)
    company_stale.add(tx, connection, tx.execute(select(table.c.key).where(mine)).scalars())
    nothing = {"best_lead": None, "outputs": None, "outputs_hash": None, "waiting": 0}
    return tx.execute(update(table).where(mine).values(nothing)).rowcount


def values(outputs: str | None) -> dict[str, str | int | float | None]:
    """Give the values by CRM field."""
    told: dict[str, str | int | float | None] = orjson.loads(outputs) if outputs else {}
    return told
