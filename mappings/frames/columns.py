"""Columns of record frames: all text, some of them missing, some of them moments."""

from collections.abc import Iterable

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
A_DAY_US = 86_400_000_000.0


def completed(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Add the columns that a frame lacks, as empty text: optional fields, or those of a CRM without such records."""
    missing = [name for name in dict.fromkeys(names) if name and name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing) if missing else frame


def collected(query: pl.LazyFrame) -> pl.DataFrame:
    """Make a frame of what is in memory already: starting the streaming engine takes longer than a lead does."""
    return query.collect(engine="in-memory")


def instant(name: str) -> pl.Expr:
    """Read canonical instants, and dates as their first moment; what is neither, and a field without name, is null."""
    if not name:
        return pl.lit(None, dtype=INSTANT)
    return moment(pl.col(name))


def moment(text: pl.Expr) -> pl.Expr:
    """Read canonical instants, and dates as their first moment, from a column of text; what is neither is null."""
    return (
        pl.when(text.str.len_bytes() > len("2026-01-02"))
        .then(text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False).dt.replace_time_zone("UTC"))
        .otherwise(text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    )


def among(name: str, values: Iterable[str]) -> pl.Expr:
    """Tell whether the field has one of the values, whatever their case; no for one that is empty or without name."""
    if not name:
        return pl.lit(value=False)
    return pl.col(name).str.to_lowercase().is_in([value.lower() for value in values]).fill_null(value=False)


def share(flags: pl.Series) -> float:
    """Give the share of yes among what is known; 0 where nothing is."""
    known = flags.drop_nulls()
    return int(known.sum()) / len(known) if len(known) else 0.0


def divided(number: pl.Expr, by: float) -> pl.Expr:
    """Divide a column by a number, so that a row alone comes to the very same as in a batch.

    Polars multiplies a column by 1 / by, but divides a single row (2.1.0); with a column of divisors it always divides.
    """
    whole = number.cast(pl.Float64)
    return whole / (whole * 0.0 + by)


def days(passed: pl.Expr) -> pl.Expr:
    """Tell a duration in days: Float64, to the microsecond."""
    return divided(passed.dt.total_microseconds(), A_DAY_US)
