"""What records held before: noted when a pull meets a changed record, and read from the CRM's own field history.

Noting twice is harmless: a change that is known stays as it is. What two pulls differ in is a snapshot: it happened
after the one and before the other. Where the CRM's history tells the moment, the snapshot of the same change is left
out when changes are read. Only living records have changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from connector.crm import Change, Cursor, Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.tables import changes, histories

COLUMNS = ("connection", "entity", "id", "field", "at", "source", "since", "old")
SNAPSHOT, HISTORY = "snapshot", "history"
OF_ENTITY = "connection = ? AND entity = ?"


class Edit(NamedTuple):
    """A record of which a newer version came: both versions' JSON, and their stamps."""

    id: str
    since: str
    at: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Read:
    """How far the CRM's history of an entity was read, and of which fields."""

    cursor: Cursor
    fields: tuple[str, ...]


def note(tx: Connection, connection: str, entity: Entity, edits: Iterable[Edit], *, fields: Iterable[str]) -> None:
    """Keep what these fields held before the edits, in the transaction that keeps the newer versions."""
    names = tuple(fields)
    rows = [
        (connection, entity.value, edit.id, name, edit.at, SNAPSHOT, edit.since, old)
        for edit in edits
        for name, old in _replaced(edit, names)
    ]
    bulk.upsert(tx, changes, COLUMNS, rows, update=())


def note_history(
    store: Store, connection: str, entity: Entity, told: Sequence[Change], *, cursor: Cursor, fields: Sequence[str]
) -> int:
    """Keep what the CRM's history told of records that we hold, and where to go on; returns how many changes."""
    with store.write() as tx:
        alive = living(tx, connection, entity, {change.id for change in told})
        rows = [
            (connection, entity.value, change.id, change.field, change.at, HISTORY, "", change.old)
            for change in told
            if change.id in alive
        ]
        bulk.upsert(tx, changes, COLUMNS, rows, update=())
        position = (connection, entity.value, cursor.position, ",".join(fields))
        columns = ("connection", "entity", "position", "fields")
        bulk.upsert(tx, histories, columns, [position], update=("position", "fields"))
    return len(rows)


def read_until(store: Store, connection: str, entity: Entity) -> Read | None:
    """Tell how far the CRM's history was read; None when it never was."""
    mine = (histories.c.connection == connection) & (histories.c.entity == entity.value)
    with store.read() as tx:
        row = tx.execute(select(histories.c.position, histories.c.fields).where(mine)).one_or_none()
    return None if row is None else Read(Cursor(row.position), tuple(row.fields.split(",")) if row.fields else ())


def of(store: Store, connection: str, entity: Entity, ids: Iterable[str]) -> list[Change]:
    """Return the changes of these records, each once, in order of record, field and time."""
    with store.read() as tx:
        return _changes(tx, connection, entity, ids)


def of_field(store: Store, connection: str, entity: Entity, field: str) -> list[Change]:
    """Return the changes of one field of all records."""
    mine = (changes.c.connection == connection) & (changes.c.entity == entity.value) & (changes.c.field == field)
    with store.read() as tx:
        ids = tx.execute(select(changes.c.id).where(mine).distinct()).scalars().all()
        return [change for change in _changes(tx, connection, entity, ids) if change.field == field]


def forget(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> None:
    """Drop all that is kept of these records' past."""
    bulk.delete(tx, changes, ("connection", "entity", "id"), [(connection, entity.value, one) for one in ids])


def _replaced(edit: Edit, names: tuple[str, ...]) -> list[tuple[str, str | None]]:
    before, after = orjson.loads(edit.before), orjson.loads(edit.after)
    return [(name, before.get(name)) for name in names if before.get(name) != after.get(name)]


def _changes(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> list[Change]:
    columns = ("id", "field", "at", "source", "since", "old")
    bound = (connection, entity.value)
    found = sorted(
        bulk.find(tx, changes, columns, where=OF_ENTITY, bound=bound, column="id", values=ids), key=lambda row: row[:4]
    )
    exact: dict[tuple[str, str], list[str]] = {}
    for record_id, field, at, source, _, _ in found:
        if source == HISTORY:
            exact.setdefault((record_id, field), []).append(at)
    return [
        Change(record_id, field, at, old)
        for record_id, field, at, source, since, old in found
        if source == HISTORY or not any(since < moment <= at for moment in exact.get((record_id, field), ()))
    ]
