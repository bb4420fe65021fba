"""What records have in common, up to which change that is known, and which records changed since.

A record of this module is named by its member name, "CONNECTION/ID". Whoever changes likenesses or clusters
(`tasks.store.duplicates`) holds the marks of the entity (`lock`) until the transaction ends.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.tables import likeness_marks, likenesses

LIKENESS = ("connection", "entity", "id", "kind", "block", "told")
KEY = ("connection", "entity", "id")
CHANGED = (
    "SELECT id, key, link, data, version FROM records WHERE connection || ' ' || entity = ? AND version >= ? "
    "AND version <= ? AND (version > ? OR id > ?) ORDER BY version, id LIMIT ?"
)


class Mark(NamedTuple):
    """Up to which change likenesses were made, by which rules, and whether the clusters know of them all."""

    version: int
    rules: str
    settled: bool


class Changed(NamedTuple):
    """A record and the number of its last change; one that is gone has no `data`."""

    id: str
    key: str | None
    link: str | None
    data: str | None
    version: int


class Likeness(NamedTuple):
    """One thing that a record shares with all of its block."""

    member: str
    kind: str
    block: str
    told: str


def marks(tx: Connection, entity: Entity, *, lock: bool = False) -> dict[str, Mark]:
    """Return the mark of each connection; with `lock`, they stay so until the transaction ends."""
    hold = " FOR UPDATE" if lock and tx.dialect.name != "sqlite" else ""  # SQLite's write transaction is a lock already
    statement = f"SELECT connection, version, rules, settled FROM likeness_marks WHERE entity = ?{hold}"  # noqa: S608  our own words
    return {row[0]: Mark(row[1], row[2], bool(row[3])) for row in bulk.rows(tx, statement, (entity.value,))}


def set_mark(tx: Connection, connection: str, entity: Entity, mark: Mark) -> None:
    """Keep a connection's mark."""
    row = (entity.value, connection, mark.version, mark.rules, int(mark.settled))
    columns = ("entity", "connection", "version", "rules", "settled")
    bulk.upsert(tx, likeness_marks, columns, [row], update=("version", "rules", "settled"))


def changed(
    store: Store, connection: str, entity: Entity, *, after: tuple[int, str], up_to: int, size: int
) -> list[Changed]:
    """Return the next records, living and gone, in order of (version, id) after `after`, of changes up to `up_to`."""
    above, last = after
    with store.read() as tx:
        rows = bulk.rows(tx, CHANGED, (f"{connection} {entity.value}", above, up_to, above, last, size))
    return [Changed(*row) for row in rows]


def replace(tx: Connection, connection: str, entity: Entity, ids: Iterable[str], made: Iterable[Likeness]) -> None:
    """Put the likenesses of these records, of those that are still here, in place of those they had."""
    bulk.delete(tx, likenesses, KEY, [(connection, entity.value, one) for one in ids])
    rows = [(connection, entity.value, likeness.member.partition("/")[2], *likeness[1:]) for likeness in made]
    here = living(tx, connection, entity, {row[2] for row in rows})
    bulk.upsert(tx, likenesses, LIKENESS, [row for row in rows if row[2] in here], update=("told",))


def forget(tx: Connection, connection: str, entity: Entity) -> None:
    """Drop the likenesses of all records of a connection."""
    mine = (likenesses.c.connection == connection) & (likenesses.c.entity == entity.value)
    tx.execute(likenesses.delete().where(mine))


def drop_gone(tx: Connection, connection: str, entity: Entity) -> None:
    """Drop the likenesses of records that are not here any more."""
    statement = (
        "DELETE FROM likenesses WHERE connection = ? AND entity = ? AND NOT EXISTS (SELECT 1 FROM records r WHERE "
        "r.connection = likenesses.connection AND r.entity = likenesses.entity AND r.id = likenesses.id "
        "AND r.gone IS NULL)"
    )
    tx.exec_driver_sql(bulk.sql(tx, statement), (connection, entity.value))


def of_members(tx: Connection, entity: Entity, members: Collection[str]) -> list[Likeness]:
    """Return all likenesses of these records."""
    found: list[Likeness] = []
    for connection, ids in by_connection(members).items():
        bound, where = (connection, entity.value), "connection = ? AND entity = ?"
        columns = ("id", "kind", "block", "told")
        rows = bulk.find(tx, likenesses, columns, where=where, bound=bound, column="id", values=ids)
        found += [Likeness(f"{connection}/{row[0]}", *row[1:]) for row in rows]
    return found


def of_blocks(tx: Connection, entity: Entity, blocks: Collection[str]) -> set[str]:
    """Name the records that are in one of these blocks."""
    where, columns = "entity = ?", ("connection", "id")
    rows = bulk.find(tx, likenesses, columns, where=where, bound=(entity.value,), column="block", values=blocks)
    return {f"{row[0]}/{row[1]}" for row in rows}


def sizes(tx: Connection, entity: Entity, blocks: Collection[str], *, most: int) -> dict[str, int]:
    """Count the records of each block; of one that has more than `most`, some number above it."""
    counts = {}
    statement = bulk.sql(tx, "SELECT COUNT(*) FROM (SELECT 1 FROM likenesses WHERE entity = ? AND block = ? LIMIT ?) c")
    for block in blocks:
        counts[block] = int(tx.exec_driver_sql(statement, (entity.value, block, most + 1)).scalar_one())
    return counts


def shared(tx: Connection, entity: Entity, *, low: str, high: str, most: int) -> list[Likeness]:
    """Return the likenesses of the blocks from `low` to below `high` that two records have, or up to `most`."""
    statement = (
        "SELECT l.connection, l.id, l.kind, l.block, l.told FROM likenesses l JOIN (SELECT block FROM likenesses "
        "WHERE entity = ? AND block >= ? AND block < ? GROUP BY block HAVING COUNT(*) BETWEEN 2 AND ?) s "
        "ON s.block = l.block WHERE l.entity = ?"
    )
    rows = bulk.rows(tx, statement, (entity.value, low, high, most, entity.value))
    return [Likeness(f"{row[0]}/{row[1]}", *row[2:]) for row in rows]


def number(tx: Connection, entity: Entity) -> int:
    """Count the likenesses of an entity."""
    mine = likenesses.c.entity == entity.value
    return int(tx.execute(select(func.count()).select_from(likenesses).where(mine)).scalar_one())


def by_connection(members: Iterable[str]) -> dict[str, list[str]]:
    """Give the ids of members by their connection."""
    named: dict[str, list[str]] = {}
    for member in members:
        connection, _, record_id = member.partition("/")
        named.setdefault(connection, []).append(record_id)
    return named
