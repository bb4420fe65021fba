"""A lead's activities: those of its first days, up to a rule's window after its creation.

An activity without a time counts for nobody, for it may have come after the outcome.
"""

from datetime import timedelta

import polars as pl

from mappings.columns import among, completed, instant
from mappings.mapping import Count, Mapping


def within(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count) -> pl.DataFrame:
    """Give the activities in the rule's window, of these leads alone; "link" is the lead's id."""
    created = completed(leads, (mapping.outcome.created,)).select(
        pl.col("id").alias("link"), instant(mapping.outcome.created).alias("__created")
    )
    joined = completed(activities, ("link", *rule.fields)).join(created.unique("link"), on="link", how="inner")
    return joined.filter(instant(rule.at) <= pl.col("__created") + timedelta(days=rule.window_days)).drop("__created")


def counted(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count) -> pl.Series:
    """Count each lead's activities by the rule, in the order of `leads`: Float64, null if its creation is unknown."""
    found = within(mapping, leads, activities, rule)
    for name, values in rule.where:
        found = found.filter(among(name, values))
    numbers = found.group_by("link").agg(pl.len().cast(pl.Float64).alias("__count")).rename({"link": "id"})
    known = completed(leads, (mapping.outcome.created,)).select(
        "id", instant(mapping.outcome.created).alias("__created")
    )
    joined = known.join(numbers, on="id", how="left", maintain_order="left")
    return joined.select(pl.when(pl.col("__created").is_not_null()).then(pl.col("__count").fill_null(0.0)))["__count"]
