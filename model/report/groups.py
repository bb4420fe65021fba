"""Cuts a column into a few groups that people can look at: the most frequent values, or bands of a number.

Rare values are pooled, so that no group tells of a single person.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from model.features import Feature
from model.rare import LEAST

MOST = 8  # values that are shown by name
BANDS = 4
UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows by what they hold: `rows` is a boolean mask. `pooled` counts the values that were put together."""

    name: str
    rows: np.ndarray
    pooled: int = 0


def groups(feature: Feature, column: pl.Series) -> list[Group]:
    """Cut rows by their values of a feature; every row is in one group, groups without rows are left out.

    Values come by their count, bands (quarters of the rows) in their order; then the rare, then the unknown.
    """
    bounds = _bounds(column) if feature.kind == "number" else np.array([])
    found = _bands(column, bounds) if len(bounds) else _values(column)
    missing = Group(UNKNOWN, column.is_null().to_numpy())
    return [group for group in [*found, missing] if group.rows.any()]


def shown(value: object) -> str:
    """Write a value as people do."""
    match value:
        case None:
            return UNKNOWN
        case "":
            return "(empty)"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.0f}" if abs(value) >= 1_000 or value.is_integer() else f"{value:.3g}"
        case _:
            return str(value)


def _values(column: pl.Series) -> list[Group]:
    counts = column.drop_nulls().alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    frequent = counts.filter(pl.col("count") >= LEAST)["value"].head(MOST).to_list()
    if column.dtype.is_numeric():
        frequent.sort()
    named = [Group(shown(value), (column == value).fill_null(value=False).to_numpy()) for value in frequent]
    rare = (~column.is_in(frequent) & column.is_not_null()).fill_null(value=False).to_numpy()
    pooled = counts.height - len(frequent)
    return [*named, Group(f"{pooled:,} other value{'s' if pooled > 1 else ''}", rare, pooled)]


def _bounds(column: pl.Series) -> np.ndarray:
    """Upper bounds of the bands: quantiles, without those that would leave a band empty. None for a few values."""
    finite = column.drop_nulls().to_numpy()
    finite = finite[np.isfinite(finite)]
    if len(np.unique(finite)) <= MOST:
        return np.array([])
    bounds = np.unique(np.quantile(finite, np.arange(1, BANDS) / BANDS))
    return np.asarray(bounds[bounds < finite.max()])


def _bands(column: pl.Series, bounds: np.ndarray) -> list[Group]:
    values = column.fill_null(float("nan")).to_numpy()
    place = np.where(np.isnan(values), -1, np.searchsorted(bounds, values, side="left"))
    words = [shown(float(bound)) for bound in bounds]
    names = [f"up to {words[0]}", *(f"{low} to {high}" for low, high in pairwise(words))]
    return [Group(name, place == number) for number, name in enumerate([*names, f"over {words[-1]}"])]
