"""How a model is learned: the shape of its trees, the slices of time, and when to trust what. One recipe for everyone.

Beside it stands a quick one, which learns in half the time and ranks worse: for trials, and for tests of the rest.

Shallow oblivious trees with single-feature statistics cost almost nothing in quality on real lead tables, and make the
exact reasons cheap. A few configurations are stopped early on the latest slice, learned again from all rows with as
many trees as held there, and their margins are averaged; a linear half joins them where it tells nearly as much.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of the learner. Shares are of rows in the order of time.

    - `name`: what the installation's setting and the model's card call it.
    - `rates`: the learning rate for at most so many rows; more rows bear larger steps.
    - `linear_share`: the weight of the linear half, given when it explains at least `linear_skill` of what the trees
      explain (share of the prior's log-loss) on rows of the same time, and its log-loss on the latest slice, which it
      has not seen, is at most `linear_worse` times theirs.
    - `signal`: the lower end of the AUC's interval from which a ranking is of any use.
    - `moved`: the change of the base rate, in log-odds, from which the market counts as moved; then the newest rows
      weigh exp(`recency`) times as much as the oldest.
    - `least`: trees times rate go at least so far, because a slice unlike all before would stop at once.
    - `judge_rows` and `stop_rows`: the most rows that choices are made on, and that members are stopped early with.
    - `members_of_many`: where rows are many, a value has rows enough to be told apart by itself, if its category has at
      most `one_hot_max_size`. CatBoost's statistics know 15 steps, of which rare outcomes use three or four.
    - `moved_members`: how often each shape is learned, with other seeds, where the market moved and rows are few: such
      members stop after some dozens of trees, and where to stop and how to calibrate is left to less chance by more.
    - `pairs_gain`: the share of log-loss by which statistics of pairs must be better to be worth slower reasons.
    """

    name: str = "full"
    test_share: float = 0.2
    latest_share: float = 0.2
    iterations: int = 1_500
    iterations_of_most: int = 300
    most_rows: int = 300_000
    patience: int = 40
    rates: tuple[tuple[int, float], ...] = ((20_000, 0.03), (100_000, 0.06), (300_000, 0.15), (10**12, 0.25))
    fold_rows: int = 12_000
    folds: int = 4
    linear_share: float = 0.5
    linear_skill: float = 0.7
    linear_worse: float = 1.15
    signal: float = 0.55
    recency: float = 3.0
    moved: float = 0.5
    moved_members: int = 3
    pairs_gain: float = 0.01
    judge_rows: int = 30_000
    stop_rows: int = 100_000
    least: float = 1.3
    many_rows: int = 40_000
    members: tuple[dict[str, Any], ...] = field(default=({"depth": 6, "rsm": 0.4}, {"depth": 4}, {"depth": 6}))
    members_of_many: tuple[dict[str, Any], ...] = field(
        default=({"depth": 6, "one_hot_max_size": 60}, {"depth": 4, "one_hot_max_size": 60})
    )

    def shapes(self, rows: int, *, moved: bool) -> tuple[dict[str, Any], ...]:
        if rows > self.many_rows:
            return self.members_of_many
        return self.members * self.moved_members if moved else self.members

    def trees(self, rows: int) -> int:
        return self.iterations if rows <= self.most_rows else self.iterations_of_most

    def rate(self, rows: int) -> float:
        return next(rate for most, rate in self.rates if rows <= most)


QUICK = Recipe(
    name="quick",
    iterations=60,
    patience=15,
    folds=2,
    rates=((10**12, 0.2),),
    members=({"depth": 3}, {"depth": 4}),
    members_of_many=({"depth": 4},),
)
RECIPES = {recipe.name: recipe for recipe in (Recipe(), QUICK)}
