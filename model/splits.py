"""Splits into rows that teach and rows that judge: forward in time, and never one company on both sides."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split


@dataclass(frozen=True, slots=True)
class Split:
    """Places of rows. `learned` are in the order of time if `in_time`; `left_out` shared a group with `tested`."""

    learned: np.ndarray
    tested: np.ndarray
    in_time: bool
    left_out: int = 0


def later(rows: pl.DataFrame, *, share: float, seed: int, in_order: bool = False) -> Split:
    """Test on the latest share; rows are in the order of created_at. Where no time is known, chance draws the share.

    `in_order` says that they are in the order of time though created_at is not known.

    Leads of a tested company (column `group`) are not learned from.
    """
    places = np.arange(rows.height)
    if rows["created_at"].null_count() == rows.height and not in_order:
        label = rows["label"].cast(pl.Int8).to_numpy()
        learned, tested = train_test_split(places, test_size=share, random_state=seed, stratify=label)
        learned, tested, in_time = np.sort(learned), np.sort(tested), False
    else:
        cut = int(rows.height * (1 - share))
        learned, tested, in_time = places[:cut], places[cut:], True
    apart = without_groups_of(rows["group"] if "group" in rows.columns else None, learned, tested)
    return Split(apart, tested, in_time, len(learned) - len(apart))


def without_groups_of(group: pl.Series | None, learned: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Leave out of `learned` the rows whose group is tested; a row without a group is on its own."""
    if group is None or group.null_count() == len(group):
        return learned
    shared = group[learned].is_in(group[tested].drop_nulls().unique().implode()).fill_null(value=False).to_numpy()
    return np.asarray(learned[~shared])


def crossed(
    label: np.ndarray, group: pl.Series | None, *, folds: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split by chance into (learned, tested), each row tested once, the classes alike, groups whole."""
    if group is None:
        return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(label, label))
    groups = group.cast(pl.String).fill_null(pl.Series([f"\0{place}" for place in range(len(group))])).to_numpy()
    return list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(label, label, groups))


FOLD_SEED = 7
FORWARD_SHARE = 0.2


def forward(rows: pl.DataFrame) -> Split:
    """Learn from the first four fifths of rows in the order of time, test on the rest."""
    cut = int(rows.height * (1 - FORWARD_SHARE))
    learned, tested = np.arange(cut), np.arange(cut, rows.height)
    apart = without_groups_of(rows["group"], learned, tested)
    return Split(apart, tested, in_time=True, left_out=len(learned) - len(apart))


def five_fold(rows: pl.DataFrame, *, seed: int) -> list[Split]:
    """Split by chance into five, each row tested once."""
    label = rows["label"].cast(pl.Int8).to_numpy()
    group = rows["group"] if rows["group"].null_count() < rows.height else None
    return [Split(learned, tested, in_time=False) for learned, tested in crossed(label, group, folds=5, seed=seed)]
