"""Which records are here, for whoever keeps something about one that was read a while ago.

What was worked out from a record must not be kept when the record has gone meanwhile: it would bring back a person who
was erased.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import bulk, marks
from tasks.store.tables import records

WHERE = "connection = ? AND entity = ? AND gone IS NULL"


def living(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> set[str]:
    """Return those of the records that are here, and nobody can erase one of them until the transaction ends."""
    marks.locked(tx, connection)
    bound = (connection, entity.value)
    return {row[0] for row in bulk.find(tx, records, ("id",), where=WHERE, bound=bound, column="id", values=ids)}
