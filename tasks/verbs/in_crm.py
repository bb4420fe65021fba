"""What of ours stands in the CRM on a lead that is erased here, and the verb that takes it out there.

An erased lead is never written again: whatever score its record holds would stand for ever, and look like today's. Our
own fields can be emptied, before the erasure or at any time after it, and so can the field of a company that names the
lead as its best one; what enrichment put into fields of the CRM's own is told, and left to people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connector.crm import CRM, Entity, Field, Outcome, Update, Written
from mappings.file.load import Mapping
from mappings.outputs import every_field, field_name, prefix_of
from tasks.store import company_scores, tables, write_backs
from tasks.store.engine import Store

READ_ONLY = "READ_ONLY"


@dataclass(frozen=True, slots=True)
class Standing:
    """The fields that hold values which we wrote, as far as the store knows: our own ones, and others of the CRM's.

    `companies`: those whose values name the lead.
    """

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.others or self.companies)


NOTHING = Standing()


def standing(tx: Connection, mapping: Mapping, connection: str, lead: str) -> Standing:
    """Tell which fields of a lead hold values of ours, and which companies name it."""
    scores = tables.scores.c
    mine = (scores.connection == connection) & (scores.lead_id == lead) & scores.written_hash.is_not(None)
    was_written = tx.execute(select(scores.lead_id).where(mine)).first() is not None
    backs = write_backs.find(tx, connection, [lead])
    others = sorted({back.field for back in backs if back.written is not None})
    own = tuple(name for _, name in mapping.outputs) if was_written else ()
    return Standing(own, tuple(others), tuple(company_scores.showing(tx, connection, lead)))


def clear(crm: CRM, mapping: Mapping, leads: Sequence[str]) -> list[Written]:
    """Empty our own fields on these leads; returns what became of each. Repeatable; no other field is touched.

    All that can be ours are meant, those that the mapping has switched off, too. Where one is read-only and holds
    something the others are emptied, and the lead counts as refused.
    """
    ours = every_field(mapping.crm, _prefix(mapping), mapping.every_route)[Entity.LEAD]
    there = _there(crm, Entity.LEAD, (field.name for field in ours))
    writable = [field.name for field in there if field.writable]
    updates = (Update(lead, dict.fromkeys(writable)) for lead in leads)
    written = list(crm.write(Entity.LEAD, updates, expected=len(leads))) if writable else []
    held = _held(crm, Entity.LEAD, [field.name for field in there if not field.writable], leads)
    done = {one.id: one for one in written}
    for lead, values in held.items():
        names = [name for name in values if values[name]]
        if names and (lead not in done or done[lead].outcome is Outcome.WRITTEN):
            done[lead] = _read_only(lead, names)
    return list(done.values())


def clear_companies(crm: CRM, store: Store, mapping: Mapping, connection: str, leads: Sequence[str]) -> list[Written]:
    """Empty the field of companies that names one of these leads as the best; returns what became of each company.

    Of those that may name one as the store knows it: what the field holds is read first, and another lead is left.
    Repeatable, after the erasure, too, until the company was reckoned without the lead.
    """
    with store.read() as tx:
        ids = company_scores.perhaps_naming(tx, connection, leads)
    name = field_name(mapping.crm, "best_lead", _prefix(mapping))
    field = next(iter(_there(crm, Entity.COMPANY, [name])), None) if ids else None
    if field is None:
        return []
    held = _held(crm, Entity.COMPANY, [field.name], ids)
    naming = [company for company, values in held.items() if values[field.name] in leads]
    if not field.writable:
        return [_read_only(company, [field.name]) for company in naming]
    updates = (Update(company, {field.name: None}) for company in naming)
    return list(crm.write(Entity.COMPANY, updates, expected=len(naming))) if naming else []


def _prefix(mapping: Mapping) -> str:
    return prefix_of(mapping.crm, *mapping.outputs[0])


def _there(crm: CRM, entity: Entity, names: Iterable[str]) -> list[Field]:
    """Give those fields that the CRM has, whatever their case there."""
    shown = {field.name.lower(): field for field in crm.describe(entity)}
    return [shown[name.lower()] for name in names if name.lower() in shown]


def _held(crm: CRM, entity: Entity, names: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Read what these fields of living records hold; asks nothing where there is no field."""
    page = crm.get(entity, names, ids) if names else None
    if page is None:
        return {}
    living = [record for record in page.records if record.gone is None]
    return {record.id: dict(zip(page.fields, record.values, strict=True)) for record in living}


def _read_only(record: str, names: Sequence[str]) -> Written:
    told = f"{', '.join(names)} may not be changed by our user and still holds a value of ours"
    return Written(record, Outcome.REFUSED, READ_ONLY, told)
