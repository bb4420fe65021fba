"""Whether groups of people are treated alike: for fields that look sensitive, and for those that stand in for them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from model.features import BESIDE, Feature, Kind
from model.report.groups import Group, groups
from model.report.segments import of_group
from model.sensitive import why

SELECTED = ("A", "B")
FOUR_FIFTHS = 0.8  # of the selection rate of the most selected group: the rule of thumb of the US EEOC, 29 CFR 1607.4 D

NONE = (
    "No field looks sensitive (age, gender, marital status, nationality, religion and the like) or stands in for one "
    "(country, postcode, language, salutation). Only names and labels were looked at: a field with another name, or "
    "several together, can still stand in for one."
)


def fairness(tested: pl.DataFrame, features: Sequence[Feature]) -> dict[str, Any]:
    """Measure how groups of people fare, for each field that looks sensitive or stands in for one.

    Columns of the frame that are no feature count too: a field that was kept out can still be told. `fields` holds
    for each its `label`, `why` (sensitive or stands in), `in_model`, and `groups`: measure.outcome rows with `name`,
    `selected` (share with grade A or B), `found` (of those that won, the share with grade A or B) and `ratio` (of
    `selected` to that of the most selected group; None for small groups, which are no measure).
    """
    looked_at = [*features, *_others(tested, {feature.name for feature in features})]
    fields = [
        _field(feature, found, tested, in_model=feature in features) for feature in looked_at if (found := why(feature))
    ]
    return {"says": _says(fields) if fields else NONE, "fields": fields}


def _others(tested: pl.DataFrame, known: set[str]) -> list[Feature]:
    kinds: dict[type[pl.DataType], Kind] = {pl.Float64: "number", pl.Boolean: "boolean", pl.String: "category"}
    return [
        Feature(name, name, kinds[type(kind)], "fit")
        for name, kind in tested.schema.items()
        if name not in known.union(BESIDE) and type(kind) in kinds
    ]


def _field(feature: Feature, why: str, tested: pl.DataFrame, *, in_model: bool) -> dict[str, Any]:
    found = [_group(group, tested) for group in groups(feature, tested[feature.name])]
    most = max((group["selected"] for group in found if not group["small"]), default=None)
    for group in found:
        group["ratio"] = group["selected"] / most if most and not group["small"] else None
    return {"feature": feature.name, "label": feature.label, "why": why, "in_model": in_model, "groups": found}


def _group(group: Group, tested: pl.DataFrame) -> dict[str, Any]:
    selected = tested["grade"].is_in(SELECTED).fill_null(value=False).to_numpy()[group.rows]
    won = tested["label"].to_numpy()[group.rows]
    found: dict[str, Any] = of_group(group, tested)
    return {
        **found,
        "selected": float(selected.mean()),
        "found": float(np.mean(selected[won])) if won.any() else None,
    }


def _says(fields: list[dict[str, Any]]) -> str:
    apart = [
        f"{field['label']} = {group['name']}"
        for field in fields
        for group in field["groups"]
        if group["ratio"] is not None and group["ratio"] < FOUR_FIFTHS
    ]
    named = ", ".join(field["label"] for field in fields)
    if not apart:
        return f"Looked at: {named}. No group with enough leads is graded A or B much less often than the others."
    told = "; ".join(apart[:5]) + (f" and {len(apart) - 5} more" if len(apart) > 5 else "")
    return (
        f"Looked at: {named}. Graded A or B less than four fifths as often as the most selected group: {told}. That "
        "can be right, when the group wins less often, and it is for you to judge whether it may count."
    )
