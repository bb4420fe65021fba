"""Plots of rank: the curves, the money and the weights. Each takes a section that tell.py told.

They return SVG elements; what is not there is not drawn: "".
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from model.report.drawing import BLUE, FAINT, HALF, INK, PALE, ROW, WIDE, drawn, in_per_cent, name_rows

HEAVIEST = 15  # features that are drawn
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}  # keeps lines out of a number


def ranking(told: dict[str, Any]) -> dict[str, str]:
    """Draw the four curves of the ranking, by name; empty when there is nothing to rank."""
    if not told["drawn"]:
        return {}
    rate = told["base_rate"]
    return {
        "roc": _curve(told["roc"], f"ROC: AUC {told['auc']:.3f}", "false alarms", "wins found", chance=lambda x: x),
        "precision_recall": _curve(
            told["precision_recall"],
            f"Precision and recall: PR-AUC {told['pr_auc']:.3f}",
            "wins found (recall)",
            "share that won (precision)",
            chance=lambda x: np.full_like(x, rate),
        ),
        "gains": _curve(told["gains"], "Cumulative gains", "leads worked, best first", "wins met", chance=lambda x: x),
        "lift": _curve(
            told["lift"], "Lift", "leads worked, best first", "times the average rate", chance=np.ones_like, share=False
        ),
    }


def money(told: dict[str, Any]) -> str:
    """Draw the share that each way of choosing meets, for each depth."""
    ways, shares = told["ways"], told["shares"]
    if not ways:
        return ""

    def draw(axes: list[Axes]) -> None:
        end = max(max(way["captured"]) for way in ways)
        for depth, (plot, share) in enumerate(zip(axes, shares, strict=True)):
            met = [way["captured"][depth] for way in ways]
            plot.barh(
                range(len(ways)),
                met,
                height=0.62,
                color=[BLUE] + [FAINT] * (len(ways) - 1),
                edgecolor=INK,
                linewidth=0.4,
            )
            for place, part in enumerate(met):
                plot.text(
                    part + 0.015 * end,
                    place,
                    f"{part:.0%}",
                    va="center",
                    weight="bold" if not place else None,
                    bbox=BEHIND,
                )
            plot.axvline(share, color=INK, linewidth=0.9, linestyle="--")
            plot.set_title(f"top {share:.0%} worked")
            plot.set_xlim(0, 1.22 * end)
            plot.xaxis.set_major_formatter(PercentFormatter(1))
            plot.xaxis.set_major_locator(MaxNLocator(4))
            name_rows(plot, [way["name"] for way in ways])

    return drawn(draw, width=WIDE, height=0.75 + 0.3 * len(ways), says=told["says"], panels=len(shares))


def importances(told: dict[str, Any]) -> str:
    """Draw the share of each of the heaviest features in what moves the score."""
    rows = told["features"][:HEAVIEST]
    if not rows:
        return ""

    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        plot.barh(range(len(rows)), [row["share"] for row in rows], height=0.62, color=BLUE)
        for place, row in enumerate(rows):
            plot.text(row["share"] + 0.01 * rows[0]["share"], place, f"{row['share']:.1%}", va="center")
        name_rows(plot, [row["label"] for row in rows])
        plot.set_xlim(0, 1.12 * rows[0]["share"])
        plot.xaxis.set_major_formatter(PercentFormatter(1))
        plot.set_xlabel("share of what moves the score")

    return drawn(draw, width=WIDE, height=0.6 + ROW * len(rows), says=told["says"])


def _curve(
    curve: dict[str, list[float]],
    title: str,
    x: str,
    y: str,
    *,
    chance: Callable[[np.ndarray], np.ndarray],
    share: bool = True,
) -> str:
    def draw(axes: list[Axes]) -> None:
        (plot,) = axes
        across = np.linspace(0, 1, 3)
        plot.plot(across, chance(across), color=PALE, linewidth=1, linestyle="--")
        plot.plot(curve["x"], curve["y"], color=BLUE)
        plot.set_title(title)
        in_per_cent(plot, x=x, y=y, both=share)
        plot.set(xlim=(0, 1), ylim=(0, 1.02 if share else 1.08 * max(*curve["y"], 1.0)))

    return drawn(draw, width=HALF, height=2.7, says=f"{title}. Dashed: by chance.")
