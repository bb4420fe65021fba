"""Points rules that are counted apart: those that fade by a half-life of their own, and those of a group with a cap."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from model.fading import faded, remaining
from model.features import Feature
from model.firing import given
from model.scorecard import PointsRule, Scorecard


def with_alone(
    card: Scorecard, features: Sequence[Feature], frame: pl.DataFrame, parts: Sequence[np.ndarray]
) -> tuple[np.ndarray, ...]:
    """Add the points of rules that fade by themselves or belong to a group, after both."""
    places = {feature.name: place for place, feature in enumerate(features)}
    alone = [rule for rule in card.rules if rule.stands_alone and not rule.disqualify]
    counted = frame.select(given(rule, features[places[rule.feature]]).alias(str(n)) for n, rule in enumerate(alone))
    points = [
        _faded_alone(card, rule, features[places[rule.feature]], counted[str(number)].to_numpy(), frame)
        for number, rule in enumerate(alone)
    ]
    whole = list(parts)
    for rule, part in zip(alone, _capped(card, alone, points), strict=True):
        whole[places[rule.feature]] = whole[places[rule.feature]] + part
    return tuple(whole)


def _faded_alone(
    card: Scorecard, rule: PointsRule, feature: Feature, points: np.ndarray, frame: pl.DataFrame
) -> np.ndarray:
    """Fade what one rule won by its own half-life, else as the scorecard has it for engagement."""
    if rule.half_life_days is not None:
        age = rule.age or (card.decay.age if card.decay else "")
        return points * np.where(points > 0, remaining(frame[age], rule.half_life_days), 1.0)
    if card.decay is None:
        return points
    return faded(feature, points, remaining(frame[card.decay.age], card.decay.half_life_days))


def _capped(card: Scorecard, rules: Sequence[PointsRule], points: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Bound what the rules of each group win together; what is cut is borne in proportion."""
    kept = list(points)
    for group, cap in card.groups:
        own = [place for place, rule in enumerate(rules) if rule.group == group]
        won = np.zeros(len(kept[own[0]]) if own else 0)
        for place in own:
            won = won + np.maximum(kept[place], 0.0)
        share = np.minimum(1.0, cap / np.where(won > 0, won, cap))
        for place in own:
            kept[place] = kept[place] * np.where(kept[place] > 0, share, 1.0)
    return kept
