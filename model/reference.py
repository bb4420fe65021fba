"""The frozen reference population: what a rank and a grade are relative to, so that they mean the same next week."""

from dataclasses import dataclass

import numpy as np

GRADES = ("A", "B", "C", "D")
SHARES = (
    0.10,
    0.20,
    0.30,
)  # of the reference: the top tenth is A, the next fifth B, the next three tenths C, the rest D


@dataclass(frozen=True)
class Reference:
    """Quantiles of the margins in the reference: at 1,001 even places, for each of three margins."""

    total: np.ndarray
    fit: np.ndarray
    engagement: np.ndarray

    @property
    def bounds(self) -> np.ndarray:
        """The margins from which A, B and C begin."""
        places = np.linspace(0, 1, len(self.total))
        return np.asarray(np.interp(1 - np.cumsum(SHARES), places, self.total))


def of(total: np.ndarray, fit: np.ndarray, engagement: np.ndarray) -> Reference:
    """Freeze a population's margins."""
    places = np.linspace(0, 1, 1_001)
    return Reference(*(np.quantile(margins, places) for margins in (total, fit, engagement)))


def ranks(margins: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Rank margins from 1 to 99: never falling with the margin, ties equal."""
    below = np.searchsorted(quantiles, margins, side="left")
    upto = np.searchsorted(quantiles, margins, side="right")
    share = (below + upto) / 2 / len(quantiles)
    return np.clip(np.floor(1 + share * 99), 1, 99).astype(np.int16)


def grades(margins: np.ndarray, reference: Reference) -> list[str]:
    """Grade margins by the frozen bounds."""
    places = np.searchsorted(-reference.bounds, -margins, side="left")
    return [GRADES[place] for place in places]
