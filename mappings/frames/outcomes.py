"""What became of each lead, and whether it may be learned from.

Everything is told from the records as they are now, each time anew: a deal that was reopened is no win any more.
"""

from datetime import datetime, timedelta

import polars as pl

from mappings.frames.as_of import as_of, last_change, no_changes
from mappings.frames.columns import INSTANT, among, completed, instant
from mappings.frames.deals import DAY, deal_ends
from mappings.mapping import Mapping
from mappings.parts import Outcome

EXAMPLE, UNKNOWN, CENSORED, BEFORE, DECIDED = "example", "unknown", "censored", "before", "decided"


def outcomes(
    mapping: Mapping, leads: pl.DataFrame, deals: pl.DataFrame, *, now: datetime, changes: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Tell each lead's outcome, in the order of `leads`; `changes` of leads tell when one was disqualified.

    Columns: id; created_at; as_of, when it is looked at; outcome ("won", "lost", "converted", "disqualified" or
    "open"); outcome_at (null where the CRM tells no time); milestone_at, when it got there first; reached, whether the
    milestone came within the horizon; mature, whether the horizon has passed; amount, what was won within it; place,
    whether the lead is an "example", or why it is none: "unknown" creation, "censored" (its horizon has not passed: no
    example yet, and no negative one above all), "before" (won, or at the milestone, before it became a lead: an import,
    a colleague of the buyer), "decided" (it had ended when it would be looked at). Closing dates are days without a
    time and stand for their beginning, so the whole of the horizon's last day counts; a lead's first day decides
    nothing.
    """
    rule = mapping.outcome
    frame = completed(leads, _fields(rule)).with_columns(
        instant(rule.created).alias("created_at"), as_of(mapping).alias("as_of")
    )
    own = frame if rule.deal.own else frame.select("id", "created_at", *_named(rule.deal.lead_field))
    ends = deal_ends(rule, own, deals)
    frame = frame.select("id", "created_at", "as_of", *dict.fromkeys(name for name in _fields(rule) if name))
    turned = last_change(no_changes() if changes is None else changes, rule.disqualified)
    frame = frame.join(ends, on="id", how="left", maintain_order="left").join(
        turned, on="id", how="left", maintain_order="left"
    )
    told = frame.with_columns(_outcome(rule), _milestone_at(rule).alias("milestone_at")).with_columns(_outcome_at(rule))
    judged = told.with_columns(*_in_time(timedelta(days=rule.horizon_days), now))
    return judged.select(
        "id",
        "created_at",
        "as_of",
        "outcome",
        "outcome_at",
        "milestone_at",
        "reached",
        "mature",
        "amount",
        _place().alias("place"),
    )


def writable(mapping: Mapping, leads: pl.DataFrame) -> pl.Series:
    """Tell which leads may be scored and written: not those that are converted, or customers already."""
    rule = mapping.outcome
    told = completed(leads, _fields(rule)).select(
        pl.when(pl.col("id").is_not_null()).then(~among(rule.converted, rule.converted_values)).alias("writable")
    )
    return told["writable"]


def _outcome(rule: Outcome) -> pl.Expr:
    # A lead is converted when its flag says so; where no flag does, when it has a deal.
    converted = among(rule.converted, rule.converted_values) | pl.col("dealt_at").is_not_null()
    return (
        pl.when(pl.col("is_won")).then(pl.lit("won"))
        .when(pl.col("is_lost")).then(pl.lit("lost"))
        .when(converted).then(pl.lit("converted"))
        .when(among(rule.disqualified, rule.disqualified_values)).then(pl.lit("disqualified"))
        .otherwise(pl.lit("open"))
        .alias("outcome")
    )  # fmt: skip


def _milestone_at(rule: Outcome) -> pl.Expr:
    match rule.milestone:
        case "won":
            return pl.col("success_at")
        case "opportunity":
            return pl.when(pl.col("is_won").is_not_null()).then(pl.coalesce("dealt_at", instant(rule.converted_at)))
        case _:
            return _converted_at(rule)


def _converted_at(rule: Outcome) -> pl.Expr:
    return pl.coalesce(instant(rule.converted_at), "dealt_at")


def _outcome_at(rule: Outcome) -> pl.Expr:
    return (
        pl.when(pl.col("outcome") == "won").then("won_at")
        .when(pl.col("outcome") == "lost").then("lost_at")
        .when(pl.col("outcome") == "converted").then(_converted_at(rule))
        .when(pl.col("outcome") == "disqualified").then("changed_at")
        .otherwise(pl.lit(None, dtype=INSTANT))
        .alias("outcome_at")
    )  # fmt: skip


def _in_time(horizon: timedelta, now: datetime) -> tuple[pl.Expr, pl.Expr]:
    until = pl.col("created_at") + horizon
    is_reached = pl.col("milestone_at").is_between(pl.col("created_at") - DAY, until)
    is_mature = until <= pl.lit(now).cast(INSTANT)
    return is_reached.fill_null(value=False).alias("reached"), is_mature.fill_null(value=False).alias("mature")


def _place() -> pl.Expr:
    # A conversion alone ends nothing, unless it is the milestone: its deal is still to be won.
    ended_at = pl.min_horizontal(
        "milestone_at", pl.when(pl.col("outcome").is_in(["won", "lost", "disqualified"])).then("outcome_at")
    )
    first = pl.col("created_at") - DAY
    won_before = (pl.col("outcome") == "won") & (pl.col("outcome_at") < first)
    reached_before = (pl.col("milestone_at") < first).fill_null(value=False)
    has_ended = pl.max_horizontal(ended_at, "created_at") < pl.col("as_of")
    return (
        pl.when(pl.col("created_at").is_null()).then(pl.lit(UNKNOWN))
        .when(~pl.col("mature")).then(pl.lit(CENSORED))
        .when(won_before | reached_before).then(pl.lit(BEFORE))
        .when(ended_at.is_not_null() & has_ended).then(pl.lit(DECIDED))
        .otherwise(pl.lit(EXAMPLE))
    )  # fmt: skip


def _fields(rule: Outcome) -> tuple[str, ...]:
    return (rule.created, rule.converted, rule.converted_at, rule.disqualified, rule.deal.lead_field)


def _named(field: str) -> tuple[str, ...]:
    return (field,) if field else ()
