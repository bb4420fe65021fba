"""Shapes of numbers that only the end of a process can give: shares of a whole, nested counters, stopped clocks."""

from collections.abc import Sequence
from itertools import combinations

import lightgbm
import numpy as np
import polars as pl
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

from model.leaks.alone import alone, binned

WHOLE = 0.5  # of the rows whose shares make exactly one
FEW = 0.001
NEAR = 0.02
SAME = 0.85  # of the rows in which two nested counters are equal
LEAST_VALUES = 30
MOST_VALUES = 400
DENSE = 0.6  # of the whole numbers between least and most that a clock's readings show
JUMPS = 0.1  # AUC that a clock tells value by value beyond what its eighths tell
TOLD_BY = 0.4  # share of a number's ranks that others explain
ROWS = 8_000


def shares_of_a_whole(frame: pl.DataFrame) -> list[str]:
    """Find numbers between 0 and 1, three or more, whose sum is never above one and mostly one."""
    names = [series.name for series in frame if _is_share(series)]
    for count in range(len(names), 2, -1):
        for some in combinations(names, count) if len(names) <= 8 else [tuple(names)]:
            total = frame.select(pl.sum_horizontal(some)).to_series().to_numpy()
            if (total > 1 + NEAR).mean() < FEW and (np.abs(total - 1) < NEAR).mean() > WHOLE:
                return list(some)
    return []


def nested_counters(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """Find pairs of numbers of which one is never below the other and mostly equal, though both vary."""
    frame = frame.gather_every(max(1, frame.height // ROWS))  # every pair is looked at
    names = [series.name for series in frame if series.n_unique() > LEAST_VALUES]
    found = []
    for one, other in combinations(names, 2):
        both = frame.select(one, other).drop_nulls()
        if both.height < 100:
            continue
        difference = (both[one] - both[other]).to_numpy()
        ordered = bool((difference >= 0).all() or (difference <= 0).all())
        if ordered and SAME < (difference == 0).mean() < 1:
            found.append((one, other))
    return found


def is_stopped_clock(column: pl.Series, label: np.ndarray, *, seed: int) -> tuple[bool, float, float]:
    """Tell whether a count of days jumps from one value to the next: as if it stopped when many were closed at once.

    Returns that, and the AUC of single values and of eighths.
    """
    known = column.drop_nulls()
    values = known.unique()
    if len(known) < ROWS // 2 or not LEAST_VALUES <= len(values) <= MOST_VALUES or (known != known.round()).any():
        return False, 0.5, 0.5
    low, high = float(known.quantile(0.01) or 0), float(known.quantile(0.99) or 0)
    inside = int(((values >= low) & (values <= high)).sum())
    if low < 0 or inside < DENSE * (high - low + 1):
        return False, 0.5, 0.5
    single, smooth = alone(column, label, seed=seed), binned(column, label, seed=seed)
    return single - smooth >= JUMPS, single, smooth


def told_by(frame: pl.DataFrame, name: str, others: Sequence[str], *, seed: int) -> float:
    """Return which share of a number's ranks the other columns explain on rows not learned from (R squared)."""
    if not others:
        return 0.0
    some = frame.head(ROWS)
    ranks = (some[name].rank() / some.height).fill_null(0.5).to_numpy()
    data = some.select(pl.col(others).cast(pl.Float64)).to_numpy()
    guess = np.zeros(len(ranks))
    for early, late in KFold(3, shuffle=True, random_state=seed).split(data):
        trees = lightgbm.LGBMRegressor(n_estimators=60, min_child_samples=20, random_state=seed, n_jobs=1, verbose=-1)
        guess[late] = trees.fit(data[early], ranks[early]).predict(data[late])
    return float(r2_score(ranks, guess))


def _is_share(series: pl.Series) -> bool:
    known = series.drop_nulls()
    return len(known) > 0 and bool(known.is_between(0, 1 + NEAR).all()) and known.n_unique() > LEAST_VALUES
