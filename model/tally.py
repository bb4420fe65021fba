"""Counting a scorecard's points for whole frames: which rules fired, capped, faded, and who is disqualified.

Rows do not depend on each other, and columns are added one after the other, so that a lead counted alone gets the very
same points as among a million others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from model.apart import with_alone
from model.attainable import attainable
from model.errors import UnsuitableFrame
from model.fading import faded, remaining
from model.features import Family, Feature
from model.firing import fired, given, value_of
from model.scorecard import PointsRule, Scorecard

FAMILIES: tuple[Family, Family] = ("fit", "engagement")
TYPES = {"number": (pl.Float64, pl.Int64), "boolean": (pl.Boolean,), "category": (pl.String,)}
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Tally:
    """Points of n leads.

    `parts` has, for each of `features` (those with rules), float64 (n,) points after fading, before caps. `families`
    has fit and engagement, within caps and floors; `cut` what a cap took from each, or (below zero) a floor gave it.
    `disqualified_by` is int64 (n,): the place of the first disqualifying rule that fired, or NOBODY. `scale` has the
    least and the most points of each family.
    """

    features: tuple[Feature, ...]
    parts: tuple[np.ndarray, ...]
    families: tuple[np.ndarray, ...]
    cut: tuple[np.ndarray, ...]
    scale: tuple[tuple[float, float], ...]
    disqualified_by: np.ndarray

    @property
    def is_disqualified(self) -> np.ndarray:
        return np.asarray(self.disqualified_by != NOBODY)

    @property
    def span(self) -> tuple[float, float]:
        """The least and the most points of both families together."""
        return sum(low for low, _ in self.scale), sum(high for _, high in self.scale)

    @property
    def total(self) -> np.ndarray:
        """All points; of disqualified leads the least that there are."""
        return np.where(self.is_disqualified, self.span[0], self.families[0] + self.families[1])


def tally(card: Scorecard, features: Sequence[Feature], frame: pl.DataFrame) -> Tally:
    """Count the points of each row. Raises UnsuitableFrame naming a column that is missing or of the wrong kind."""
    read = _checked(card, features, frame)
    with_rules = tuple(feature for feature in read if any(rule.feature == feature.name for rule in card.rules))
    points = {f"points {place}": _points(card.rules, feature) for place, feature in enumerate(with_rules)}
    by = _disqualified_by(card.rules, {feature.name: feature for feature in read})
    counted = frame.with_columns(by.alias("by"), **points).select("by", *points)
    parts = tuple(counted[name].to_numpy() for name in points)
    if card.decay:
        factor = remaining(frame[card.decay.age], card.decay.half_life_days)
        parts = tuple(faded(feature, part, factor) for feature, part in zip(with_rules, parts, strict=True))
    parts = with_alone(card, with_rules, frame, parts)
    scale = tuple(attainable(card, features, family) for family in FAMILIES)
    sums = [_sum(parts, with_rules, family, frame.height) for family in FAMILIES]
    families = tuple(np.clip(whole, *within) for whole, within in zip(sums, scale, strict=True))
    cut = tuple(whole - kept for whole, kept in zip(sums, families, strict=True))
    return Tally(with_rules, parts, families, cut, scale, counted["by"].to_numpy())


def _checked(card: Scorecard, features: Sequence[Feature], frame: pl.DataFrame) -> list[Feature]:
    """Find the features that the scorecard reads, and hold the frame against them."""
    known = {feature.name: feature for feature in features}
    for name in card.reads:
        if name not in known or name not in frame.columns:
            raise UnsuitableFrame(
                f"The column {name} is missing. The mapping must give every feature of the scorecard."
            )
        if frame[name].dtype not in (*TYPES[known[name].kind], pl.Null):
            raise UnsuitableFrame(f"The column {name} is {frame[name].dtype}, which is no {known[name].kind}.")
    return [known[name] for name in card.reads]


def _points(rules: Sequence[PointsRule], feature: Feature) -> pl.Expr:
    """Sum the points of one feature's rules. Listed values are looked up at once, however many there are."""
    own = [rule for rule in rules if rule.feature == feature.name and not rule.disqualify and not rule.stands_alone]
    listed: dict[str, float] = {}
    for rule in own:
        for value in rule.when.values:
            listed[value] = listed.get(value, 0.0) + rule.points
    points = _looked_up(feature, listed) if listed else pl.lit(0.0)
    for rule in own:
        if not rule.when.values:
            points = points + given(rule, feature)
    return points


def _looked_up(feature: Feature, listed: dict[str, float]) -> pl.Expr:
    known = {float(value): points for value, points in listed.items()} if feature.kind == "number" else listed
    return value_of(feature).replace_strict(known, default=0.0, return_dtype=pl.Float64).fill_null(0.0)


def _disqualified_by(rules: Sequence[PointsRule], features: dict[str, Feature]) -> pl.Expr:
    found = pl.lit(NOBODY, dtype=pl.Int64)
    for place, rule in reversed(list(enumerate(rules))):
        if rule.disqualify:
            holds = fired(rule.when, features[rule.feature])
            found = pl.when(holds).then(pl.lit(place, dtype=pl.Int64)).otherwise(found)
    return found


def _sum(parts: Sequence[np.ndarray], features: Sequence[Feature], family: Family, rows: int) -> np.ndarray:
    total = np.zeros(rows)
    for feature, part in zip(features, parts, strict=True):
        if feature.family == family:
            total = total + part
    return total
