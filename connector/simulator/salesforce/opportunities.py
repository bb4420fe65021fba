"""What Salesforce does with opportunities by itself: what follows from a stage, and a row for each state of a deal.

Source: "Object reference, Opportunity, OpportunityHistory": a stage sets IsClosed, IsWon, the forecast category and,
unless it is given, the probability; each change of stage, amount, probability or closing date makes a row of
OpportunityHistory, without anybody asking for it.
"""

from typing import Any

Row = dict[str, Any]

OPPORTUNITY, HISTORY = "Opportunity", "OpportunityHistory"
WATCHED = ("StageName", "Amount", "Probability", "CloseDate")
# Probability and forecast category of the stages that every new org has; closed; won.
STAGES = {
    "Prospecting": (10, "Pipeline", 0, 0), "Qualification": (10, "Pipeline", 0, 0),
    "Needs Analysis": (20, "Pipeline", 0, 0), "Value Proposition": (50, "Pipeline", 0, 0),
    "Id. Decision Makers": (60, "Pipeline", 0, 0), "Perception Analysis": (70, "Pipeline", 0, 0),
    "Proposal/Price Quote": (75, "Pipeline", 0, 0), "Negotiation/Review": (90, "Pipeline", 0, 0),
    "Closed Won": (100, "Closed", 1, 1), "Closed Lost": (0, "Omitted", 1, 0),
}  # fmt: skip


def followed(before: Row, values: Row, now: str) -> Row:
    """Add to the values of an opportunity what follows from a new stage; what is given stays as it is given."""
    stage = values.get("StageName")
    if stage not in STAGES or stage == before.get("StageName"):
        return values
    probability, forecast, closed, won = STAGES[stage]
    return {
        "IsClosed": closed, "IsWon": won, "Probability": probability, "ForecastCategory": forecast,
        "ForecastCategoryName": forecast, "LastStageChangeDate": now,
    } | values  # fmt: skip


def state_row(record: str, before: Row, after: Row) -> Row | None:
    """Make the row of OpportunityHistory of a change, without the columns that all records have; None for no change."""
    if before and all(before.get(name) == after.get(name, before.get(name)) for name in WATCHED):
        return None
    now = before | after
    held = {name: now.get(name) for name in (*WATCHED, "ForecastCategory")}
    earlier = {"PrevAmount": before.get("Amount"), "PrevCloseDate": before.get("CloseDate")}
    return {"OpportunityId": record, **held, **earlier}
