"""What has to be known before leads are scored: which tables have changed, and whom services are to be asked about.

`asking` asks the services. May be killed anywhere, and repeated.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from connector.crm import Entity
from connector.enrichment.sources import ServiceSource, TableSource
from connector.enrichment.table import fingerprint
from mappings.file.load import Mapping
from mappings.frames.enriched import beside_company, folder_of, keys
from tasks.store import answers, enrichments, marks, records, stale
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import frames
from tasks.verbs import score as scoring
from tasks.verbs.enriched import source_id
from tasks.verbs.fetched import NOT_FETCHED, Fetched
from tasks.verbs.score import WHOLE, Part
from tasks.verbs.written_back import told_apart

CHUNK_LEADS = 10_000


def note_tables(store: Store, mapping: Mapping, connection: str, *, now: datetime) -> list[str]:
    """Queue all leads when a customer's table is another one than at their last scoring; returns the changed tables.

    What is scored is decided by the leads' inputs: those whose row has not changed end there. Raises Misconfigured
    when a table cannot be read.
    """
    changed = []
    for source in mapping.enrich.used(mapping.enriched):
        if isinstance(source, TableSource):
            found, known_as = fingerprint(source, folder_of(mapping)), f"{source.name} of {connection}"
            if answers.fingerprint(store, known_as) != found:
                _queue_all(store, connection)
                with store.write() as tx:
                    answers.keep_fingerprint(tx, known_as, found, now=now)
                changed.append(source.name)
    return changed


def _queue_all(store: Store, connection: str) -> None:
    for rows in records.chunks(store, connection, Entity.LEAD, size=CHUNK_LEADS):
        with store.write() as tx:
            stale.add(tx, connection, [row.id for row in rows], version=marks.read(tx, connection).version)


def note(
    store: Store,
    mapping: Mapping,
    source: ServiceSource,
    *,
    connection: str,
    now: datetime,
    part: Part = WHOLE,
    everything: bool = False,
) -> int:
    """Note which leads are to be asked for: of those that wait to be scored, or all; returns how many are new."""
    hashed, own, noted = answers.hashing(store), source_id(source), 0
    for rows in _everything(store, connection) if everything else _queued(store, mapping, connection, part):
        found = keys_of(store, mapping, connection, source, rows)
        hashes = {lead: hashed(own, key) if key else None for lead, key in found.items()}
        noted += enrichments.wanted(store, connection, own, hashes, now=now)
    return noted


def _everything(store: Store, connection: str) -> Iterator[list[Row]]:
    return records.chunks(store, connection, Entity.LEAD, size=CHUNK_LEADS)


def _queued(store: Store, mapping: Mapping, connection: str, part: Part) -> Iterator[list[Row]]:
    scoring.mark(store, mapping, connection)
    after = part.after
    while True:
        with store.read() as tx:
            chunk = stale.chunk(tx, connection, after=after, size=CHUNK_LEADS, last=part.last, above=part.above)
        if chunk is None:
            return
        yield records.get(store, connection, Entity.LEAD, chunk.ids)
        after = chunk.span.last


def keys_of(
    store: Store, mapping: Mapping, connection: str, source: ServiceSource, rows: Sequence[Row]
) -> dict[str, str | None]:
    """Tell the key by which a service is asked, by lead; None where a lead has none."""
    leads = with_company(store, mapping, connection, rows)
    return dict(zip(leads["id"], keys(source.key, leads), strict=True))


def with_company(
    store: Store, mapping: Mapping, connection: str, rows: Sequence[Row], fetched: Fetched = NOT_FETCHED
) -> pl.DataFrame:
    """Make the frame of these leads, with the fields of the linked company that enrichment looks at beside them.

    `fetched` are values that stand beside those of the store.
    """
    own = frames.frame(fetched.into(Entity.LEAD, rows), mapping.source_fields(Entity.LEAD))
    leads = told_apart(store, mapping, connection, own)
    return beside_company(mapping, leads, frames.companies_behind(store, mapping, connection, leads, fetched))
