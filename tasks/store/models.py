"""The models of each connection: where their directories are, what their cards say, and which one scores."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, select, update

from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import models
from tasks.store.times import from_text, to_text

COLUMNS = ("connection", "version", "path", "card", "created_at", "is_current")


@dataclass(frozen=True, slots=True)
class Registered:
    """A model that was learned. `path` is its directory in the folder of models, `card` tells how good it is."""

    version: str
    path: str
    card: dict[str, Any]
    created_at: datetime
    is_current: bool


def register(store: Store, connection: str, *, version: str, path: str, card: dict[str, Any], now: datetime) -> None:
    """Keep the model and let it score from now on. Repeatable."""
    row = (connection, version, path, orjson.dumps(card).decode(), to_text(now), 0)
    with store.write() as tx:
        bulk.upsert(tx, models, COLUMNS, [row], update=("path", "card", "created_at"))
        tx.execute(update(models).where(models.c.connection == connection).values(is_current=0))
        mine = (models.c.connection == connection) & (models.c.version == version)
        tx.execute(update(models).where(mine).values(is_current=1))


def use(store: Store, connection: str, version: str) -> bool:
    """Let an earlier model score from now on; tells whether there is one of that version."""
    mine = (models.c.connection == connection) & (models.c.version == version)
    with store.write() as tx:
        if tx.execute(select(models.c.version).where(mine)).first() is None:
            return False
        tx.execute(update(models).where(models.c.connection == connection).values(is_current=0))
        tx.execute(update(models).where(mine).values(is_current=1))
    return True


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


def _registered(row: Row[Any]) -> Registered:
    return Registered(
        row.version, row.path, orjson.loads(row.card), from_text(row.created_at), is_current=bool(row.is_current)
    )
