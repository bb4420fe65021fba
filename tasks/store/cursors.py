"""Where the next pull of each entity starts. A cursor moves in the transaction that saves its page, never apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from connector.crm import Cursor, Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import cursors
from tasks.store.times import from_text, to_text

LOADING = "loading"  # the first load was begun and not seen to its end
FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Position:
    """How far the pull of an entity has come, and which fields the stored records were read with."""

    cursor: Cursor
    is_loaded: bool
    fields: tuple[str, ...]
    swept_at: datetime


def get(store: Store, connection: str, entity: Entity) -> Position | None:
    """Return where the pull of the entity stands; None when it never began."""
    columns = (cursors.c.position, cursors.c.state, cursors.c.fields, cursors.c.swept_at)
    with store.read() as tx:
        row = tx.execute(select(*columns).where(_of(connection, entity))).one_or_none()
    if row is None:
        return None
    fields = tuple(row.fields.split(",")) if row.fields else ()
    return Position(Cursor(row.position), row.state == FOLLOWING, fields, from_text(row.swept_at))


def begin_load(
    store: Store,
    connection: str,
    entity: Entity,
    cursor: Cursor,
    *,
    fields: Sequence[str],
    now: datetime,
    anew: bool = False,
) -> None:
    """Note that a load of everything has begun, and where to follow from when it is done.

    Of an entity that was loaded before, the older position is kept, for what was deleted meanwhile is told from there;
    unless all begins `anew`, and the sweep tells that. The older fields are kept until `end_load`: what is stored was
    read with them.
    """
    row = (connection, entity.value, cursor.position, LOADING, ",".join(fields), to_text(now))
    columns = ("connection", "entity", "position", "state", "fields", "swept_at")
    with store.write() as tx:
        bulk.upsert(tx, cursors, columns, [row], update=("state", "position") if anew else ("state",))


def end_load(store: Store, connection: str, entity: Entity, *, fields: Sequence[str]) -> None:
    """Note that everything was seen, with these fields: from now on the pull follows changes."""
    _set(store, connection, entity, state=FOLLOWING, fields=",".join(fields))
    if not store.is_sqlite:
        with store.write() as tx:  # the planner's view of a table that was filled just now, else a minute late
            tx.exec_driver_sql("ANALYZE records")


def set_fields(store: Store, connection: str, entity: Entity, fields: Sequence[str]) -> None:
    """Note with which fields records are read from now on."""
    _set(store, connection, entity, fields=",".join(fields))


def set_swept(store: Store, connection: str, entity: Entity, at: datetime) -> None:
    """Note that deletions before `at` were swept."""
    _set(store, connection, entity, swept_at=to_text(at))


def move(tx: Connection, connection: str, entity: Entity, cursor: Cursor) -> None:
    """Set the position, in the transaction that keeps what comes before it."""
    tx.execute(update(cursors).where(_of(connection, entity)).values(position=cursor.position))


def _set(store: Store, connection: str, entity: Entity, **values: str) -> None:
    with store.write() as tx:
        tx.execute(update(cursors).where(_of(connection, entity)).values(**values))


def _of(connection: str, entity: Entity) -> ColumnElement[bool]:
    return (cursors.c.connection == connection) & (cursors.c.entity == entity.value)
