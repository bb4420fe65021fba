"""The one door into CatBoost: only columns of safe kinds pass.

CatBoost 1.2.10 ends the whole process with a segmentation fault when it meets a Polars Categorical or Date column, and
raises an unreadable error on a null category. So every frame is checked here, nulls become values that CatBoost knows,
and nothing else in this package builds a Pool. Polars strings reach CatBoost through Arrow without copying row by row,
ten times faster than objects.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from catboost import Pool

from model.errors import UnsuitableFrame
from model.features import Feature, Kind

MISSING = "__missing__"
"""Stands for "not known" in a category, so that it can be learned from like any other value."""

ADMITTED: dict[Kind, tuple[type[pl.DataType], ...]] = {
    "number": (pl.Float64, pl.Int64),
    "category": (pl.String,),
    "boolean": (pl.Boolean,),
}


def to_pool(frame: pl.DataFrame, features: Sequence[Feature], label: npt.NDArray[np.bool_] | None = None) -> Pool:
    """Return a Pool with one column per feature, in the order of `features`; other columns are ignored.

    Missing categories become "__missing__"; missing or infinite numbers and missing booleans become NaN.
    Raises: UnsuitableFrame if a column is missing or is not of its feature's kind.
    """
    check(frame, features)
    columns = frame.select(_safe(feature) for feature in features)
    categories = [feature.name for feature in features if feature.kind == "category"]
    return Pool(columns, label=None if label is None else label.astype(np.int8), cat_features=categories)


def check(frame: pl.DataFrame, features: Sequence[Feature]) -> None:
    """Raise UnsuitableFrame, naming every column that is missing or of the wrong kind."""
    problems = [problem for feature in features if (problem := _problem(frame.schema, feature))]
    if problems:
        raise UnsuitableFrame("; ".join(problems))


def _problem(schema: pl.Schema, feature: Feature) -> str | None:
    if feature.name not in schema:
        return f"column {feature.name!r} is missing: the model was trained on it"
    admitted = ADMITTED[feature.kind]
    if schema[feature.name] in admitted:
        return None
    names = " or ".join(kind.__name__ for kind in admitted)
    return f"column {feature.name!r} is {schema[feature.name]}, but a {feature.kind} must be {names}: cast it first"


def _safe(feature: Feature) -> pl.Expr:
    column = pl.col(feature.name)
    match feature.kind:
        case "category":
            return column.fill_null(MISSING)
        case "boolean":
            return column.cast(pl.Float64)
        case "number":
            number = column.cast(pl.Float64)
            return pl.when(number.is_finite()).then(number)
