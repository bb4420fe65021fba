"""Notes what the CRM calls the fields that the mapping has no label for. One describe, which adapters remember."""

from collections.abc import Sequence

from connector.crm import CRM, Entity
from mappings.file.load import Mapping
from mappings.labels import unlabelled_fields
from tasks.store import labels
from tasks.store.engine import Store


def note_labels(
    crm: CRM, store: Store, mapping: Mapping, *, connection: str, entity: Entity, fields: Sequence[str], again: bool
) -> None:
    """Keep the CRM's labels of those of `fields` that the mapping needs them of.

    Asks the CRM with `again`, as a load does, or when one of them was never kept; so following a quiet CRM costs no
    call. A field that the describe does not list is the reading's to complain of.
    """
    wanted = [name for name in unlabelled_fields(mapping, entity) if name in fields]
    if not wanted or (not again and labels.are_kept(store, connection, entity, wanted)):
        return
    told = {field.name: field.label for field in crm.describe(entity) if field.name in wanted}
    labels.save(store, connection, entity, told)
