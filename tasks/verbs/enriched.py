"""The enriched columns of a chunk of leads: told by the records, by the customer's tables, by what services answered.

Nothing is asked here: a service's answers are in the store, or the column is empty.
"""

from hashlib import blake2b

import polars as pl

from connector.enrichment.sources import ServiceSource, TableSource
from mappings.enriched import with_offline, with_table
from mappings.enrichment import PREFIX
from mappings.load import Mapping
from tasks.store import enrichments
from tasks.store.engine import Store


def enriched(store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame) -> pl.DataFrame:
    """Add a text column for each enriched field that features are made of, named "enriched.FIELD".

    Raises Misconfigured when a table cannot be used.
    """
    sources = mapping.enrich.used(mapping.enriched)
    for table in (source for source in sources if isinstance(source, TableSource)):
        leads = with_table(mapping, leads, table)
    services = [source for source in sources if isinstance(source, ServiceSource)]
    if services:
        leads = _with_answers(store, mapping, connection, leads, services)
    return with_offline(mapping, leads)


def source_id(source: ServiceSource) -> str:
    """Name a service in the store: another address or other fields are another one, whose answers are its own."""
    meaning = repr((source.url, source.body, source.key.kind, source.fields))
    return f"{source.name} {blake2b(meaning.encode(), digest_size=4).hexdigest()}"


def _with_answers(
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame, services: list[ServiceSource]
) -> pl.DataFrame:
    ids = leads["id"].to_list()
    told = enrichments.of(store, connection, ids)
    by_source = {lead: {one.source: one.values for one in some} for lead, some in told.items()}
    columns = []
    for source in services:
        own = source_id(source)
        values = [by_source.get(lead, {}).get(own, {}) for lead in ids]
        names = [name for name, _ in source.fields if name in mapping.enriched]
        columns += [pl.Series(PREFIX + name, [held.get(name) for held in values], pl.String) for name in names]
    return leads.with_columns(columns)


def provenance(
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame
) -> dict[str, dict[str, str | None]]:
    """Tell of the first of these leads, by enriched field with a value: the value, its source, and when it was told.

    `leads` is as `enriched` makes it. `at` is None for what is as of now: the record itself, and tables.
    """
    lead = leads["id"][0]
    told = {one.source: one.made_at for one in enrichments.of(store, connection, [lead]).get(lead, [])}
    named = {name: source for source in mapping.enrich.sources for name, _ in source.fields}
    found: dict[str, dict[str, str | None]] = {}
    for name in mapping.enriched:
        source = named.get(name)
        at = told.get(source_id(source)) if isinstance(source, ServiceSource) else None
        if (value := leads[PREFIX + name][0]) is not None:
            by = source.name if source else "the record itself"
            found[name] = {"value": value, "source": by, "at": at.isoformat(timespec="seconds") if at else None}
    return found
