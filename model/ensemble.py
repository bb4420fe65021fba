"""A few CatBoost models whose margins are averaged, and a calibrator on top: what turns features into a likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from catboost import CatBoostClassifier, Pool
from sklearn.linear_model import LogisticRegression

from model.features import Feature
from model.pool import to_pool
from model.recipe import Recipe


@dataclass(frozen=True)
class Calibrator:
    """likelihood = 1 / (1 + exp(-(slope * margin + offset))) (Platt 1999)."""

    slope: float
    offset: float

    def margin(self, raw: np.ndarray) -> np.ndarray:
        return self.slope * raw + self.offset


@dataclass(frozen=True)
class Ensemble:
    """Members are equal in weight; contributions average as margins do, so that reasons stay exact."""

    members: tuple[CatBoostClassifier, ...]
    calibrator: Calibrator
    features: tuple[Feature, ...]

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the calibrated margins (log-odds), float64 (n,), in the order of the rows."""
        if not frame.height:
            return np.zeros(0)
        return self.calibrator.margin(_raw(self.members, to_pool(frame, self.features)))

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the margins: (n, features) log-odds, and the base; row sum + base = calibrated margin.

        Source: Lundberg 2018, TreeSHAP; computed by CatBoost's ShapValues, exact for each member, averaged, and put
        through the calibrator, which is linear.
        """
        if not frame.height:
            return np.zeros((0, len(self.features))), 0.0
        pool = to_pool(frame, self.features)
        total = sum(member.get_feature_importance(pool, type="ShapValues", thread_count=-1) for member in self.members)
        values = np.asarray(total) / len(self.members)
        base = self.calibrator.slope * float(values[0, -1]) + self.calibrator.offset
        return self.calibrator.slope * values[:, :-1], base


def fit(frame: pl.DataFrame, features: Sequence[Feature], *, recipe: Recipe, seed: int, threads: int) -> Ensemble:
    """Learn from rows in the order of time; early stopping and calibration on the latest slice."""
    cut = int(frame.height * (1 - recipe.latest_share))
    early, latest = frame[:cut], frame[cut:]
    pools = [to_pool(part, features, part["label"].cast(pl.Int8).to_numpy()) for part in (early, latest)]
    members = tuple(
        _member(pools[0], pools[1], features, recipe=recipe, shape=shape, seed=seed + number, threads=threads)
        for number, shape in enumerate(recipe.members)
    )
    calibrator = _calibrated(_raw(members, pools[1]), latest["label"].cast(pl.Int8).to_numpy())
    return Ensemble(members, calibrator, tuple(features))


def _member(
    early: Pool,
    latest: Pool,
    features: Sequence[Feature],
    *,
    recipe: Recipe,
    shape: dict[str, object],
    seed: int,
    threads: int,
) -> CatBoostClassifier:
    member = CatBoostClassifier(
        iterations=recipe.iterations,
        loss_function="Logloss",
        eval_metric="Logloss",
        max_ctr_complexity=1,
        simple_ctr=["Borders:Prior=0.5/1"],
        combinations_ctr=["Borders:Prior=0.5/1"],  # unused at complexity 1; named so that CatBoost does not warn
        monotone_constraints=[feature.monotone for feature in features] if any(f.monotone for f in features) else None,
        random_seed=seed,
        thread_count=threads,
        allow_writing_files=False,
        verbose=0,
        **shape,
    )
    member.fit(early, eval_set=latest, early_stopping_rounds=recipe.patience, use_best_model=True)
    return member


def _raw(members: Sequence[CatBoostClassifier], pool: Pool) -> np.ndarray:
    margins = [np.asarray(member.predict(pool, prediction_type="RawFormulaVal")) for member in members]
    mean: np.ndarray = np.mean(margins, axis=0)
    return mean


def _calibrated(raw: np.ndarray, label: np.ndarray) -> Calibrator:
    """Fit Platt's line; a slice with one class alone, or a line that would turn the order round, leaves margins be."""
    if label.min() == label.max():
        return Calibrator(1.0, 0.0)
    line = LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), label)
    slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Calibrator(slope, offset) if slope > 0 else Calibrator(1.0, 0.0)
