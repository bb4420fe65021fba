"""What the store can tell, beside the CRM, of changes that no poll shows.

A merge moves the stamps of the merged alone: a lead's activities and deals, and a company's leads, get another parent
and keep their stamps ("Apex developer guide, Merge Statements"). A record whose stamp is newer in the CRM than here was
passed by: it was committed after the poll had gone on.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connector.crm import Entity
from tasks.store import bulk, withheld
from tasks.store.engine import Store
from tasks.store.tables import records

LINKED = (
    "SELECT id, link FROM records WHERE connection = ? AND entity = ? AND gone IS NULL AND link IS NOT NULL "
    "AND id > ? ORDER BY id LIMIT ?"
)
GONE = "connection = ? AND entity = ? AND gone IS NOT NULL"


class _Child(NamedTuple):
    id: str
    link: str  # its parent's id, or several with ";" between


def children(store: Store, connection: str, entity: Entity, *, size: int) -> Iterator[list[str]]:
    """Yield the ids of records of the entity that point to a record which is gone, some at a time, in order of id.

    A lead points to its company, all others to leads.
    """
    parent = Entity.COMPANY if entity is Entity.LEAD else Entity.LEAD
    after = ""
    while found := _page(store, connection, entity, after, size):
        after = found[-1].id
        parents = {one for child in found for one in child.link.split(";")}
        gone = _gone(store, connection, parent, parents)
        if lost := [child.id for child in found if not gone.isdisjoint(child.link.split(";"))]:
            yield lost


def newer(store: Store, connection: str, entity: Entity, shown: Mapping[str, str]) -> list[str]:
    """Return those of the ids that the store lacks, or has with an older stamp than is `shown` for them, in order.

    Not those of persons who were erased here: they are lacking for good.
    """
    where, bound = "connection = ? AND entity = ?", (connection, entity.value)
    with store.read() as tx:
        found = bulk.find(tx, records, ("id", "stamp_at"), where=where, bound=bound, column="id", values=shown)
        known = dict(found)
        newer_ids = sorted(record_id for record_id, stamp_at in shown.items() if stamp_at > known.get(record_id, ""))
        return withheld.not_withheld(tx, connection, entity, newer_ids)


def _page(store: Store, connection: str, entity: Entity, after: str, size: int) -> list[_Child]:
    with store.read() as tx:
        return list(map(_Child._make, bulk.rows(tx, LINKED, (connection, entity.value, after, size))))


def _gone(store: Store, connection: str, parent: Entity, ids: set[str]) -> set[str]:
    with store.read() as tx:
        bound = (connection, parent.value)
        found = bulk.find(tx, records, ("id",), where=GONE, bound=bound, column="id", values=ids)
    return {row[0] for row in found}
