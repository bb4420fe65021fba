"""Whether the store has what a mapping reads: a field that no pull asked for looks like one that is always empty."""

from connector.crm import Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from tasks.store import cursors, snapshots
from tasks.store.engine import Store


def lacking_history(store: Store, mapping: Mapping, connection: str) -> tuple[str, ...]:
    """Name the fields whose earlier values a mapping cannot do without, and of which no pull has asked yet."""
    if not mapping.needs_history:
        return ()
    read = snapshots.read_until(store, connection, Entity.LEAD)
    needed = set(mapping.remembered_fields(Entity.LEAD)) - set(mapping.optional_fields(Entity.LEAD))
    return tuple(sorted(needed - set(read.fields if read else ())))


def require_pulled(store: Store, mapping: Mapping, connection: str) -> None:
    """Go on only when every field that the mapping needs was read from the CRM.

    Optional fields need not be there. An installation that never pulled has no leads, and nothing to be wrong about.
    Raises Misconfigured naming the fields.
    """
    held = {entity: cursors.get(store, connection, entity) for entity in mapping.entities}
    if not any(held.values()):
        return
    missing = []
    for entity, position in held.items():
        read = set(position.fields) if position else set()
        needed = set(mapping.source_fields(entity)) - set(mapping.optional_fields(entity))
        missing += [f"{entity} {name}" for name in sorted(needed - read)]
    if missing:
        raise Misconfigured(
            f"The mapping of {connection} reads what was not pulled yet: {', '.join(missing)}.",
            fix="Run `truegrade pull`, which tells whether the CRM has it, or correct the mapping.",
        )


def require_history(store: Store, mapping: Mapping, connection: str) -> None:
    """Go on only when it was read what the mapping may learn from alone. Raises Misconfigured naming the fields."""
    if unknown := lacking_history(store, mapping, connection):
        raise Misconfigured(
            f"What {', '.join(unknown)} of {connection} held before each deal closed was not read yet.",
            fix=f"Run `truegrade pull {connection} --history`: without it a model would learn how deals have ended.",
        )
