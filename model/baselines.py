"""What a model has to beat, learned from the same rows and columns: each as one would try it first, with defaults."""

from collections.abc import Callable, Mapping, Sequence

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
from catboost import CatBoostClassifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model import naive_bayes
from model.features import Feature
from model.figures import base_rate
from model.points import Points, calibrated, default_points
from model.pool import MISSING, to_pool

Likelihoods = Callable[[pl.DataFrame], np.ndarray]
Fit = Callable[[pl.DataFrame, Sequence[Feature], int, int], Likelihoods]


def prior(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """Say the average rate of everyone."""
    rate = base_rate(early["label"])
    return lambda late: np.full(late.height, rate)


def points(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """Derive a scorecard as an analyst would, calibrated: the stand-in for a mapping's rules."""
    return of_points(calibrated(default_points(early, features), early), early)


def of_points(rules: Points, early: pl.DataFrame) -> Likelihoods:
    rate = base_rate(early["label"])
    return lambda late: np.nan_to_num(rules.likelihood(late), nan=rate)


def naive(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """Naive Bayes as in Odoo: categories alone, a missing one as a value of its own."""
    bayes = naive_bayes.fit(_filled(early, features), features)
    return lambda late: bayes.likelihood(_filled(late, features))


def logistic(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """Logistic regression: categories one-hot from five rows on, numbers with their median for missing, scaled."""
    words = [feature.name for feature in features if feature.kind == "category"]
    numbers = [feature.name for feature in features if feature.kind != "category"]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    one_hot = OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist")
    columns = ColumnTransformer([("words", one_hot, words), ("numbers", scaled, numbers)])
    found = make_pipeline(columns, LogisticRegression(max_iter=500))
    found.fit(_plain(early, features), early["label"].to_numpy())
    return lambda late: np.asarray(found.predict_proba(_plain(late, features))[:, 1])


def light(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """LightGBM with its defaults, categories by code."""
    known = {
        feature.name: sorted(set(_filled(early, [feature])[feature.name].to_list()))
        for feature in features
        if feature.kind == "category"
    }
    trees = lightgbm.LGBMClassifier(random_state=seed, n_jobs=threads, verbose=-1)
    trees.fit(_coded(early, features, known), early["label"].to_numpy())
    return lambda late: np.asarray(trees.predict_proba(_coded(late, features, known)))[:, 1]


def cat(early: pl.DataFrame, features: Sequence[Feature], seed: int, threads: int) -> Likelihoods:
    """CatBoost with its defaults: a thousand trees."""
    label = early["label"].cast(pl.Int8).to_numpy()
    trees = CatBoostClassifier(random_seed=seed, thread_count=threads, allow_writing_files=False, verbose=0)
    trees.fit(to_pool(early, features, label))
    return lambda late: np.asarray(trees.predict_proba(to_pool(late, features)))[:, 1]


BASELINES: Mapping[str, Fit] = {
    "prior": prior,
    "points": points,
    "naive_bayes": naive,
    "logistic_regression": logistic,
    "lightgbm": light,
    "catboost_defaults": cat,
}


def _filled(frame: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    return frame.with_columns(pl.col(f.name).fill_null(MISSING) for f in features if f.kind == "category")


def _plain(frame: pl.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """Make scikit-learn's frame: objects for words, floats for the rest."""
    columns: dict[str, object] = {}
    for feature in features:
        series = frame[feature.name]
        if feature.kind == "category":
            columns[feature.name] = np.array(series.fill_null(MISSING).to_list(), dtype=object)
        else:
            values = series.cast(pl.Float64).to_numpy()
            columns[feature.name] = np.where(np.isinf(values), np.nan, values)
    return pd.DataFrame(columns, index=range(frame.height))


def _coded(frame: pl.DataFrame, features: Sequence[Feature], known: Mapping[str, list[str]]) -> pd.DataFrame:
    """Make LightGBM's frame, whose columns it wants named without punctuation."""
    columns: dict[str, object] = {}
    for place, feature in enumerate(features):
        series = frame[feature.name]
        if feature.name in known:
            codes = series.fill_null(MISSING).cast(pl.Enum(known[feature.name]), strict=False).to_physical()
            numbers = codes.cast(pl.Int32).fill_null(-1).to_numpy()
            columns[f"c{place}"] = pd.Categorical.from_codes(numbers, categories=known[feature.name])
        else:
            columns[f"c{place}"] = series.cast(pl.Float64).to_numpy()
    return pd.DataFrame(columns, index=range(frame.height))
