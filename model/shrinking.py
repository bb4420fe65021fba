"""Small data: a learned model shrinks towards the rules that people wrote, the more the fewer outcomes there are.

A few dozen wins rank leads hardly better than chance, and people know something before there is data. The log-odds are
averaged, so that contributions stay exact.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from model.calibration import Calibrator
from model.learner import Learned
from model.platt import Line
from model.points import Points, calibrated

# The rules weigh as much as this many of the rarer outcome: with about ten for each of a handful of fields, what is
# learned begins to hold on leads to come (Peduzzi 1996), and from there on it is trusted more than the rules.
PRIOR_WINS = 50
LEAST_SHARE = 0.05  # below it the rules move no rank worth explaining
ENDS = (0.05, 0.95)  # quantiles of the points between which the calibrator is followed


def share_of_rules(label: np.ndarray) -> float:
    """Tell which share of the score is the rules', by the number of the rarer outcome in `label`, 0 or 1 (n,)."""
    wins = int(label.sum())
    share = PRIOR_WINS / (PRIOR_WINS + min(wins, len(label) - wins))
    return share if share >= LEAST_SHARE else 0.0


def shrunk(learned: Learned, points: Points | None, rows: pl.DataFrame) -> Learned:
    """Shrink what was learned from `rows` towards the points, calibrated on the same rows.

    Where the history alone has shown no signal yet, the rules are all of the score, if they tell anything. Only rules
    on features that were learned from count; without any the model stays as it is. choices["rules_share"] tells.
    """
    share = share_of_rules(rows["label"].cast(pl.Int8).to_numpy())
    told = Learned(learned.ensemble, learned.choices | {"rules_share": 0.0})
    if points is None or not share:
        return told
    rules = calibrated(_readable(points, learned), rows)
    if rules.line is None or not rules.scorecard.rules:
        return told
    if not learned.choices["usable"]:
        return _rules_alone(told, rules) if rules.line.slope > 0 else told
    rules = replace(rules, line=_before(learned.ensemble.calibrator, rules, rules.line, rows))
    return Learned(replace(learned.ensemble, rules=rules, rules_share=share), learned.choices | {"rules_share": share})


def _rules_alone(learned: Learned, rules: Points) -> Learned:
    ensemble = replace(learned.ensemble, calibrator=Calibrator(), rules=rules, rules_share=1.0)
    return Learned(ensemble, learned.choices | {"rules_share": 1.0, "calibration": "the rules'"})


def _readable(points: Points, learned: Learned) -> Points:
    """Leave out the rules on what was not learned from: leaks, sensitive fields, and fields that never vary."""
    features = learned.ensemble.features
    names, card = {feature.name for feature in features}, points.scorecard
    rules = tuple(rule for rule in card.rules if rule.feature in names)
    decay = card.decay if card.decay and card.decay.age in names else None
    return Points(replace(card, rules=rules, decay=decay), features)


def _before(calibrator: Calibrator, rules: Points, line: Line, rows: pl.DataFrame) -> Line:
    """Find the line from points to margins that the calibrator turns to the rules' own log-odds; exact for a line."""
    if calibrator.kind == "none":
        return line
    low, high = np.quantile(rules.margins(rows), ENDS)
    if low == high:
        return Line(0.0, _margin(calibrator, line, low))
    start, end = (_margin(calibrator, line, points) for points in (low, high))
    slope = (end - start) / (high - low)
    return Line(float(slope), float(start - slope * low))


def _margin(calibrator: Calibrator, line: Line, points: float) -> float:
    return calibrator.margin_of(float(1 / (1 + np.exp(-line.log_odds(np.asarray(points))))))
