"""Whether the CRM's own history keeps the changes that pulls meet: counts of known changes by field."""

from sqlalchemy import func, select

from connector.crm import Entity
from tasks.store.engine import Store
from tasks.store.tables import changes


def changes_by_field(store: Store, connection: str, entity: Entity, source: str) -> dict[str, int]:
    """Count the changes of an entity that one source (`tasks.store.snapshots`) told, by field."""
    mine = (changes.c.connection == connection) & (changes.c.entity == entity.value) & (changes.c.source == source)
    with store.read() as tx:
        found = tx.execute(select(changes.c.field, func.count()).where(mine).group_by(changes.c.field))
        return {str(field): int(number) for field, number in found}
