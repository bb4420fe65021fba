"""A lead's company: its values beside the lead's own, when it counts.

A company counts when it was created no later than the lead, with a day of grace for CRMs that make both at once.
Otherwise it may be there because of the outcome: a conversion makes an account (law: no look into the future).
"""

from datetime import timedelta

import polars as pl

from connector.crm import Entity
from mappings.enrichment import OF_COMPANY
from mappings.frames.as_of import AS_OF, Past, as_of, rewound
from mappings.frames.columns import collected, completed, instant
from mappings.mapping import Mapping
from mappings.parts import Source

PARENT_GRACE = timedelta(days=1)
PREFIX = OF_COMPANY


def column(source: Source) -> str:
    """Name the column that `beside_leads` gives the values of a lead's or a company's field."""
    return (PREFIX if source.entity is Entity.COMPANY else "") + source.field


def beside_leads(
    mapping: Mapping,
    leads: pl.DataFrame,
    companies: pl.DataFrame,
    past: Past | None = None,
    names: tuple[str, ...] | None = None,
) -> pl.DataFrame:
    """Add "company.FIELD" columns to `leads`, in its order; null where a lead has no company that counts.

    `names` are the company's fields; None: those that features are made of.

    A company or lead of unknown creation counts as known in time. Of several companies with one key, the first by id
    that counts is taken; so one made later never takes its place. With `past`, the values are those that the company
    had when the lead is looked at, and the company is the one that had the key then.
    """
    names = mapping.inputs(Entity.COMPANY) if names is None else names
    leads = completed(leads, (*mapping.inputs(Entity.LEAD), "link", mapping.outcome.created))
    if not names:
        return leads
    known = _known(mapping, companies, names)
    linked = _linked(mapping, leads, known if past is None else _keyed_ever(mapping, known, past))
    if past is not None:
        linked = _then(mapping, linked, names, past)
    chosen = (
        linked.lazy()
        .sort("__row", "__company")
        .unique("__row", keep="first", maintain_order=True)
        .select("__row", *(PREFIX + name for name in names))
    )
    rows = leads.lazy().with_columns(pl.int_range(pl.len()).alias("__row"))
    return collected(rows.join(chosen, on="__row", how="left", maintain_order="left").drop("__row"))


def _known(mapping: Mapping, companies: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    frame = completed(companies, ("key", *names, mapping.links.company_created))
    return frame.select(
        pl.col("key"),
        pl.col("key").alias("__key"),
        pl.col("id").alias("__company"),
        instant(mapping.links.company_created).alias("__made"),
        *(pl.col(name).alias(PREFIX + name) for name in names),
    )


def _linked(mapping: Mapping, leads: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Join each lead's row with the companies of its key that were there in time."""
    created = instant(mapping.outcome.created)
    own = leads.lazy().select(
        pl.int_range(pl.len()).alias("__row"), "link", created.alias("__created"), as_of(mapping).alias(AS_OF)
    )
    in_time = pl.col("__made") <= pl.col("__created") + PARENT_GRACE
    keyed = known.lazy().filter(pl.col("key").is_not_null())
    found = own.join(keyed, left_on="link", right_on="key", how="inner").filter(in_time.fill_null(value=True))
    return collected(found)


def _keyed_ever(mapping: Mapping, known: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Let each company be found by every key that it ever had."""
    keys = key_changes(mapping, past.companies).select(pl.col("id").alias("__company"), pl.col("old").alias("key"))
    earlier = known.drop("key").join(keys, on="__company", how="inner").select(known.columns)
    return pl.concat([known, earlier]).unique(["key", "__company"], maintain_order=True)


def _then(mapping: Mapping, linked: pl.DataFrame, names: tuple[str, ...], past: Past) -> pl.DataFrame:
    """Set the companies back to what they were, and keep those that had the lead's key."""
    keyed = rewound(linked, key_changes(mapping, past.companies), {mapping.links.company: "__key"}, by="__company")
    same = keyed.filter(pl.col("__key") == pl.col("link"))
    return rewound(same, past.companies, {name: PREFIX + name for name in names}, by="__company")


def key_changes(mapping: Mapping, changes: pl.DataFrame) -> pl.DataFrame:
    """Give the changes of the field that leads point to, with the key that it meant in place of the old value."""
    own = changes.filter(pl.col("field") == mapping.links.company)
    key = mapping.linker(Entity.COMPANY, (mapping.links.company,))
    return own.with_columns(pl.Series("old", [key((old,))[0] for old in own["old"]], dtype=pl.String))
