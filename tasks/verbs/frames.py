"""Records of the store as frames: one text column for each field that the mapping reads, beside "id", "key", "link".

The rows' order is kept. Null stands for a value that the CRM does not hold.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from connector.crm import Entity
from mappings.file.load import Mapping
from tasks.store import records
from tasks.store.belonging import belonging
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import earlier
from tasks.verbs.fetched import NOT_FETCHED, Fetched
from tasks.verbs.written_back import told_apart


@dataclass(frozen=True, slots=True)
class LeadFrames:
    """Some leads with all that belongs to them: each frame as `frame` makes it."""

    leads: pl.DataFrame
    companies: pl.DataFrame
    activities: pl.DataFrame


def frame(rows: Sequence[Row], fields: Sequence[str]) -> pl.DataFrame:
    """Make the frame of these records."""
    columns = {
        name: pl.Series(name, [getattr(row, name) for row in rows], dtype=pl.String) for name in ("id", "key", "link")
    }
    if not rows:
        return pl.DataFrame(columns | {name: pl.Series(name, [], dtype=pl.String) for name in fields})
    lines = "\n".join([row.data for row in rows]).encode()
    values = pl.read_ndjson(lines, schema=dict.fromkeys(fields, pl.String()))
    return pl.DataFrame(columns).hstack(values)


def of_leads(
    store: Store, mapping: Mapping, connection: str, leads: Sequence[Row], fetched: Fetched = NOT_FETCHED
) -> LeadFrames:
    """Make the frames of these leads, enriched as they are known today, of their companies and of their activities.

    `fetched` are values that stand beside those of the store. Raises Misconfigured when a table of the section enrich
    cannot be used.
    """
    own = frame(fetched.into(Entity.LEAD, leads), mapping.source_fields(Entity.LEAD))
    links = {row.link for row in leads if row.link}
    linked, activities = belonging(store, connection, links, owners(mapping, own), counted(mapping), mapping.through)
    companies = frame(fetched.into(Entity.COMPANY, linked), mapping.source_fields(Entity.COMPANY))
    own = with_enriched(store, mapping, connection, own, companies)
    return LeadFrames(own, companies, activity_frame(mapping, activities))


def lead_frame(store: Store, mapping: Mapping, connection: str, leads: Sequence[Row]) -> pl.DataFrame:
    """Make the frame of these leads alone, enriched as `of_leads` does it."""
    own = frame(leads, mapping.source_fields(Entity.LEAD))
    return with_enriched(store, mapping, connection, own, companies_behind(store, mapping, connection, own))


def with_enriched(
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame, companies: pl.DataFrame
) -> pl.DataFrame:
    """Add the columns of earlier leads and the enriched ones that are made use of; take out what we wrote ourselves.

    Raises Misconfigured when a table cannot be used.
    """
    if mapping.earlier:
        leads = earlier.beside(store, mapping, connection, leads)
    leads = told_apart(store, mapping, connection, leads)
    if not mapping.enriched:
        return leads
    from tasks.verbs.enriched import enriched  # noqa: PLC0415  most mappings enrich nothing

    return enriched(store, mapping, connection, leads, companies)


def companies_behind(
    store: Store, mapping: Mapping, connection: str, leads: pl.DataFrame, fetched: Fetched = NOT_FETCHED
) -> pl.DataFrame:
    """Make the frame of the companies that enrichment looks at; an empty one where it looks at none."""
    links = leads["link"].drop_nulls().to_list() if mapping.behind_enriched else []
    companies, _ = belonging(store, connection, links, {}, ()) if links else ([], {})
    return frame(fetched.into(Entity.COMPANY, companies), mapping.source_fields(Entity.COMPANY))


def counted(mapping: Mapping) -> list[Entity]:
    """Name the kinds of activity that are read."""
    return [entity for entity in mapping.activities if mapping.source_fields(entity)]


def owners(mapping: Mapping, leads: pl.DataFrame) -> dict[str, str]:
    """Tell the lead by its own id, and by that of the contact to which a conversion gave its activities."""
    found = {lead: lead for lead in leads["id"]}
    for name in {of.converted for of in mapping.links.objects if of.converted}:
        found |= {contact: lead for lead, contact in leads.select("id", name).iter_rows() if contact}
    return found


def activity_frame(mapping: Mapping, activities: Dict[Entity, Sequence[Row]]) -> pl.DataFrame:
    """Make one frame of activities of all kinds: as `frame` does, with the kind of each beside it as "entity"."""
    parts = []
    for entity, rows in activities.items():
        some = frame(rows, mapping.source_fields(entity)).with_columns(pl.lit(entity.value).alias("entity"))
        parts.append(named_by_kind(entity, some))
    return pl.concat(parts, how="diagonal") if parts else frame([], ())


def named_by_kind(entity: Entity, rows: pl.DataFrame) -> pl.DataFrame:
    """Put the kind before the ids of an object's records: several objects may number theirs alike."""
    named = pl.concat_str(pl.lit(f"{entity.value}/"), "id").alias("id")
    return rows.with_columns(named) if entity.object_name else rows


def of_all(store: Store, mapping: Mapping, connection: str, entity: Entity, *, chunk: int) -> pl.DataFrame:
    """Make one frame of all records of an entity."""
    fields = mapping.source_fields(entity)
    chunks = [frame(rows, fields) for rows in records.chunks(store, connection, entity, size=chunk)]
    return pl.concat(chunks) if chunks else frame([], fields)


def of_deals(store: Store, mapping: Mapping, connection: str, *, chunk: int) -> pl.DataFrame:
    """Make one frame of all deals; where an object has a record for each pair of a deal and a lead, linked by these."""
    deals, through = of_all(store, mapping, connection, Entity.DEAL, chunk=chunk), mapping.outcome.deal.through
    if through is None:
        return deals
    pairs = of_all(store, mapping, connection, through.entity, chunk=chunk)
    leads = pairs.drop_nulls(["key", "link"]).group_by("key").agg(pl.col("link").unique().sort().str.join(";"))
    return deals.drop("link").join(leads, left_on="id", right_on="key", how="left", maintain_order="left")
