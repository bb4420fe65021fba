"""Calibration: whether of leads with a likelihood of 30 % three in ten win. Ten bins with equally many leads."""

from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss

from model.figures import BINS, calibration_error
from model.report.measure import outcome


def calibration(label: np.ndarray, likelihood: np.ndarray) -> dict[str, Any]:
    """Compare said and happened over ten bins of equal mass.

    `bins` are measure.outcome rows with `from` and `to` (likelihoods); `error` is the expected calibration error,
    `floor` what a perfect model of this size would show by chance (0.8 * sqrt(bins * Brier / rows)).
    """
    if not len(label):
        return {"says": "No lead was tested, so nothing is known of calibration.", "bins": []}
    order = np.argsort(likelihood, kind="stable")
    bins = [_bin(label[places], likelihood[places]) for places in np.array_split(order, BINS) if len(places)]
    error = calibration_error(label, likelihood)
    floor = float(0.8 * np.sqrt(BINS * brier_score_loss(label, likelihood, labels=[0, 1]) / len(label)))
    return {"says": _says(bins, error, floor), "bins": bins, "error": error, "floor": floor}


def _bin(label: np.ndarray, likelihood: np.ndarray) -> dict[str, Any]:
    return {"from": float(likelihood.min()), "to": float(likelihood.max()), **outcome(label, likelihood)}


def _says(bins: list[dict[str, Any]], error: float, floor: float) -> str:
    met = sum(not found["off"] for found in bins)
    if error <= 1.5 * floor:
        beside = "no more than chance explains"
    else:
        beside = f"{error / max(floor, 1e-9):.1f} times what chance explains"
    return (
        f"The likelihoods are off by {100 * error:.1f} percentage points on average; a perfect model would show "
        f"{100 * floor:.1f} at this size, so this is {beside}. In {met} of {len(bins)} bins what was said lies within "
        "the interval of what happened."
    )
