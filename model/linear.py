"""The linear half: a logistic regression over the same features, as plain tables of log-odds.

Trees cannot go beyond what they have seen and follow every turn of the past; a line is too simple to. Where it tells
nearly as much as the trees do, the mean of both held up better on later time than either (see recipe.py).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from model.codes import Categories, admitted, categories, encode
from model.features import Feature
from model.pool import MISSING
from model.rare import LEAST, RARE
from model.spread import spread

STRENGTH = 1.0  # sklearn's C: the inverse of the ridge
STEPS = 2_000
TOLERANCE = 1e-6  # sklearn's default stops far from the end where numbers move together
SOLVER = "newton-cg"  # to the same end as lbfgs, sklearn's default, in a twentieth of its CPU on sparse columns


@dataclass(frozen=True, slots=True)
class Words:
    """Effects of a category or a boolean, in log-odds: by value, and of every value that is not listed.

    A value is listed that enough rows hold (rare.py); all others share one effect, as pooled ones do.
    """

    name: str
    effects: dict[str, float]
    other: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Effect of a number: slope * value + offset, the value cut to what was seen, low to high; or of a missing one."""

    name: str
    low: float
    high: float
    slope: float
    offset: float
    missing: float


@dataclass(frozen=True)
class Linear:
    """log-odds = base + the effects of all features; each effect is centred on the rows it was learned from."""

    base: float
    terms: tuple[Words | Slope, ...]

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the margins: float64 (n, features) log-odds, and the base; row sum + base = margin."""
        parts = np.zeros((frame.height, len(self.terms)))
        plain = frame.with_columns(pl.col(self._told.keys()).cast(pl.String))
        codes = dict(zip(self._told, encode(plain, [coding for coding, _ in self._told.values()]), strict=True))
        for place, term in enumerate(self.terms):
            if isinstance(term, Slope):
                parts[:, place] = _along(term, frame[term.name])
            else:
                parts[:, place] = np.take(self._told[term.name][1], codes[term.name])
        return parts, self.base

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        parts, base = self.contributions(frame)
        return np.asarray(parts.sum(axis=1) + base)

    def as_dict(self) -> dict[str, Any]:
        return {"base": self.base, "terms": [asdict(term) for term in self.terms]}

    @cached_property
    def _told(self) -> dict[str, tuple[Categories, np.ndarray]]:
        """The codes of each category's values, and the effect of each code: one lead must not wait for a search."""
        made = {}
        for term in self.terms:
            if isinstance(term, Words):
                coding = categories(term.name, list(term.effects))
                unseen = term.effects.get(RARE, term.other)
                effects = [term.effects.get(value, term.other) for value in coding.values]
                made[term.name] = coding, np.array([*effects, unseen])
        return made


def read(told: dict[str, Any]) -> Linear:
    """Make it again from `as_dict`."""
    terms = (Words(**term) if "effects" in term else Slope(**term) for term in told["terms"])
    return Linear(told["base"], tuple(terms))


def fit(frame: pl.DataFrame, features: Sequence[Feature], label: np.ndarray, weight: np.ndarray | None) -> Linear:
    """Learn from rows with both outcomes. Raises UnsuitableFrame naming a column that does not fit."""
    designs = [_design(admitted(frame, feature), feature, label) for feature in features]
    columns = sparse.hstack([design.columns for design in designs], format="csr")
    line = LogisticRegression(solver=SOLVER, C=STRENGTH, max_iter=STEPS, tol=TOLERANCE)
    line.fit(columns, label, sample_weight=weight)
    found, start, base, terms = line.coef_[0], 0, float(line.intercept_[0]), []
    for design in designs:
        own = found[start : start + design.columns.shape[1]]
        start += design.columns.shape[1]
        term, centre = design.centred(own)
        terms.append(term)
        base += centre
    return Linear(base, tuple(terms))


@dataclass(frozen=True, slots=True)
class _Design:
    """A feature's columns of the regression, and the term that their effects make."""

    columns: sparse.csr_matrix
    term: Words | Slope
    values: tuple[str, ...]
    scale: float = 1.0

    def centred(self, effects: np.ndarray) -> tuple[Words | Slope, float]:
        """Give the term with these effects, centred, and what that adds to the base."""
        centre = float(np.asarray(self.columns.mean(axis=0)).ravel() @ effects)
        match self.term:
            case Words(name=name):
                effects = effects * self.scale
                told = {value: float(effect) - centre for value, effect in zip(self.values, effects, strict=False)}
                rare = float(effects[-1]) if len(effects) > len(self.values) else 0.0
                return Words(name, told, rare - centre), centre
            case Slope() as slope:
                return _sloped(slope, effects, centre), centre


def _sloped(term: Slope, effects: np.ndarray, centre: float) -> Slope:
    slope, offset = float(effects[0]) * term.slope, float(effects[0]) * term.offset
    missing = float(effects[1]) if len(effects) > 1 else 0.0
    return Slope(term.name, term.low, term.high, slope, offset - centre, missing - centre)


def _design(series: pl.Series, feature: Feature, label: np.ndarray) -> _Design:
    return _number(series) if feature.kind == "number" else _words(series, label)


def _words(series: pl.Series, label: np.ndarray) -> _Design:
    texts = _texts(series)
    counts = texts.alias("value").value_counts().filter(pl.col("count") >= LEAST).sort("value")
    values = counts["value"].to_list()
    places = texts.replace_strict(values, list(range(len(values))), default=len(values), return_dtype=pl.Int64)
    width = len(values) + int(places.max() == len(values))
    rows = np.arange(len(texts))
    # A column that is scaled by s has the ridge of effects whose standard deviation is s.
    scale = spread(places.to_numpy(), label)
    columns = sparse.csr_matrix((np.full(len(texts), scale), (rows, places.to_numpy())), shape=(len(texts), width))
    return _Design(columns, Words(series.name, {}, 0.0), tuple(values), scale)


def _number(series: pl.Series) -> _Design:
    values = _finite(series)
    known = values[~np.isnan(values)]
    low, high, mean, spread = (
        (float(known.min()), float(known.max()), float(known.mean()), float(known.std())) if len(known) else (0.0,) * 4
    )
    scale = 1 / spread if spread > 0 else 0.0
    is_missing = np.isnan(values)
    columns = [np.where(is_missing, 0.0, (values - mean) * scale)] + [is_missing.astype(float)] * int(is_missing.any())
    term = Slope(series.name, low, high, scale, -mean * scale, 0.0)
    return _Design(sparse.csr_matrix(np.column_stack(columns)), term, ())


def _along(term: Slope, series: pl.Series) -> np.ndarray:
    cut = np.clip(_finite(series), term.low, term.high)
    return np.asarray(np.where(np.isnan(cut), term.missing, term.slope * cut + term.offset))


def _texts(series: pl.Series) -> pl.Series:
    return series.cast(pl.String).fill_null(MISSING)


def _finite(series: pl.Series) -> np.ndarray:
    values = series.cast(pl.Float64).to_numpy()
    return np.where(np.isinf(values), np.nan, values)
