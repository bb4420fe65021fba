"""Naive Bayes as Odoo's scoring does it, on our examples: a baseline of every report.

An adapter around `odoo_pls`: each category and boolean is a scoring field, there are no teams, and every lead stands in
the same stage, which weighs nothing. Odoo cannot use numbers, so they are left out, as are values that are not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from model.features import Feature
from model.odoo_pls import HIGHEST, LOWEST, Frequencies, Stage, learn, log_odds

OPEN = Stage("open", 1)


@dataclass(frozen=True, slots=True)
class NaiveBayes:
    """What was counted, and the features that it was counted of."""

    features: tuple[Feature, ...]
    frequencies: Frequencies

    def likelihood(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the likelihood of each row, float64 (n,), from 0.0001 to 0.9999 as Odoo clamps it, not rounded."""
        odds = log_odds(self.frequencies, _leads(frame, self.features)).to_numpy()
        return np.asarray(np.clip(1 / (1 + np.exp(-odds)), LOWEST / 100, HIGHEST / 100))


def fit(examples: pl.DataFrame, features: Sequence[Feature]) -> NaiveBayes:
    """Count examples: `label`, and text or boolean columns for the features that are no numbers."""
    used = tuple(feature for feature in features if feature.kind != "number")
    leads = _leads(examples, used).with_columns(examples["label"].cast(pl.Boolean).alias("won"))
    return NaiveBayes(used, learn(leads, fields=_fields(used), stages=(OPEN,)))


def _leads(frame: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """Dress our rows as Odoo's leads. Fields are numbered, for a feature may be named as a column of Odoo's is."""
    fields = zip(features, _fields(features), strict=True)
    return frame.select(
        pl.repeat(None, pl.len(), dtype=pl.String).alias("team"),
        pl.repeat(OPEN.name, pl.len(), dtype=pl.String).alias("stage"),
        *(pl.col(feature.name).cast(pl.String).alias(field) for feature, field in fields),
    )


def _fields(features: Sequence[Feature]) -> list[str]:
    return [f"field {place}" for place in range(len(features))]
