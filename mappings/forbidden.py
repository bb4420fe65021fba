"""Fields that are filled because of the outcome, or move when we write: they make a model look superb and be useless.

The loader refuses them as features unless the feature says `allow_after_outcome: true`. Names end in `*` where a
whole family is meant. Sources: Salesforce object reference (Lead, Account: conversion fills Status and the Converted...
fields, reps type Rating while qualifying, opening a lead clears IsUnreadByOwner, work on it moves the Last...Date
fields); HubSpot's default contact properties (lifecycle and deal roll-ups, its own scores).
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from connector.crm import Entity

_SALESFORCE_STAMPS = (
    "LastActivityDate", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastViewedDate",
    "LastReferencedDate", "OwnerId", "TG_*",
)  # fmt: skip
_HUBSPOT_ROLLUPS = (
    "lifecyclestage", "hs_lifecyclestage_*", "hs_date_entered_*", "hs_date_exited_*", "hs_time_in_*",
    "hs_v2_date_*", "hs_v2_latest_time_in_*", "hs_v2_cumulative_time_in_*", "hs_v2_time_in_*",
    "num_associated_deals", "recent_deal_amount", "recent_deal_close_date", "total_revenue", "first_deal_created_date",
    "closedate", "days_to_close", "lastmodifieddate", "hs_lastmodifieddate", "tg_*",
)  # fmt: skip

KNOWS_THE_OUTCOME: Mapping[str, Mapping[Entity, tuple[str, ...]]] = {
    "salesforce": {
        Entity.LEAD: (
            "Status", "IsConverted", "Converted*", "Rating", "IsUnreadByOwner", "Description", *_SALESFORCE_STAMPS,
        ),
        Entity.COMPANY: ("Type", "Rating", "Description", *_SALESFORCE_STAMPS),
        Entity.ACTIVITY: ("LastModifiedDate", "LastModifiedById", "SystemModstamp"),
    },
    "hubspot": {
        Entity.LEAD: (
            "hs_lead_status", "hs_current_customer", "hs_num_associated_open_deals", "hs_analytics_revenue",
            "hs_latest_qualified_lead_date", "hs_latest_disqualified_lead_date", "hs_predictivecontactscore*",
            "hs_predictivescoringtier", "hubspotscore", "hs_time_between_contact_creation_and_deal_*",
            "hs_time_to_move_from_*", *_HUBSPOT_ROLLUPS,
        ),
        Entity.COMPANY: ("type", "hs_num_open_deals", "hs_total_deal_value", "hs_analytics_revenue", *_HUBSPOT_ROLLUPS),
    },
}  # fmt: skip


# Of deals that are scored. The stage and what follows from it say how a deal ends as soon as it has ended, and the
# closing date is overwritten by the day of closing: only what they were at the time may be known, from
# OpportunityHistory, or of HubSpot from a property's history, which is always read of deals.
KNOWS_A_DEALS_END: Mapping[str, tuple[str, ...]] = {
    "salesforce": (
        "StageName", "IsClosed", "IsWon", "Probability", "ExpectedRevenue", "ForecastCategory*", "CloseDate", "Fiscal*",
        "NextStep", "Description", "LastStageChangeDate", "LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId",
        "HasOpenActivity", "HasOverdueTask", "*Loss*Reason*", "*Lost*Reason*", "*Won*Reason*", *_SALESFORCE_STAMPS,
    ),
    "hubspot": (
        "hs_is_*", "hs_deal_stage_probability*", "closed_lost_reason", "closed_won_reason", "hs_closed_*",
        "hs_forecast_*", "hs_projected_*", "hs_manual_forecast_category", "hubspot_owner_id",
        "hubspot_owner_assigneddate", "hs_predictive_*", "hs_likelihood_*", "hs_days_to_close*", "hs_time_in_*",
        "hs_v2_time_in_*", "hs_v2_latest_time_in_*", "hs_v2_cumulative_time_in_*", "hs_v2_date_entered_closed*",
        "hs_date_entered_closed*", "hs_v2_date_exited_*", "hs_date_exited_*", "days_to_close", "hs_lastmodifieddate",
        "tg_*",
    ),
}  # fmt: skip


def knows_the_outcome(crm: str, entity: Entity, name: str, scored: str = "lead") -> bool:
    """Tell whether the field is filled by the outcome or by our own writing. Salesforce's names have no case.

    `scored` is what the mapping's leads are: a word of `words.SCORED`.
    """
    patterns = KNOWS_THE_OUTCOME.get(crm, {}).get(entity, ())
    if entity is Entity.LEAD and scored == "deal":
        patterns = KNOWS_A_DEALS_END.get(crm, ())
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
