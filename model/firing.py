"""Where the conditions of rules hold in a frame, and what a points rule gives there: expressions of Polars."""

import numpy as np
import polars as pl

from model.features import Feature
from model.scorecard import PointsRule, When


def value_of(feature: Feature) -> pl.Expr:
    """Give a feature's values as rules compare them: text in lower case, or numbers that are none but numbers."""
    column = pl.col(feature.name)
    if feature.kind == "number":
        return column.cast(pl.Float64).fill_nan(None)
    return column.cast(pl.String).str.to_lowercase()


def fired(when: When, feature: Feature) -> pl.Expr:
    """Tell where a feature is as a condition asks; never null."""
    value = value_of(feature)
    if when.present is not None:
        return value.is_not_null() if when.present else value.is_null()
    if when.values:
        known = [float(text) for text in when.values] if feature.kind == "number" else list(when.values)
        return value.is_in(known).fill_null(value=False)
    bounds = [value.is_not_null()]
    bounds += [value >= when.low] if when.low is not None else []
    bounds += [value < when.below] if when.below is not None else []
    bounds += [value <= when.up_to] if when.up_to is not None else []
    return pl.all_horizontal(bounds).fill_null(value=False)


def given(rule: PointsRule, feature: Feature) -> pl.Expr:
    """Give one rule's points, before anything fades or is capped by others; never null."""
    points: pl.Expr = pl.lit(rule.points)
    if rule.per is not None:
        most = abs(rule.at_most) if rule.at_most is not None else np.inf
        points = ((value_of(feature) / rule.per).floor().clip(lower_bound=0) * rule.points).clip(-most, most)
    return pl.when(fired(rule.when, feature)).then(points).otherwise(0.0)
