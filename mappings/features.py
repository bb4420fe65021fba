"""From records to features: frames of text in, one column a feature out; for training, batches and single leads.

A feature holds only what was known at the lead's time (law: no look into the future): companies as `companies` says,
activities as `activities` says, and nothing that depends on the present moment.
"""

import polars as pl

from mappings import transforms
from mappings.activities import counted
from mappings.as_of import Past, leads_then
from mappings.columns import instant
from mappings.companies import beside_leads, column
from mappings.mapping import Mapping, Rule, Source

A_DAY_S = 86_400


def feature_frame(
    mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, activities: pl.DataFrame, past: Past | None = None
) -> pl.DataFrame:
    """Compute all features: "id", then one column each (Float64, Boolean or String), in the order of `leads`.

    Frames are all text by CRM field, with "id", "key" (companies) and "link" (leads: their company's key; activities:
    their lead's id). Fields that a frame lacks are empty. A row does not depend on the others.

    Without `past` the records are taken as they are now, as for a lead that is scored. With it, each lead is as it was
    known `mapping.observe_days` after its creation, as for one that is learned from; where nothing has changed since,
    that is the same.
    """
    then = leads if past is None else leads_then(mapping, leads, past.leads)
    joined = beside_leads(mapping, then, companies, past)
    return joined.select("id", *(_column(mapping, rule, joined, activities, past) for rule in mapping.rules))


def _column(mapping: Mapping, rule: Rule, joined: pl.DataFrame, activities: pl.DataFrame, past: Past | None) -> pl.Expr:
    if rule.count:
        value = pl.lit(counted(mapping, joined, activities, rule.count, past))
    elif rule.days_between:
        value = _days(*rule.days_between)
    else:
        value = _first_filled(rule.sources)
    for step in rule.steps:
        value = transforms.apply(value, step)
    return transforms.ended(value, rule.feature.kind).alias(rule.feature.name)


def _first_filled(sources: tuple[Source, ...]) -> pl.Expr:
    names = [column(source) for source in sources]
    return pl.coalesce(names) if len(names) > 1 else pl.col(names[0])


def _days(earlier: Source, later: Source) -> pl.Expr:
    """Count the days from one moment to another; never below zero, for clocks and people differ."""
    passed = instant(column(later)) - instant(column(earlier))
    return (passed.dt.total_seconds() / A_DAY_S).clip(lower_bound=0)
