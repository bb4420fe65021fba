"""Vectorised draws that several parts of the world share. All randomness comes from the generator that is passed in."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY_MS = 86_400_000


def indexes(rng: np.random.Generator, count: int, weights: Sequence[float] | Floats) -> Ints:
    """Draw `count` positions in `weights`, each as likely as its weight."""
    steps = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(steps, rng.random(count) * steps[-1], side="right")
    return np.asarray(np.minimum(drawn, len(steps) - 1), dtype=np.int64)


def picked(words: Sequence[str | None], positions: Ints) -> pl.Series:
    """Give the word at each position, as a String series."""
    return pl.Series(words, dtype=pl.String).gather(pl.Series(positions, dtype=pl.Int64).cast(pl.UInt32))


def holed(rng: np.random.Generator, values: pl.Series, share: float) -> pl.Series:
    """Make a share of the values null, whatever they are."""
    return masked(values, rng.random(len(values)) < share)


def masked(values: pl.Series, hidden: Bools) -> pl.Series:
    """Make the values null where `hidden`."""
    nothing = pl.Series([None], dtype=values.dtype)
    return values.zip_with(pl.Series(~hidden), nothing.new_from_index(0, len(values)))


def instants(milliseconds: Floats | Ints) -> pl.Series:
    """Give datetime[us, UTC] in whole milliseconds; NaN becomes null."""
    values = np.asarray(milliseconds, dtype=np.float64)
    known = np.isfinite(values)
    whole = pl.Series(np.where(known, values, 0.0).astype(np.int64)) * 1000
    return masked(whole.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), ~known)


def sigmoid(values: Floats) -> Floats:
    """Turn log-odds into probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float64)
