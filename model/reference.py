"""The frozen reference population: what a rank and a grade are relative to, so that they mean the same next week."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from model.errors import UnsuitableFrame
from model.grades import DEFAULT, LETTERS, Grades

GRADES = LETTERS
PLACES = 1_001
BEYOND = 1e6  # log-odds that no lead has: a bound there takes in all leads, or none
WEEK = timedelta(days=7)
LEAST_RATE = 1e-9  # new leads a week, where rules decide all of them
RATE_WEEKS = 13  # the rate of new leads is that of the latest quarter


@dataclass(frozen=True)
class Reference:
    """Quantiles of the margins in the reference, at 1,001 even places, for each of three margins.

    `bounds` are the margins (log-odds) from which A, B and C begin.
    """

    total: np.ndarray
    fit: np.ndarray
    engagement: np.ndarray
    bounds: np.ndarray


@dataclass(frozen=True, slots=True)
class Drawing:
    """How grades are drawn, and the grades that hard rules give, by lead id, whatever these leads score."""

    grades: Grades
    ruled: Mapping[str, str]

    def given(self, ids: pl.Series) -> pl.Series:
        """Give the grade that a rule gives to each of these leads; null where none does."""
        return ids.replace_strict(dict(self.ruled), default=None, return_dtype=pl.String)


def log_odds(likelihood: float) -> float:
    return float(np.log(likelihood) - np.log1p(-likelihood))


def of(
    total: np.ndarray,
    fit: np.ndarray,
    engagement: np.ndarray,
    *,
    drawn: Grades = DEFAULT,
    ruled: pl.Series | None = None,
    leads_a_week: float | None = None,
    margin_of: Callable[[float], float] = log_odds,
) -> Reference:
    """Freeze a population's margins and the bounds of its grades. Raises UnsuitableFrame as `bounds` does.

    `ruled` are the grades that hard rules give to some of it, null for the others, among whom grades are drawn.
    """
    places = np.linspace(0, 1, PLACES)
    all_of_it, who, what = (np.quantile(margins, places) for margins in (total, fit, engagement))
    free = all_of_it if ruled is None else _among_free(total, ruled, places)
    taken = np.zeros(3) if ruled is None or leads_a_week is None else _taken(ruled) * leads_a_week
    rate = None if leads_a_week is None else leads_a_week * (1 if ruled is None else ruled.null_count() / len(ruled))
    found = bounds(drawn, free, leads_a_week=rate, taken=taken, margin_of=margin_of)
    return Reference(all_of_it, who, what, found)


def _among_free(total: np.ndarray, ruled: pl.Series, places: np.ndarray) -> np.ndarray:
    """Give the quantiles of those that no rule decides; of all where rules decide every one."""
    free = total[ruled.is_null().to_numpy()]
    return np.asarray(np.quantile(free if len(free) else total, places))


def _taken(ruled: pl.Series) -> np.ndarray:
    """Tell which share of all leads rules make an A, a B and a C."""
    return np.array([float((ruled == grade).sum() or 0) for grade in GRADES[:-1]]) / max(len(ruled), 1)


def bounds(
    drawn: Grades,
    quantiles: np.ndarray,
    *,
    leads_a_week: float | None = None,
    taken: np.ndarray | None = None,
    margin_of: Callable[[float], float] = log_odds,
) -> np.ndarray:
    """Work out the margins from which A, B and C begin, float64 (3,), never rising.

    `quantiles` are a population's margins at even places, `leads_a_week` how many new leads of it a usual week brings,
    `taken` how many places of A, B and C others take each week, `margin_of` gives the margin at which a likelihood is
    reached.
    Raises UnsuitableFrame when grades go by capacity and the rate of new leads is not known.
    """
    match drawn.by:
        case "likelihood":
            return np.array([margin_of(likely) for likely in drawn.parts])
        case "capacity" if leads_a_week is None:
            raise UnsuitableFrame(
                "Grades by capacity need to know how many new leads a week brings, and these leads have no time of "
                "creation. Give it, or write grades: {by: share} in the mapping."
            )
        case "capacity":
            left = np.array(drawn.parts) - (0 if taken is None else taken)
            shares = np.cumsum(np.maximum(left, 0)) / (leads_a_week or LEAST_RATE)
        case _:
            shares = np.cumsum(drawn.parts) / 100
    found = np.interp(1 - shares, np.linspace(0, 1, len(quantiles)), quantiles)
    # A share of all takes in also those who will be below all of today's.
    found = np.where(shares >= 1 - 1e-9, -BEYOND, found)
    return np.asarray(np.where(shares <= 0, BEYOND, found))


def rate_a_week(created_at: pl.Series) -> float | None:
    """Count the new leads of a usual week: those of the latest 13 weeks, or of all if there are fewer.

    `created_at` are the datetimes of the examples in any order. None when no time is known.
    """
    known = created_at.drop_nulls().dt.epoch("us").to_numpy()
    if not len(known):
        return None
    ago = (known.max() - known) / (WEEK / timedelta(microseconds=1))
    weeks = min(RATE_WEEKS, max(1.0, float(ago.max())))
    return float((ago < weeks).sum() / weeks)


def ranks(margins: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Rank margins from 1 to 99: never falling with the margin, ties equal."""
    below = np.searchsorted(quantiles, margins, side="left")
    upto = np.searchsorted(quantiles, margins, side="right")
    share = (below + upto) / 2 / len(quantiles)
    return np.clip(np.floor(1 + share * 99), 1, 99).astype(np.int16)


def grades(margins: np.ndarray, reference: Reference) -> pl.Series:
    """Grade margins by the frozen bounds; a text column in their order."""
    places = np.searchsorted(-reference.bounds, -margins, side="left")
    return pl.Series("grade", GRADES, dtype=pl.String).gather(places)
