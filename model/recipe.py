"""How a model is made: the same for every table, tuned for none.

A small bag of CatBoost models of shallow oblivious trees, each stopped early on the latest slice of time, their
margins averaged. Categories enter one at a time (`max_ctr_complexity=1`), so each split belongs to one feature and
reasons are exact. Early stopping watches the AUC: under a changing win rate the log-loss would stop on the rate, which
the calibration corrects afterwards anyway. One gradient step per leaf and one prior per category statistic halve the
time at equal quality. Sizes and figures: README.md, "How good".
"""

from dataclasses import dataclass

MIN_EXAMPLES = 200
MIN_WINS = 40
MIN_OTHERS = 40


@dataclass(frozen=True, slots=True)
class Member:
    """One model of the bag. Categories with up to `one_hot` values are split by value, others by their win rate."""

    depth: int
    one_hot: int
    learning_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """Sizes of the procedure. `held_out` and `latest` are shares of rows at the end of their stretch of time."""

    members: tuple[Member, ...]
    trees: int
    patience: int
    held_out: float = 0.2
    latest: float = 0.2
    min_examples: int = MIN_EXAMPLES
    min_wins: int = MIN_WINS
    min_others: int = MIN_OTHERS


DEFAULT = Recipe(
    members=(Member(depth=6, one_hot=2), Member(depth=4, one_hot=2), Member(depth=6, one_hot=255)),
    trees=500,
    patience=40,
)
FAST = Recipe(members=(Member(depth=3, one_hot=2), Member(depth=2, one_hot=255)), trees=30, patience=10)
"""For tests: seconds become tenths."""
