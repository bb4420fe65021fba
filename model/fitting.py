"""What the learner fits: members that are stopped early, the linear half, and the rows and weights to fit them on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from catboost import CatBoostClassifier, Pool

from model import linear
from model.features import Feature
from model.pool import to_pool
from model.recipe import Recipe
from model.splits import crossed, without_groups_of
from model.trees_fit import fit_member

LEAST_APART = 0.5
SURE = 2.0  # standard errors from which a change of the base rate is more than chance
Split = tuple[np.ndarray, np.ndarray]
Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What to learn from, and how: rows in the order of time if `in_time`, with their labels as 0 and 1."""

    frame: pl.DataFrame
    features: tuple[Feature, ...]
    label: np.ndarray
    recipe: Recipe
    seed: int
    threads: int
    in_time: bool


def recency(label: np.ndarray, recipe: Recipe) -> np.ndarray | None:
    """Weigh new rows more where the market has moved: the latest slice surely wins at another rate than all before."""
    cut = int(len(label) * (1 - recipe.latest_share))
    parts = label[:cut], label[cut:]
    before, latest = (_log_odds(part) for part in parts)
    noise = SURE * np.sqrt(sum(_variance(part) for part in parts))
    if abs(latest - before) < max(recipe.moved, noise):
        return None
    return np.asarray(np.exp(recipe.recency * (np.arange(len(label)) / len(label) - 1)))


def _log_odds(label: np.ndarray) -> float:
    rate = (label.sum() + 0.5) / (len(label) + 1)
    return float(np.log(rate / (1 - rate)))


def _variance(label: np.ndarray) -> float:
    """Give the variance of these log-odds (Woolf 1955): one over the wins, and one over the losses."""
    wins = label.sum() + 0.5
    return float(1 / wins + 1 / (len(label) + 1 - wins))


def splits(setting: Setting) -> Iterator[Split]:
    """Give (early, late) rows: one split in time, or some by chance, so that all rows are late once on small data.

    Rows that share a group (column `group`: a company, a person who is there twice) are never on both sides.
    """
    rows, group = len(setting.label), setting.frame.get_column("group", default=None)
    if setting.in_time:
        cut = int(rows * (1 - setting.recipe.latest_share))
        yield _apart(setting, group, np.arange(max(0, cut - setting.recipe.stop_rows), cut), np.arange(cut, rows))
        return
    if rows <= setting.recipe.fold_rows:
        turns = wanted = setting.recipe.folds
    else:
        turns, wanted = round(1 / setting.recipe.latest_share), 1
    known = None if group is None or group.null_count() == rows else group
    for number, (early, late) in enumerate(crossed(setting.label, known, folds=turns, seed=setting.seed)):
        if number < wanted:
            yield early[-setting.recipe.stop_rows :], late


def _apart(setting: Setting, group: pl.Series | None, early: np.ndarray, late: np.ndarray) -> Split:
    """Leave out of the early rows those whose group is late, too.

    Where one giant company would leave less than half of them, or only wins or losses, the late ones make way instead.
    """
    apart = without_groups_of(group, early, late)
    if len(apart) >= len(early) * LEAST_APART and len(np.unique(setting.label[apart])) > 1:
        return apart, late
    rest = without_groups_of(group, late, early)
    return (early, rest) if len(np.unique(setting.label[rest])) > 1 else (early, late)


def stop(
    setting: Setting,
    early: np.ndarray,
    late: np.ndarray,
    weight: np.ndarray | None,
    *,
    shape: Shape,
    seed: int,
    pairs: bool = False,
) -> CatBoostClassifier:
    recipe = setting.recipe
    return fit_member(
        pool(setting, early, weight),
        setting.features,
        trees=recipe.trees(len(setting.label)),
        rate=recipe.rate(len(setting.label)),
        seed=seed,
        threads=setting.threads,
        shape=shape,
        pairs=pairs,
        stop_on=pool(setting, late),
        patience=recipe.patience,
    )


def line(setting: Setting, rows: np.ndarray, weight: np.ndarray | None) -> linear.Linear:
    own = None if weight is None else weight[rows]
    return linear.fit(setting.frame[rows], setting.features, setting.label[rows], own)


def pool(setting: Setting, rows: np.ndarray, weight: np.ndarray | None = None) -> Pool:
    own = None if weight is None else weight[rows]
    return to_pool(setting.frame[rows], setting.features, setting.label[rows], weight=own)


def losses(margins: np.ndarray, label: np.ndarray) -> np.ndarray:
    return np.asarray(np.logaddexp(0, margins) - label * margins)
