"""Fitting one member: a CatBoost model in the shape that explains itself fast, stopped early or of a given size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from catboost import CatBoostClassifier, Pool

from model.features import Feature

# Sixty steps: with the default of fifteen a base rate of a tenth would use only three or four of them.
PRIOR = "Borders:CtrBorderCount=60:Prior=0.5/1"


def fit_member(
    learned: Pool,
    features: Sequence[Feature],
    *,
    trees: int,
    rate: float,
    seed: int,
    threads: int,
    shape: dict[str, Any],
    pairs: bool = False,
    stop_on: Pool | None = None,
    patience: int = 0,
) -> CatBoostClassifier:
    """Learn at most `trees` trees; with `stop_on`, as many as served best there."""
    bound = [feature.monotone for feature in features]
    member = CatBoostClassifier(
        iterations=trees,
        learning_rate=rate,
        loss_function="Logloss",
        max_ctr_complexity=2 if pairs else 1,
        simple_ctr=[PRIOR] if not pairs else None,
        combinations_ctr=[PRIOR] if not pairs else None,  # unused then; named so that CatBoost does not warn
        monotone_constraints=bound if any(bound) else None,
        random_seed=seed,
        thread_count=threads,
        allow_writing_files=False,
        verbose=0,
        **shape,
    )
    if stop_on is None:
        return member.fit(learned)
    return member.fit(learned, eval_set=stop_on, early_stopping_rounds=patience, use_best_model=True)


def mean_margins(members: Sequence[CatBoostClassifier], pool: Pool) -> np.ndarray:
    """Return the members' mean margins, float64 (n,)."""
    margins = [np.asarray(member.predict(pool, prediction_type="RawFormulaVal")) for member in members]
    return np.asarray(np.mean(margins, axis=0))
