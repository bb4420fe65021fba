"""From records to features: frames of text in, one column a feature out; for training, batches and single leads.

A feature holds only what was known at the lead's time (law: no look into the future): companies as `companies` says,
activities as `activities` says, and nothing that depends on the present moment.
"""

from functools import lru_cache

import polars as pl

from mappings.frames import transforms
from mappings.frames.as_of import Past, leads_then
from mappings.frames.columns import days, instant
from mappings.frames.companies import beside_leads, column
from mappings.frames.measures import measured
from mappings.mapping import Mapping
from mappings.parts import Rule, Source

MAPPINGS_KEPT = 8


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
    then = leads if past is None else _as_known(mapping, leads, companies, past)
    joined = beside_leads(mapping, then, companies, past)
    counts = [rule.count for rule in mapping.rules if rule.count]
    taken = (
        one.alias(_counted(place)) for place, one in enumerate(measured(mapping, joined, activities, counts, past))
    )
    return joined.hstack(list(taken)).select("id", *_columns(mapping.rules))


def _counted(place: int) -> str:
    return f"__counted{place}"


@lru_cache(MAPPINGS_KEPT)
def _columns(rules: tuple[Rule, ...]) -> tuple[pl.Expr, ...]:
    """Compile the rules of a mapping: once, for that takes as long as a single lead takes to be mapped."""
    places = iter(range(len(rules)))
    values = [pl.col(_counted(next(places))) if rule.count else _value(rule) for rule in rules]
    return tuple(_column(rule, value) for rule, value in zip(rules, values, strict=True))


def _as_known(mapping: Mapping, leads: pl.DataFrame, companies: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Set the leads back to what they were, and with them what enrichment makes of that."""
    then = leads_then(mapping, leads, past.leads)
    if not mapping.enriched:
        return then
    from mappings.frames.enriched import as_known  # noqa: PLC0415  loads phone numbers' metadata, for past values alone

    return as_known(mapping, leads, then, companies, past)


def _column(rule: Rule, value: pl.Expr) -> pl.Expr:
    """Put what a feature is made of through its transforms."""
    currency = _currency(rule) if rule.currencies else None
    for step in rule.steps:
        value = transforms.apply(value, step, currency)
    return transforms.ended(value, rule.feature.kind, transforms.given_by(rule.steps)).alias(rule.feature.name)


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
