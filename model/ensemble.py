"""A few CatBoost models whose margins are averaged, a linear half beside them, and a calibrator on top."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from catboost import CatBoostClassifier

from model.calibration import Calibrator
from model.features import Feature
from model.linear import Linear
from model.tabulated import Tabulated, tabulate


@dataclass(frozen=True)
class Ensemble:
    """Members are equal in weight; contributions average as margins do, so that reasons stay exact.

    margin = (1 - line_share) * mean of the members' margins + line_share * the linear half's. `known` are the values
    of each category that the members have seen (codes.py gives them).
    """

    members: tuple[CatBoostClassifier, ...]
    calibrator: Calibrator
    features: tuple[Feature, ...]
    known: dict[str, list[str]]
    line: Linear | None = None
    line_share: float = 0.0

    @cached_property
    def tables(self) -> Tabulated:
        """The members as look-up tables, made when they are first asked for."""
        return tabulate(self.members, self.features, self.known)

    def margins(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the margins (log-odds before calibration), float64 (n,), in the order of the rows."""
        trees = self.tables.margins(frame)
        if self.line is None:
            return trees
        return (1 - self.line_share) * trees + self.line_share * self.line.margins(frame)

    def likelihood(self, frame: pl.DataFrame) -> np.ndarray:
        """Return the calibrated likelihoods, float64 (n,), in the order of the rows."""
        return self.calibrator.likelihood(self.margins(frame))

    def contributions(self, frame: pl.DataFrame) -> tuple[np.ndarray, float]:
        """Explain the margins: (n, features) log-odds, and the base; row sum + base = margin.

        Source: Lundberg 2018, TreeSHAP; exact for each member and averaged. Of the linear half: its effects, centred
        on the rows it was learned from, which are its Shapley values.
        """
        parts, base = self.tables.contributions(frame)
        if self.line is None:
            return parts, base
        own, start = self.line.contributions(frame)
        share = self.line_share
        return (1 - share) * parts + share * own, (1 - share) * base + share * start
