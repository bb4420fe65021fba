"""The models of each connection: where their directories are, what their cards say, and which one scores.

Every model that was learned is kept, also one that did not take over: it can be put to work later.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import models
from tasks.store.times import from_text, to_text

COLUMNS = ("connection", "version", "path", "card", "created_at", "is_current", "verdict", "told")


class Verdict(StrEnum):
    """How a model fared when it was learned."""

    CHAMPION = "champion"  # it scores without a contest: the first, asked for, or the old one fits no more
    REPLACED = "replaced"  # it was better than the one before it and took its place
    STAYED = "stayed"  # the one before it stayed


@dataclass(frozen=True, slots=True)
class Registered:
    """A model that was learned. `path` is its directory in the folder of models, `card` tells how good it is.

    `told` says in a sentence or two why it took over or did not.
    """

    version: str
    path: str
    card: dict[str, Any]
    created_at: datetime
    is_current: bool
    verdict: Verdict
    told: str


def register(
    store: Store,
    connection: str,
    *,
    version: str,
    path: str,
    card: dict[str, Any],
    now: datetime,
    verdict: Verdict = Verdict.CHAMPION,
    told: str = "",
) -> None:
    """Keep the model; unless its verdict is that the one before it stayed, let it score from now on. Repeatable."""
    row = (connection, version, path, orjson.dumps(card).decode(), to_text(now), 0, verdict.value, told)
    with store.write() as tx:
        bulk.upsert(tx, models, COLUMNS, [row], update=("path", "card", "created_at", "verdict", "told"))
        if verdict is not Verdict.STAYED:
            _make_current(tx, connection, version)


def describe(store: Store, connection: str, version: str, *, card: dict[str, Any]) -> None:
    """Let the model's card tell what has become known of it since it was learned."""
    mine = (models.c.connection == connection) & (models.c.version == version)
    with store.write() as tx:
        tx.execute(update(models).where(mine).values(card=orjson.dumps(card).decode()))


def use(store: Store, connection: str, version: str, *, told: str) -> bool:
    """Let an earlier model score from now on, and note why; tells whether there is one of that version."""
    mine = (models.c.connection == connection) & (models.c.version == version)
    with store.write() as tx:
        if tx.execute(select(models.c.version).where(mine)).first() is None:
            return False
        _make_current(tx, connection, version)
        tx.execute(update(models).where(mine).values(told=told))
    return True


def _make_current(tx: Connection, connection: str, version: str) -> None:
    tx.execute(update(models).where(models.c.connection == connection).values(is_current=0))
    mine = (models.c.connection == connection) & (models.c.version == version)
    tx.execute(update(models).where(mine).values(is_current=1))


def current(store: Store, connection: str) -> Registered | None:
    """Return the model that scores; None before the first was learned."""
    chosen = (models.c.connection == connection) & (models.c.is_current == 1)
    with store.read() as tx:
        row = tx.execute(select(models).where(chosen)).one_or_none()
    return None if row is None else _registered(row)


def every(store: Store, connection: str) -> list[Registered]:
    """Return all models of the connection, the newest first."""
    chosen = select(models).where(models.c.connection == connection)
    with store.read() as tx:
        rows = tx.execute(chosen.order_by(models.c.created_at.desc(), models.c.version)).all()
    return [_registered(row) for row in rows]


def last_learned_at(store: Store, connection: str) -> datetime | None:
    """Tell when the newest model was learned, whether it took over or not."""
    chosen = select(models.c.created_at).where(models.c.connection == connection)
    with store.read() as tx:
        at = tx.execute(chosen.order_by(models.c.created_at.desc()).limit(1)).scalar()
    return None if at is None else from_text(at)


def _registered(row: Row[Any]) -> Registered:
    return Registered(
        row.version,
        row.path,
        orjson.loads(row.card),
        from_text(row.created_at),
        is_current=bool(row.is_current),
        verdict=Verdict(row.verdict or Verdict.CHAMPION),  # models of before verdicts were kept took over as they came
        told=row.told or "",
    )
