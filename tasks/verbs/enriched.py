"""The enriched columns of a chunk of leads: told by the records, by the customer's tables, by what services answered.

Nothing is asked here: a service's answers are in the store, or the column is empty.
"""

from hashlib import blake2b

import polars as pl

from connector.enrichment.sources import KeyedBy, ServiceSource, Source, TableSource
from mappings.enrichment import OF_COMPANY, OFFLINE, PREFIX
from mappings.file.load import Mapping
from mappings.frames.enriched import beside_company, keys, with_offline, with_table
from tasks.store import enrichments
from tasks.store.engine import Store


def enriched(
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame, companies: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Add a text column for each enriched field that is made use of, named "enriched.FIELD".

    `companies` are those that the leads link to, for mappings that look at them. Raises Misconfigured when a table
    cannot be used.
    """
    if mapping.behind_enriched and companies is not None:
        beside = beside_company(mapping, leads, companies)
        return _enriched(store, mapping, connection, beside).drop(OF_COMPANY + name for name in mapping.behind_enriched)
    return _enriched(store, mapping, connection, leads)


def _enriched(store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame) -> pl.DataFrame:
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
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame, companies: pl.DataFrame
) -> dict[str, dict[str, str | None]]:
    """Tell of the first of these leads, by enriched field with a value: the value, its source, and when it was told.

    The frames are as `frames.of_leads` makes them. `of` names the fields that were looked at and held something, a
    company's as "company.FIELD". `at` is None for what is as of now: the records themselves, and tables.
    """
    lead, beside = leads["id"][0], beside_company(mapping, leads.head(1), companies)
    told = {one.source: one.made_at for one in enrichments.of(store, connection, [lead]).get(lead, [])}
    named = {name: source for source in mapping.enrich.sources for name, _ in source.fields}
    found: dict[str, dict[str, str | None]] = {}
    for name in mapping.enriched:
        source = named.get(name)
        at = told.get(source_id(source)) if isinstance(source, ServiceSource) else None
        if (value := leads[PREFIX + name][0]) is not None:
            found[name] = {
                "value": value,
                "source": source.name if source else "the record itself",
                "of": ", ".join(_looked_at(mapping, name, source, beside)),
                "at": at.isoformat(timespec="seconds") if at else None,
            }
    return found


def _looked_at(mapping: Mapping, name: str, source: Source | None, lead: pl.DataFrame) -> list[str]:
    """Name the fields of a lead that an enriched one was told by: the first with a key, or the first of each part."""
    if source is not None:
        kind, of = source.key.kind, source.key.of
        return [field for field in of if keys(KeyedBy(kind, (field,)), lead)[0] is not None][:1]
    parts = [mapping.enrich.fields_of(part) for part in OFFLINE[name]]
    held = [[field for field in fields if field in lead.columns and lead[field][0] is not None] for fields in parts]
    return [fields[0] for fields in held if fields]
