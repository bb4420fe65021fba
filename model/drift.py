"""Drift: whether leads, scores and what becomes of them are still as they were when the model learned.

Inputs and scores are compared by the population stability index (PSI), the sum over bins of
(now - then) * ln(now / then), of shares; below 0.1 nothing has moved, above 0.25 the population is another one
(Siddiqi, Credit Risk Scorecards, 2006). Likelihoods are compared with what happened by a z-test of the number of wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from model.features import Feature
from model.rare import LEAST

BINS = 10
MOST_VALUES = 30  # of a category that are told apart; the rest is one bin
RECENT = 20_000  # what new leads are compared with is the newest of the examples, not the market of years ago
STEADY, SHIFTED = 0.1, 0.25
ENOUGH_LEADS = 500
ENOUGH_ENDED, ENOUGH_WINS = 200, 20
OFF_Z = 3.0  # it is looked at daily: at 1.96, every twentieth look would be an alarm
OFF_SHARE = 0.1  # of many leads, also an error is beyond chance that nobody would notice

Verdict = Literal["few", "steady", "moved", "shifted"]


@dataclass(frozen=True, slots=True)
class Truth:
    """Likelihoods against what happened to `rows` leads: the wins that were predicted, and those that came.

    `z` is the distance in standard deviations, above zero when more was won than predicted; `is_off` beyond noise.
    """

    rows: int
    predicted: float
    happened: int
    z: float
    is_off: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """PSI of each input (by feature name) and of the likelihoods, over `leads` new leads."""

    leads: int
    features: dict[str, float]
    score: float
    truth: Truth | None = None

    @property
    def verdict(self) -> Verdict:
        """Sum up: `few` leads to tell by, `steady`, `moved`, or `shifted`, which asks for a new model."""
        highest = max([self.score, *self.features.values()])
        if (self.truth and self.truth.is_off) or (highest > SHIFTED and self.leads >= ENOUGH_LEADS):
            return "shifted"
        if self.leads < ENOUGH_LEADS:
            return "few"
        return "moved" if highest >= STEADY else "steady"

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return asdict(self) | {"verdict": self.verdict}


def baseline(examples: pl.DataFrame, used: Sequence[Feature], likelihoods: np.ndarray) -> dict[str, Any]:
    """Keep what the newest 20,000 examples looked like, as plain JSON without any lead's data.

    `likelihoods` are the examples', in their order; `examples` has created_at and a column for each feature. Holds the
    number of rows and, for each feature and for the likelihood, how bins are told apart and the share of each.
    """
    rows = examples.select("created_at", *(feature.name for feature in used))
    recent = rows.with_columns(pl.Series("likelihood", likelihoods, dtype=pl.Float64)).sort(
        "created_at", maintain_order=True, nulls_last=False
    )[-RECENT:]
    return {
        "rows": recent.height,
        "features": {feature.name: _frozen(recent[feature.name]) for feature in used},
        "score": _frozen(recent["likelihood"]),
    }


def drift(frozen: Mapping[str, Any], leads: pl.DataFrame, likelihoods: np.ndarray) -> Drift:
    """Compare new leads with a `baseline`; `leads` has the features' columns, `likelihoods` are in its order."""
    moved = {name: _psi(bins, frozen["rows"], leads[name]) for name, bins in frozen["features"].items()}
    score = _psi(frozen["score"], frozen["rows"], pl.Series(likelihoods, dtype=pl.Float64))
    return Drift(leads.height, moved, score)


def truth(label: np.ndarray, likelihood: np.ndarray) -> Truth | None:
    """Compare the likelihoods of leads with what happened to them; None where there are too few to tell.

    Off is what is beyond three standard deviations and more than a tenth away from the number of wins predicted.
    """
    predicted, happened = float(likelihood.sum()), int(label.sum())
    if len(label) < ENOUGH_ENDED or max(predicted, happened) < ENOUGH_WINS:
        return None
    spread = float(np.sqrt(np.maximum((likelihood * (1 - likelihood)).sum(), 1e-12)))
    z = (happened - predicted) / spread
    is_off = abs(z) > OFF_Z and abs(happened - predicted) > OFF_SHARE * predicted
    return Truth(len(label), predicted, happened, z, is_off)


def _frozen(column: pl.Series) -> dict[str, Any]:
    bins: dict[str, Any] = {"values": _told_apart(column)} if column.dtype == pl.String else {"edges": _edges(column)}
    return bins | {"shares": (_counts(bins, column) / max(len(column), 1)).tolist()}


def _told_apart(column: pl.Series) -> list[str]:
    """Return the commonest values of a category, in the order of the alphabet."""
    counted = column.drop_nulls().value_counts(name="times").filter(pl.col("times") >= LEAST)
    commonest = counted.sort(["times", column.name], descending=[True, False]).head(MOST_VALUES)
    return sorted(commonest[column.name].to_list())


def _edges(column: pl.Series) -> list[float]:
    """Cut numbers into tenths of equal size; where many are equal, there are fewer."""
    known = _numbers(column)
    finite = known[np.isfinite(known)]
    return np.unique(np.quantile(finite, np.linspace(0, 1, BINS + 1)[1:-1])).tolist() if len(finite) else []


def _numbers(column: pl.Series) -> np.ndarray:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _counts(bins: Mapping[str, Any], column: pl.Series) -> np.ndarray:
    """Count the rows in each bin; the last one is for what is not known, of categories the one before for the rest."""
    if "values" in bins:
        times: dict[Any, int] = dict(column.drop_nulls().value_counts(name="times").iter_rows())
        told = [times.pop(value, 0) for value in bins["values"]]
        return np.array([*told, sum(times.values()), column.null_count()], dtype=float)
    numbers = _numbers(column)
    known = numbers[~np.isnan(numbers)]
    places = np.searchsorted(np.asarray(bins["edges"]), known, side="right")
    counts = np.bincount(places, minlength=len(bins["edges"]) + 1)
    return np.array([*counts, len(numbers) - len(known)], dtype=float)


def _psi(bins: Mapping[str, Any], rows: int, column: pl.Series) -> float:
    """Compare shares; half a row more in each bin keeps an empty one from being infinitely far away."""
    then, now = np.asarray(bins["shares"]) * rows, _counts(bins, column)
    before, after = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (then, now))
    return float(((after - before) * np.log(after / before)).sum())
