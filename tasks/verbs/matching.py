"""The look before enrichment is used: how many leads would be told something, by which source. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from connector.crm import Entity
from connector.enrichment.sources import ServiceSource, Source, TableSource
from connector.errors import Misconfigured
from mappings.enrichment import OF_COMPANY, OFFLINE, PREFIX, of_entity
from mappings.file.load import Mapping
from mappings.frames.enriched import keys, table_of, with_offline
from tasks.store import answers, enrichments, records, spendings
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs.enrich import with_company
from tasks.verbs.enriched import source_id
from tasks.verbs.fetched import BY_ID, NOT_FETCHED, Fetched, unread

CHUNK_LEADS = 10_000

Chunks = Callable[[], Iterator[pl.DataFrame]]


@dataclass(slots=True)
class Looked:
    """One source: of `leads`, `keyed` have a key, and `matched` are told something. `told` says what is to be mended.

    Not `usable`: it cannot be read, and was not looked at. Of a table: its `rows`, those whose key was `doubled`, and
    those that are `keyless`. Of a service: the `keys` that leads have, the leads that `wait` to be asked for, and what
    today's requests cost.
    """

    source: str
    kind: str
    leads: int = 0
    keyed: int = 0
    matched: int = 0
    rows: int | None = None
    doubled: int | None = None
    keyless: int | None = None
    keys: int | None = None
    waiting: int | None = None
    calls: int | None = None
    cost: float | None = None
    told: list[str] = field(default_factory=list)
    usable: bool = True

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def lacks_keys(store: Store, mapping: Mapping, connection: str) -> bool:
    """Tell whether no pull has read a field that a source is asked by."""
    keys = mapping.enrich.keys(mapping.enriched)
    return any(set(of_entity(one, keys)) & set(unread(store, mapping, connection, one)) for one in BY_ID)


def looked(
    store: Store,
    mapping: Mapping,
    connection: str,
    *,
    now: datetime,
    some: Sequence[Row] | None = None,
    fetched: Fetched = NOT_FETCHED,
) -> list[Looked]:
    """Look at every source of the mapping over all leads in the store, then at the offline fields that it uses.

    `some`: look at these leads alone, with what was `fetched` of them beside what is stored.
    """

    def chunks() -> Iterator[pl.DataFrame]:
        stored = records.chunks(store, connection, Entity.LEAD, size=CHUNK_LEADS)
        for rows in stored if some is None else [some]:
            yield with_company(store, mapping, connection, rows, fetched)

    found = [_looked(store, mapping, connection, source, chunks, now=now) for source in mapping.enrich.sources]
    return found + _offline(mapping, chunks)


def _looked(
    store: Store, mapping: Mapping, connection: str, source: Source, chunks: Chunks, *, now: datetime
) -> Looked:
    match source:
        case TableSource():
            return _table(mapping, source, chunks)
        case ServiceSource():
            return _service(store, mapping, connection, source, chunks, now=now)


def _table(mapping: Mapping, source: TableSource, chunks: Chunks) -> Looked:
    told = Looked(source.name, "table", told=_unread(mapping, source))
    try:
        table = table_of(mapping, source)
    except Misconfigured as error:
        told.told.append(str(error))
        told.usable = False
        return told
    told.rows, told.doubled, told.keyless = table.rows, table.doubled, table.keyless
    known = table.frame["key"].implode()
    for leads in chunks():
        own = keys(source.key, leads)
        told.leads += leads.height
        told.keyed += own.drop_nulls().len()
        told.matched += int(own.is_in(known).fill_null(value=False).sum())
    if told.doubled:
        told.told.append("Of rows with the same key the first counts: remove the others.")
    return told


def _service(
    store: Store, mapping: Mapping, connection: str, source: ServiceSource, chunks: Chunks, *, now: datetime
) -> Looked:
    own = source_id(source)
    told, distinct = Looked(source.name, "service", told=_unread(mapping, source)), set[str]()
    for leads in chunks():
        found = keys(source.key, leads).drop_nulls()
        told.leads += leads.height
        told.keyed += found.len()
        distinct.update(found)
    told.keys = len(distinct)
    told.waiting, told.matched = enrichments.waiting(store, connection, own, now=now)
    spent = spendings.of_day(store, source.name, now=now)
    told.calls, told.cost = spent.calls, spent.cost
    if (paused := answers.paused(store, own, now=now)) is not None:
        told.told.append(f"{paused.because} It is let alone until {paused.until:%Y-%m-%d %H:%M} UTC.")
    if source.key_is_in_url:
        told.told.append("Its address holds the key, which logs on the way may keep: use `body` if the service can.")
    return told


def _unread(mapping: Mapping, source: Source) -> list[str]:
    """Tell which key fields were not pulled, for then no lead can match."""
    missing = [
        *(name for name in of_entity(Entity.LEAD, source.key.of) if name not in mapping.source_fields(Entity.LEAD)),
        *(
            OF_COMPANY + name
            for name in of_entity(Entity.COMPANY, source.key.of)
            if name not in mapping.source_fields(Entity.COMPANY)
        ),
    ]
    if not missing:
        return []
    names = ", ".join(missing)
    return [f"{names} is not pulled before a feature is made of this source: add one, and run `truegrade pull`."]


def _offline(mapping: Mapping, chunks: Chunks) -> list[Looked]:
    names = [name for name in mapping.enriched if name in OFFLINE]
    if not names:
        return []
    filled: Counter[str] = Counter()
    total = 0
    for leads in chunks():
        made = with_offline(mapping, leads)
        total += leads.height
        filled.update({name: leads.height - made[PREFIX + name].null_count() for name in names})
    return [Looked(name, "offline", leads=total, keyed=total, matched=filled[name]) for name in names]
