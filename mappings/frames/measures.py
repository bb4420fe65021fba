"""What `count` tells of a lead's activities: how many, their share, days, sums and values, each as a column.

All measures of one kind of activity are reckoned in one pass. None depends on the present moment: windows and fading
begin at the lead's creation. None depends on the order of the records either: of several activities at one moment, the
first value by the alphabet is taken.
"""

from collections.abc import Sequence

import polars as pl

from mappings.frames.activities import AT, CREATED, alike, window_end, within
from mappings.frames.as_of import Past
from mappings.frames.columns import among, collected, days, divided, instant
from mappings.frames.transforms import numeric
from mappings.mapping import Mapping
from mappings.parts import Count

AS_ZERO = ("count", "sum", "distinct")  # what they are where there is no activity; the others are missing there


def measured(
    mapping: Mapping, leads: pl.DataFrame, activities: pl.DataFrame, rules: Sequence[Count], past: Past | None = None
) -> list[pl.Series]:
    """Take the measures, each in the order of `leads`; null where a lead's creation is unknown.

    Float64, or String for the first and last value of a field.
    """
    found: dict[Count, pl.Series] = {}
    one = leads.lazy().select("id", _is_known(mapping, leads).alias("__is_known"))
    for some in alike(dict.fromkeys(rules)):
        own = _settled(within(mapping, leads, activities, some, past), some)
        taken = own.lazy().group_by("link").agg(_columns(some))
        joined = one.join(taken, left_on="id", right_on="link", how="left", maintain_order="left")
        values = joined.select(_value_of(rule, name) for rule, name in zip(some, _names(some), strict=True))
        found |= dict(zip(some, collected(values).get_columns(), strict=True))
    return [found[rule] for rule in rules]


def _value_of(rule: Count, name: str) -> pl.Expr:
    """Take a measure of the leads whose creation is known, and of those without activities."""
    value = pl.col(name).fill_null(0.0) if rule.measure in AS_ZERO else pl.col(name)
    return pl.when("__is_known").then(value).alias(name)


def _settled(own: pl.DataFrame, rules: Sequence[Count]) -> pl.DataFrame:
    """Put activities that are added up into one order, for sums of the same numbers differ by their order."""
    if not any(rule.measure == "sum" or rule.half_life_days is not None for rule in rules):
        return own
    return own.sort(AT, *dict.fromkeys(name for rule in rules for name in rule.fields))


def _is_known(mapping: Mapping, leads: pl.DataFrame) -> pl.Expr:
    """Tell whether a lead's creation is known."""
    name = mapping.outcome.created
    return instant(name).is_not_null() if name in leads.columns else pl.lit(value=False)


def _names(rules: Sequence[Count]) -> list[str]:
    return [f"__measure{place}" for place in range(len(rules))]


def _columns(rules: Sequence[Count]) -> list[pl.Expr]:
    return [_measure(rule).alias(name) for name, rule in zip(_names(rules), rules, strict=True)]


def _measure(rule: Count) -> pl.Expr:
    """Reckon one measure over the activities of a lead."""
    is_within = pl.col(AT) <= window_end(rule.window_days)
    meets = pl.all_horizontal(is_within, *(among(name, values) for name, values in rule.where))
    match rule.measure:
        case "share":
            return meets.sum().cast(pl.Float64) / _unless_zero(is_within.sum())
        case "distinct":
            text = pl.col(rule.field).str.strip_chars().str.to_lowercase()
            return text.filter(meets & (text != "")).n_unique().cast(pl.Float64)
        case "sum":
            return (numeric(pl.col(rule.field)) * _weight(rule)).filter(meets).sum()
        case "first_days" | "last_days":
            after = days(pl.col(AT) - pl.col(CREATED)).filter(meets)
            return after.min() if rule.measure == "first_days" else after.max()
        case "first" | "last":
            return _value(rule, meets, descending=rule.measure == "last")
        case _:
            return meets.sum().cast(pl.Float64) if rule.half_life_days is None else _weight(rule).filter(meets).sum()


def _unless_zero(number: pl.Expr) -> pl.Expr:
    return pl.when(number > 0).then(number)


def _value(rule: Count, meets: pl.Expr, *, descending: bool) -> pl.Expr:
    value = pl.col(rule.field)
    is_known = meets & (value.str.strip_chars() != "")
    ordered = value.filter(is_known).sort_by(
        pl.col(AT).filter(is_known), value.filter(is_known), descending=[descending, False]
    )
    return ordered.first()


def _weight(rule: Count) -> pl.Expr:
    """Tell what an activity counts: half so many days before the window's end, a quarter twice as many before it."""
    if rule.half_life_days is None:
        return pl.lit(1.0)
    return pl.lit(0.5).pow(divided(days(window_end(rule.window_days) - pl.col(AT)), rule.half_life_days))
