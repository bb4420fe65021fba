"""The forward back-test, period by period: what the score would have said of a month's leads, and what happened."""

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from model.report.measure import outcome

# Coarse enough that a period has leads, fine enough that a curve shows: the first that gives FEWEST to MOST periods.
UNITS = (("month", "1mo"), ("week", "1w"), ("day", "1d"), ("quarter", "1q"), ("year", "1y"))
FEWEST, MOST = 3, 36
BEFORE = 24  # periods of the learned time that are shown as the history

UNTIMED = "The leads carry no dates, so nothing can be shown month by month, and a market that moves would not be seen."


def backtest(learned: pl.DataFrame, tested: pl.DataFrame) -> dict[str, Any]:
    """Compare said and happened for each period in which tested leads were made, with the rates before them.

    `periods` and `before` are lists of measure.outcome rows with `start` (ISO date); `before` has no `said`.
    """
    timed = tested.filter(pl.col("created_at").is_not_null())
    if timed.is_empty():
        return {"says": UNTIMED, "unit": None, "periods": [], "before": [], "untimed": tested.height}
    unit, every = _unit(timed)
    periods = [{"start": start, **_outcome(rows)} for start, rows in _periods(timed, every)]
    earlier = learned.filter(pl.col("created_at").is_not_null()).with_columns(pl.lit(0.0).alias("likelihood"))
    before = [{"start": start, **_rate(rows)} for start, rows in _periods(earlier, every)[-BEFORE:]]
    return {
        "says": _says(unit, periods, timed),
        "unit": unit,
        "periods": periods,
        "before": before,
        "untimed": tested.height - timed.height,
    }


def _unit(timed: pl.DataFrame) -> tuple[str, str]:
    for unit, every in UNITS:
        if FEWEST <= timed["created_at"].dt.truncate(every).n_unique() <= MOST:
            return unit, every
    return UNITS[0] if timed["created_at"].dt.truncate("1mo").n_unique() < FEWEST else UNITS[-1]


def _periods(rows: pl.DataFrame, every: str) -> list[tuple[str, pl.DataFrame]]:
    cut = rows.with_columns(pl.col("created_at").dt.truncate(every).alias("created_at")).sort("created_at")
    parts = cut.select("created_at", "label", "likelihood").partition_by("created_at", maintain_order=True)
    return [(_start(part["created_at"][0]), part) for part in parts]


def _start(moment: datetime) -> str:
    return moment.date().isoformat()


def _outcome(rows: pl.DataFrame) -> dict[str, Any]:
    return outcome(rows["label"].to_numpy(), rows["likelihood"].to_numpy())


def _rate(rows: pl.DataFrame) -> dict[str, Any]:
    found = outcome(rows["label"].to_numpy(), np.zeros(rows.height))
    return {name: found[name] for name in ("rows", "wins", "rate", "low", "high", "small")}


def _says(unit: str, periods: list[dict[str, Any]], timed: pl.DataFrame) -> str:
    met = sum(not period["off"] for period in periods)
    expected, happened = float(timed["likelihood"].sum()), int(timed["label"].sum())
    return (
        f"In {met} of {len(periods)} {unit}{'s' if len(periods) > 1 else ''} the likelihood that was said lies within "
        f"the interval of what happened. Over all of them it expected {expected:,.0f} wins; {happened:,} happened."
    )
