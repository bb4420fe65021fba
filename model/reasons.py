"""Reasons: the fields that moved a lead most, with stable codes and plain sentences.

An effect is exact: the part of the margin (log-odds) of all the features that people see as one field. Everything here
runs on columns, whole frames at a time; a sentence is put together from what the values and the effects are called.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from model.choice import choose
from model.features import Feature
from model.sentences import how_likely, rounded, said
from model.wording import PLAIN, Wording

__all__ = ["LEAST", "NEGATIVE", "POSITIVE", "STRUCT", "code", "reasons", "rounded"]

POSITIVE = 3
NEGATIVE = 2
LEAST = 0.05  # log-odds: a factor of 1.05 on the odds; what moves a lead less is no reason
STRUCT = pl.Struct({"code": pl.String, "feature": pl.String, "text": pl.String, "effect": pl.Float64})


def reasons(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    parts: np.ndarray,
    margins: np.ndarray,
    calibrated: Callable[[np.ndarray], np.ndarray] = np.asarray,
    wording: Wording = PLAIN,
) -> pl.Series:
    """Choose up to three reasons for and two against each lead, strongest first; a List[Struct] series.

    `parts` are the contributions, float64 (n, features), to `margins` (n,), all in log-odds. `calibrated` turns margins
    into calibrated log-odds and never their order round; only the words about likelihood depend on it.
    Texts are "LABEL: VALUE (EFFECT)"; no effect holds parentheses.
    """
    members, ends = _fields(features, wording)
    if not len(members):
        return pl.Series("reasons", [[]] * len(parts), dtype=pl.List(STRUCT))
    counts, places, effects = choose(parts, members, ends, LEAST, POSITIVE, NEGATIVE)
    kept = np.arange(POSITIVE + NEGATIVE) < counts[:, None]
    rows, place, effect = np.repeat(np.arange(len(parts)), counts), places[kept], effects[kept]
    likely = how_likely(calibrated(margins[rows]), calibrated(margins[rows] - effect), wording.language)
    directed = [code(feature, sign) for feature in features for sign in (-1, 1)]
    chosen = pl.DataFrame(
        {
            "code": pl.Series(directed, dtype=pl.String).gather(2 * place + (effect > 0)),
            "feature": pl.Series([feature.name for feature in features], dtype=pl.String).gather(place),
            "text": _texts(_values(frame, features, rows, place, wording), likely),
            "effect": effect,
        }
    )
    return _lists(chosen, counts)


def code(feature: Feature, effect: float) -> str:
    """Name a reason for automation: the feature and its direction, stable over models."""
    return f"{feature.name.upper()}{'+' if effect > 0 else '-'}"


def _fields(features: Sequence[Feature], wording: Wording) -> tuple[np.ndarray, np.ndarray]:
    """Put the places of the features that may be told field by field: int64, and where each field ends."""
    fields: dict[str, list[int]] = {}
    for place, feature in enumerate(features):
        if wording.names(feature):
            fields.setdefault(feature.field or feature.name, []).append(place)
    members = [place for places in fields.values() for place in places]
    return np.array(members, np.int64), np.cumsum([len(places) for places in fields.values()], dtype=np.int64)


def _values(
    frame: pl.DataFrame, features: Sequence[Feature], rows: np.ndarray, places: np.ndarray, wording: Wording
) -> pl.Series:
    """Say the value of the feature at each place in each row; features are gone through one by one."""
    order = np.argsort(places.astype(np.int16), kind="stable")
    ends = np.cumsum(np.bincount(places, minlength=len(features)))
    spoken = []
    for feature, some in zip(features, np.split(rows[order], ends[:-1]), strict=True):
        if len(some):
            spoken.append(said(feature, frame[feature.name].gather(some), wording))
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return pl.concat(spoken).gather(back) if spoken else pl.Series([], dtype=pl.String)


def _texts(values: pl.Series, effects: pl.Series) -> pl.Series:
    return pl.select(pl.concat_str(values, pl.lit(" ("), effects, pl.lit(")"))).to_series()


def _lists(chosen: pl.DataFrame, counts: np.ndarray) -> pl.Series:
    """Cut the chosen reasons, in the order of the rows, into a list for each row."""
    ends = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int64())
    cut = pa.LargeListArray.from_arrays(ends, chosen.to_struct().to_arrow(compat_level=pl.CompatLevel.newest()))
    return pl.Series("reasons", pl.from_arrow(cut), dtype=pl.List(STRUCT))
