"""Leads of a company that was merged away: from the moment that this is known, they are its survivor's.

A CRM lets them point to the survivor and moves no stamp of theirs, so that no poll would ever bring them again. Only
where leads point to companies by id: a web domain stays the lead's own, whichever company has it.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from connector.crm import Entity
from tasks.store import bulk
from tasks.store.tables import records

LIVING = "connection = ? AND entity = ? AND gone IS NULL"


def pass_on(tx: Connection, connection: str, merged: Mapping[str, str], *, version: int) -> None:
    """Let the leads of these companies point to their survivors, given as id to id, as of change `version`.

    Those of a survivor that is not known, or gone itself, stay until it is told. Repeatable.
    """
    living = _found(tx, connection, Entity.COMPANY, ("id", "key"), "id", merged.values())
    by_id = {company for company, key in living if company == key}
    heirs = {loser: survivor for loser, survivor in merged.items() if survivor in by_id}
    leads = _found(tx, connection, Entity.LEAD, ("id", "link"), "link", heirs)
    rows = [(heirs[link], version, connection, Entity.LEAD.value, lead) for lead, link in leads]
    bulk.update(tx, records, ("link", "version", "connection", "entity", "id"), rows)


def _found(
    tx: Connection, connection: str, entity: Entity, columns: tuple[str, ...], column: str, values: Iterable[str]
) -> list[tuple[str, str]]:
    bound = (connection, entity.value)
    rows = bulk.find(tx, records, columns, where=LIVING, bound=bound, column=column, values=values)
    return [(one, two) for one, two in rows]
