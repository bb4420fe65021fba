"""What a repeated load of everything has shown: so that records which the CRM erased without a word are found."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import seen

MISSING = (
    "SELECT r.id FROM records r WHERE r.connection = ? AND r.entity = ? AND r.id > ? AND r.gone IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.connection = r.connection AND s.entity = r.entity AND s.id = r.id) "
    "ORDER BY r.id LIMIT ?"
)


def forget(store: Store, connection: str, entity: Entity) -> None:
    """Begin anew: nothing of the entity was seen."""
    mine = (seen.c.connection == connection) & (seen.c.entity == entity.value)
    with store.write() as tx:
        tx.execute(delete(seen).where(mine))


def add(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> None:
    """Note that the CRM has shown these records."""
    rows = [(connection, entity.value, record_id) for record_id in dict.fromkeys(ids)]
    bulk.upsert(tx, seen, ("connection", "entity", "id"), rows, update=())


def missing(store: Store, connection: str, entity: Entity, *, after: str, size: int) -> list[str]:
    """Return the next living records, in order of id, that were not seen."""
    with store.read() as tx:
        return [row[0] for row in bulk.rows(tx, MISSING, (connection, entity.value, after, size))]
