"""The one door into CatBoost: it admits numbers, booleans and text, and nothing else.

CatBoost 1.2.10 kills the interpreter on Polars Categorical and Date columns, refuses nulls in categories, and hashes
text columns of Python objects row by row; pandas categories go in 10 to 20 times faster.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl
from catboost import Pool

from model.errors import UnsuitableFrame
from model.features import Feature

MISSING = "__missing__"
NUMBERS = (pl.Float64, pl.Int64)


def to_pool(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    label: np.ndarray | None = None,
    *,
    weight: np.ndarray | None = None,
) -> Pool:
    """Make a pool of the features' columns, in their order. Raises UnsuitableFrame naming what does not fit."""
    columns = {feature.name: _column(frame, feature) for feature in features}
    data = pd.DataFrame(columns, index=range(frame.height))
    categories = [feature.name for feature in features if feature.kind == "category"]
    return Pool(data, label=label, weight=weight, cat_features=categories)


def _column(frame: pl.DataFrame, feature: Feature) -> object:
    if feature.name not in frame.columns:
        raise UnsuitableFrame(
            f"The column {feature.name} is missing. The mapping must give every feature of the model."
        )
    series = frame[feature.name]
    match feature.kind:
        case "category" if series.dtype == pl.String:
            filled = series.fill_null(MISSING)
            values = filled.unique().sort()
            codes = filled.replace_strict(values, pl.Series(range(len(values)), dtype=pl.Int32), return_dtype=pl.Int32)
            return pd.Categorical.from_codes(codes.to_numpy(), categories=values.to_list())
        case "number" if series.dtype in NUMBERS:
            return series.cast(pl.Float64).to_numpy()
        case "boolean" if series.dtype == pl.Boolean:
            return series.cast(pl.Float64).to_numpy()
        case _:
            raise UnsuitableFrame(f"The column {feature.name} is {series.dtype}, which is no {feature.kind}.")
