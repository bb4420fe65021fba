"""Whether the score is as good and as true for each source, country, industry and size as it is for all."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from model.features import Feature
from model.report.groups import Group, groups
from model.report.measure import auc, outcome

WORDS = {"source", "country", "industry", "sector", "size", "employees", "headcount"}
INSTEAD = 3  # features of most weight, when none is called as above


def segments(
    tested: pl.DataFrame,
    features: Sequence[Feature],
    *,
    chosen: Sequence[str] = (),
    weights: dict[str, float] | None = None,
) -> dict[str, Any]:
    """Measure the score in each group of some features.

    `chosen` names features; empty takes those called source, country, industry or size, else those of most weight.
    `segments` holds for each `feature` its `label` and `groups`: measure.outcome rows with `name`, `pooled` and `auc`.
    """
    taken, why = _taken(features, chosen, weights or {})
    found = [
        {
            "feature": feature.name,
            "label": feature.label,
            "groups": [of_group(group, tested) for group in groups(feature, tested[feature.name])],
        }
        for feature in taken
    ]
    return {"says": f"{why} {_says(found)}".strip(), "segments": found}


def of_group(group: Group, tested: pl.DataFrame) -> dict[str, Any]:
    """Measure the tested rows of a group."""
    label, likelihood = tested["label"].to_numpy()[group.rows], tested["likelihood"].to_numpy()[group.rows]
    return {
        "name": group.name,
        "pooled": group.pooled,
        **outcome(label, likelihood),
        "auc": auc(label, likelihood),
    }


def words_of(feature: Feature) -> set[str]:
    """Return the words in a feature's name and label, in small letters: "LeadSource" holds lead and source."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", f"{feature.name} {feature.label}")
    return {word.lower() for word in found}


def _taken(features: Sequence[Feature], chosen: Sequence[str], weights: dict[str, float]) -> tuple[list[Feature], str]:
    if chosen:
        known = {feature.name: feature for feature in features}
        absent = [name for name in chosen if name not in known]
        why = f"Not shown, because the model has no such feature: {', '.join(absent)}." if absent else ""
        return [known[name] for name in chosen if name in known], why
    usual = [feature for feature in features if words_of(feature) & WORDS]
    if usual:
        return usual, ""
    heavy = sorted(features, key=lambda feature: -weights.get(feature.name, 0.0))[:INSTEAD]
    return heavy, "No feature is called source, country, industry or size; shown are those that weigh most."


def _says(found: list[dict[str, Any]]) -> str:
    every = [(part["label"], group) for part in found for group in part["groups"]]
    if not every:
        return "There is nothing to cut the leads by."
    big = [(label, group) for label, group in every if not group["small"]]
    off = [(label, group) for label, group in big if group["off"]]
    if not big:
        return "No group has enough leads to be judged by itself."
    count = f"In {len(big) - len(off)} of {len(big)} groups with enough leads, what was said lies within the interval."
    if not off:
        return count
    label, worst = max(off, key=lambda item: float(np.abs(item[1]["gap"])))
    side = "too high" if worst["gap"] < 0 else "too low"
    return (
        f"{count} By chance one in twenty lies outside. The widest: {label} = {worst['name']}, where the likelihoods "
        f"were {100 * abs(worst['gap']):.1f} percentage points {side}."
    )
