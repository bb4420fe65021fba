"""How won points fade with the days since a lead last did something."""

import numpy as np
import polars as pl

from model.features import Feature


def remaining(age: pl.Series, half_life_days: float) -> np.ndarray:
    """Tell which share of won engagement is left; all of it where the age is not known."""
    days = age.cast(pl.Float64).fill_nan(None).fill_null(0.0).clip(lower_bound=0.0).to_numpy()
    return np.asarray(np.exp2(-days / half_life_days))


def faded(feature: Feature, points: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Fade what engagement won; what it lost stays, or a lead would become better by silence."""
    return points * np.where(points > 0, factor, 1.0) if feature.family == "engagement" else points
