"""Learning: a back-test forward in time for the card, then the same recipe on all rows for the scores to come."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import polars as pl

from model.card import card
from model.ensemble import Ensemble, fit
from model.errors import NotEnoughHistory
from model.features import Feature
from model.figures import figures
from model.model import Model
from model.recipe import Recipe
from model.reference import of

MIN_EXAMPLES = 200
MIN_EACH = 40

OnStep = Callable[[str, float], None]


def train(
    examples: pl.DataFrame,
    features: Sequence[Feature],
    *,
    seed: int,
    now: datetime,
    horizon_days: int,
    milestone: str,
    threads: int = 2,
    recipe: Recipe | None = None,
    on_step: OnStep | None = None,
) -> Model:
    """Learn a model from mature leads: id, created_at, label, and a column for each feature.

    The first four fifths in time teach, the last fifth judges: its figures are the card's, and nothing of it is used
    before. Then the recipe is run on all rows, with early stopping and calibration on their latest slice.
    Deterministic by rows, seed and now. Raises NotEnoughHistory in plain words.
    """
    recipe, step = recipe or Recipe(), on_step or (lambda _step, _share: None)
    rows = examples.sort("created_at", maintain_order=True)
    used = tuple(feature for feature in features if rows[feature.name].n_unique() > 1) if rows.height else ()
    _require_enough(rows, used)
    cut = int(rows.height * (1 - recipe.test_share))
    step("back-test", 0.0)
    tested = fit(rows[:cut], used, recipe=recipe, seed=seed, threads=threads)
    backtest = _backtest(tested, rows[cut:])
    step("back-test", 1.0)
    step("model", 0.0)
    ensemble = fit(rows, used, recipe=recipe, seed=seed, threads=threads)
    parts, base = ensemble.contributions(rows)
    step("model", 1.0)
    families = [
        [place for place, feature in enumerate(used) if feature.family == family] for family in ("fit", "engagement")
    ]
    reference = of(parts.sum(axis=1) + base, *(parts[:, places].sum(axis=1) + base for places in families))
    measured = figures(
        _labels(rows[cut:]), backtest["likelihood"].to_numpy(), base_rate=float(_labels(rows[:cut]).mean())
    )
    told = card(
        rows, cut, features, used, parts, backtest, measured,
        seed=seed, now=now, horizon_days=horizon_days, milestone=milestone, recipe=recipe,
    )  # fmt: skip
    return Model(
        _version(now, parts, told), told | {"version": _version(now, parts, told)}, ensemble, reference, backtest
    )


def _require_enough(rows: pl.DataFrame, used: Sequence[Feature]) -> None:
    wins = int(rows["label"].sum() or 0) if rows.height else 0
    if rows.height < MIN_EXAMPLES or wins < MIN_EACH or rows.height - wins < MIN_EACH:
        raise NotEnoughHistory(
            f"There are {rows.height} leads whose horizon has passed, {wins} of them won. "
            f"A model needs {MIN_EXAMPLES}, with {MIN_EACH} won and {MIN_EACH} not.",
            fix="Wait for more leads to end, pull more history, or choose an earlier milestone in the mapping.",
        )
    if not used:
        raise NotEnoughHistory(
            "Every mapped field holds the same value in all leads, so there is nothing to learn from.",
            fix="Map fields that are filled, and check that this user may see them.",
        )


def _labels(rows: pl.DataFrame) -> np.ndarray:
    return rows["label"].cast(pl.Int8).to_numpy()


def _backtest(tested: Ensemble, rows: pl.DataFrame) -> pl.DataFrame:
    likelihood = 1 / (1 + np.exp(-tested.margins(rows)))
    return rows.select("id", "label").with_columns(pl.Series("likelihood", likelihood, dtype=pl.Float64))


def _version(now: datetime, parts: np.ndarray, told: dict[str, object]) -> str:
    content = np.round(parts[:1_000], 6).tobytes() + json.dumps(told, sort_keys=True, default=str).encode()
    return f"{now:%Y%m%d}-{hashlib.sha256(content).hexdigest()[:8]}"
