"""From records to features: frames of text in, one column a feature out. Serves training, batches and single leads alike.

A feature holds only what was known at the lead's time (law 6): a company counts when it existed before the lead did,
with a day of grace for CRMs that make it from the lead; activities count when they happened in the lead's first days.
"""

from datetime import timedelta

import polars as pl

from connector.crm import Entity
from mappings import transforms
from mappings.load import Count, Mapping, Rule

PARENT_GRACE = timedelta(days=1)
TYPES = {"number": pl.Float64, "boolean": pl.Boolean, "category": pl.String}
COMPANY = "company."


def feature_frame(
    mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, activities: pl.DataFrame
) -> pl.DataFrame:
    """Compute all features: "id", then one column each (Float64, Boolean or String), in the order of `leads`.

    Frames are all text by CRM field, with "id", "key" (companies) and "link" (leads: their company's key; activities:
    their lead's id). Fields that are missing from a frame are empty.
    """
    joined = with_company(mapping, leads, companies)
    columns = [_column(joined, rule) for rule in mapping.rules if rule.count is None]
    frame = joined.select("id", *columns)
    for rule in mapping.rules:
        if rule.count is not None:
            counted = _counted(mapping, leads, activities, rule.count, rule.feature.name)
            frame = frame.join(counted, on="id", how="left", maintain_order="left").with_columns(
                pl.col(rule.feature.name).fill_null(0.0)
            )
    return frame.select("id", *(rule.feature.name for rule in mapping.rules))


def instant(column: str) -> pl.Expr:
    """Parse canonical instants, or dates as their first moment; what is neither is null."""
    return (
        pl.col(column)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False, time_zone="UTC")
        .fill_null(pl.col(column).str.to_datetime("%Y-%m-%d", time_unit="us", strict=False, time_zone="UTC"))
    )


def with_company(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Put the values of each lead's company beside its own, as "company.FIELD"; null when it has none that counts."""
    names = mapping.inputs(Entity.COMPANY)
    if not names:
        return leads
    companies = _complete(companies, (*names, mapping.company_created, "key"))
    known = companies.filter(pl.col("key").is_not_null()).sort("id").unique("key", keep="first", maintain_order=True)
    known = known.select(
        pl.col("key").alias("link"),
        *(pl.col(name).alias(COMPANY + name) for name in names),
        pl.col(mapping.company_created).alias("__made"),
    )
    leads = _complete(leads, ("link", mapping.outcome.created))
    joined = leads.join(known, on="link", how="left", maintain_order="left")
    later = instant("__made") > instant(mapping.outcome.created) + PARENT_GRACE
    return joined.with_columns(
        pl.when(later.fill_null(value=False)).then(None).otherwise(pl.col(COMPANY + name)).alias(COMPANY + name)
        for name in names
    ).drop("__made")


def counting(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count) -> pl.DataFrame:
    """Return the activities that count for the lead ("link"): of its first days, and with the value when one is asked."""
    activities = _complete(activities, ("link", rule.at, *([rule.where] if rule.where else [])))
    created = _complete(leads, (mapping.outcome.created,)).select(
        pl.col("id").alias("link"), instant(mapping.outcome.created).alias("__created")
    )
    joined = activities.join(created, on="link", how="inner")
    within = instant(rule.at) <= pl.col("__created") + timedelta(days=rule.window_days)
    if rule.where:
        within &= pl.col(rule.where).str.to_lowercase() == rule.equals
    return joined.filter(within)


def _counted(mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rule: Count, name: str) -> pl.DataFrame:
    found = counting(mapping, leads, activities, rule)
    return found.group_by("link").agg(pl.len().cast(pl.Float64).alias(name)).rename({"link": "id"})


def _column(frame: pl.DataFrame, rule: Rule) -> pl.Expr:
    names = [(COMPANY if source.entity is Entity.COMPANY else "") + source.field for source in rule.sources]
    filled = [pl.col(name).cast(pl.String) for name in names if name in frame.columns]
    expression = pl.coalesce(filled) if filled else pl.lit(None, dtype=pl.String)
    for transform in rule.transforms:
        expression = transforms.apply(expression, transform)
    if rule.values:
        expression = (
            expression.cast(pl.String)
            .str.to_lowercase()
            .replace_strict(dict(rule.values), default=expression.cast(pl.String))
        )
    match rule.feature.kind:
        case "number":
            expression = expression.cast(pl.Float64, strict=False)
        case "boolean":
            expression = (
                expression.cast(pl.Boolean, strict=False)
                if "present" in rule.transforms or "free_mail" in rule.transforms or "boolean" in rule.transforms
                else transforms.apply(expression, "boolean")
            )
        case _:
            expression = expression.cast(pl.String)
    return expression.alias(rule.feature.name)


def _complete(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    missing = [name for name in dict.fromkeys(names) if name and name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
