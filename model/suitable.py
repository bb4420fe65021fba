"""What examples must be before anything is learned from them: each lead once, its outcome known, its columns there.

A learner that is given doubles or gaps in the label learns something, and nobody can see that it is wrong. So it is
said here, before the first minute is spent, with the column and what to do.
"""

from collections.abc import Sequence

import polars as pl

from model.codes import admitted
from model.errors import UnsuitableFrame
from model.features import Feature

LARGEST = 1e30  # beyond it float32, in which trees compare, ends; no field of a CRM counts so far


def suitable(examples: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """Return the examples, in their order, with null for what is no finite number.

    Raises UnsuitableFrame naming the column, what is wrong with it and what to do.
    """
    _require_columns(examples, features)
    _require_outcomes(examples["label"])
    _require_ids(examples["id"])
    return finite(examples, features)


def finite(frame: pl.DataFrame, features: Sequence[Feature]) -> pl.DataFrame:
    """Put null, for not known, in place of infinities, of what is no number and of numbers beyond all counting."""
    names = [feature.name for feature in features if feature.kind == "number" and frame[feature.name].dtype.is_float()]
    return frame.with_columns(pl.when(pl.col(name).abs() < LARGEST).then(name).alias(name) for name in names)


def _require_columns(examples: pl.DataFrame, features: Sequence[Feature]) -> None:
    twice = {feature.name for feature in features if sum(other.name == feature.name for other in features) > 1}
    if twice:
        raise UnsuitableFrame(f"There are several features named {', '.join(sorted(twice))}. Name each once.")
    for name in ("id", "created_at", "label"):
        if name not in examples.columns:
            raise UnsuitableFrame(f"The column {name} is missing. Examples need id, created_at and label.")
    for feature in features:
        # A column without a single value may come without a type; it teaches nothing either way.
        if feature.name not in examples.columns or examples[feature.name].dtype != pl.Null:
            admitted(examples, feature)
    stamps = examples["created_at"].dtype
    if stamps != pl.Null and not stamps.is_temporal():
        raise UnsuitableFrame(f"The column created_at is {stamps}. Give instants, or null where no time is known.")


def _require_outcomes(label: pl.Series) -> None:
    if label.dtype not in (pl.Boolean, pl.Null):
        raise UnsuitableFrame(f"The column label is {label.dtype}. Give true for leads that got there, else false.")
    unknown = label.null_count()
    if unknown:
        raise UnsuitableFrame(
            f"The column label is empty for {unknown:,} of {len(label):,} leads. "
            "Leave out the leads whose outcome is not known yet."
        )


def _require_ids(ids: pl.Series) -> None:
    doubles = len(ids) - ids.n_unique()
    if doubles:
        # The id itself may be an e-mail address, so it is told where it stands and not what it is.
        first = int(ids.is_duplicated().arg_true()[0]) + 1
        raise UnsuitableFrame(
            f"The column id holds {doubles:,} ids that another row has, too; the first is in row {first:,}. "
            "Keep one row for each lead."
        )
