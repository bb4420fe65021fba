"""A few CatBoost models whose margins are averaged, a linear half and rules beside them, and a calibrator on top."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model.calibration import Calibrator
from model.features import Feature
from model.linear import Linear
from model.points import Points
from model.tabulated import Tabulated, tabulate


@dataclass(frozen=True)
class Ensemble:
    """Members are equal in weight; contributions average as margins do, so that reasons stay exact.

    learned = (1 - line_share) * mean of the members' margins + line_share * the linear half's;
    margin = (1 - rules_share) * learned + rules_share * the rules' (shrinking.py). `known` are the values of each
    category that the members have seen (codes.py gives them); `rules` look at `features` alone. `usual` has the middle
    value of each number and boolean that was never missing: it stands in where one is missing now, for nothing was
    learned of that, and trees would take it for the least of all.
    """

    members: tuple[CatBoostClassifier, ...]
    calibrator: Calibrator
    features: tuple[Feature, ...]
    known: dict[str, list[str]]
    line: Linear | None = None
    line_share: float = 0.0
    rules: Points | None = None
    rules_share: float = 0.0
    usual: dict[str, float] = field(default_factory=dict)

    @cached_property
    def tables(self) -> Tabulated:
        """The members as look-up tables, made when they are first asked for."""
        return tabulate(self.members, self.features, self.known)

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the margins (log-odds before calibration), float64 (n,), in the order of the rows."""
        margins = self._learned(self._filled(frame))
        if self.rules is None:
            return margins
        return (1 - self.rules_share) * margins + self.rules_share * self.rules.log_odds(frame)

    def likelihood(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the calibrated likelihoods, float64 (n,), in the order of the rows."""
        return self.calibrator.likelihood(self.margins(frame))

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the margins: (n, features) log-odds, and the base; row sum + base = margin.

        Source: Lundberg 2018, TreeSHAP; exact for each member and averaged. Of the linear half: its effects, centred
        on the rows it was learned from, which are its Shapley values. Of the rules: see `Points.contributions`.
        """
        filled = self._filled(frame)
        parts, base = self.tables.contributions(filled)
        if self.line is not None:
            parts, base = _between((parts, base), self.line.contributions(filled), self.line_share)
        if self.rules is not None:
            parts, base = _between((parts, base), self.rules.contributions(frame), self.rules_share)
        return parts, base

    def _filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        gaps = [name for name in self.usual if name in frame.columns and frame[name].null_count()]
        kinds = {name: frame[name].dtype for name in gaps}
        return frame.with_columns(pl.col(name).fill_null(pl.lit(self.usual[name]).cast(kinds[name])) for name in gaps)

    def _learned(self, frame: pl.DataFrame) -> np.ndarray:
        trees = self.tables.margins(frame)
        if self.line is None:
            return trees
        return (1 - self.line_share) * trees + self.line_share * self.line.margins(frame)


def _between(one: tuple[np.ndarray, float], other: tuple[np.ndarray, float], share: float) -> tuple[np.ndarray, float]:
    """Average two explanations; `share` is the weight of the other."""
    return (1 - share) * one[0] + share * other[0], (1 - share) * one[1] + share * other[1]
