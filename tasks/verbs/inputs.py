"""The feature values that a score was made from, as they are kept beside it: a JSON object by the feature's name."""

from collections.abc import Sequence

import polars as pl
from polars.exceptions import ComputeError

from model.features import Feature
from model.model import kinds


def packed(frame: pl.DataFrame, features: Sequence[Feature]) -> list[str]:
    """Write each row's values of these features, in the order of the rows; null is what is not known."""
    names = [feature.name for feature in features]
    return frame.select(pl.struct(names).struct.json_encode().alias("inputs"))["inputs"].to_list()


def unpacked(texts: Sequence[str], now: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """Read what `packed` wrote of the same leads as in `now`, in its order: a column for each feature.

    A feature that was none then, or of another kind, gets the value that it has now: what it changes is due to the
    model that has begun to look at it.
    """
    lines = pl.Series("inputs", texts, dtype=pl.String)
    return pl.DataFrame({feature.name: _column(lines, now[feature.name], feature) for feature in features})


def _column(lines: pl.Series, now: pl.Series, feature: Feature) -> pl.Series:
    try:
        then = lines.str.json_decode(pl.Struct(kinds([feature]))).struct.field(feature.name)
    except ComputeError:  # text where a number is meant
        return now
    was_there = lines.str.contains(f'"{feature.name}":', literal=True)  # in a value, the quotes would be escaped
    return then.zip_with(was_there, now)
