"""What each connection's CRM calls its fields: kept when an entity is loaded, read when a mapping is opened."""

from collections.abc import Iterable
from collections.abc import Mapping as Dict

from sqlalchemy import select

from connector.crm import Entity
from mappings.labels import clean, labelled
from mappings.mapping import Mapping
from mappings.parts import Source
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import labels

COLUMNS = ("connection", "entity", "field", "label")


def save(store: Store, connection: str, entity: Entity, told: Dict[str, str]) -> None:
    """Keep labels by field, cleaned; those of other fields stay. One that cleaning leaves empty is kept as none.

    Repeatable, and safe beside another that does the same.
    """
    rows = [(connection, entity.value, name, clean(told[name])) for name in sorted(told)]
    with store.write() as tx:
        bulk.upsert(tx, labels, COLUMNS, rows, update=("label",))


def are_kept(store: Store, connection: str, entity: Entity, fields: Iterable[str]) -> bool:
    """Tell whether the CRM's label of each of these fields is kept, be it none."""
    own = (labels.c.connection == connection) & (labels.c.entity == entity.value)
    with store.read() as tx:
        return set(fields) <= set(tx.execute(select(labels.c.field).where(own)).scalars())


def known(store: Store, connection: str) -> dict[Source, str]:
    """Return the labels of the connection's fields; never an empty one."""
    chosen = select(labels.c.entity, labels.c.field, labels.c.label).where(
        (labels.c.connection == connection) & (labels.c.label != "")
    )
    with store.read() as tx:
        return {Source(Entity(row.entity), row.field): row.label for row in tx.execute(chosen)}


def spoken(store: Store, connection: str, mapping: Mapping) -> Mapping:
    """Call the mapping's features without a label what the connection's CRM calls their fields.

    A mapping that labels all of its features is returned as it is, and the store not asked.
    """
    if all(rule.has_label for rule in mapping.rules):
        return mapping
    return labelled(mapping, known(store, connection))
