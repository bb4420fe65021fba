"""Figures of a back-test: how well likelihoods rank, and how true they are."""

from typing import Any

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

BINS = 10


def figures(label: np.ndarray, likelihood: np.ndarray, *, base_rate: float) -> dict[str, Any]:
    """Measure likelihoods against what happened. `base_rate` is that of the time before: what guessing would say."""
    clipped = np.clip(likelihood, 1e-6, 1 - 1e-6)
    both = label.min() != label.max()
    brier = float(brier_score_loss(label, clipped))
    return {
        "rows": len(label),
        "wins": int(label.sum()),
        "auc": auc(label, clipped) if both else None,
        "pr_auc": float(average_precision_score(label, clipped)) if both else None,
        "log_loss": float(log_loss(label, clipped, labels=[0, 1])),
        "log_loss_prior": float(log_loss(label, np.full(len(label), base_rate), labels=[0, 1])),
        "brier": brier,
        "ece": calibration_error(label, clipped),
        # A perfect model's error is not 0: it is about this much by chance at this size.
        "ece_floor": float(0.8 * np.sqrt(BINS * brier / len(label))),
        "lift_10": lift(label, clipped, 0.10),
    }


def auc(label: np.ndarray, ranked: np.ndarray) -> float:
    """How often a row that won stands above one that did not, ties for a half; both must be present.

    By the sum of the winners' mean ranks (Mann and Whitney 1947): exact up to one rounding, and a tenth of the time
    that a curve takes to be drawn and measured.
    """
    won = label.astype(bool)
    _, place, count = np.unique(ranked, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    wins = int(won.sum())
    return float((rank[place[won]].sum() - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


def base_rate(label: pl.Series) -> float:
    """Return the share of a Boolean column that is true."""
    return float(label.to_numpy().mean())


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


def auc_interval(auc: float, *, wins: int, losses: int) -> tuple[float, float]:
    """The 95 % interval of an AUC (Hanley and McNeil 1982, equation 1); both classes must be present."""
    above, twice = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (wins - 1) * (above - auc * auc) + (losses - 1) * (twice - auc * auc)
    half = 1.96 * float(np.sqrt(max(spread, 0.0) / (wins * losses)))
    return max(0.0, auc - half), min(1.0, auc + half)


def captured(order: np.ndarray, worth: np.ndarray, shares: np.ndarray) -> np.ndarray | None:
    """Which share of the worth is met when the top shares of the rows are worked, the highest `order` first.

    Ties count with their expectation, as if worked in random order; an unknown order (NaN) comes last. None when
    there is nothing of worth. With worth 1 for a win and 0 else, this is the curve of cumulative gains.
    """
    if len(order) == 0 or worth.sum() <= 0:
        return None
    _, place = np.unique(-np.nan_to_num(order, nan=-np.inf), return_inverse=True)
    rows = np.concatenate([[0], np.cumsum(np.bincount(place))])
    met = np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=worth))])
    return np.asarray(np.interp(np.asarray(shares) * len(order), rows, met) / met[-1])


def stability_index(then: np.ndarray, now: np.ndarray) -> float:
    """How far counts over the same bins moved: the population stability index, natural logarithm.

    Half a row is added to each bin, so that an empty one counts as rare and not as impossible.
    """
    before, after = (then + 0.5) / (then + 0.5).sum(), (now + 0.5) / (now + 0.5).sum()
    return float(((after - before) * np.log(after / before)).sum())


def stability_by_chance(then: np.ndarray, now: np.ndarray) -> float:
    """The index that is exceeded once in 20 times when nothing moved.

    A chi-square scaled by both sizes (Yurdakul and Naranjo 2020), its quantile by Wilson and Hilferty (1931).
    """
    free = int(((then + now) > 0).sum()) - 1
    if free < 1 or not then.sum() or not now.sum():
        return 0.0
    quantile = free * (1 - 2 / (9 * free) + 1.645 * np.sqrt(2 / (9 * free))) ** 3
    return float(quantile * (1 / then.sum() + 1 / now.sum()))
