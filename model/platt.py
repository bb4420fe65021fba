"""Platt's line: from a model's own scale to log-odds, fitted on outcomes so that it never falls.

Source: Platt 1999, with his smoothed targets; Newton's steps, halved until they help (Lin, Lin and Weng 2007).
"""

from dataclasses import dataclass

import numpy as np

STEPS = 50
HALVINGS = 30
RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Line:
    """log-odds = slope * value + offset."""

    slope: float
    offset: float

    def log_odds(self, values: np.ndarray) -> np.ndarray:
        return self.slope * values + self.offset


def fit_line(values: np.ndarray, labels: np.ndarray) -> Line:
    """Fit the line on values, float64 (n,), and labels, bool (n,), of both outcomes. The slope is never below zero.

    The smoothed targets keep it finite where the values part the outcomes without error.
    """
    won, lost = float(labels.sum()), float((~labels).sum())
    targets = np.where(labels, (won + 1) / (won + 2), 1 / (lost + 2))
    centre, spread = float(values.mean()), float(values.std())
    share = float(targets.mean())
    flat = Line(0.0, float(np.log(share / (1 - share))))
    if spread == 0:
        return flat
    slope, offset = _newton((values - centre) / spread, targets, np.array([0.0, flat.offset]))
    return Line(slope / spread, offset - slope * centre / spread) if slope > 0 else flat


def _newton(values: np.ndarray, targets: np.ndarray, start: np.ndarray) -> tuple[float, float]:
    """Minimise the log-loss from `start` (slope, offset)."""
    columns, found = np.column_stack([values, np.ones(len(values))]), start
    for _ in range(STEPS):
        likelihood = 1 / (1 + np.exp(-columns @ found))
        gradient = columns.T @ (likelihood - targets)
        bend = (columns.T * (likelihood * (1 - likelihood))) @ columns + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, gradient)
        loss = _loss(columns @ found, targets)
        sizes = (0.5**halving for halving in range(HALVINGS))
        better = next(
            (found - size * step for size in sizes if _loss(columns @ (found - size * step), targets) < loss), None
        )
        if better is None:
            break
        found = better
    return float(found[0]), float(found[1])


def _loss(margins: np.ndarray, targets: np.ndarray) -> float:
    return float(np.sum(np.logaddexp(0, margins) - targets * margins))
