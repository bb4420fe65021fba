"""What of ours stands in the CRM on a lead that is erased here, and the verb that takes it out there.

An erased lead is never written again: whatever score its record holds would stand for ever, and look like today's. Our
own fields can be emptied, before the erasure or at any time after it; what enrichment put into fields of the CRM's own
is told, and left to people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connector.crm import CRM, Entity, Update, Written
from mappings.file.load import Mapping
from tasks.store import tables, write_backs


@dataclass(frozen=True, slots=True)
class Standing:
    """The fields that hold values which we wrote, as far as the store knows: our own ones, and others of the CRM's."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.others)


NOTHING = Standing()


def standing(tx: Connection, mapping: Mapping, connection: str, lead: str) -> Standing:
    """Tell which fields of a lead hold values of ours."""
    scores = tables.scores.c
    mine = (scores.connection == connection) & (scores.lead_id == lead) & scores.written_hash.is_not(None)
    was_written = tx.execute(select(scores.lead_id).where(mine)).first() is not None
    backs = write_backs.find(tx, connection, [lead])
    others = sorted({back.field for back in backs if back.written is not None})
    return Standing(tuple(name for _, name in mapping.outputs) if was_written else (), tuple(others))


def clear(crm: CRM, mapping: Mapping, leads: Sequence[str]) -> list[Written]:
    """Empty our own fields on these leads; returns what became of each. Repeatable; no other field is touched."""
    shown = {field.name.lower(): field.name for field in crm.describe(Entity.LEAD) if field.writable}
    names = [shown[name.lower()] for _, name in mapping.outputs if name.lower() in shown]
    if not names:
        return []
    return list(crm.write(Entity.LEAD, (Update(lead, dict.fromkeys(names)) for lead in leads), expected=len(leads)))
