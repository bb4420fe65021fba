"""How much the values of a category truly differ: what chance alone gives the rates of small groups is taken off.

A category of thousands of values, a few rows each, always looks as if it told something. Its effects are drawn towards
one another by as much as they may be chance; of mere noise nothing is left.
"""

import numpy as np

LEAST = 0.01  # log-odds: noise is not taken for nothing at all, so that a regression stays well posed
MOST = 1.0


def spread(places: np.ndarray, label: np.ndarray) -> float:
    """Estimate the standard deviation, in log-odds and from LEAST to MOST, between the groups that rows are in.

    `places` are the groups' numbers, int64 (n,), and `label` is 0 or 1 for each row.
    Source: DerSimonian and Laird 1986, method of moments, on rates; carried over to log-odds by the logit's slope.
    """
    rows = np.bincount(places).astype(np.float64)
    wins, rows = np.bincount(places, weights=label)[rows > 0], rows[rows > 0]
    rate, many = float(label.mean()), rows.sum() - (rows**2).sum() / rows.sum()
    if many <= 0 or not 0 < rate < 1:
        return MOST
    chance = rate * (1 - rate)
    surplus = (rows * (wins / rows - rate) ** 2).sum() / chance - (len(rows) - 1)
    return float(np.clip(np.sqrt(max(surplus, 0.0) / many / chance), LEAST, MOST))
