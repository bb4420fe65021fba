"""Records of erased persons, by keyed hashes alone: what keeps a late page from bringing them back.

Each erased record leaves one row: a page that shows it again is saved without it. Where nobody was erased that costs a
page one look-up in an empty index. The key of the hashes is made with the first erasure and lies in the database, so
that a backup that is restored still knows whom it must not take back; whoever sees a hash without the database cannot
tell whom it stands for.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import blake2b

from sqlalchemy import Connection, func, select, update

from connector.crm import Entity, Page, Record
from tasks.store import bulk
from tasks.store.engine import Store
from tasks.store.tables import hash_keys, withheld

KEY = "erasures"
KEY_BYTES, HASH_BYTES = 32, 20

Hash = Callable[[Entity, str], str]


def hashing(tx: Connection, connection: str) -> Hash:
    """Give the function that hashes a record's id; it makes the key if there is none yet."""
    key = _key(tx)
    if key is None:
        made = [(KEY, secrets.token_bytes(KEY_BYTES))]
        bulk.upsert(tx, hash_keys, ("name", "value"), made, update=())
        key = _key(tx)
    assert key is not None
    return _hashing(key, connection)


def known_hashing(tx: Connection, connection: str) -> Hash | None:
    """Give the function that hashes a record's id; None when nobody was ever erased here. Writes nothing."""
    key = _key(tx)
    return None if key is None else _hashing(key, connection)


def _key(tx: Connection) -> bytes | None:
    return tx.execute(select(hash_keys.c.value).where(hash_keys.c.name == KEY)).scalar()


def _hashing(key: bytes, connection: str) -> Hash:
    def hashed(entity: Entity, record_id: str) -> str:
        said = f"{connection}\0{entity.value}\0{record_id}".encode("utf-8", "surrogatepass")
        return blake2b(said, key=key, digest_size=HASH_BYTES).hexdigest()

    return hashed


def withhold(tx: Connection, connection: str, records: Iterable[tuple[Entity, str]]) -> None:
    """Let these records never be kept again. Repeatable."""
    hashed = hashing(tx, connection)
    rows = [(connection, hashed(entity, one), entity.value, 0) for entity, one in records]
    bulk.upsert(tx, withheld, ("connection", "subject_hash", "entity", "gone"), rows, update=())


def admitted(tx: Connection, connection: str, page: Page, linked: Callable[[Record], str | None]) -> Page:
    """Give the page without what is of erased persons: their records, and what points to them.

    Deals and activities that name an erased lead beside others are kept without it. `linked` tells what a living record
    points to. A child that comes for the first time is withheld from then on, and what the CRM says is gone is noted.
    """
    if not page.records or not _are_any(tx, connection):
        return page
    hashed = hashing(tx, connection)
    parents = {record.id: _parents(page.entity, linked(record)) for record in page.records if record.gone is None}
    own = {record.id: hashed(page.entity, record.id) for record in page.records}
    named = {lead for those in parents.values() for lead in those} | {one.merged_into or "" for one in page.records}
    leads = {lead: hashed(Entity.LEAD, lead) for lead in named}
    known = _known(tx, connection, {*own.values(), *leads.values()})
    erased = {lead for lead, code in leads.items() if code in known}
    orphans = {one for one, those in parents.items() if page.entity is not Entity.DEAL and those and erased >= {*those}}
    withhold(tx, connection, [(page.entity, one) for one in sorted(orphans) if own[one] not in known])
    _note_gone(tx, connection, {own[record.id] for record in page.records if record.gone} & known)
    left = [record for record in page.records if own[record.id] not in known and record.id not in orphans]
    return replace(page, records=tuple(_without(record, erased) for record in left))


def not_withheld(tx: Connection, connection: str, entity: Entity, ids: Iterable[str]) -> list[str]:
    """Leave out the ids of records that are never to be read again, in the order given."""
    wanted = list(ids)
    if not wanted or not _are_any(tx, connection):
        return wanted
    hashed = hashing(tx, connection)
    codes = {one: hashed(entity, one) for one in wanted}
    known = _known(tx, connection, set(codes.values()))
    return [one for one in wanted if codes[one] not in known]


def number(store: Store, connection: str) -> int:
    """Count the withheld records of a connection: it grows with each person who is erased."""
    with store.read() as tx:
        mine = select(func.count()).select_from(withheld).where(withheld.c.connection == connection)
        return int(tx.execute(mine).scalar_one())


def still_in_crm(store: Store, connection: str) -> dict[str, int]:
    """Count the withheld records, by entity, that the CRM may still hold: for all we know it has not erased them."""
    mine = (withheld.c.connection == connection) & (withheld.c.gone == 0)
    with store.read() as tx:
        rows = tx.execute(select(withheld.c.entity, func.count()).where(mine).group_by(withheld.c.entity))
        return {row[0]: row[1] for row in rows}


def _are_any(tx: Connection, connection: str) -> bool:
    return tx.execute(select(withheld.c.gone).where(withheld.c.connection == connection).limit(1)).first() is not None


def _known(tx: Connection, connection: str, codes: set[str]) -> set[str]:
    bound = {"where": "connection = ?", "bound": (connection,)}
    found = bulk.find(tx, withheld, ("subject_hash",), **bound, column="subject_hash", values=sorted(codes))  # type: ignore[arg-type]  # named above
    return {row[0] for row in found}


def _parents(entity: Entity, link: str | None) -> tuple[str, ...]:
    """Name the leads that a record points to; a lead and a company point to none."""
    if not link or entity in (Entity.LEAD, Entity.COMPANY):
        return ()
    return tuple(link.split(";"))


def _without(record: Record, erased: set[str]) -> Record:
    """Take erased leads out of what a record says of others."""
    if record.merged_into in erased:
        return replace(record, merged_into=None)
    values = tuple(unlisted(value, erased) for value in record.values) if erased else record.values
    return record if values == record.values else replace(record, values=values)


def unlisted(value: str | None, ids: set[str]) -> str | None:
    """Take ids out of a list with ";" between; None when nothing is left. Any other value stays as it is."""
    if value is None or ids.isdisjoint(parts := value.split(";")):
        return value
    return ";".join(part for part in parts if part not in ids) or None


def _note_gone(tx: Connection, connection: str, codes: set[str]) -> None:
    mine = (withheld.c.connection == connection) & withheld.c.subject_hash.in_(sorted(codes))
    if codes:
        tx.execute(update(withheld).where(mine).values(gone=1))
