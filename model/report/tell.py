"""Tells everything that a sceptical reader asks of a model, as plain JSON; page.py makes the same readable.

Only aggregates: no ids, no single leads, and values that occur fewer than five times are pooled.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from model.errors import UnsuitableFrame
from model.features import Feature
from model.report.backtest import backtest
from model.report.calibration import calibration
from model.report.curves import curves
from model.report.fairness import fairness
from model.report.grades import grades
from model.report.headline import headline
from model.report.measure import plain
from model.report.money import money
from model.report.rivals import checked, rivals
from model.report.segments import segments
from model.report.stability import stability

FORMAT = 1
OF_THE_CARD = (
    "version",
    "milestone",
    "horizon_days",
    "made_at",
    "data",
    "split",
    "verdict",
    "constant",
    "seed",
    "parameters",
    "libraries",
)
OPTIONAL: dict[str, pl.DataType | type[pl.DataType]] = {
    "created_at": pl.Datetime("us", "UTC"),
    "grade": pl.String,
    "amount": pl.Float64,
    "priority": pl.String,
}
VERDICTS = ("dropped", "doubted", "kept by hand")


def tell(
    *,
    card: dict[str, Any],
    funnel: Sequence[tuple[str, int, str]],
    findings: Sequence[dict[str, Any]],
    learned: pl.DataFrame,
    tested: pl.DataFrame,
    features: Sequence[Feature],
    rivals: Mapping[str, np.ndarray],
    segments: Sequence[str] = (),
) -> dict[str, Any]:
    """Tell the report as plain JSON, a section a key, each with `says`: its conclusion in a sentence.

    `funnel` is (name, rows, what it means) from all leads to examples; `findings` are of the leak detector (feature,
    label, verdict, reason, evidence). `learned` and `tested` are the examples on both sides of the split: created_at
    (UTC), label (Boolean) and a column for each feature; `tested` also has likelihood, and where known grade, amount
    (of the won deal) and priority (the CRM's own). `rivals` are likelihoods in the order of `tested`. `segments` names
    features to cut by; empty takes those called source, country, industry or size.
    Raises UnsuitableFrame naming a column that is missing, or a rival that is not of these leads.
    """
    others = checked(rivals, tested.height)
    before, after = _checked(learned, features, ("label",)), _checked(tested, features, ("label", "likelihood"))
    label, likelihood = after["label"].to_numpy(), after["likelihood"].to_numpy()
    found = sorted((dict(finding) for finding in findings), key=_place)
    told = {
        "format": FORMAT,
        "card": {name: card[name] for name in OF_THE_CARD if name in card},
        "headline": headline(card, label, likelihood, found),
        "funnel": _funnel(funnel),
        "leaks": {"says": _leaks_say(found), "findings": found},
    }
    said: dict[str, Any] = plain(told | _sections(card, before, after, features, others, segments))
    return said


def _sections(
    card: dict[str, Any],
    before: pl.DataFrame,
    after: pl.DataFrame,
    features: Sequence[Feature],
    others: Mapping[str, np.ndarray],
    chosen: Sequence[str],
) -> dict[str, Any]:
    label, likelihood = after["label"].to_numpy(), after["likelihood"].to_numpy()
    weights = {str(name): float(weight) for name, weight in card.get("features", {}).items()}
    rate = _rate(before) if before.height else _rate(after)
    return {
        "backtest": backtest(before, after),
        "curves": curves(label, likelihood),
        "calibration": calibration(label, likelihood),
        "grades": grades(after, card),
        "money": money(after, others),
        "rivals": rivals(label, likelihood, others, base_rate=rate),
        "segments": segments(after, features, chosen=chosen, weights=weights),
        "fairness": fairness(after, features),
        "stability": stability(before, after, features),
        "importances": _importances(weights, features),
    }


def _checked(frame: pl.DataFrame, features: Sequence[Feature], needed: Sequence[str]) -> pl.DataFrame:
    """Return the frame with every column that the sections read; what is no number becomes null."""
    for name in [*needed, *(feature.name for feature in features)]:
        if name not in frame.columns:
            raise UnsuitableFrame(f"The column {name} is missing from the examples. The report needs it.")
    added = frame.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in OPTIONAL.items() if name not in frame.columns
    )
    numbers = [feature.name for feature in features if feature.kind == "number"]
    cast = added.with_columns(pl.col(name).cast(pl.Float64) for name in numbers)
    return cast.with_columns(pl.col(pl.Float64).fill_nan(None))


def _rate(frame: pl.DataFrame) -> float:
    return float(frame["label"].to_numpy().mean()) if frame.height else 0.5


def _place(finding: dict[str, Any]) -> int:
    verdict = str(finding.get("verdict"))
    return VERDICTS.index(verdict) if verdict in VERDICTS else len(VERDICTS)


def _funnel(funnel: Sequence[tuple[str, int, str]]) -> dict[str, Any]:
    steps = [{"name": name, "rows": int(rows), "means": means} for name, rows, means in funnel]
    if not steps:
        return {"says": "It was not told which leads became examples.", "steps": []}
    most = max(rows for _, rows, _ in funnel)
    return {"says": f"What became of {most:,} leads on the way to examples.", "steps": steps}


def _leaks_say(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return "No field looks as if it was filled because of the outcome."
    counts = [(verdict, sum(finding.get("verdict") == verdict for finding in found)) for verdict in VERDICTS]
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    return f"Fields that look as if they were filled because of the outcome: {told}."


def _importances(weights: dict[str, float], features: Sequence[Feature]) -> dict[str, Any]:
    labels = {feature.name: feature.label for feature in features}
    total = sum(weights.values())
    if total <= 0:
        return {"says": "The model's card names no weights of features.", "features": []}
    found: list[dict[str, Any]] = [
        {"feature": name, "label": labels.get(name, name), "weight": weight, "share": weight / total}
        for name, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    ]
    first = ", ".join(str(item["label"]) for item in found[:3])
    held = sum(item["share"] for item in found[:3])
    return {"says": f"{first}: {held:.0%} of what moves the score.", "features": found}
