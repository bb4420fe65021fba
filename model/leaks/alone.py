"""How much a feature tells alone, and what all tell together: AUC on rows that were not learned from."""

import lightgbm
import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedKFold

from model.figures import auc

FOLDS = 3
TREES = 60
ROWS_PER_LEAF = 30
BINS = 8
SETTINGS = {"objective": "binary", "min_data_in_leaf": ROWS_PER_LEAF, "num_threads": 1, "verbose": -1}


def alone(column: pl.Series, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of one column used alone; a number is taken value by value."""
    return together(column.to_frame(), label, seed=seed)


def together(frame: pl.DataFrame, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of some columns together; 0.5 for none."""
    if not frame.width:
        return 0.5
    data, categories = _suited(frame)
    likelihood = np.zeros(len(label))
    for early, late in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(data, label):
        # LightGBM itself: the same trees as by its scikit-learn class, which takes as long again to look at the data.
        trees = lightgbm.train(
            SETTINGS | {"seed": seed},
            lightgbm.Dataset(data[early], label[early], categorical_feature=categories),
            num_boost_round=TREES,
            keep_training_booster=True,
        )
        likelihood[late] = trees.predict(data[late], num_threads=1)
    return auc(label, likelihood)


def binned(column: pl.Series, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of a number by its eighths alone: what a smooth effect tells."""
    values = column.to_numpy()
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    band = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
    return alone(pl.Series(column.name, band.astype(str)), label, seed=seed)


def _suited(frame: pl.DataFrame) -> tuple[np.ndarray, list[int]]:
    """Make LightGBM's table: categories by code, booleans as numbers; and which columns are categories, by place."""
    columns, categories = [], []
    for place, series in enumerate(frame):
        told = series
        if series.dtype == pl.String:
            filled = series.fill_null("")
            told = filled.cast(pl.Enum(filled.unique().sort())).to_physical()
            categories.append(place)
        columns.append(told.cast(pl.Float64).to_numpy())
    return np.column_stack(columns), categories
