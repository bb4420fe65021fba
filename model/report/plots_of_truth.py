"""Plots of truth: what was said beside what happened. Each takes a section of what tell.py told, and returns SVG.

What is not there is not drawn: "".
"""

from datetime import datetime
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from model.report.drawing import BLUE, FAINT, INK, PALE, ROW, WIDE, drawn, in_per_cent, name_rows

HAPPENED: dict[str, Any] = {"color": INK, "fmt": "o", "markersize": 4, "elinewidth": 0.9, "capsize": 2}
SAID: dict[str, Any] = {"color": BLUE, "marker": "D", "markersize": 5, "mfc": "white", "mew": 1.3}


def backtest(told: dict[str, Any]) -> str:
    """Draw what happened in each period, with its interval, what was said, and the rates of the time before."""
    periods, before = told["periods"], told["before"]
    if not periods:
        return ""

    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        if before:
            plot.plot(
                _days(before), [row["rate"] for row in before], color=PALE, linestyle=":", label="before the test"
            )
        _error_bars(plot, _days(periods), periods, label="happened, with its 95% interval")
        plot.plot(_days(periods), [row["said"] for row in periods], label="said by the score", **SAID)
        locator = mdates.AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]  # matplotlib's
        plot.xaxis.set_major_locator(locator)
        plot.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # matplotlib's
        plot.set_ylim(bottom=0)
        plot.yaxis.set_major_formatter(PercentFormatter(1))
        plot.set_ylabel("share that won")
        _key(plot)

    return drawn(draw, width=WIDE, height=2.9, says=told["says"])


def calibration(told: dict[str, Any]) -> str:
    """Draw for ten bins what happened against what was said; on the diagonal they are the same."""
    bins = [row for row in told["bins"] if row["rows"]]
    if not bins:
        return ""

    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        end = min(1.0, 1.05 * max(max(row["high"], row["said"]) for row in bins))
        plot.plot([0, end], [0, end], color=PALE, linewidth=1, linestyle="--")
        plot.set_title("dashed: just as said", color=PALE)
        _error_bars(plot, [row["said"] for row in bins], bins)
        in_per_cent(plot, x="said: mean likelihood of the bin", y="happened: share that won")
        plot.set(xlim=(0, end), ylim=(0, end))
        plot.set_aspect("equal")

    return drawn(draw, width=4.2, height=4.0, says=told["says"])


def grades(told: dict[str, Any]) -> str:
    """Draw what happened to each grade, what was said, and the interval that the card promises."""
    rows = [row for row in told["grades"] if row["rows"]]
    if not rows:
        return ""

    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        places = range(len(rows))
        promised = [(place, row) for place, row in zip(places, rows, strict=True) if row["promised_low"] is not None]
        if promised:
            plot.barh(
                [place for place, _ in promised],
                [row["promised_high"] - row["promised_low"] for _, row in promised],
                left=[row["promised_low"] for _, row in promised],
                height=0.55,
                color=FAINT,
                label="promised on the card",
            )
        _error_bars(plot, places, rows, label="happened, with its 95% interval", across=True)
        plot.plot([row["said"] for row in rows], places, linestyle="", label="said by the score", **SAID)
        name_rows(plot, [f"{row['grade']}  ({row['rows']:,} leads)" for row in rows])
        plot.set_xlim(left=0)
        plot.xaxis.set_major_formatter(PercentFormatter(1))
        plot.set_xlabel("share that won")
        _key(plot)

    return drawn(draw, width=WIDE, height=0.95 + 0.36 * len(rows), says=told["says"])


def gaps(segment: dict[str, Any]) -> str:
    """Draw for each group of a segment how far what happened lies from what was said."""
    rows = [row for row in segment["groups"] if row["rows"]]
    if not rows:
        return ""

    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        plot.axvline(0, color=INK, linewidth=0.8)
        for place, row in enumerate(rows):
            bars = HAPPENED | {"color": PALE if row["small"] else INK, "fmt": "o" if not row["small"] else "."}
            reach = [[100 * (row["gap"] - row["gap_low"])], [100 * (row["gap_high"] - row["gap"])]]
            plot.errorbar([100 * row["gap"]], [place], xerr=np.abs(reach), **bars)
        name_rows(plot, [row["name"] for row in rows])
        plot.set_xlabel("happened minus said, percentage points")

    says = f"{segment['label']}: distance of what happened from what was said, by group, with intervals."
    return drawn(draw, width=WIDE, height=0.7 + ROW * len(rows), says=says)


def _days(rows: list[dict[str, Any]]) -> list[float]:
    starts = [datetime.fromisoformat(row["start"]) for row in rows]
    return [float(day) for day in mdates.date2num(starts)]  # type: ignore[no-untyped-call]  # matplotlib's


def _error_bars(plot: Axes, places: Any, rows: list[dict[str, Any]], *, across: bool = False, **more: Any) -> None:
    rates = np.array([row["rate"] for row in rows])
    reach = np.abs([rates - [row["low"] for row in rows], np.array([row["high"] for row in rows]) - rates])
    if across:
        plot.errorbar(rates, list(places), xerr=reach, **HAPPENED, **more)
    else:
        plot.errorbar(list(places), rates, yerr=reach, **HAPPENED, **more)


def _key(plot: Axes) -> None:
    """Name the signs in one line right above the plot, in the order of reading."""
    plot.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderaxespad=0.2, handlelength=1.8)
