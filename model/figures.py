"""Figures of a back-test: how well likelihoods rank, and how true they are."""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

BINS = 10


def figures(label: np.ndarray, likelihood: np.ndarray, *, base_rate: float) -> dict[str, Any]:
    """Measure likelihoods against what happened. `base_rate` is that of the time before: what guessing would say."""
    clipped = np.clip(likelihood, 1e-6, 1 - 1e-6)
    both = label.min() != label.max()
    brier = float(brier_score_loss(label, clipped))
    return {
        "rows": len(label),
        "wins": int(label.sum()),
        "auc": float(roc_auc_score(label, clipped)) if both else None,
        "pr_auc": float(average_precision_score(label, clipped)) if both else None,
        "log_loss": float(log_loss(label, clipped, labels=[0, 1])),
        "log_loss_prior": float(log_loss(label, np.full(len(label), base_rate), labels=[0, 1])),
        "brier": brier,
        "ece": calibration_error(label, clipped),
        # A perfect model's error is not 0: it is about this much by chance at this size.
        "ece_floor": float(0.8 * np.sqrt(BINS * brier / len(label))),
        "lift_10": lift(label, clipped, 0.10),
    }


def calibration_error(label: np.ndarray, likelihood: np.ndarray) -> float:
    """Mean distance of likelihood and rate over ten bins of equal size (expected calibration error)."""
    order = np.argsort(likelihood, kind="stable")
    bins = [places for places in np.array_split(order, BINS) if len(places)]
    return float(sum(len(b) / len(label) * abs(likelihood[b].mean() - label[b].mean()) for b in bins))


def lift(label: np.ndarray, likelihood: np.ndarray, share: float) -> float:
    """How many times as often the top share wins as all do; ties count with their share."""
    count = max(1, round(len(label) * share))
    bound = np.sort(likelihood)[-count]
    above, at = likelihood > bound, likelihood == bound
    won = label[above].sum() + label[at].mean() * (count - above.sum())
    return float(won / count / max(label.mean(), 1e-12))


def wilson(wins: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927)."""
    if rows == 0:
        return 0.0, 1.0
    z, rate = 1.96, wins / rows
    middle = (rate + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * float(np.sqrt(rate * (1 - rate) / rows + z * z / (4 * rows * rows)))
    return max(0.0, middle - half), min(1.0, middle + half)
