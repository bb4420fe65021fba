"""Whether the leads of today look like those that were learned from, feature by feature."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from model.features import Feature
from model.figures import stability_by_chance, stability_index

STEADY, SHIFTED = 0.1, 0.25  # the usual bounds of the population stability index
BINS = 10
VALUES = 20  # the most frequent values are compared by name, the rest together


def stability(learned: pl.DataFrame, tested: pl.DataFrame, features: Sequence[Feature]) -> dict[str, Any]:
    """Compare each feature on the tested leads with the learned ones, the most moved first.

    `features` holds for each `psi` (ten quantile bins of the learned rows for a number, missing as a bin of its own),
    `by_chance` (exceeded once in 20 times when nothing moved), `missing_then` and `missing_now` (shares), and `word`:
    steady below 0.1, moved to 0.25, shifted above.
    """
    if learned.is_empty() or tested.is_empty():
        return {"says": "There are no earlier leads to compare with.", "features": []}
    found = [_feature(feature, learned[feature.name], tested[feature.name]) for feature in features]
    return {"says": _says(found), "features": sorted(found, key=lambda item: (-item["psi"], item["feature"]))}


def _feature(feature: Feature, learned: pl.Series, tested: pl.Series) -> dict[str, Any]:
    then, now = _numbers(learned, tested) if feature.kind == "number" else _values(learned, tested)
    index = stability_index(then, now)
    return {
        "feature": feature.name,
        "label": feature.label,
        "psi": index,
        "by_chance": stability_by_chance(then, now),
        "missing_then": learned.null_count() / len(learned),
        "missing_now": tested.null_count() / len(tested),
        "word": "steady" if index < STEADY else "moved" if index <= SHIFTED else "shifted",
    }


def _numbers(learned: pl.Series, tested: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    known = learned.drop_nulls().to_numpy()
    known = known[np.isfinite(known)]
    bounds = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.array([])
    return _counted(learned, bounds), _counted(tested, bounds)


def _counted(column: pl.Series, bounds: np.ndarray) -> np.ndarray:
    places = np.searchsorted(bounds, column.drop_nulls().to_numpy(), side="left")
    return np.append(np.bincount(places, minlength=len(bounds) + 1), column.null_count()).astype(float)


def _values(learned: pl.Series, tested: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    counts = learned.drop_nulls().alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    frequent = counts["value"].head(VALUES).to_list()
    return _named(learned, frequent), _named(tested, frequent)


def _named(column: pl.Series, frequent: list[object]) -> np.ndarray:
    counts = dict(column.drop_nulls().alias("value").value_counts().iter_rows())
    named = [counts.get(value, 0) for value in frequent]
    return np.array([*named, sum(counts.values()) - sum(named), column.null_count()], dtype=float)


def _says(found: list[dict[str, Any]]) -> str:
    beyond = [item for item in found if item["psi"] >= STEADY and item["psi"] > item["by_chance"]]
    if not beyond:
        return f"All {len(found)} features are steady, or moved no more than chance explains."
    names = [item["label"] for item in sorted(beyond, key=lambda item: -item["psi"])]
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{len(beyond)} of {len(found)} features moved more than chance explains: {told}."
