"""How much a feature tells alone, and what all tell together: AUC on rows that were not learned from."""

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

FOLDS = 3
TREES = 60
ROWS_PER_LEAF = 30
BINS = 8


def alone(column: pl.Series, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of one column used alone; a number is taken value by value."""
    return together(column.to_frame(), label, seed=seed)


def together(frame: pl.DataFrame, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of some columns together; 0.5 for none."""
    if not frame.width:
        return 0.5
    data = _suited(frame)
    likelihood = np.zeros(len(label))
    for early, late in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(data, label):
        trees = lightgbm.LGBMClassifier(
            n_estimators=TREES, min_child_samples=ROWS_PER_LEAF, random_state=seed, n_jobs=1, verbose=-1
        )
        learned = trees.fit(data.iloc[early], label[early])
        likelihood[late] = np.asarray(learned.predict_proba(data.iloc[late]))[:, 1]
    return float(roc_auc_score(label, likelihood))


def binned(column: pl.Series, label: np.ndarray, *, seed: int) -> float:
    """Return the AUC of a number by its eighths alone: what a smooth effect tells."""
    values = column.to_numpy()
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    band = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
    return alone(pl.Series(column.name, band.astype(str)), label, seed=seed)


def _suited(frame: pl.DataFrame) -> pd.DataFrame:
    """Make LightGBM's frame: categories by code, booleans as numbers; names that it can bear."""
    columns = {}
    for place, series in enumerate(frame):
        if series.dtype == pl.String:
            filled = series.fill_null("")
            values = filled.unique().sort()
            codes = filled.cast(pl.Enum(values)).to_physical()
            columns[f"c{place}"] = pd.Categorical.from_codes(
                codes.cast(pl.Int32).to_numpy(), categories=values.to_list()
            )
        else:
            columns[f"c{place}"] = series.cast(pl.Float64).to_numpy()
    return pd.DataFrame(columns)
