"""A lead's activities: those of its first days, up to a rule's window after its creation.

An activity without a time counts for nobody, for it may have come after the outcome.
"""

from datetime import timedelta

import polars as pl

from mappings.as_of import AS_OF, Past, as_of, rewound
from mappings.columns import among, completed, instant
from mappings.mapping import Count, Mapping


def within(
    mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count, past: Past | None = None
) -> pl.DataFrame:
    """Give the activities in the rule's window, of these leads alone; "link" is the lead's id.

    With `past`, they are those that had come when the lead is looked at, as they stood then.
    """
    created = completed(leads, (mapping.outcome.created,)).select(
        pl.col("id").alias("link"), instant(mapping.outcome.created).alias("__created"), as_of(mapping).alias(AS_OF)
    )
    joined = completed(activities, ("link", *rule.fields)).join(created.unique("link"), on="link", how="inner")
    ends = pl.col("__created") + timedelta(days=rule.window_days)
    if past is not None:
        joined = rewound(joined, past.activities, {name: name for name in rule.fields})
        ends = pl.min_horizontal(ends, AS_OF)
    return joined.filter(instant(rule.at) <= ends).drop("__created", AS_OF)


def counted(
    mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count, past: Past | None = None
) -> pl.Series:
    """Count each lead's activities by the rule, in the order of `leads`: Float64, null if its creation is unknown."""
    found = within(mapping, leads, activities, rule, past)
    for name, values in rule.where:
        found = found.filter(among(name, values))
    numbers = found.group_by("link").agg(pl.len().cast(pl.Float64).alias("__count")).rename({"link": "id"})
    known = completed(leads, (mapping.outcome.created,)).select(
        "id", instant(mapping.outcome.created).alias("__created")
    )
    joined = known.join(numbers, on="id", how="left", maintain_order="left")
    return joined.select(pl.when(pl.col("__created").is_not_null()).then(pl.col("__count").fill_null(0.0)))["__count"]
