"""From records to features: frames of text in, one column a feature out; for training, batches and single leads.

A feature holds only what was known at the lead's time (law: no look into the future): companies as `companies` says,
activities as `activities` says, and nothing that depends on the present moment.
"""

import polars as pl

from mappings import transforms
from mappings.as_of import Past, leads_then
from mappings.columns import days, instant
from mappings.companies import beside_leads, column
from mappings.mapping import Mapping, Rule, Source
from mappings.measures import measured


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
    then = leads if past is None else _as_known(mapping, leads_then(mapping, leads, past.leads))
    joined = beside_leads(mapping, then, companies, past)
    taken = iter(measured(mapping, joined, activities, [rule.count for rule in mapping.rules if rule.count], past))
    values = [pl.lit(next(taken)) if rule.count else _value(rule) for rule in mapping.rules]
    return joined.select("id", *(_column(rule, value) for rule, value in zip(mapping.rules, values, strict=True)))


def _as_known(mapping: Mapping, then: pl.DataFrame) -> pl.DataFrame:
    """Make what the records tell by themselves of what they held then; what others know of them is as of today."""
    if not mapping.enriched:
        return then
    from mappings.enriched import with_offline  # noqa: PLC0415  loads all that is known of phone numbers

    return with_offline(mapping, then)


def _column(rule: Rule, value: pl.Expr) -> pl.Expr:
    """Put what a feature is made of through its transforms."""
    currency = _currency(rule) if rule.currencies else None
    for step in rule.steps:
        value = transforms.apply(value, step, currency)
    return transforms.ended(value, rule.feature.kind).alias(rule.feature.name)


def _value(rule: Rule) -> pl.Expr:
    if rule.days_between:
        return _days(*rule.days_between)
    if rule.ratio:
        return _ratio(*rule.ratio)
    return _first_filled(rule.sources)


def _ratio(part: Source, whole: Source) -> pl.Expr:
    """Divide one number by another; null where one is missing, and where the second is zero."""
    divisor = transforms.numeric(pl.col(column(whole)))
    return transforms.numeric(transforms.numeric(pl.col(column(part))) / pl.when(divisor != 0).then(divisor))


def _currency(rule: Rule) -> pl.Expr:
    """Tell the currency of each value: that of the record which the value is from."""
    pairs = zip(rule.sources, rule.currencies, strict=True)
    own = [pl.when(pl.col(column(source)).is_not_null()).then(pl.lit(place)) for place, (source, _) in enumerate(pairs)]
    chosen, told = pl.coalesce(own), pl.lit(None, dtype=pl.String)
    for place, currency in enumerate(rule.currencies):
        told = pl.when(chosen == place).then(pl.col(column(currency))).otherwise(told)
    return told


def _first_filled(sources: tuple[Source, ...]) -> pl.Expr:
    names = [column(source) for source in sources]
    return pl.coalesce(names) if len(names) > 1 else pl.col(names[0])


def _days(earlier: Source, later: Source) -> pl.Expr:
    """Count the days from one moment to another; never below zero, for clocks and people differ."""
    return days(instant(column(later)) - instant(column(earlier))).clip(lower_bound=0)
