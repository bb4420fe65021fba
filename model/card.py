"""The model card: what a sceptical reader needs to judge a model, as data and as lines for people."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from model.figures import base_rate
from model.learner import Learned
from model.screening import Screened
from model.splits import Split
from model.sureness import sureness

FALSE_FROM, FALSE_TIMES = 0.05, 3.0  # a calibration error from which, beside chance, likelihoods are not true
TOO_GOOD = 0.98  # AUC that nobody reaches with what is known beforehand
NO_SIGNAL = 0.55  # AUC under which a ranking is hardly better than chance
IN_TIME = "forward in time: figures are of the latest fifth, which the tested model had not seen"
QUICKLY = "Learned by the quick recipe, which is for trials: the full one ranks better."
BY_CHANCE = "by chance, for no times are known: figures are of a fifth that the tested model had not seen"


def card(
    rows: pl.DataFrame,
    split: Split,
    chosen: Screened,
    learned: Learned,
    parts: np.ndarray,
    *,
    measured: dict[str, Any],
    seed: int,
    now: datetime,
    horizon_days: int | None,
    milestone: str,
    grades: list[dict[str, Any]],
    drift_baseline: dict[str, Any],
) -> dict[str, Any]:
    """Put the card together; everything in it is plain JSON."""
    importance = {feature.name: float(np.abs(parts[:, place]).mean()) for place, feature in enumerate(chosen.used)}
    tested, wins, rules_share = rows[split.tested], int(rows["label"].sum()), learned.ensemble.rules_share
    return {
        "milestone": milestone,
        "horizon_days": horizon_days,
        "made_at": now.isoformat(timespec="seconds"),
        "data": {
            "rows": rows.height,
            "wins": wins,
            "base_rate": base_rate(rows["label"]),
            "first": str(rows["created_at"].min()),
            "last": str(rows["created_at"].max()),
        },
        "split": {
            "how": IN_TIME if split.in_time else BY_CHANCE,
            "in_time": split.in_time,
            "learned_from": len(split.learned),
            "tested_on": len(split.tested),
            "of_tested_companies": split.left_out,
            "tested_from": str(tested["created_at"].min()),
            "calibrated_on": "rows that the members had not learned from",
        },
        "figures": measured,
        "grades": grades,
        "drift_baseline": drift_baseline,
        "features": dict(sorted(importance.items(), key=lambda item: -item[1])),
        "constant": list(chosen.constant),
        "leaks": [finding.as_dict() for finding in chosen.findings],
        "sensitive": [finding.as_dict() for finding in chosen.sensitive],
        "verdict": _verdict(
            measured, usable=bool(learned.choices["usable"]), rules_share=rules_share, in_time=split.in_time
        ),
        "sureness": sureness(measured, wins=wins, losses=rows.height - wins, rules_share=rules_share),
        "seed": seed,
        "choices": learned.choices,
        "libraries": {name: version(name) for name in ("catboost", "numpy", "polars", "scikit-learn")},
    }


def _verdict(measured: dict[str, Any], *, usable: bool, rules_share: float, in_time: bool) -> str:
    """Say in one sentence what the back-test means; the first that holds."""
    auc, which = measured["auc"], "later leads" if in_time else "leads it had not seen"
    moved = " The market moved." if in_time else ""
    off = measured["ece"] * 100
    verdicts = (
        (auc is None, "The tested leads all ended alike, so the ranking could not be tested."),
        (
            (auc or 0) >= TOO_GOOD,
            "Too good to be true: some of these fields, together, must know the outcome. Find them before you rank.",
        ),
        (
            (not usable and not rules_share) or (auc or 0) < NO_SIGNAL,
            "No usable signal: the mapped fields hardly tell who wins. Do not rank by this score.",
        ),
        (
            not usable,
            "Too little history to tell who wins by itself: the points rules rank, the outcomes say how likely.",
        ),
        (
            measured["log_loss"] > measured["log_loss_prior"],
            f"It ranks, but on {which} its likelihoods were no better than the average rate.{moved}",
        ),
        (
            measured["ece"] > max(FALSE_FROM, FALSE_TIMES * measured["ece_floor"]),
            f"It ranks, but on {which} its likelihoods were off by {off:.0f} points on average: go by the order.",
        ),
        (True, f"Usable: on {which} it ranked well, and its likelihoods were better than the average rate."),
    )
    return next(said for holds, said in verdicts if holds)


def describe(told: dict[str, Any]) -> str:
    """Write the card for people, a line a fact."""
    data, measured = told["data"], told["figures"]
    days = told["horizon_days"]
    reached = f"{told['milestone']} within {days} days" if days else told["milestone"]
    ranked = "all ended alike"
    if measured["auc"] is not None:
        ranked = f"AUC {measured['auc']:.3f}, PR-AUC {measured['pr_auc']:.3f}"
    which = "the latest" if told["split"].get("in_time", True) else "a random"
    true = f"log-loss {measured['log_loss']:.4f} (guessing: {measured['log_loss_prior']:.4f})"
    near = f"Calibration error {measured['ece']:.3f} (by chance: {measured['ece_floor']:.3f})"
    lines = [
        f"Learned from {data['rows']:,} leads, {data['wins']:,} of which reached {reached} ({data['base_rate']:.1%}).",
        f"Tested on {which} {told['split']['tested_on']:,}: {ranked}, {true}.",
        f"{near}; the top tenth wins {measured['lift_10']:.1f} times as often as all.",
        told["verdict"],
        *([QUICKLY] if told.get("choices", {}).get("recipe") == "quick" else []),
        *([told["sureness"]] if "sureness" in told else []),  # cards of before have none
    ]
    left_out = [finding["label"] for finding in (*told["leaks"], *told["sensitive"]) if finding["verdict"] == "dropped"]
    if left_out:
        lines.insert(1, f"Left out: {', '.join(left_out)}. The report says why.")
    declared = told.get("privacy", {})  # of what its user declares; cards of before, and of those who do not, have none
    if declared.get("purpose"):
        basis = f" Lawful basis: {declared['lawful_basis']}." if declared.get("lawful_basis") else ""
        lines.append(f"Purpose: {declared['purpose'].rstrip('.')}.{basis}")
    return "\n".join(lines)
