"""What a scorecard's rules can give: the scale that scores are a share of. Loads nothing heavy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil, floor, inf, nextafter

from model.features import Family, Feature, Kind
from model.scorecard import FALSE, TRUE, PointsRule, Scorecard, Value, holds


@dataclass(frozen=True, slots=True)
class _Given:
    """What a value is given: points `taken`, those won by group, and all others (`loose`, what is taken included)."""

    taken: float
    loose: float
    grouped: dict[str, float]

    def capped(self, caps: dict[str, float]) -> float:
        return self.loose + sum(min(points, caps.get(group, points)) for group, points in self.grouped.items())


def attainable(card: Scorecard, features: Sequence[Feature], family: Family) -> tuple[float, float]:
    """Tell the least and the most points that a family can give, caps and floors included.

    Rules that exclude each other, such as two industries, do not add up. The least takes away all that can be taken
    away and gives nothing, so that a further positive rule leaves it where it is.
    """
    kinds = {feature.name: feature.kind for feature in features if feature.family == family}
    rules = sorted((rule for rule in card.rules if rule.feature in kinds), key=lambda rule: rule.feature)
    caps, reached = dict(card.groups), dict.fromkeys(dict(card.groups), 0.0)
    least, most, apart = 0.0, 0.0, 0.0
    for name, found in groupby(rules, key=lambda rule: rule.feature):
        own = tuple(found)
        given = [_given(own, value, kinds[name]) for value in telling_values(own, kinds[name])]
        least += min(one.taken for one in given)
        most += max(one.capped(caps) for one in given)
        apart += max(one.loose for one in given)
        for group in caps:
            reached[group] += max(one.grouped.get(group, 0.0) for one in given)
    # What is reached of a group by several features together is bound by its cap, too.
    most = min(most, apart + sum(min(caps[group], points) for group, points in reached.items()))
    low = max(least, dict(card.floors).get(family, least))
    return low, max(low, min(most, dict(card.caps).get(family, most)))


def _given(rules: Iterable[PointsRule], value: Value, kind: Kind) -> _Given:
    """Sum the points that a value is given."""
    taken, loose, grouped = 0.0, 0.0, dict[str, float]()
    for rule in rules:
        points = points_of(rule, value, kind)
        taken += min(points, 0.0)
        if rule.group and points > 0:
            grouped[rule.group] = grouped.get(rule.group, 0.0) + points
        else:
            loose += points
    return _Given(taken, loose, grouped)


def points_of(rule: PointsRule, value: Value, kind: Kind) -> float:
    """Tell what one rule gives a value, before anything fades or is capped by others."""
    if rule.disqualify or not holds(rule.when, value, kind):
        return 0.0
    if rule.per is None or value is None:
        return rule.points
    points = max(floor(float(value) / rule.per), 0) * rule.points
    most = abs(points) if rule.at_most is None else rule.at_most
    return max(-most, min(points, most))


def telling_values(rules: Sequence[PointsRule], kind: Kind) -> list[Value]:
    """List values of which each set of rules that can fire together has one, and the most that rules per unit give."""
    whens = [rule.when for rule in rules]
    listed = {value for when in whens for value in when.values}
    if kind == "boolean":
        return [None, TRUE, FALSE]
    if kind == "category":
        return [None, *sorted(listed), ""]  # the empty word stands for all that no rule lists
    edges = {edge for when in whens for edge in (when.low, when.below, when.up_to) if edge is not None}
    edges |= {float(value) for value in listed}
    full = {full for rule in rules if (full := _full(rule)) is not None}
    edges |= full | {nextafter(edge, -inf) for edge in edges if full}  # most per unit just below where another ends
    rising = sorted(edges)
    between = [(low + high) / 2 for low, high in pairwise(rising)]
    beyond = [rising[0] - 1, rising[-1] + 1] if rising else [0.0]
    return [None, *rising, *between, *beyond]


def _full(rule: PointsRule) -> float | None:
    """Tell the number from which a rule per unit gives no more."""
    if rule.per is None or rule.at_most is None or not rule.points:
        return None
    return rule.per * ceil(rule.at_most / abs(rule.points))
