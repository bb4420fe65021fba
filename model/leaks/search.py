"""A search for leaks on its way: what is looked at, what is left, and what was found."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from model.features import Feature
from model.leaks.finding import Finding


@dataclass(slots=True)
class Search:
    """Features leave `left` as findings are made of them; labels are 0 and 1. `tells`: each AUC alone, once known."""

    frame: pl.DataFrame
    features: dict[str, Feature]
    label: np.ndarray
    seed: int
    found: dict[str, Finding] = field(default_factory=dict)
    tells: dict[str, float] = field(default_factory=dict)

    @property
    def left(self) -> list[str]:
        return [name for name in self.features if name not in self.found]

    def numbers(self) -> list[str]:
        return [name for name in self.left if self.features[name].kind == "number"]

    def drop(self, name: str, sign: str, reason: str, **evidence: float) -> None:
        if name not in self.found:
            label = self.features[name].label
            self.found[name] = Finding(name, label, "dropped", sign, reason, evidence)


def two_way(flag: np.ndarray, label: np.ndarray) -> float:
    """Return the AUC of a yes or no: half of one more than the difference of both classes' rates."""
    if label.min() == label.max():
        return 0.5
    return float((1 + flag[label == 1].mean() - flag[label == 0].mean()) / 2)


def said(score: float) -> str:
    return f"AUC {max(score, 1 - score):.2f}"
