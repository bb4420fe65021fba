"""Reasons: the features that moved a lead most, with stable codes and plain sentences.

The effect of a feature is exact: its part of the margin. As a factor on the odds it reads "2.1 times the odds".
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from model.features import Feature

POSITIVE = 3
NEGATIVE = 2
LEAST = 0.05  # log-odds: a factor of 1.05; what moves a lead less is no reason
STRUCT = pl.Struct({"code": pl.String, "feature": pl.String, "text": pl.String, "effect": pl.Float64})


def reasons(frame: pl.DataFrame, features: Sequence[Feature], parts: np.ndarray) -> pl.Series:
    """Choose up to three reasons for and two against each lead, strongest first; a List[Struct] series."""
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")
    values = [frame[feature.name].to_list() for feature in features]
    words: dict[tuple[int, object, str], str] = {}
    made = []
    for row, places in enumerate(order):
        chosen, wanted = [], {True: POSITIVE, False: NEGATIVE}
        for place in places:
            effect = float(parts[row, place])
            if abs(effect) < LEAST:
                break
            if wanted[effect > 0]:
                wanted[effect > 0] -= 1
                key = (int(place), values[place][row], _factor(effect))
                if key not in words:
                    words[key] = sentence(features[place], values[place][row], effect)
                feature = features[place]
                chosen.append(
                    {"code": code(feature, effect), "feature": feature.name, "text": words[key], "effect": effect}
                )
        made.append(chosen)
    return pl.Series("reasons", made, dtype=pl.List(STRUCT))


def code(feature: Feature, effect: float) -> str:
    """Name a reason for automation: the feature and its direction, stable over models."""
    return f"{feature.name.upper()}{'+' if effect > 0 else '-'}"


def sentence(feature: Feature, value: object, effect: float) -> str:
    """Say a reason as a colleague would."""
    return f"{feature.label}: {_said(value)} ({_factor(effect)})"


def _said(value: object) -> str:
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case float():
            return rounded(value)
        case _:
            return str(value).replace("_", " ")


def _factor(effect: float) -> str:
    times = float(np.exp(abs(effect)))
    more = "more" if effect > 0 else "less"
    if times < 1.15:
        return f"wins slightly {more} often"
    shown = f"{times:.1f}" if times < 10 else f"{times:.0f}"
    return f"{shown} times the odds to win" if effect > 0 else f"odds to win {shown} times lower"


def rounded(value: float) -> str:
    """Write a number as people say it: 1,200 and 3.4 million."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:.3g} {word}"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"
