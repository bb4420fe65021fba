"""What became of each lead, and whether it is old enough to learn from."""

from datetime import datetime, timedelta

import polars as pl

from mappings.columns import INSTANT, among, completed, instant
from mappings.deals import deal_ends
from mappings.features import feature_frame
from mappings.mapping import Mapping, Outcome

DAY = timedelta(days=1)


def outcomes(mapping: Mapping, leads: pl.DataFrame, deals: pl.DataFrame, *, now: datetime) -> pl.DataFrame:
    """Tell each lead's outcome, in the order of `leads`.

    Columns: id; created_at; outcome ("won", "lost", "converted", "disqualified" or "open"); outcome_at (null where the
    CRM tells no time); reached, whether the milestone came within the horizon; mature, whether the horizon has passed.
    A lead inside its horizon is not mature: it is no example yet, and no negative one above all. Closing dates are
    days without a time and stand for their beginning, so the whole of the horizon's last day counts.
    """
    rule = mapping.outcome
    frame = completed(leads, _fields(rule)).with_columns(instant(rule.created).alias("created_at"))
    ends = deal_ends(rule.deal, frame.select("id", "created_at", *_named(rule.deal.lead_field)), deals)
    frame = frame.join(ends, on="id", how="left", maintain_order="left").with_columns(
        pl.coalesce(instant(rule.converted_at), "dealt_at").alias("converted_at"),
    )
    # A lead is converted when its flag says so; where no flag does, when it has a deal.
    converted = among(rule.converted, rule.converted_values) | pl.col("dealt_at").is_not_null()
    outcome = (
        pl.when(pl.col("is_won")).then(pl.lit("won"))
        .when(pl.col("is_lost")).then(pl.lit("lost"))
        .when(converted).then(pl.lit("converted"))
        .when(among(rule.disqualified, rule.disqualified_values)).then(pl.lit("disqualified"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
    frame = frame.with_columns(outcome.alias("outcome"))
    milestone_at = pl.col("won_at") if rule.milestone == "won" else pl.col("converted_at")
    return frame.select(
        "id", "created_at", "outcome", _outcome_at(), *_in_time(milestone_at, timedelta(days=rule.horizon_days), now)
    )


def writable(mapping: Mapping, leads: pl.DataFrame) -> pl.Series:
    """Tell which leads may be scored and written: not those that are converted, or customers already."""
    rule = mapping.outcome
    told = completed(leads, _fields(rule)).select(
        pl.when(pl.col("id").is_not_null()).then(~among(rule.converted, rule.converted_values)).alias("writable")
    )
    return told["writable"]


def examples(
    mapping: Mapping,
    leads: pl.DataFrame,
    companies: pl.DataFrame,
    activities: pl.DataFrame,
    deals: pl.DataFrame,
    *,
    now: datetime,
) -> pl.DataFrame:
    """Make what a model learns from: id, created_at, label and the features, of mature leads alone.

    Leaves out who had won before: a lead that was created after its deal was closed (an import, a colleague of the
    buyer) is neither an example of winning nor of failing to.
    """
    told = outcomes(mapping, leads, deals, now=now).filter("mature")
    before = (pl.col("outcome") == "won") & (pl.col("outcome_at") < pl.col("created_at") - DAY)
    told = told.filter(~before.fill_null(value=False))
    features = feature_frame(mapping, leads, companies, activities)
    return told.select("id", "created_at", pl.col("reached").alias("label")).join(
        features, on="id", how="inner", maintain_order="left"
    )


def _outcome_at() -> pl.Expr:
    return (
        pl.when(pl.col("outcome") == "won").then("won_at")
        .when(pl.col("outcome") == "lost").then("lost_at")
        .when(pl.col("outcome") == "converted").then("converted_at")
        .otherwise(pl.lit(None, dtype=INSTANT))
        .alias("outcome_at")
    )  # fmt: skip


def _in_time(milestone_at: pl.Expr, horizon: timedelta, now: datetime) -> tuple[pl.Expr, pl.Expr]:
    until = pl.col("created_at") + horizon
    is_reached = milestone_at.is_between(pl.col("created_at") - DAY, until)
    is_mature = until <= pl.lit(now).cast(INSTANT)
    return is_reached.fill_null(value=False).alias("reached"), is_mature.fill_null(value=False).alias("mature")


def _fields(rule: Outcome) -> tuple[str, ...]:
    return (rule.created, rule.converted, rule.converted_at, rule.disqualified, rule.deal.lead_field)


def _named(field: str) -> tuple[str, ...]:
    return (field,) if field else ()
