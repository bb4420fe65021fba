"""The head of the report in plain words: what is predicted, how well on later leads, and what is not known."""

from typing import Any

import numpy as np

from model.figures import lift
from model.report.measure import has_both

REACHED = {
    "won": "be won",
    "converted": "be converted",
    "opportunity": "become an opportunity",
}


def headline(
    card: dict[str, Any], label: np.ndarray, likelihood: np.ndarray, findings: list[dict[str, Any]]
) -> dict[str, Any]:
    """Say the most important things first: `predicts`, `verdict`, `how_good` and `unknown`, lists of sentences."""
    return {
        "predicts": _predicts(card),
        "verdict": str(card.get("verdict") or "The model's card gives no verdict."),
        "how_good": _how_good(card, label, likelihood),
        "unknown": _unknown(card, label, findings),
    }


def _predicts(card: dict[str, Any]) -> str:
    milestone = str(card.get("milestone") or "")
    reached = REACHED.get(milestone, f"reach the milestone {milestone}" if milestone else "win")
    days = card.get("horizon_days")
    within = f" within {days:,} days of its creation" if isinstance(days, int) else ""
    return f"For every open lead: how likely it is to {reached}{within}."


def _how_good(card: dict[str, Any], label: np.ndarray, likelihood: np.ndarray) -> list[str]:
    if not len(label):
        return ["No lead was kept apart for a test, so nothing is known of how good it is."]
    how = str(card.get("split", {}).get("how") or "on leads that it had not learned from")
    said = [f"Tested on {len(label):,} leads, of which {int(label.sum()):,} won ({label.mean():.1%}): {how}."]
    if not has_both(label):
        return [*said, "They all ended alike, so it cannot be said whether it tells winners from others."]
    above, top = lift(label, likelihood, 0.1), np.sort(likelihood)[-max(1, round(len(label) / 10)) :]
    return [
        *said,
        f"The tenth of the leads with the highest scores won {above:.1f} times as often as all.",
        f"It said that {top.mean():.0%} of that tenth would win; {above * label.mean():.0%} did.",
        f"It said that {likelihood.mean():.1%} of all tested leads would win; {label.mean():.1%} did.",
    ]


def _unknown(card: dict[str, Any], label: np.ndarray, findings: list[dict[str, Any]]) -> list[str]:
    told = ["Why leads win. It knows what won leads had in common; changing a field by hand will not win a lead."]
    told.append(
        "Whether a lead wins because a rep works it: leads that nobody called could not show what they are worth."
    )
    if isinstance(card.get("horizon_days"), int):
        told.append(f"What became of the leads of the last {card['horizon_days']:,} days, whose time is not over yet.")
    doubted = [str(finding.get("label") or finding.get("feature")) for finding in findings if _is_doubted(finding)]
    if doubted:
        told.append(f"Whether these fields were filled after the outcome; look at them: {', '.join(doubted)}.")
    if constant := card.get("constant"):
        told.append(
            f"What these fields could tell, as they hold one value in all leads: {', '.join(map(str, constant))}."
        )
    if len(label) and label.sum() < 30:
        told.append("Much at all: with so few wins every figure here has a wide interval.")
    return told


def _is_doubted(finding: dict[str, Any]) -> bool:
    return finding.get("verdict") in {"doubted", "kept by hand"}
