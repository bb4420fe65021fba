"""The columns that enrichment adds to a frame of leads, named "enriched.FIELD": text, as a CRM's own columns are.

Only fields that a feature is made of are made at all.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from connector.enrichment import companies
from connector.enrichment.sources import KeyedBy, TableSource
from connector.enrichment.table import KeyOf, Table, opened
from mappings.enrichment import OF_COMPANY, OFFLINE, PREFIX
from mappings.frames import offline
from mappings.frames.as_of import Past
from mappings.frames.columns import collected, completed
from mappings.frames.companies import beside_leads
from mappings.links import domain_key
from mappings.mapping import Mapping

FEW = 100  # leads


def with_offline(mapping: Mapping, leads: pl.DataFrame) -> pl.DataFrame:
    """Add what the records themselves tell; a column that is there already is made anew, of what they hold now."""
    wanted = [name for name in mapping.enriched if name in OFFLINE]
    if not wanted:
        return leads
    parts = dict.fromkeys(part for name in wanted for part in OFFLINE[name])
    fields = {part: mapping.enrich.fields_of(part) for part in parts}
    frame = completed(leads, [field for some in fields.values() for field in some])
    held = frame.select(_first(some).alias(part) for part, some in fields.items())
    made = offline.told({part: held[part].to_list() for part in parts}, wanted)
    return leads.with_columns(pl.Series(PREFIX + name, texts, dtype=pl.String) for name, texts in made.items())


def beside_company(
    mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, past: Past | None = None
) -> pl.DataFrame:
    """Add a "company.FIELD" column for each field of the linked company that enrichment looks at."""
    names = mapping.behind_enriched
    return beside_leads(mapping, leads, companies, past, names) if names else leads


def as_known(
    mapping: Mapping, leads: pl.DataFrame, then: pl.DataFrame, companies: pl.DataFrame, past: Past
) -> pl.DataFrame:
    """Give `then`, the leads as they stood once, with what enrichment would have told of them.

    What the records tell by themselves is made anew. What tables and services tell is as of today, but nothing of it is
    known of a lead whose key was another one then.
    """
    before, now = beside_company(mapping, then, companies, past), beside_company(mapping, leads, companies)
    made = with_offline(mapping, before)
    for source in mapping.enrich.used(mapping.enriched):
        moved = keys(source.key, before).ne_missing(keys(source.key, now))
        told = [PREFIX + name for name, _ in source.fields if PREFIX + name in made.columns]
        made = made.with_columns(pl.when(~moved).then(pl.col(name)).alias(name) for name in told)
    return made.drop(OF_COMPANY + name for name in mapping.behind_enriched)


def _first(fields: Sequence[str]) -> pl.Expr:
    """Give the first of the fields that has a value."""
    if not fields:
        return pl.lit(None, dtype=pl.String)
    stripped = [pl.col(name).str.strip_chars() for name in fields]
    return pl.coalesce(pl.when(text != "").then(text) for text in stripped)


def keys(key: KeyedBy, leads: pl.DataFrame) -> pl.Series:
    """Give the key by which a source is asked for each lead, in the order of `leads`; null where there is none."""
    frame, key_of = completed(leads, key.of), key_of_kind(key.kind)
    rows = zip(*(frame[name].to_list() for name in key.of), strict=True)
    made = [next((found for text in row if (found := key_of(text)) is not None), None) for row in rows]
    return pl.Series("key", made, dtype=pl.String)


def key_of_kind(kind: str) -> KeyOf:
    """Give the function that makes a key of a field's text, of a table's column as of a lead's."""
    match kind:
        case "domain":
            return domain_key
        case "company":
            return _company_key
        case "postcode":
            return _postcode_key
        case _:
            return _exact_key


def _company_key(text: str | None) -> str | None:
    return companies.match_key(text) if text else None


def _postcode_key(text: str | None) -> str | None:
    return re.sub(r"[\W_]", "", text).upper() or None if text else None


def _exact_key(text: str | None) -> str | None:
    return text.strip().lower() or None if text else None


def table_of(mapping: Mapping, source: TableSource) -> Table:
    """Open a table. Raises Misconfigured when it cannot be used."""
    return opened(source, folder_of(mapping), key_of_kind(source.key.kind))


def folder_of(mapping: Mapping) -> Path:
    """Give the folder that paths in the mapping start from."""
    return Path(mapping.enrich.folder or Path(mapping.file).parent)


def with_table(mapping: Mapping, leads: pl.DataFrame, source: TableSource) -> pl.DataFrame:
    """Add what the customer's table holds. Raises Misconfigured when it cannot be used."""
    wanted = [name for name, _ in source.fields if name in mapping.enriched]
    asked = keys(source.key, leads)
    table = table_of(mapping, source).frame.lazy()
    if len(asked) <= FEW:  # a join would look at the whole table first
        table = table.filter(pl.col("key").is_in(asked.implode()))
    known = table.select("key", *(pl.col(name).alias(PREFIX + name) for name in wanted))
    found = collected(asked.to_frame().lazy().join(known, on="key", how="left", maintain_order="left"))
    return leads.with_columns(found.drop("key"))
