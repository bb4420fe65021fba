"""Erases a person from every table of the store, in one transaction; `tasks.store.people` knows where they are."""

from collections.abc import Iterable
from hashlib import blake2b

import orjson
from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from connector.crm import Entity
from tasks.store import (
    bulk,
    company_scores,
    company_stale,
    duplicates,
    likenesses,
    lines,
    links,
    marks,
    people,
    stale,
    tables,
)
from tasks.store.people import Person
from tasks.store.withheld import unlisted


def erase(tx: Connection, who: Person) -> dict[str, int]:
    """Delete all that is kept of the person; returns the rows by table. Run twice, the second finds nothing.

    Whoever keeps something about the person at the same time has done so before, or finds that the person is gone.
    """
    likenesses.marks(tx, Entity.LEAD, lock=True)
    version = marks.next_version(tx, who.connection)
    _leave_clusters(tx, who, version=version)
    company_stale.add_left(tx, who.connection, company_stale.keys_of(tx, who.connection, [who.lead_id]))
    counts = {table.name: _delete(tx, table, people.of_lead(table, who)) for table in people.OF_LEADS}
    added = {table.name: _number_of(tx, table, people.of_records(table, who)) for table in people.ADDED}
    counts["answers"] = sum(strip(tx, who.connection, Entity(entity), [one]) for entity, one in who.records)
    counts |= {table.name: _delete(tx, table, people.of_records(table, who)) for table in people.OF_RECORDS} | added
    counts |= {table.name: lines.unname(tx, table, who.connection, who.lead_id) for table in people.NAMING}
    counts["deals"] = _unlink(tx, who)
    counts["companies"] = company_scores.unname(tx, who.connection, who.lead_id)
    _forget_survivor(tx, who)
    return {str(name): number for name, number in counts.items() if number}


def _leave_clusters(tx: Connection, who: Person, *, version: int) -> None:
    """Let no cluster of duplicates be named by the person, nor be one of a single record; the rest is made again later.

    Those who were the same person as this one are scored again, for what they have in common is another now.
    """
    mine, found = f"{who.connection}/{who.lead_id}", tables.duplicates
    for row in duplicates.clustered(tx, Entity.LEAD, [mine]).values():
        others = sorted(duplicates.of_clusters(tx, Entity.LEAD, [row.cluster]).keys() - {mine})
        held = (found.c.entity == Entity.LEAD.value) & (found.c.cluster == row.cluster)
        if len(others) > 1:
            tx.execute(update(found).where(held).values(cluster=f"{Entity.LEAD.value}:{others[0]}"))
            _look_again(tx, who.connection)
        else:
            own = (found.c.connection == who.connection) & (found.c.id == who.lead_id)
            tx.execute(found.delete().where(held & ~own))
        for other in others:
            connection, _, lead = other.partition("/")
            number = version if connection == who.connection else marks.next_version(tx, connection)
            stale.add(tx, connection, [lead], version=number)


def _look_again(tx: Connection, connection: str) -> None:
    """Let the next look at duplicates make all clusters anew: the person may have been all that held one together."""
    marked = tables.likeness_marks
    mine = (marked.c.entity == Entity.LEAD.value) & (marked.c.connection == connection)
    tx.execute(update(marked).where(mine).values(settled=0))


def strip(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> int:
    """Delete what was added to these records: enrichment, with the answers nobody else's is made of, and likenesses.

    For records that the CRM says are gone, too. Returns how many answers went.
    """
    wanted = sorted(set(ids))
    where = {"where": "connection = ? AND entity = ?", "bound": (connection, entity.value)}
    found = bulk.find(tx, tables.enrichments, ("source", "key_hash"), **where, column="id", values=wanted)  # type: ignore[arg-type]  # named above
    for table in people.ADDED:
        bulk.delete(tx, table, ("connection", "entity", "id"), [(connection, entity.value, one) for one in wanted])
    return sum(_forget_answer(tx, source, key_hash) for source, key_hash in sorted(set(found)))


def _forget_answer(tx: Connection, source: str, key_hash: str) -> int:
    kept, others = tables.answers, tables.enrichments
    used = select(others.c.id).where((others.c.source == source) & (others.c.key_hash == key_hash))
    if tx.execute(used.limit(1)).first() is not None:
        return 0
    return tx.execute(kept.delete().where((kept.c.source == source) & (kept.c.key_hash == key_hash))).rowcount


def _delete(tx: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return tx.execute(table.delete().where(where)).rowcount


def _number_of(tx: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _unlink(tx: Connection, who: Person) -> int:
    """Take the lead out of deals, and of activities of others, too; they are of those, or of nobody, from then on."""
    gone, found = set(who.links), people.deals(tx, who)
    for row in found:
        data = {name: unlisted(value, gone) for name, value in orjson.loads(row["data"]).items()}
        packed = orjson.dumps({name: value for name, value in data.items() if value is not None})
        new = {"data": packed.decode(), "content_hash": blake2b(packed, digest_size=16).digest()}
        bound = (unlisted(row["link"], gone), *new.values(), who.connection, row["entity"], row["id"])
        bulk.update(tx, tables.records, ("link", *new, "connection", "entity", "id"), [bound])
        if row["entity"] != Entity.DEAL.value:
            links.keep(tx, who.connection, Entity(row["entity"]), {row["id"]: bound[0]}, had=[row["id"]])
    return len(found)


def _forget_survivor(tx: Connection, who: Person) -> None:
    """Let no record that was merged into this one name it."""
    records = tables.records
    mine = (records.c.connection == who.connection) & (records.c.merged_into == who.lead_id)
    tx.execute(update(records).where(mine).values(merged_into=None))
