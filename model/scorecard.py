"""A scorecard: points for what is known about a lead, as plain values that a mapping compiles to.

Importing this module loads nothing heavy, so that mappings can make scorecards without loading a data frame library.
`model.points` scores with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from model.features import Family, Feature, Kind

TRUE, FALSE = "true", "false"
Value = str | float | None  # of a category or boolean (lower case), of a number, or not known


@dataclass(frozen=True, slots=True)
class When:
    """What a feature's value must be. One of `values`, or `present`, or a number in a range; missing is in no range.

    `values` are lower case (values are compared whatever their case); of booleans "true" and "false", of numbers as
    Python reads them. `low` is the least that counts, `below` the least that counts no more, `up_to` the most that
    counts. `present` True asks for any value at all, False for none.
    """

    values: tuple[str, ...] = ()
    low: float | None = None
    below: float | None = None
    up_to: float | None = None
    present: bool | None = None


@dataclass(frozen=True, slots=True)
class PointsRule:
    """Points for a lead whose feature is `when`; or, with `disqualify`, a place at the bottom and the reason why."""

    feature: str
    when: When
    points: float = 0.0
    disqualify: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Decay:
    """Engagement that fades: after each half-life, in days by the number feature `age`, won points are halved."""

    half_life_days: float
    age: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All rules, what each family can give at most and at least, and how engagement fades.

    `caps` and `floors` are (family, points) pairs; a family without one is bound by its rules alone.
    """

    rules: tuple[PointsRule, ...] = ()
    caps: tuple[tuple[Family, float], ...] = ()
    floors: tuple[tuple[Family, float], ...] = ()
    decay: Decay | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """Name the features that the scorecard looks at, in the order of its rules."""
        age = (self.decay.age,) if self.decay else ()
        return tuple(dict.fromkeys((*(rule.feature for rule in self.rules), *age)))


NO_RULES = Scorecard()


def attainable(card: Scorecard, features: Sequence[Feature], family: Family) -> tuple[float, float]:
    """Tell the least and the most points that a family can give, caps and floors included.

    Rules that exclude each other, such as two industries, do not add up. The least takes away all that can be taken
    away and gives nothing, so that a further positive rule leaves it where it is.
    """
    kinds = {feature.name: feature.kind for feature in features if feature.family == family}
    rules = sorted((rule for rule in card.rules if rule.feature in kinds), key=lambda rule: rule.feature)
    least, most = 0.0, 0.0
    for name, found in groupby(rules, key=lambda rule: rule.feature):
        own = tuple(found)
        given = [_given(own, value, kinds[name]) for value in _telling_values(own, kinds[name])]
        least += min(taken for taken, _ in given)
        most += max(total for _, total in given)
    low = max(least, dict(card.floors).get(family, least))
    return low, max(low, min(most, dict(card.caps).get(family, most)))


def holds(when: When, value: Value, kind: Kind) -> bool:
    """Tell whether one value is what a rule asks for."""
    if when.present is not None:
        return (value is not None) == when.present
    if value is None:
        return False
    if when.values:
        return value in ([float(word) for word in when.values] if kind == "number" else when.values)
    number = float(value)
    is_above = when.low is None or number >= when.low
    return is_above and (when.below is None or number < when.below) and (when.up_to is None or number <= when.up_to)


def _given(rules: Iterable[PointsRule], value: Value, kind: Kind) -> tuple[float, float]:
    """Sum the points that a value takes away, and all that it gives and takes."""
    fired = [rule.points for rule in rules if not rule.disqualify and holds(rule.when, value, kind)]
    return sum(points for points in fired if points < 0), sum(fired)


def _telling_values(rules: Iterable[PointsRule], kind: Kind) -> list[Value]:
    """List values of which each set of rules that can fire together has one."""
    whens = [rule.when for rule in rules]
    listed = {value for when in whens for value in when.values}
    if kind == "boolean":
        return [None, TRUE, FALSE]
    if kind == "category":
        return [None, *sorted(listed), ""]  # the empty word stands for all that no rule lists
    edges = {edge for when in whens for edge in (when.low, when.below, when.up_to) if edge is not None}
    edges |= {float(value) for value in listed}
    rising = sorted(edges)
    between = [(low + high) / 2 for low, high in pairwise(rising)]
    beyond = [rising[0] - 1, rising[-1] + 1] if rising else [0.0]
    return [None, *rising, *between, *beyond]
