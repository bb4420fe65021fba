"""Where a person's data lie in the store: found, erased, and given out. Every table has its place in one of the lists.

A test holds the lists against the schema, so that a new table is sorted in before it ships. A person is a lead: what
points to it (activities) belongs to it, companies do not, and a deal only loses its link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    Text,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from connector.crm import Entity
from tasks.store import bulk, tables
from tasks.store.engine import Store
from tasks.store.erasures import unlisted

OF_LEADS = (tables.scores, tables.refusals, tables.stale, tables.overrides, tables.handovers)  # by lead_id
OF_RECORDS = (  # by entity, id
    tables.records, tables.changes, tables.seen, tables.enrichments, tables.duplicates, tables.likenesses,
)  # fmt: skip
# Those of them that the CRM did not tell; of what cluster it was stays, for the next look to make the cluster again.
ADDED = (tables.enrichments, tables.likenesses)
# Lines that may name a lead: its id is taken out of them, the line stays.
NAMING = {tables.audit: ("subject", "detail"), tables.units: ("arguments",), tables.backfills: ("selection",)}
# By a hash of what was asked; the enrichment of a record tells which.
BY_KEY = (tables.answers,)
OF_NOBODY = (
    tables.marks, tables.likeness_marks, tables.histories, tables.cursors, tables.models, tables.drift, tables.runs,
    tables.schedule, tables.leases, tables.pauses, tables.quotas, tables.calls, tables.alerts, tables.processes,
    tables.labels, tables.dictionaries, tables.spendings, tables.erasures, tables.withheld, tables.hash_keys,
)  # fmt: skip

NOT_A_CHILD = (Entity.LEAD.value, Entity.COMPANY.value, Entity.DEAL.value)
ERASED = "(erased)"


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
    return Person(connection, lead_id, links, tuple(sorted((row[0], row[1]) for row in found)))


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


def erase(tx: Connection, who: Person) -> dict[str, int]:
    """Delete all that is kept of the person; returns the rows by table. Run twice, the second finds nothing."""
    counts = {table.name: _delete(tx, table, _of_lead(table, who)) for table in OF_LEADS}
    added = {table.name: _number_of(tx, table, _of_records(table, who)) for table in ADDED}
    counts["answers"] = sum(strip(tx, who.connection, Entity(entity), [one]) for entity, one in who.records)
    counts |= {table.name: _delete(tx, table, _of_records(table, who)) for table in OF_RECORDS} | added
    counts |= {table.name: _unname(tx, table, columns, who) for table, columns in NAMING.items()}
    counts["deals"] = _unlink(tx, who)
    _forget_survivor(tx, who)
    return {str(name): number for name, number in counts.items() if number}


def strip(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> int:
    """Delete what was added to these records: enrichment, with the answers nobody else's is made of, and likenesses.

    For records that the CRM says are gone, too. Returns how many answers went.
    """
    wanted = sorted(set(ids))
    where = {"where": "connection = ? AND entity = ?", "bound": (connection, entity.value)}
    found = bulk.find(tx, tables.enrichments, ("source", "key_hash"), **where, column="id", values=wanted)  # type: ignore[arg-type]  # named above
    for table in ADDED:
        bulk.delete(tx, table, ("connection", "entity", "id"), [(connection, entity.value, one) for one in wanted])
    return sum(_forget_answer(tx, source, key_hash) for source, key_hash in sorted(set(found)))


def _forget_answer(tx: Connection, source: str, key_hash: str) -> int:
    kept, others = tables.answers, tables.enrichments
    used = select(others.c.id).where((others.c.source == source) & (others.c.key_hash == key_hash))
    if tx.execute(used.limit(1)).first() is not None:
        return 0
    return tx.execute(kept.delete().where((kept.c.source == source) & (kept.c.key_hash == key_hash))).rowcount


def held(tx: Connection, who: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that are kept of the person, by table, as they stand."""
    found = {table.name: _rows(tx, table, _of_lead(table, who)) for table in OF_LEADS}
    found |= {table.name: _rows(tx, table, _of_records(table, who)) for table in OF_RECORDS}
    found["audit"] = _rows(tx, tables.audit, _naming(tables.audit, NAMING[tables.audit], who.lead_id))
    found["deals"] = [_plain(row) for row in _deals(tx, who)]
    return {name: rows for name, rows in found.items() if rows}


def naming(store: Store, text: str) -> dict[str, int]:
    """Count the rows of every table in which this text stands in any column, whatever its case."""
    with store.read() as tx:
        counts = {table.name: _number(tx, table, text) for table in tables.metadata.sorted_tables}
    return {name: number for name, number in counts.items() if number}


def _of_lead(table: Table, who: Person) -> ColumnElement[bool]:
    return (table.c.connection == who.connection) & (table.c.lead_id == who.lead_id)


def _of_records(table: Table, who: Person) -> ColumnElement[bool]:
    return (table.c.connection == who.connection) & tuple_(table.c.entity, table.c.id).in_(who.records)


def _delete(tx: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return tx.execute(table.delete().where(where)).rowcount


def _number_of(tx: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _rows(tx: Connection, table: Table, where: ColumnElement[bool]) -> list[dict[str, Any]]:
    return [_plain(row) for row in tx.execute(select(table).where(where)).mappings()]


def _plain(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, bytes)}


def _naming(table: Table, columns: Sequence[str], text: str) -> ColumnElement[bool]:
    return or_(*(table.c[name].contains(text, autoescape=True) for name in columns))


def _unname(tx: Connection, table: Table, columns: Sequence[str], who: Person) -> int:
    """Take the lead's id out of lines that name it. Work that is not done yet keeps it: it says where a part begins."""
    where = _naming(table, columns, who.lead_id)
    if "connection" in table.c:
        where &= table.c.connection == who.connection
    if table is tables.units:
        where &= table.c.state.not_in(("waiting", "working"))
    new: dict[str, ColumnElement[str]] = {name: func.replace(table.c[name], who.lead_id, ERASED) for name in columns}
    if table is tables.audit:  # what was said of the person beside the id may be personal as well
        new["detail"] = literal(orjson.dumps({"erased": True}).decode())
    return tx.execute(update(table).where(where).values(**new)).rowcount


def _deals(tx: Connection, who: Person) -> list[RowMapping]:
    records = tables.records
    mine = (records.c.connection == who.connection) & (records.c.entity == Entity.DEAL.value)
    near = or_(*(records.c.link.contains(link, autoescape=True) for link in who.links))
    found = tx.execute(select(records).where(mine & near)).mappings()
    return [row for row in found if not set(who.links).isdisjoint(row["link"].split(";"))]


def _unlink(tx: Connection, who: Person) -> int:
    """Take the lead out of the deals that name it; they are deals of others, or of nobody, from then on."""
    gone, found = set(who.links), _deals(tx, who)
    for row in found:
        data = {name: unlisted(value, gone) for name, value in orjson.loads(row["data"]).items()}
        packed = orjson.dumps({name: value for name, value in data.items() if value is not None})
        new = {"data": packed.decode(), "content_hash": blake2b(packed, digest_size=16).digest()}
        bound = (unlisted(row["link"], gone), *new.values(), who.connection, row["entity"], row["id"])
        bulk.update(tx, tables.records, ("link", *new, "connection", "entity", "id"), [bound])
    return len(found)


def _forget_survivor(tx: Connection, who: Person) -> None:
    """Let no record that was merged into this one name it."""
    records = tables.records
    mine = (records.c.connection == who.connection) & (records.c.merged_into == who.lead_id)
    tx.execute(update(records).where(mine).values(merged_into=None))


def _number(tx: Connection, table: Table, text: str) -> int:
    texts = [column for column in table.columns if isinstance(column.type, Text)]
    if not texts:
        return 0
    wanted = text.lower()
    near = or_(*(func.lower(cast(column, Text)).contains(wanted, autoescape=True) for column in texts))
    return _number_of(tx, table, near)
