"""How sure a model is of its own figures: in one sentence, for the card."""

from typing import Any

from model.figures import auc_interval


def sureness(measured: dict[str, Any], *, wins: int, losses: int, rules_share: float) -> str:
    """Say how far the back-test's AUC may be from the truth, and what the score was made from.

    `measured` are the back-test's figures; `wins` and `losses` of all leads that were learned from.
    """
    fewer = f"{wins:,} wins" if wins <= losses else f"{losses:,} leads that did not win"
    rules = f"; {rules_share:.0%} of the score is the points rules".replace("%", " %") if rules_share else ""
    return f"{_within(measured)}: learned from {fewer}{rules}."


def _within(measured: dict[str, Any]) -> str:
    auc, wins = measured["auc"], measured["wins"]
    if auc is None:
        return "Not sure at all, for the latest leads all ended alike"
    low, high = auc_interval(auc, wins=wins, losses=measured["rows"] - wins)
    return f"Sure to within {max(auc - low, high - auc):.2f} AUC (95 %)"
