"""What became of each lead, and whether it is old enough to learn from."""

from datetime import datetime, timedelta

import polars as pl

from mappings.features import feature_frame, instant
from mappings.load import Mapping, Outcome


def outcomes(mapping: Mapping, leads: pl.DataFrame, deals: pl.DataFrame, *, now: datetime) -> pl.DataFrame:
    """Tell each lead's outcome: id, created_at, outcome, outcome_at, reached, mature; in the order of `leads`.

    outcome is won, lost, converted, disqualified or open; `reached` whether the milestone came within the horizon;
    `mature` whether the horizon has passed. An open lead inside its horizon is not mature: no example, no negative.
    """
    rule = mapping.outcome
    frame = _deals(rule, _with(rule, leads), deals)
    frame = frame.with_columns(
        instant(rule.created).alias("created_at"),
        _flag(rule.converted, rule.converted_values).alias("__converted"),
        _flag(rule.disqualified, rule.disqualified_values).alias("__disqualified"),
        (instant(rule.converted_at) if rule.converted_at else pl.lit(None, dtype=pl.Datetime("us", "UTC"))).alias(
            "__converted_at"
        ),
    )
    outcome = (
        pl.when("__won").then(pl.lit("won"))
        .when("__lost").then(pl.lit("lost"))
        .when("__converted").then(pl.lit("converted"))
        .when("__disqualified").then(pl.lit("disqualified"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
    milestone_at = pl.col("__won_at") if rule.milestone == "won" else pl.coalesce("__converted_at", "__won_at")
    horizon = pl.col("created_at") + timedelta(days=rule.horizon_days)
    # Closing dates are days, without a time: the whole of the horizon's last day counts.
    reached = (milestone_at <= horizon + timedelta(days=1)).fill_null(value=False)
    return frame.select(
        "id",
        "created_at",
        outcome.alias("outcome"),
        pl.coalesce("__won_at", "__lost_at", "__converted_at").alias("outcome_at"),
        reached.alias("reached"),
        (horizon <= now).fill_null(value=False).alias("mature"),
    )


def writable(mapping: Mapping, leads: pl.DataFrame) -> pl.Series:
    """Tell which leads may be scored and written: not the converted ones of Salesforce, not customers already."""
    rule = mapping.outcome
    frame = _with(rule, leads)
    return frame.select(~_flag(rule.converted, rule.converted_values).alias("writable"))["writable"]


def examples(
    mapping: Mapping,
    leads: pl.DataFrame,
    companies: pl.DataFrame,
    activities: pl.DataFrame,
    deals: pl.DataFrame,
    *,
    now: datetime,
) -> pl.DataFrame:
    """Make what a model learns from: id, created_at, label, and the features, of mature leads alone."""
    told = outcomes(mapping, leads, deals, now=now).filter(pl.col("mature"))
    features = feature_frame(mapping, leads, companies, activities)
    return told.select("id", "created_at", pl.col("reached").alias("label")).join(
        features, on="id", how="inner", maintain_order="left"
    )


def _with(rule: Outcome, leads: pl.DataFrame) -> pl.DataFrame:
    names = [
        name for name in (rule.created, rule.converted, rule.converted_at, rule.disqualified, rule.lead_deal) if name
    ]
    return leads.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in dict.fromkeys(names) if name not in leads.columns
    )


def _flag(field: str, values: tuple[str, ...]) -> pl.Expr:
    if not field:
        return pl.lit(value=False)
    return pl.col(field).str.to_lowercase().is_in([value.lower() for value in values]).fill_null(value=False)


def _deals(rule: Outcome, leads: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Put beside each lead when the first of its deals was won, and when the last was lost."""
    names = [name for name in (rule.won, rule.closed, rule.closed_at, rule.deal_leads) if name]
    deals = deals.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in deals.columns)
    closed = deals.select(
        pl.col("id").alias("deal"),
        *([pl.col(rule.deal_leads).str.split(";").alias("lead")] if rule.deal_leads else []),
        (pl.col(rule.won).str.to_lowercase() == "true").fill_null(value=False).alias("won"),
        (pl.col(rule.closed).str.to_lowercase() == "true").fill_null(value=False).alias("closed"),
        instant(rule.closed_at).alias("at"),
    ).filter("closed")  # fmt: skip
    if rule.deal_leads:
        by_lead = closed.explode("lead")
    else:
        by_lead = leads.select(pl.col("id").alias("lead"), pl.col(rule.lead_deal).alias("deal")).join(
            closed, on="deal", how="inner"
        )
    ends = by_lead.group_by("lead").agg(
        pl.col("at").filter(pl.col("won")).min().alias("__won_at"),
        pl.col("at").filter(~pl.col("won")).max().alias("__lost_at"),
        pl.col("won").any().alias("__won"),
    )
    joined = leads.join(ends.rename({"lead": "id"}), on="id", how="left", maintain_order="left")
    won = pl.col("__won").fill_null(value=False)
    return joined.with_columns(won.alias("__won"), (~won & pl.col("__lost_at").is_not_null()).alias("__lost"))
