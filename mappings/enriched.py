"""The columns that enrichment adds to a frame of leads, named "enriched.FIELD": text, as a CRM's own columns are.

Each distinct value is looked at once, for they repeat; only fields that a feature is made of are made at all.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl

from connector.enrichment import companies, forms, mail, names, phones, places
from connector.enrichment.places import Place
from connector.enrichment.sources import KeyedBy, TableSource
from connector.enrichment.table import KeyOf, Table, opened
from mappings import lexicon
from mappings.columns import completed
from mappings.enrichment import OFFLINE, PREFIX
from mappings.links import domain_key
from mappings.mapping import Mapping

Tell = Callable[..., str | None]

SPELLINGS_KEPT = 2_000


def with_offline(mapping: Mapping, leads: pl.DataFrame) -> pl.DataFrame:
    """Add what the records themselves tell; a column that is there already is made anew, of what they hold now."""
    wanted = [name for name in mapping.enriched if name in OFFLINE]
    if not wanted:
        return leads
    parts = dict.fromkeys(part for name in wanted for part in OFFLINE[name])
    fields = {part: mapping.enrich.fields_of(part) for part in parts}
    frame = completed(leads, [field for some in fields.values() for field in some])
    held = frame.select(_first(some).alias(part) for part, some in fields.items())
    return leads.with_columns(_looked_up(held, name).alias(PREFIX + name) for name in wanted)


def _first(fields: Sequence[str]) -> pl.Expr:
    """Give the first of the fields that has a value."""
    if not fields:
        return pl.lit(None, dtype=pl.String)
    stripped = [pl.col(name).str.strip_chars() for name in fields]
    return pl.coalesce(pl.when(text != "").then(text) for text in stripped)


def _looked_up(held: pl.DataFrame, name: str) -> pl.Series:
    parts, tell = OFFLINE[name], TELLERS[name]
    distinct = held.select(parts).unique()
    told = [tell(*row) if any(row) else None for row in distinct.iter_rows()]
    known = distinct.with_columns(pl.Series("__told", told, dtype=pl.String))
    return held.select(parts).join(known, on=parts, how="left", maintain_order="left", nulls_equal=True)["__told"]


def keys(key: KeyedBy, leads: pl.DataFrame) -> pl.Series:
    """Give the key by which a source is asked for each lead, in the order of `leads`; null where there is none."""
    frame, key_of = completed(leads, key.of), key_of_kind(key.kind)
    columns = [_mapped(frame[field], key_of) for field in key.of]
    return pl.select(pl.coalesce(columns).alias("key"))["key"]


def _mapped(column: pl.Series, key_of: KeyOf) -> pl.Series:
    distinct = column.drop_nulls().unique()
    made = pl.Series([key_of(text) for text in distinct], dtype=pl.String)
    return column.replace_strict(distinct, made, default=None, return_dtype=pl.String)


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
    known = table_of(mapping, source).frame.select("key", *(pl.col(name).alias(PREFIX + name) for name in wanted))
    keyed = leads.select(keys(source.key, leads).alias("key"))
    found = keyed.join(known, on="key", how="left", maintain_order="left")
    return leads.with_columns(found.drop("key"))


def _country(country: str | None, phone: str | None) -> Place | None:
    """Find a lead's country: as it is written, in any of our spellings, or where its phone is."""
    return _named(country) or places.place(phones.country(phone) if phone else None)


@lru_cache(SPELLINGS_KEPT)
def _named(country: str | None) -> Place | None:
    usual = lexicon.countries().get(lexicon.plain(country)) if country else None
    return places.place(usual or country)


def _region(country: str | None) -> str | None:
    place = _named(country)
    return place.code if place else None


def _time_zone(country: str | None, phone: str | None) -> str | None:
    """Tell the zone of the phone, unless it is of another country than the lead says: people travel with phones."""
    place = _country(country, phone)
    zone = phones.time_zone(phone, _region(country)) if phone else None
    if zone and phone and (place is None or phones.country(phone, place.code) == place.code):
        return zone
    return (place.time_zone or None) if place else None


def _of_place(attribute: str) -> Tell:
    def told(country: str | None, phone: str | None) -> str | None:
        place = _country(country, phone)
        return (getattr(place, attribute) or None) if place else None

    return told


def _of_phone(look: Callable[[str, str | None], str | bool | None]) -> Tell:
    def told(phone: str | None, country: str | None) -> str | None:
        return _written(look(phone, _region(country))) if phone else None

    return told


def _domain(email: str | None, website: str | None) -> str | None:
    return domain_key(email) or domain_key(website)


def _company_name(company: str | None, email: str | None, website: str | None) -> str | None:
    if company and names.is_gibberish(company) is False:
        return companies.base_name(company)
    domain = _domain(email, website)
    return companies.name_of_domain(domain) if domain else None


def _match_key(company: str | None, email: str | None, website: str | None) -> str | None:
    name = _company_name(company, email, website)
    return companies.match_key(name) if name else None


def _is_plausible(first_name: str | None, last_name: str | None) -> str | None:
    return _written(not any(names.is_gibberish(name) for name in (first_name, last_name) if name))


def _written(value: str | bool | None) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else value


# A function for each name of `OFFLINE`, of its parts in their order.
TELLERS: dict[str, Tell] = {
    "domain": _domain,
    "mail_kind": lambda email: mail.kind(email) if email else None,
    "phone_country": _of_phone(phones.country),
    "phone_line": _of_phone(phones.line),
    "phone_valid": _of_phone(phones.is_valid),
    "country_code": _of_place("code"),
    "region": _of_place("continent"),
    "subregion": _of_place("subregion"),
    "time_zone": _time_zone,
    "language": _of_place("language"),
    "company_name": _company_name,
    "company_key": _match_key,
    "name_plausible": _is_plausible,
    "spam_signs": lambda *parts: str(len(forms.signs(*parts))),
    "spam_sign": lambda *parts: next(iter(forms.signs(*parts)), "none"),
}
