"""The curves of a ranking: ROC, precision and recall, cumulative gains, and lift; at most 101 points each."""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_curve

from model.figures import auc, captured
from model.report.measure import has_both

POINTS = 101
SHARES = np.linspace(0, 1, POINTS)
STEADY = 20  # rows; what fewer tell of precision and lift is luck, and is not drawn


def curves(label: np.ndarray, likelihood: np.ndarray) -> dict[str, Any]:
    """Measure the ranking at every depth.

    `roc` has x: false alarms, y: wins found; `precision_recall` has x: recall, y: precision; `gains` has x: share of
    the leads worked, y: share of the wins met; `lift` has y: how many times the average rate. Ties count with their
    expectation. Empty with a sentence when all leads ended alike.
    """
    if not has_both(label):
        return {"says": "All tested leads ended alike, so no ranking can be drawn.", "drawn": False}
    gains = captured(likelihood, label.astype(float), SHARES)
    assert gains is not None, "a win is there, so something is met"
    shallowest = max(SHARES[1], min(1.0, STEADY / len(label)))
    deep = shallowest <= SHARES
    return {
        "says": _says(label, likelihood, gains),
        "drawn": True,
        "base_rate": float(label.mean()),
        "auc": auc(label, likelihood),
        "pr_auc": float(average_precision_score(label, likelihood)),
        "roc": _roc(label, likelihood),
        "precision_recall": {"x": gains[deep].tolist(), "y": (label.mean() * gains[deep] / SHARES[deep]).tolist()},
        "gains": {"x": SHARES.tolist(), "y": gains.tolist()},
        "lift": {"x": SHARES[deep].tolist(), "y": (gains[deep] / SHARES[deep]).tolist()},
    }


def _says(label: np.ndarray, likelihood: np.ndarray, gains: np.ndarray) -> str:
    ranked = round(100 * auc(label, likelihood))
    fifth = gains[20]
    return (
        f"Of a lead that won and one that did not, the score puts the winner first in {ranked} of 100 pairs (a coin: "
        f"50). The top fifth holds {fifth:.0%} of the wins; in any order it would hold 20%."
    )


def _roc(label: np.ndarray, likelihood: np.ndarray) -> dict[str, list[float]]:
    """Keep points of the curve, the ends among them, evenly along x: none is made up."""
    x, y, _ = roc_curve(label, likelihood)
    even = np.searchsorted(x, np.linspace(0, 1, POINTS - 2))
    kept = np.unique(np.concatenate([even[even < len(x)], [0, len(x) - 1]]))
    return {"x": x[kept].tolist(), "y": y[kept].tolist()}
