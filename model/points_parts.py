"""The points model's contributions: all points of a lead, exactly, as parts of the features that gave or took them.

What a cap cuts off is borne by what had won points in its family, in proportion; what a floor gives back goes to what
had lost them. A disqualifying rule answers for the whole way down.
"""

from collections.abc import Sequence

import numpy as np

from model.features import Feature
from model.scorecard import PointsRule
from model.tally import FAMILIES, Tally


def parts(counted: Tally, rules: Sequence[PointsRule], features: Sequence[Feature]) -> np.ndarray:
    """Share out the points of each lead: float64 (n, features), columns as `features`; row sum = `counted.total`.

    `counted` is the tally of a scorecard with these rules. A feature without rules has no part.
    """
    places = {feature.name: place for place, feature in enumerate(features)}
    shared = np.zeros((len(counted.disqualified_by), len(features)))
    for feature, part in zip(counted.features, counted.parts, strict=True):
        shared[:, places[feature.name]] = part
    for family, cut in zip(FAMILIES, counted.cut, strict=True):
        own = [places[feature.name] for feature in counted.features if feature.family == family]
        shared[:, own] -= _borne(shared[:, own], cut)
    return _disqualified(shared, counted, [places[rule.feature] for rule in rules])


def _borne(own: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Share what was cut among the parts that went beyond the bound, float64 like `own`."""
    beyond = np.where(own * cut[:, None] > 0, own, 0.0)
    whole = beyond.sum(axis=1)
    return np.asarray(beyond * (cut / np.where(whole == 0, 1.0, whole))[:, None])


def _disqualified(shared: np.ndarray, counted: Tally, places: Sequence[int]) -> np.ndarray:
    rows = np.flatnonzero(counted.is_disqualified)
    if len(rows):
        guilty = np.array(places)[counted.disqualified_by[rows]]
        shared[rows, guilty] += counted.total[rows] - counted.families[0][rows] - counted.families[1][rows]
    return shared
