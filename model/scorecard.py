"""A scorecard: points for what is known about a lead, as plain values that a mapping compiles to.

Importing this module loads nothing heavy, so that mappings can make scorecards without loading a data frame library.
`model.points` scores with it.
"""

from dataclasses import dataclass

from model.features import Family, Kind

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
    """Points for a lead whose feature is `when`; or, with `disqualify`, a place at the bottom and the reason why.

    With `per`, the points are given for every so much of a number, but no more than `at_most` in all (taken, if they
    are below zero). Won points of a `group` are bound by its cap. After each `half_life_days` by the number feature
    `age`, won points are halved; without it, as the scorecard's decay has it.
    """

    feature: str
    when: When
    points: float = 0.0
    disqualify: bool = False
    because: str = ""
    per: float | None = None
    at_most: float | None = None
    group: str = ""
    half_life_days: float | None = None
    age: str = ""

    @property
    def stands_alone(self) -> bool:
        """Whether its points are counted apart from those of its feature's other rules."""
        return bool(self.group) or self.half_life_days is not None


@dataclass(frozen=True, slots=True)
class Decay:
    """Engagement that fades: after each half-life, in days by the number feature `age`, won points are halved."""

    half_life_days: float
    age: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All rules, what each family can give at most and at least, and how engagement fades.

    `caps` and `floors` are (family, points) pairs; a family without one is bound by its rules alone. `groups` are
    (group, most points) pairs.
    """

    rules: tuple[PointsRule, ...] = ()
    caps: tuple[tuple[Family, float], ...] = ()
    floors: tuple[tuple[Family, float], ...] = ()
    decay: Decay | None = None
    groups: tuple[tuple[str, float], ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Name the features that the scorecard looks at, in the order of its rules."""
        ages = [rule.age for rule in self.rules if rule.age] + ([self.decay.age] if self.decay else [])
        return tuple(dict.fromkeys((*(rule.feature for rule in self.rules), *ages)))


NO_RULES = Scorecard()


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
