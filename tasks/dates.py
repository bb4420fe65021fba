"""Dates as people write them in tables: told from other text, and read without guessing."""

import polars as pl

from connector.errors import Misconfigured

DATE = r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?$|^\d{1,2}[./-]\d{1,2}[./-]\d{4}([ T]\d{1,2}:\d{2}.*)?$"
MOST = 0.98  # of a column's filled cells that are dates
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f")
AMBIGUOUS = 12  # a number up to it may be a day or a month


def are_dates(column: pl.Series) -> bool:
    """Tell whether a column of text holds dates."""
    known = column.drop_nulls()
    return bool(len(known)) and int(known.str.contains(DATE).sum()) >= MOST * len(known)


def read_dates(column: pl.Series, *, where: str) -> pl.Series:
    """Read dates with their times of day, as UTC; null for what is none. `where` names the column.

    Raises Misconfigured where nobody can know which number is the day.
    """
    text = column.str.replace("T", " ").str.replace(r"(Z|[+-]\d{2}:?\d{2})$", "").str.strip_chars()
    text = text.str.replace_all("/", "-").str.replace_all(r"\.(\d{4})", "-$1").str.replace(r"^(\d{1,2})\.", "$1-")
    begins_with_year = bool(text.drop_nulls().str.contains(r"^\d{4}").all())
    day = "%Y-%m-%d" if begins_with_year else _day_or_month_first(column, text, where)
    tried = [text.str.to_datetime(day + time, strict=False, time_zone="UTC", time_unit="us") for time in TIMES]
    return pl.select(pl.coalesce(tried)).to_series()


def _day_or_month_first(column: pl.Series, text: pl.Series, where: str) -> str:
    parts = text.str.extract_groups(r"^(\d{1,2})-(\d{1,2})-").struct.unnest().cast(pl.Int64)
    first, second = parts.max().fill_null(0).row(0)
    if first > AMBIGUOUS or column.drop_nulls().str.contains(r"^\d{1,2}\.").all():
        return "%d-%m-%Y"
    if second > AMBIGUOUS:
        return "%m-%d-%Y"
    raise Misconfigured(
        f"{where} holds dates such as {column.drop_nulls()[0]!r}, in which the day cannot be told from the month.",
        fix="Write them as 2026-01-31.",
    )
