"""Leads as their companies see them: which are open, how long they have waited, and which roles they have.

A lead is open from its creation until its horizon has passed, as long as it is neither converted nor turned down: what
comes later is no longer what its likelihood speaks of. Time is looked at by the day, in UTC, so that a company moves
with the first look of a day and not with each.
"""

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from mappings.frames.columns import among, completed, instant
from mappings.frames.features import feature_frame
from mappings.frames.outcomes import EXAMPLE, writable
from mappings.mapping import Mapping

STEP_DAYS = 7  # as `model.any_of` counts waiting
ROLE = "role "  # before the number of a role


def open_leads(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, *, day: date) -> pl.DataFrame:
    """Give the open ones of these leads: id, link, weeks (waited, whole) and a Boolean "role N" for each role.

    `leads` and `companies` are as `feature_frame` takes them; of `mapping` only rules that roles are told by are used.
    """
    rule, begun = mapping.outcome, datetime.combine(day, time(), UTC)
    known = completed(leads, (rule.created, rule.disqualified)).with_columns(
        instant(rule.created).alias("__created"), writable(mapping, leads).alias("__writable")
    )
    is_in_time = pl.col("__created") + timedelta(days=rule.horizon_days) > pl.lit(begun)
    turned_down = among(rule.disqualified, rule.disqualified_values)
    some = known.filter(pl.col("__writable") & is_in_time.fill_null(value=False) & ~turned_down)
    waited = (pl.lit(begun) - pl.col("__created")).dt.total_days().clip(0) // STEP_DAYS
    features = feature_frame(mapping, some, companies, pl.DataFrame(schema=dict.fromkeys(("id", "link"), pl.String)))
    return some.select("id", "link", waited.alias("weeks")).hstack(_roles(mapping, features))


def _roles(mapping: Mapping, features: pl.DataFrame) -> list[pl.Series]:
    """Tell for each role of the buying group who has it; one without a value of a feature has not."""
    asked = (
        pl.all_horizontal(
            pl.col(feature).cast(pl.String).str.to_lowercase().is_in(list(values)) for feature, values in role.where
        )
        .fill_null(value=False)
        .alias(f"{ROLE}{number}")
        for number, role in enumerate(mapping.companies.group)
    )
    return features.select(*asked).get_columns() if mapping.companies.group else []


def past_ends(mapping: Mapping, outcomes: pl.DataFrame, leads: pl.DataFrame) -> pl.DataFrame:
    """Tell when leads of the past were open, of the frame of `outcomes.outcomes`: id, created_at, ended_at, won_at.

    `won_at` is when the milestone of an example came within the horizon, else null. `ended_at` is when the lead was
    lost, turned down or, where a converted lead is left alone, converted; null where nothing did, or nobody knows when.
    """
    rule = mapping.outcome
    own = completed(leads, (rule.converted_at,)).select("id", instant(rule.converted_at).alias("__converted_at"))
    joined = outcomes.join(own, on="id", how="left", maintain_order="left")
    has_ended = pl.col("outcome").is_in(["won", "lost", "disqualified"])
    converted_at = pl.col("__converted_at") if rule.converted else pl.lit(None, dtype=outcomes["created_at"].dtype)
    ended_at = pl.min_horizontal(pl.when(has_ended).then("outcome_at"), converted_at)
    won_at = pl.when(pl.col("reached") & (pl.col("place") == EXAMPLE)).then("milestone_at")
    return joined.select("id", "created_at", ended_at.alias("ended_at"), won_at.alias("won_at"))
