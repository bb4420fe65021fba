"""The bag: a few CatBoost models whose margins (log-odds) are averaged, each with its exact split by feature."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from catboost import CatBoost, CatBoostClassifier

from model import leaves
from model.features import Feature
from model.pool import to_pool
from model.recipe import Member, Recipe

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

ROWS_AT_ONCE = 16_384  # leaf numbers of 16,384 rows and 1,500 trees are 100 MB


@dataclass(frozen=True, slots=True)
class Bag:
    """Fitted models, all over the same features in the same order."""

    features: tuple[Feature, ...]
    models: tuple[CatBoost, ...]
    tables: tuple[leaves.LeafTable, ...]

    @property
    def trees(self) -> tuple[int, ...]:
        """How many trees each model has."""
        return tuple(model.tree_count_ for model in self.models)

    @property
    def base_log_odds(self) -> float:
        """The margin before anything is known of a row: what its contributions are added to."""
        return float(np.mean([table.base_log_odds for table in self.tables]))


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows with their outcomes, in order of time."""

    frame: pl.DataFrame
    won: Labels


def fit_stopping(
    core: Slice, latest: Slice, features: Sequence[Feature], *, recipe: Recipe, seed: int, threads: int
) -> Bag:
    """Fit each member on `core`, keeping the number of trees at which it ranks `latest` best."""
    learn, watch = to_pool(core.frame, features, core.won), to_pool(latest.frame, features, latest.won)
    models = []
    for number, member in enumerate(recipe.members):
        model = _unfitted(member, features, trees=recipe.trees, seed=seed + number, threads=threads)
        model.fit(learn, eval_set=watch, early_stopping_rounds=recipe.patience, use_best_model=True)
        models.append(model)
    return assemble(features, models)


def fit_fixed(
    rows: Slice, features: Sequence[Feature], *, trees: Sequence[int], recipe: Recipe, seed: int, threads: int
) -> Bag:
    """Fit each member on all `rows` with the given numbers of trees."""
    learn = to_pool(rows.frame, features, rows.won)
    models = []
    for number, (member, count) in enumerate(zip(recipe.members, trees, strict=True)):
        model = _unfitted(member, features, trees=max(count, 1), seed=seed + number, threads=threads)
        model.fit(learn)
        models.append(model)
    return assemble(features, models)


def assemble(features: Sequence[Feature], models: Sequence[CatBoost]) -> Bag:
    """Return the bag of these models with their leaf tables."""
    return Bag(tuple(features), tuple(models), tuple(leaves.tabulate(splits(model)) for model in models))


def margins(bag: Bag, frame: pl.DataFrame, *, threads: int) -> Floats:
    """Return the averaged log-odds of each row, (n_rows,)."""
    if frame.height == 0:
        return np.zeros(0)
    pool = to_pool(frame, bag.features)
    each = [model.predict(pool, prediction_type="RawFormulaVal", thread_count=threads) for model in bag.models]
    return np.asarray(np.mean(each, axis=0), dtype=np.float64)


def contributions(bag: Bag, frame: pl.DataFrame, *, threads: int) -> Floats:
    """Split each row's margin by feature, exactly.

    Returns (n_rows, n_features) in log-odds, columns in the order of `bag.features`; row sum + base = margin.
    Source: Lundberg 2018, TreeSHAP with path weights; equal to CatBoost's own ShapValues.
    """
    totals = np.zeros((len(bag.features), frame.height))
    for start in range(0, frame.height, ROWS_AT_ONCE):
        part = frame.slice(start, ROWS_AT_ONCE)
        pool = to_pool(part, bag.features)
        for model, table in zip(bag.models, bag.tables, strict=True):
            numbers = np.ascontiguousarray(model.calc_leaf_indexes(pool, thread_count=threads).T)
            leaves.add(table, numbers, totals[:, start : start + part.height])
    return np.ascontiguousarray((totals / len(bag.models)).T)


def splits(model: CatBoost) -> dict[str, Any]:
    """Return CatBoost's own description of its trees: splits, leaf values, leaf weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        described: dict[str, Any] = json.loads(path.read_bytes())
    return described


def _unfitted(
    member: Member, features: Sequence[Feature], *, trees: int, seed: int, threads: int
) -> CatBoostClassifier:
    statistic = ["Borders:Prior=0.5/1"]
    return CatBoostClassifier(
        iterations=trees,
        depth=member.depth,
        learning_rate=member.learning_rate,
        loss_function="Logloss",
        eval_metric="AUC",
        leaf_estimation_iterations=1,
        max_ctr_complexity=1,
        simple_ctr=statistic,
        combinations_ctr=statistic,  # unused at complexity 1, but CatBoost prints a warning without it
        one_hot_max_size=member.one_hot,
        monotone_constraints={feature.name: feature.monotone for feature in features if feature.monotone} or None,
        random_seed=seed,
        thread_count=threads,
        allow_writing_files=False,
        logging_level="Silent",
    )
