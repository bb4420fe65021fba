"""The model card: what a sceptical reader needs to judge a model, as data and as lines for people."""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from model.features import Feature
from model.figures import wilson
from model.recipe import Recipe
from model.reference import GRADES, SHARES

NO_SIGNAL = 0.55  # AUC under which a ranking is hardly better than chance


def card(
    rows: pl.DataFrame,
    cut: int,
    features: Sequence[Feature],
    used: Sequence[Feature],
    parts: np.ndarray,
    backtest: pl.DataFrame,
    measured: dict[str, Any],
    *,
    seed: int,
    now: datetime,
    horizon_days: int,
    milestone: str,
    recipe: Recipe,
) -> dict[str, Any]:
    """Put the card together; everything in it is plain JSON."""
    importance = {feature.name: float(np.abs(parts[:, place]).mean()) for place, feature in enumerate(used)}
    return {
        "milestone": milestone,
        "horizon_days": horizon_days,
        "made_at": now.isoformat(timespec="seconds"),
        "data": {
            "rows": rows.height,
            "wins": int(rows["label"].sum()),
            "base_rate": float(rows["label"].mean()),  # type: ignore[arg-type]  # a mean of booleans is a float
            "first": str(rows["created_at"].min()),
            "last": str(rows["created_at"].max()),
        },
        "split": {
            "how": "forward in time: figures are of the latest fifth, which the tested model had not seen",
            "learned_from": cut,
            "tested_on": rows.height - cut,
            "tested_from": str(rows["created_at"][cut]),
            "calibrated_on": "the latest fifth of what was learned from, in time",
        },
        "figures": measured,
        "grades": _grades(backtest),
        "features": dict(sorted(importance.items(), key=lambda item: -item[1])),
        "constant": [feature.name for feature in features if feature not in used],
        "verdict": _verdict(measured),
        "seed": seed,
        "parameters": {"members": list(recipe.members), "iterations": recipe.iterations, "patience": recipe.patience},
        "libraries": {name: version(name) for name in ("catboost", "numpy", "polars", "scikit-learn")},
    }


def _grades(backtest: pl.DataFrame) -> list[dict[str, Any]]:
    """Tell how often each grade won in the back-test, graded by share there, with its interval."""
    order = backtest.sort("likelihood", descending=True)
    ends = [round(share * order.height) for share in np.cumsum([*SHARES, 1 - sum(SHARES)])]
    told = []
    for grade, start, end in zip(GRADES, [0, *ends], ends, strict=False):
        some = order[start:end]
        wins = int(some["label"].sum() or 0)
        low, high = wilson(wins, some.height)
        told.append(
            {
                "grade": grade,
                "rows": some.height,
                "wins": wins,
                "rate": wins / max(some.height, 1),
                "low": low,
                "high": high,
            }
        )
    return told


def _verdict(measured: dict[str, Any]) -> str:
    if measured["auc"] is None:
        return "The latest leads all ended alike, so the ranking could not be tested."
    if measured["auc"] < NO_SIGNAL:
        return "No usable signal: the mapped fields hardly tell who wins. Do not rank by this score."
    if measured["log_loss"] > measured["log_loss_prior"]:
        return "It ranks, but on later leads its likelihoods were no better than the average rate. The market moved."
    return "Usable: on later leads it ranked well, and its likelihoods were better than the average rate."


def describe(told: dict[str, Any]) -> str:
    """Write the card for people, a line a fact."""
    data, measured = told["data"], told["figures"]
    reached = f"{told['milestone']} within {told['horizon_days']} days"
    ranked = f"AUC {measured['auc'] or 0:.3f}, PR-AUC {measured['pr_auc'] or 0:.3f}"
    true = f"log-loss {measured['log_loss']:.4f} (guessing: {measured['log_loss_prior']:.4f})"
    near = f"Calibration error {measured['ece']:.3f} (by chance: {measured['ece_floor']:.3f})"
    lines = [
        f"Learned from {data['rows']:,} leads, {data['wins']:,} of which reached {reached} ({data['base_rate']:.1%}).",
        f"Tested on the latest {told['split']['tested_on']:,}: {ranked}, {true}.",
        f"{near}; the top tenth wins {measured['lift_10']:.1f} times as often as all.",
        told["verdict"],
    ]
    return "\n".join(lines)
