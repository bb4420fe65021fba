"""The learner: from examples to an ensemble, with every choice made on rows that the choosing models had not seen.

1. Members are stopped early on the latest slice (without times: on rows held out by chance, in turn).
2. On those rows it is judged whether statistics of pairs are worth it, what the linear half weighs, and how margins
   become likelihoods. Where the market moved there are none of pairs: what few rows say is the first to be past.
3. All is learned again from all rows, with the numbers of trees that served best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model.calibration import calibrate, flat
from model.choices import has_signal, pairs_pay, share_held_out, share_in_time
from model.codes import known_values
from model.ensemble import Ensemble
from model.features import Feature
from model.fitting import Setting, Shape, Split, line, pool, recency, splits, stop
from model.rare import pooled
from model.recipe import Recipe
from model.trees_fit import fit_member, mean_margins

MOST_TREES_MORE = 1.1  # all rows bear a few more trees than the early ones


@dataclass(frozen=True, slots=True)
class Learned:
    """An ensemble and how it was chosen: plain values for the card."""

    ensemble: Ensemble
    choices: dict[str, object]


def fit(
    frame: pl.DataFrame,
    features: Sequence[Feature],
    *,
    recipe: Recipe,
    seed: int,
    threads: int,
    in_time: bool = True,
) -> Learned:
    """Learn from rows with label; in the order of time if `in_time`. Deterministic by its arguments.

    No category value that fewer than five of the rows hold is learned (rare.py).
    """
    frame = pooled(frame, features)
    label = frame["label"].cast(pl.Int8).to_numpy()
    setting = Setting(frame, tuple(features), label, recipe, seed, threads, in_time)
    weight = recency(label, recipe) if in_time else None
    tried = list(splits(setting))
    pairs = weight is None and pairs_pay(setting, tried[0])
    trees, held_out, margins = _stopped(setting, tried, weight, pairs=pairs)
    lines = np.concatenate([line(setting, early, weight).margins(frame[rows]) for early, rows in tried])
    late = label[held_out]
    share = share_in_time(setting, margins, lines, late) if in_time else share_held_out(margins, lines, late)
    margins = (1 - share) * margins + share * lines
    usable = has_signal(setting, margins, late)
    members = _members(setting, weight, trees, pairs=pairs)
    ensemble = Ensemble(
        members=members,
        calibrator=calibrate(margins, late, level_too=not in_time) if usable else flat(float(label.mean())),
        features=setting.features,
        known=known_values(frame, setting.features),
        line=line(setting, np.arange(len(label)), weight) if share else None,
        line_share=share,
        usual=_usual(frame, setting.features),
    )
    choices = {
        "recipe": recipe.name,
        "usable": usable,
        "trees": trees,
        "pairs": pairs,
        "linear_share": share,
        "calibration": ensemble.calibrator.kind,
        "recency": recipe.recency if weight is not None else 0.0,
    }
    return Learned(ensemble, choices)


def _usual(frame: pl.DataFrame, features: Sequence[Feature]) -> dict[str, float]:
    """Give the middle value of each number and boolean of which none is missing."""
    whole = [f.name for f in features if f.kind != "category" and frame[f.name].null_count() == 0]
    middles = frame.select(pl.col(name).cast(pl.Float64).quantile(0.5, "nearest") for name in whole)
    return {name: float(middle) for name, middle in zip(whole, middles.row(0), strict=True)} if whole else {}


def _stopped(
    setting: Setting, tried: Sequence[Split], weight: np.ndarray | None, *, pairs: bool
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Stop each member early; returns numbers of trees, the rows held out, and the members' mean margins there."""
    counts, margins = [], []
    for early, late in tried:
        members = [
            stop(setting, early, late, weight, shape=shape, seed=setting.seed + number, pairs=pairs)
            for number, shape in enumerate(_shapes(setting, weight))
        ]
        counts.append([member.tree_count_ for member in members])
        margins.append(mean_margins(members, pool(setting, late)))
    more = 1.0 if setting.in_time else MOST_TREES_MORE
    least = round(setting.recipe.least / setting.recipe.rate(len(setting.label)))
    trees = [max(least, round(more * float(count))) for count in np.mean(counts, axis=0)]
    return trees, np.concatenate([late for _, late in tried]), np.concatenate(margins)


def _shapes(setting: Setting, weight: np.ndarray | None) -> Sequence[Shape]:
    return setting.recipe.shapes(len(setting.label), moved=weight is not None)


def _members(
    setting: Setting, weight: np.ndarray | None, trees: Sequence[int], *, pairs: bool
) -> tuple[CatBoostClassifier, ...]:
    rows = np.arange(len(setting.label))
    learned = pool(setting, rows, weight)
    return tuple(
        fit_member(
            learned,
            setting.features,
            trees=count,
            rate=setting.recipe.rate(len(rows)),
            seed=setting.seed + number,
            threads=setting.threads,
            shape=shape,
            pairs=pairs,
        )
        for number, (shape, count) in enumerate(zip(_shapes(setting, weight), trees, strict=True))
    )
