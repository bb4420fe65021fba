"""What records have in common, and the clusters that were made of it, across all connections of an installation.

A record of this module is named by its member name, "CONNECTION/ID". Whoever changes clusters holds the marks of the
entity (`lock`) until the transaction ends, so that two who find at the same time cannot tear each other's clusters.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.living import living
from tasks.store.tables import duplicates, likeness_marks, likenesses
from tasks.store.times import to_text

LIKENESS = ("connection", "entity", "id", "kind", "block", "told")
FOUND = ("connection", "entity", "id", "cluster", "because", "found_at")
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


class Found(NamedTuple):
    """A record in its cluster: the kinds of what it shares, and since when it is known to be there."""

    connection: str
    entity: str
    id: str
    cluster: str
    because: str
    found_at: str


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
    for connection, ids in _by_connection(members).items():
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


def clustered(tx: Connection, entity: Entity, members: Collection[str] | None = None) -> dict[str, Found]:
    """Return who is in a cluster, by member: of these records, or of all."""
    where = duplicates.c.entity == entity.value
    if members is None:
        rows = [Found(*row) for row in tx.execute(select(duplicates).where(where))]
        return {f"{row.connection}/{row.id}": row for row in rows}
    found = {}
    for connection, ids in _by_connection(members).items():
        bound, condition = (connection, entity.value), "connection = ? AND entity = ?"
        for row in bulk.find(tx, duplicates, FOUND, where=condition, bound=bound, column="id", values=ids):
            found[f"{connection}/{row[2]}"] = Found(*row)
    return found


def of_connection(tx: Connection, connection: str, entity: Entity) -> dict[str, str]:
    """Tell the cluster of each record of a connection that is in one, by its id."""
    mine = (duplicates.c.connection == connection) & (duplicates.c.entity == entity.value)
    return {row[0]: row[1] for row in tx.execute(select(duplicates.c.id, duplicates.c.cluster).where(mine))}


def of_clusters(tx: Connection, entity: Entity, clusters: Collection[str]) -> dict[str, Found]:
    """Return who is in these clusters, by member."""
    rows = bulk.find(
        tx, duplicates, FOUND, where="entity = ?", bound=(entity.value,), column="cluster", values=clusters
    )
    return {f"{row[0]}/{row[2]}": Found(*row) for row in rows}


def save(
    tx: Connection, entity: Entity, before: Mapping[str, Found], after: Mapping[str, tuple[str, str]], *, now: datetime
) -> int:
    """Put (cluster, because) by member in place of what there was; returns how many rows that moved.

    What is as it was keeps its moment, as does a record that stays in its cluster for other reasons.
    """
    left = [(row.connection, entity.value, row.id) for member, row in before.items() if member not in after]
    rows = []
    for member, (cluster, because) in after.items():
        was = before.get(member)
        if was is None or (was.cluster, was.because) != (cluster, because):
            connection, _, record_id = member.partition("/")
            found_at = was.found_at if was is not None and was.cluster == cluster else to_text(now)
            rows.append((connection, entity.value, record_id, cluster, because, found_at))
    bulk.delete(tx, duplicates, KEY, left)
    bulk.upsert(tx, duplicates, FOUND, _still_here(tx, entity, rows), update=FOUND[3:])
    return len(left) + len(rows)


def _still_here(tx: Connection, entity: Entity, rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out records that went while clusters were made."""
    by_connection: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        by_connection.setdefault(row[0], []).append(row)
    return [
        row
        for connection, some in sorted(by_connection.items())
        for here in [living(tx, connection, entity, [row[2] for row in some])]
        for row in some
        if row[2] in here
    ]


def newest(
    store: Store, connections: Sequence[str], entities: Sequence[Entity], *, limit: int | None = None
) -> Iterator[list[Found]]:
    """Yield the clusters that have a record of these connections, those that grew last first, each with all of it."""
    mine = duplicates.c.connection.in_(connections) & duplicates.c.entity.in_([entity.value for entity in entities])
    own = select(duplicates.c.cluster).where(mine)
    latest = func.max(duplicates.c.found_at)
    order = (
        select(duplicates.c.entity, duplicates.c.cluster)
        .where(duplicates.c.cluster.in_(own) & duplicates.c.entity.in_([entity.value for entity in entities]))
        .group_by(duplicates.c.entity, duplicates.c.cluster)
        .order_by(latest.desc(), duplicates.c.cluster)
        .limit(limit)
    )
    with store.read() as tx:
        named = [(Entity(row[0]), row[1]) for row in tx.execute(order)]
        for entity, cluster in named:
            found = of_clusters(tx, entity, [cluster])
            yield [found[member] for member in sorted(found)]


def counts(store: Store, connections: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count by entity the clusters with a record of these connections, and those of their records that are in one."""
    columns = (duplicates.c.entity, func.count(duplicates.c.cluster.distinct()), func.count())
    mine = duplicates.c.connection.in_(connections)
    with store.read() as tx:
        rows = tx.execute(select(*columns).where(mine).group_by(duplicates.c.entity).order_by(duplicates.c.entity))
        return {row[0]: {"clusters": row[1], "records": row[2]} for row in rows}


def _by_connection(members: Iterable[str]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for member in members:
        connection, _, record_id = member.partition("/")
        named.setdefault(connection, []).append(record_id)
    return named
