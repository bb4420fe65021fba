"""Fields that are filled because of the outcome, or move when we write: they would make a model look superb and useless.

Sources: the vendors' documentation of each field; Salesforce: conversion fills Status and the Converted... fields, reps
type Rating while qualifying, reading clears IsUnreadByOwner, LastActivityDate and the Last...Date fields move with work
on the lead. HubSpot: lifecycle and deal roll-ups on the contact, and its own scores.
"""

KNOWS_THE_OUTCOME = {
    "salesforce": frozenset(
        {
            "Status", "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId",
            "ConvertedOpportunityId", "Rating", "IsUnreadByOwner", "LastActivityDate", "LastModifiedDate",
            "SystemModstamp", "LastViewedDate", "LastReferencedDate", "Description", "OwnerId",
        }
    ),
    "hubspot": frozenset(
        {
            "lifecyclestage", "hs_lead_status", "hs_current_customer", "num_associated_deals",
            "hs_num_associated_open_deals", "recent_deal_amount", "recent_deal_close_date", "total_revenue",
            "hs_analytics_revenue", "hs_latest_qualified_lead_date", "hs_latest_disqualified_lead_date",
            "hs_predictivecontactscore", "hs_predictivecontactscore_v2", "hs_predictivescoringtier", "hubspotscore",
            "lastmodifieddate", "hs_lastmodifieddate", "hs_time_between_contact_creation_and_deal_close",
            "hs_time_between_contact_creation_and_deal_creation", "hs_time_to_move_from_lead_to_customer",
            "first_deal_created_date", "closedate",
        }
    ),
}  # fmt: skip
