"""The learner: from examples to an ensemble, with every choice made on rows that the choosing models had not seen.

1. Members are stopped early on the latest slice (without times: on rows held out by chance, in turn).
2. On those rows it is judged whether statistics of pairs are worth it, what the linear half weighs, and how margins
   become likelihoods.
3. All is learned again from all rows, with the numbers of trees that served best.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from catboost import CatBoostClassifier, Pool
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from model import linear
from model.calibration import calibrate, flat, level_for
from model.codes import known_values
from model.ensemble import Ensemble
from model.features import Feature
from model.figures import auc_interval
from model.pool import to_pool
from model.recipe import Recipe
from model.trees_fit import fit_member, mean_margins

Split = tuple[np.ndarray, np.ndarray]
Shape = dict[str, Any]
WEIGHTS = (0.0, 0.25, 0.5)  # that the linear half may have where no time tells
MOST_TREES_MORE = 1.1  # all rows bear a few more trees than the early ones


@dataclass(frozen=True, slots=True)
class Learned:
    """An ensemble and how it was chosen: plain values for the card."""

    ensemble: Ensemble
    choices: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Setting:
    frame: pl.DataFrame
    features: tuple[Feature, ...]
    label: np.ndarray
    recipe: Recipe
    seed: int
    threads: int
    in_time: bool


def fit(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    *,
    recipe: Recipe,
    seed: int,
    threads: int,
    in_time: bool = True,
) -> Learned:
    """Learn from rows with label; in the order of time if `in_time`. Deterministic by its arguments."""
    label = frame["label"].cast(pl.Int8).to_numpy()
    setting = _Setting(frame, tuple(features), label, recipe, seed, threads, in_time)
    weight = _recency(label, recipe) if in_time else None
    splits = list(_splits(setting))
    pairs = _pairs_pay(setting, splits[0], weight)
    trees, held_out, margins = _stopped(setting, splits, weight, pairs=pairs)
    lines = np.concatenate([_line(setting, early, weight).margins(frame[late]) for early, late in splits])
    late = label[held_out]
    share = _share_in_time(setting, margins, lines, late) if in_time else _share_held_out(margins, lines, late)
    margins = (1 - share) * margins + share * lines
    usable = _has_signal(setting, margins, late)
    members = _members(setting, np.arange(len(label)), weight, trees, pairs=pairs)
    ensemble = Ensemble(
        members=members,
        calibrator=calibrate(margins, late) if usable else flat(float(label.mean())),
        features=setting.features,
        known=known_values(frame, setting.features),
        line=_line(setting, np.arange(len(label)), weight) if share else None,
        line_share=share,
    )
    choices = {
        "usable": usable,
        "trees": trees,
        "pairs": pairs,
        "linear_share": share,
        "calibration": ensemble.calibrator.kind,
        "recency": recipe.recency if weight is not None else 0.0,
    }
    return Learned(ensemble, choices)


def _recency(label: np.ndarray, recipe: Recipe) -> np.ndarray | None:
    """Weigh new rows more where the market has moved: the latest slice wins at another rate than all before."""
    cut = int(len(label) * (1 - recipe.latest_share))
    before, latest = (_log_odds(part) for part in (label[:cut], label[cut:]))
    if abs(latest - before) < recipe.moved:
        return None
    return np.asarray(np.exp(recipe.recency * (np.arange(len(label)) / len(label) - 1)))


def _log_odds(label: np.ndarray) -> float:
    rate = (label.sum() + 0.5) / (len(label) + 1)
    return float(np.log(rate / (1 - rate)))


def _splits(setting: _Setting) -> Iterator[Split]:
    """Give (early, late) rows: one split in time, or some by chance, so that all rows are late once on small data."""
    rows = len(setting.label)
    if setting.in_time:
        cut = int(rows * (1 - setting.recipe.latest_share))
        yield np.arange(max(0, cut - setting.recipe.stop_rows), cut), np.arange(cut, rows)
        return
    if rows <= setting.recipe.fold_rows:
        turns = wanted = setting.recipe.folds
    else:
        turns, wanted = round(1 / setting.recipe.latest_share), 1
    folds = StratifiedKFold(turns, shuffle=True, random_state=setting.seed).split(setting.label, setting.label)
    for number, (early, late) in enumerate(folds):
        if number < wanted:
            yield early[-setting.recipe.stop_rows :], late


def _pairs_pay(setting: _Setting, split: Split, weight: np.ndarray | None) -> bool:
    """Judge whether statistics of pairs of categories are better by more than chance, and by enough."""
    categories = sum(feature.kind == "category" for feature in setting.features)
    early, late = split
    if categories < 2 or len(late) < 1_000:
        return False
    early = early[-setting.recipe.judge_rows :]
    shape: Shape = {"depth": 6}
    stopped = [_stop(setting, early, late, weight, shape=shape, seed=setting.seed, pairs=way) for way in (False, True)]
    pool = _pool(setting, late)
    losses = [_losses(mean_margins([member], pool), setting.label[late]) for member in stopped]
    gain = losses[0] - losses[1]
    spread = float(gain.std()) / np.sqrt(len(gain))
    return bool(gain.mean() > 2 * spread and gain.mean() > setting.recipe.pairs_gain * losses[0].mean())


def _stopped(
    setting: _Setting, splits: Sequence[Split], weight: np.ndarray | None, *, pairs: bool
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Stop each member early; returns numbers of trees, the rows held out, and the members' mean margins there."""
    counts, margins = [], []
    for early, late in splits:
        members = [
            _stop(setting, early, late, weight, shape=shape, seed=setting.seed + number, pairs=pairs)
            for number, shape in enumerate(setting.recipe.shapes(len(setting.label)))
        ]
        counts.append([member.tree_count_ for member in members])
        margins.append(mean_margins(members, _pool(setting, late)))
    more = 1.0 if setting.in_time else MOST_TREES_MORE
    least = round(setting.recipe.least / setting.recipe.rate(len(setting.label)))
    trees = [max(least, round(more * float(count))) for count in np.mean(counts, axis=0)]
    return trees, np.concatenate([late for _, late in splits]), np.concatenate(margins)


def _stop(
    setting: _Setting,
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
        _pool(setting, early, weight),
        setting.features,
        trees=recipe.trees(len(setting.label)),
        rate=recipe.rate(len(setting.label)),
        seed=seed,
        threads=setting.threads,
        shape=shape,
        pairs=pairs,
        stop_on=_pool(setting, late),
        patience=recipe.patience,
    )


def _members(
    setting: _Setting, rows: np.ndarray, weight: np.ndarray | None, trees: Sequence[int], *, pairs: bool
) -> tuple[CatBoostClassifier, ...]:
    pool = _pool(setting, rows, weight)
    return tuple(
        fit_member(
            pool,
            setting.features,
            trees=count,
            rate=setting.recipe.rate(len(rows)),
            seed=setting.seed + number,
            threads=setting.threads,
            shape=shape,
            pairs=pairs,
        )
        for number, (shape, count) in enumerate(zip(setting.recipe.shapes(len(setting.label)), trees, strict=True))
    )


def _has_signal(setting: _Setting, margins: np.ndarray, label: np.ndarray) -> bool:
    """Tell whether margins surely rank rows that were not learned from better than chance.

    On the latest slice or, where the market may have moved, among rows of the same time.
    """
    if _ranks(margins, label, setting.recipe.signal):
        return True
    if not setting.in_time:
        return False
    _, late, label = _today(setting)
    return _ranks(_trees_today(setting), label, setting.recipe.signal) if len(late) else False


def _ranks(margins: np.ndarray, label: np.ndarray, least: float) -> bool:
    if label.min() == label.max():
        return False
    wins = int(label.sum())
    return auc_interval(float(roc_auc_score(label, margins)), wins=wins, losses=len(label) - wins)[0] >= least


def _share_in_time(setting: _Setting, margins: np.ndarray, lines: np.ndarray, latest: np.ndarray) -> float:
    """Weigh the linear half by what it explains of the same time, unless it went astray on the latest slice."""
    recipe = setting.recipe
    if _losses(lines, latest).mean() > recipe.linear_worse * _losses(margins, latest).mean():
        return 0.0
    levelled = [_losses(found + level_for(found, latest), latest).mean() for found in (lines, margins)]
    if levelled[0] <= levelled[1]:
        return recipe.linear_share
    early, late, label = _today(setting)
    if not len(late):
        return 0.0
    told = _trees_today(setting), _line(setting, early, None).margins(setting.frame[late])
    skills = [_skill(margin, label) for margin in told]
    return recipe.linear_share if skills[1] >= recipe.linear_skill * skills[0] else 0.0


def _today(setting: _Setting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split some rows by chance, whatever their time: early, late, and the late ones' labels; none if all are alike."""
    rows = np.random.default_rng(setting.seed).permutation(len(setting.label))[: setting.recipe.judge_rows]
    cut = int(len(rows) * (1 - setting.recipe.latest_share))
    early, late = rows[:cut], rows[cut:]
    label = setting.label[late]
    return (early, late, label) if label.min() != label.max() else (early, late[:0], label[:0])


def _trees_today(setting: _Setting) -> np.ndarray:
    early, late, _ = _today(setting)
    member = _stop(setting, early, late, None, shape={"depth": 6}, seed=setting.seed)
    return mean_margins([member], _pool(setting, late))


def _share_held_out(margins: np.ndarray, lines: np.ndarray, label: np.ndarray) -> float:
    """Weigh the linear half by what served best on the rows held out, if that is more than chance."""
    alone = _losses(margins, label)
    losses = {share: _losses((1 - share) * margins + share * lines, label) for share in WEIGHTS}
    best = min(losses, key=lambda share: float(losses[share].mean()))
    gain = alone - losses[best]
    return best if gain.mean() > gain.std() / np.sqrt(len(gain)) else 0.0


def _losses(margins: np.ndarray, label: np.ndarray) -> np.ndarray:
    return np.asarray(np.logaddexp(0, margins) - label * margins)


def _skill(margins: np.ndarray, label: np.ndarray) -> float:
    """Tell which share of the prior's log-loss the margins save."""
    rate = label.mean()
    prior = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    return float(1 - _losses(margins, label).mean() / prior)


def _line(setting: _Setting, rows: np.ndarray, weight: np.ndarray | None) -> linear.Linear:
    own = None if weight is None else weight[rows]
    return linear.fit(setting.frame[rows], setting.features, setting.label[rows], own)


def _pool(setting: _Setting, rows: np.ndarray, weight: np.ndarray | None = None) -> Pool:
    own = None if weight is None else weight[rows]
    return to_pool(setting.frame[rows], setting.features, setting.label[rows], weight=own)
