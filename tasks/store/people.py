"""Where a person's data lie in the store: found, and given out. Every table has its place in one of the lists.

A test holds the lists against the schema, so that a new table is sorted in before it ships. A person is a lead: what
points to it (activities) belongs to it, companies do not, and a deal only loses its link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, or_, select, tuple_

from connector.crm import Entity
from tasks.store import lines, tables
from tasks.store.engine import Store

OF_LEADS = (  # by lead_id
    tables.scores, tables.refusals, tables.stale, tables.overrides, tables.handovers, tables.lead_ends,
    tables.write_backs,
)  # fmt: skip
OF_RECORDS = (  # by entity, id
    tables.records, tables.changes, tables.seen, tables.enrichments, tables.duplicates, tables.likenesses,
    tables.links,
)  # fmt: skip
# Those of them that the CRM did not tell; of what cluster it was stays, for the next look to make the cluster again.
ADDED = (tables.enrichments, tables.likenesses)
NAMING = tuple(lines.NAMING)  # its id is taken out of them, the line stays
# By a hash of what was asked; the enrichment of a record tells which.
BY_KEY = (tables.answers,)
OF_COMPANIES = (tables.company_scores,)  # by best_lead: who is named in what a company gets, until it is reckoned anew
OF_NOBODY = (
    tables.marks, tables.likeness_marks, tables.lead_end_marks, tables.histories, tables.cursors, tables.models,
    tables.drift, tables.runs, tables.schedule, tables.leases, tables.pauses, tables.quotas, tables.calls,
    tables.alerts, tables.processes, tables.labels, tables.dictionaries, tables.spendings, tables.erasures,
    tables.withheld, tables.hash_keys, tables.company_stale, tables.company_marks,
)  # fmt: skip

NOT_A_CHILD = (Entity.LEAD.value, Entity.COMPANY.value, Entity.DEAL.value)


@dataclass(frozen=True, slots=True)
class Person:
    """A lead, with every id that its activities point to, and those activities as (entity, id)."""

    connection: str
    lead_id: str
    links: tuple[str, ...]
    children: tuple[tuple[str, str], ...]

    @property
    def records(self) -> tuple[tuple[str, str], ...]:
        """Name all records of the person, as (entity, id)."""
        return ((Entity.LEAD.value, self.lead_id), *self.children)


def person(tx: Connection, connection: str, lead_id: str, aliases: Iterable[str] = ()) -> Person:
    """Find what belongs to a lead; `aliases` are other ids that its activities may point to."""
    links = tuple(dict.fromkeys((lead_id, *aliases)))
    records = tables.records
    mine = (records.c.connection == connection) & records.c.link.in_(links)
    found = tx.execute(select(records.c.entity, records.c.id).where(mine & records.c.entity.not_in(NOT_A_CHILD)))
    own = {(row[0], row[1]) for row in found}
    several = tuple_(records.c.entity, records.c.id).in_(_shared(tx, connection, links))
    near = select(records.c.entity, records.c.id, records.c.link).where((records.c.connection == connection) & several)
    own |= {(row[0], row[1]) for row in tx.execute(near) if set(row[2].split(";")) <= set(links)}
    return Person(connection, lead_id, links, tuple(sorted(own)))


def values(tx: Connection, connection: str, lead_id: str) -> dict[str, str]:
    """Return the values of a living lead by field; none of one that is not here."""
    records = tables.records
    mine = (records.c.connection == connection) & (records.c.entity == Entity.LEAD.value) & (records.c.id == lead_id)
    data = tx.execute(select(records.c.data).where(mine)).scalar()
    return orjson.loads(data) if data else {}


def holding(store: Store, connection: str, value: str) -> list[str]:
    """Return the leads, in order of id, that hold this value in any mapped field, whatever its case."""
    records, wanted = tables.records, value.strip().lower()
    mine = (records.c.connection == connection) & (records.c.entity == Entity.LEAD.value)
    near = func.lower(records.c.data).contains(orjson.dumps(wanted).decode()[1:-1], autoescape=True)
    with store.read() as tx:
        rows = tx.execute(select(records.c.id, records.c.data).where(mine & near).order_by(records.c.id)).all()
    return [row.id for row in rows if wanted in {str(held).strip().lower() for held in orjson.loads(row.data).values()}]


def same_as(store: Store, connection: str, leads: Sequence[str]) -> list[tuple[str, str]]:
    """Return the other leads, as (connection, id), that were found to be the same person as one of these."""
    found = tables.duplicates
    theirs = (found.c.connection == connection) & found.c.id.in_(leads)
    clusters = select(found.c.cluster).where(theirs & (found.c.entity == Entity.LEAD.value))
    alike = (found.c.entity == Entity.LEAD.value) & found.c.cluster.in_(clusters)
    with store.read() as tx:
        rows = tx.execute(select(found.c.connection, found.c.id).where(alike).order_by(found.c.connection, found.c.id))
        return [(row[0], row[1]) for row in rows if row[0] != connection or row[1] not in leads]


def held(tx: Connection, who: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that are kept of the person, by table, as they stand."""
    found = {str(table.name): _rows(tx, table, of_lead(table, who)) for table in OF_LEADS}
    found |= {str(table.name): _rows(tx, table, of_records(table, who)) for table in OF_RECORDS}
    named = (tables.company_scores.c.connection == who.connection) & (tables.company_scores.c.best_lead == who.lead_id)
    found["companies"] = _rows(tx, tables.company_scores, named)
    found["audit"] = [_plain(row) for row in lines.naming(tx, tables.audit, who.connection, who.lead_id)]
    found["deals"] = [_plain(row) for row in deals(tx, who)]
    return {name: rows for name, rows in found.items() if rows}


def of_lead(table: Table, who: Person) -> ColumnElement[bool]:
    """Tell the rows of the lead in a table of `OF_LEADS`."""
    return (table.c.connection == who.connection) & (table.c.lead_id == who.lead_id)


def of_records(table: Table, who: Person) -> ColumnElement[bool]:
    """Tell the rows of the person's records in a table of `OF_RECORDS`."""
    return (table.c.connection == who.connection) & tuple_(table.c.entity, table.c.id).in_(who.records)


def _rows(tx: Connection, table: Table, where: ColumnElement[bool]) -> list[dict[str, Any]]:
    return [_plain(row) for row in tx.execute(select(table).where(where)).mappings()]


def _plain(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, bytes)}


def deals(tx: Connection, who: Person) -> list[RowMapping]:
    """Return the records of deals that name the person, and of activities that hang on others, too."""
    records = tables.records
    shared = tuple_(records.c.entity, records.c.id).in_(_shared(tx, who.connection, who.links))
    mine = (records.c.connection == who.connection) & or_(records.c.entity == Entity.DEAL.value, shared)
    near = or_(*(records.c.link.contains(link, autoescape=True) for link in who.links))
    found = tx.execute(select(records).where(mine & near)).mappings()
    own = set(who.children)
    named = [row for row in found if not set(who.links).isdisjoint(row["link"].split(";"))]
    return [row for row in named if (row["entity"], row["id"]) not in own]


def _shared(tx: Connection, connection: str, leads: Sequence[str]) -> list[tuple[str, str]]:
    """Name the activities, as (entity, id), that hang on these leads and on others."""
    links = tables.links
    mine = (links.c.connection == connection) & links.c.link.in_(leads)
    return [(row[0], row[1]) for row in tx.execute(select(links.c.entity, links.c.id).where(mine).distinct())]
