"""Values that settle the outcome: where a field is empty, filled, or at its usual value, no lead (or each) got there.

What is known early moves the odds; only what was filled in afterwards settles them. On honest tables the purest such
value still had a fortieth of the outcomes that chance would give it; where it is afterwards, there are none.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

EXPECTED = 30  # of the outcome that is missing; fewer may be chance
LEFT = 0.01  # of those expected that may occur nevertheless: slips of the hand


@dataclass(frozen=True, slots=True)
class Settled:
    """`where` a field is ("empty", "filled", or its usual value), `seen` of `expected` leads had the `outcome`."""

    where: str
    outcome: int
    seen: int
    expected: float


def settles(column: pl.Series, label: np.ndarray) -> Settled | None:
    """Find the rows that the field settles, or nothing. `label` is 0 or 1 for each row."""
    empty = column.is_null().to_numpy()
    sides = [("empty", empty), ("filled", ~empty)]
    known = column.drop_nulls()
    if column.dtype.is_numeric() and len(known):
        usual = known.mode().sort()[0]
        sides.append((f"{usual:g}", (column == usual).fill_null(value=False).to_numpy()))
    found = [one for where, rows in sides if (one := _missing_outcome(where, rows, label))]
    return max(found, key=lambda one: one.expected, default=None)


def _missing_outcome(where: str, rows: np.ndarray, label: np.ndarray) -> Settled | None:
    wins, share = int(label[rows].sum()), float(label.mean())
    for outcome, seen, rate in ((1, wins, share), (0, int(rows.sum()) - wins, 1 - share)):
        expected = float(rows.sum()) * rate
        if expected >= EXPECTED and seen <= LEFT * expected and not rows.all():
            return Settled(where, outcome, seen, expected)
    return None


EACH_WAY = 10  # of the outcome expected at a value: fewer than above, for here two values must agree on it
MOST_VALUES = 200


def settles_both_ways(column: pl.Series, label: np.ndarray) -> tuple[str, str] | None:
    """Find a value with which all leads got there, and one with which none did: a status in whatever language."""
    counted = (
        pl.DataFrame({"value": column, "won": label.astype(np.int64)})
        .drop_nulls()
        .group_by("value")
        .agg(pl.len().alias("rows"), pl.col("won").sum())
        .sort("rows", "value", descending=[True, False])
    )
    if counted.height > MOST_VALUES:
        return None
    share = float(label.mean())
    lost = pl.col("rows") - pl.col("won")
    never = counted.filter((pl.col("rows") * share >= EACH_WAY) & (pl.col("won") <= LEFT * pl.col("rows") * share))
    always = counted.filter((pl.col("rows") * (1 - share) >= EACH_WAY) & (lost <= LEFT * pl.col("rows") * (1 - share)))
    return (str(always["value"][0]), str(never["value"][0])) if always.height and never.height else None
