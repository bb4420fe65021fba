"""The examples that a model learns from: leads as they were known at a time, with their outcome; and who is none.

An example's time is `mapping.observe_days` after the lead's creation. Nothing that became known later is in its
features (law: no look into the future), and its outcome is told from the records as they are now.
"""

from datetime import datetime

import polars as pl

from mappings.frames.as_of import Past, leads_then, unchanged
from mappings.frames.columns import completed
from mappings.frames.features import feature_frame
from mappings.frames.outcomes import BEFORE, CENSORED, DECIDED, EXAMPLE, UNKNOWN, outcomes
from mappings.mapping import Mapping

Stage = tuple[str, int, str]


def examples(
    mapping: Mapping,
    leads: pl.DataFrame,
    companies: pl.DataFrame,
    activities: pl.DataFrame,
    deals: pl.DataFrame,
    *,
    now: datetime,
    past: Past | None = None,
) -> pl.DataFrame:
    """Make the examples of these leads, in their order; `past` is what is known of how the records changed.

    Columns: id; created_at; label, whether the milestone came within the horizon; group, what all leads of one company
    share (null for a lead of none); amount (Float64), what was won within the horizon; priority, the CRM's own; then
    the features. Companies must hold those that the leads linked to then, too.
    """
    past = past or unchanged()
    told = outcomes(mapping, leads, deals, now=now, changes=past.leads)
    return with_features(mapping, told, leads, companies, activities, past)


def with_features(
    mapping: Mapping,
    told: pl.DataFrame,
    leads: pl.DataFrame,
    companies: pl.DataFrame,
    activities: pl.DataFrame,
    past: Past,
) -> pl.DataFrame:
    """Make the examples of leads whose outcomes are `told` already."""
    chosen = told.filter(pl.col("place") == EXAMPLE).select(
        "id", "created_at", pl.col("reached").alias("label"), "amount"
    )
    leads = leads.filter(pl.col("id").is_in(chosen["id"].implode()))
    beside = _beside(mapping, leads, past)
    features = feature_frame(mapping, leads, companies, activities, past)
    return (
        chosen.join(beside, on="id", how="inner", maintain_order="left")
        .select("id", "created_at", "label", "group", "amount", "priority")
        .join(features, on="id", how="inner", maintain_order="left")
    )


def funnel(mapping: Mapping, told: pl.DataFrame) -> list[Stage]:
    """Count where all leads went on the way to the examples: (name, leads, what it means), of `outcomes`' frame.

    All leads = of unknown creation + inside the horizon + there before + decided + examples.
    """
    horizon = mapping.outcome.horizon_days
    counts = dict(told.group_by("place").len().iter_rows())
    reached = told.filter((pl.col("place") == EXAMPLE) & pl.col("reached")).height
    goal = mapping.outcome.milestone
    return [
        ("all leads", told.height, "that the CRM holds today"),
        ("of unknown creation", counts.get(UNKNOWN, 0), "nobody can say when their horizon ends"),
        ("inside the horizon", counts.get(CENSORED, 0), f"younger than {horizon} days: how they end is not known yet"),
        (f"{goal} before", counts.get(BEFORE, 0), "they had got there before they became a lead"),
        ("decided before", counts.get(DECIDED, 0), _decided(mapping)),
        ("examples", counts.get(EXAMPLE, 0), "learned from and tested on"),
        (f"examples that reached {goal}", reached, f"within {horizon} days of their creation"),
    ]


def _decided(mapping: Mapping) -> str:
    looks = mapping.outcome.looks
    if not looks:
        return f"ended within {mapping.observe_days} days of their creation"
    days = f"{', '.join(map(str, looks[:-1]))} or {looks[-1]}" if len(looks) > 1 else str(looks[0])
    return f"ended before the day that each is looked at: {days} days after its creation"


def _beside(mapping: Mapping, leads: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Give each lead's group and priority: the company that it links to today, the priority that it had then."""
    priority = mapping.outcome.priority
    then = completed(leads_then(mapping, leads, past.leads), (priority,))
    own = pl.col(priority) if priority else pl.lit(None, dtype=pl.String)
    return then.select("id", own.alias("priority")).with_columns(completed(leads, ("link",))["link"].alias("group"))
