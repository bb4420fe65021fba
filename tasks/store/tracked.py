"""Whether the CRM's own history keeps the changes that pulls meet: counts of known changes by field."""

from sqlalchemy import ColumnElement, exists, func, select

from connector.crm import Entity
from tasks.store.engine import Store
from tasks.store.tables import changes, write_backs


def changes_by_field(store: Store, connection: str, entity: Entity, source: str) -> dict[str, int]:
    """Count the changes of an entity that one source (`tasks.store.snapshots`) told, by field; none of our own.

    A field of a lead into which we have written an enriched value is left out for that lead: who else changed it there
    is not told apart.
    """
    mine = (changes.c.connection == connection) & (changes.c.entity == entity.value) & (changes.c.source == source)
    if entity is Entity.LEAD:
        mine &= ~_is_ours()
    with store.read() as tx:
        found = tx.execute(select(changes.c.field, func.count()).where(mine).group_by(changes.c.field))
        return {str(field): int(number) for field, number in found}


def _is_ours() -> ColumnElement[bool]:
    kept = write_backs.c
    same = (kept.connection == changes.c.connection) & (kept.lead_id == changes.c.id) & (kept.field == changes.c.field)
    return exists(select(kept.lead_id).where(same & (kept.written.is_not(None) | (kept.sent != ""))))
