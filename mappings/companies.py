"""A lead's company: its values beside the lead's own, when it counts.

A company counts when it was created no later than the lead, with a day of grace for CRMs that make both at once.
Otherwise it may be there because of the outcome: a conversion makes an account (law: no look into the future).
"""

from datetime import timedelta

import polars as pl

from connector.crm import Entity
from mappings.columns import completed, instant
from mappings.mapping import Mapping, Source

PARENT_GRACE = timedelta(days=1)
PREFIX = "company."


def column(source: Source) -> str:
    """Name the column that `beside_leads` gives the values of a lead's or a company's field."""
    return (PREFIX if source.entity is Entity.COMPANY else "") + source.field


def beside_leads(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Add "company.FIELD" columns to `leads`, in its order; null where a lead has no company that counts.

    A company or lead of unknown creation counts as known in time. Of several companies with one key, the first by id
    that counts is taken; so one made later never takes its place.
    """
    names = mapping.inputs(Entity.COMPANY)
    created = mapping.outcome.created
    leads = completed(leads, (*mapping.inputs(Entity.LEAD), "link", created))
    if not names:
        return leads
    companies = completed(companies, ("key", *names, mapping.links.company_created))
    known = companies.filter(pl.col("key").is_not_null()).select(
        pl.col("key"),
        pl.col("id").alias("__company"),
        instant(mapping.links.company_created).alias("__made"),
        *(pl.col(name).alias(PREFIX + name) for name in names),
    )
    in_time = pl.col("__made") <= pl.col("__created") + PARENT_GRACE
    linked = (
        leads.select(pl.int_range(pl.len()).alias("__row"), "link", instant(created).alias("__created"))
        .join(known, left_on="link", right_on="key", how="inner")
        .filter(in_time.fill_null(value=True))
        .sort("__row", "__company")
        .unique("__row", keep="first", maintain_order=True)
        .select("__row", *(PREFIX + name for name in names))
    )
    rows = leads.with_row_index("__row").with_columns(pl.col("__row").cast(pl.Int64))
    return rows.join(linked, on="__row", how="left", maintain_order="left").drop("__row")
