"""The clusters of records that are the same, across all connections of an installation.

A record of this module is named by its member name, "CONNECTION/ID". Whoever changes clusters holds the marks of the
entity (`tasks.store.likenesses`) until the transaction ends, so that two who find at the same time cannot tear each
other's clusters.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.likenesses import KEY, by_connection
from tasks.store.living import living
from tasks.store.tables import duplicates
from tasks.store.times import to_text

FOUND = ("connection", "entity", "id", "cluster", "because", "found_at")


class Found(NamedTuple):
    """A record in its cluster: the kinds of what it shares, and since when it is known to be there."""

    connection: str
    entity: str
    id: str
    cluster: str
    because: str
    found_at: str


def clustered(tx: Connection, entity: Entity, members: Collection[str] | None = None) -> dict[str, Found]:
    """Return who is in a cluster, by member: of these records, or of all."""
    where = duplicates.c.entity == entity.value
    if members is None:
        rows = [Found(*row) for row in tx.execute(select(duplicates).where(where))]
        return {f"{row.connection}/{row.id}": row for row in rows}
    found = {}
    for connection, ids in by_connection(members).items():
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


def counts(store: Store, connections: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Count by entity the clusters with a record of these connections, and those of their records that are in one.

    `connections` are those that have such a record, in the order given.
    """
    columns = (duplicates.c.entity, func.count(duplicates.c.cluster.distinct()), func.count())
    mine, found = duplicates.c.connection.in_(connections), dict[str, dict[str, Any]]()
    with store.read() as tx:
        rows = tx.execute(select(*columns).where(mine).group_by(duplicates.c.entity).order_by(duplicates.c.entity))
        for entity, clusters, number in rows:
            found[entity] = {"clusters": clusters, "records": number, "connections": []}
        named = tx.execute(select(duplicates.c.entity, duplicates.c.connection).where(mine).distinct())
        having = {(row[0], row[1]) for row in named}
    for entity, told in found.items():
        told["connections"] = [name for name in connections if (entity, name) in having]
    return found
