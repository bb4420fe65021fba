"""How a model is learned: the shape of its trees, and the slices of time. One recipe for every customer.

Shallow oblivious trees with single-feature statistics cost almost nothing in quality on real lead tables, and make the
exact reasons cheap. A few configurations are stopped early on the latest slice, and their margins are averaged: that is
what held up when the market moved.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of the learner. Shares are of rows in the order of time."""

    test_share: float = 0.2
    latest_share: float = 0.2
    iterations: int = 500
    patience: int = 40
    members: tuple[dict[str, Any], ...] = field(
        default=(
            {"depth": 6, "learning_rate": 0.15},
            {"depth": 4, "learning_rate": 0.15},
            {"depth": 6, "learning_rate": 0.12, "rsm": 0.5},
        )
    )


QUICK = Recipe(
    iterations=60, patience=15, members=({"depth": 3, "learning_rate": 0.2}, {"depth": 4, "learning_rate": 0.2})
)
