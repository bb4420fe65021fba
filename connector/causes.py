"""Why a CRM refuses a row, and what mends it, in plain words: a literal table per CRM, by the CRM's own code.

Whether a cause can pass by itself is told by each CRM's verdicts (`salesforce.verdicts.ROWS`, `hubspot.verdicts.ROWS`)
and comes with the refusal. Codes: "SOAP guide, Core Data Types: StatusCode" of Salesforce, "Error handling" of HubSpot.
No table of codes is ever whole: what is not here is explained by its own words.
"""

from typing import NamedTuple

from connector.salesforce.verdicts import STOPS


class Cause(NamedTuple):
    """What happened and what mends it, a sentence or two each."""

    what: str
    fix: str


BY_ITSELF = "Nothing: it is sent again by itself."
PROVISION = "Run `truegrade provision`, which says which field differs; mend that field."
LENGTH = "Give the field that the words name the length back that it was created with."
REPORT = "A bug of ours: please report it with the CRM's words."

SALESFORCE = {
    "UNABLE_TO_LOCK_ROW": Cause(
        "Somebody else was saving the lead, or a record that it belongs to, at the same moment.",
        f"{BY_ITSELF} If it stays, let imports and mass updates run at other hours.",
    ),
    "UNKNOWN_EXCEPTION": Cause(
        "Salesforce failed inside.", f"{BY_ITSELF} If it stays, give Salesforce support the ErrorId of its words."
    ),
    "SERVER_UNAVAILABLE": Cause("Salesforce was down, or being maintained.", BY_ITSELF),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Cause("Another row of its batch was refused, and took it along.", BY_ITSELF),
    "PROCESSING_HALTED": Cause("Another row of its batch was refused, and took it along.", BY_ITSELF),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Cause(
        "A validation rule of the org says no, in its own words.",
        "Exempt the integration user in that rule (a custom permission does it), or mend the lead.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Cause(
        "An Apex trigger of the org failed when the lead was saved.",
        "Show the words to whoever keeps that trigger; or let it pass over the integration user.",
    ),
    "APEX_ERROR": Cause(
        "Apex code of the org failed when the lead was saved.",
        "Show the words to whoever keeps that code; or let it pass over the integration user.",
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": Cause(
        "A flow of the org failed when the lead was saved.",
        "Mend the flow that the words name; or let it pass over the integration user.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Cause(
        "The integration user may not edit this lead: sharing does not give it, or an approval holds it.",
        "Share these leads with the integration user for editing, or end the approval.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Cause(
        "An automation of the org wanted a record that the integration user may not use.",
        "Give the integration user access to that record, or let the automation pass over this user.",
    ),
    "ENTITY_IS_LOCKED": Cause("An approval process holds the lead.", "End the approval, or wait for its end."),
    "REQUIRED_FIELD_MISSING": Cause(
        "A field that the org requires is empty on this lead, so that nobody can save it.",
        "Fill the field on these leads, or require it in the page layout alone.",
    ),
    "DUPLICATES_DETECTED": Cause(
        "A duplicate rule of the org does not let a lead be saved that looks like another one.",
        "Merge the two, or let the rule allow edits by the integration user.",
    ),
    "DUPLICATE_VALUE": Cause(
        "An automation of the org filled a unique field with a value that another record has.",
        "Mend that automation; Truegrade has no unique fields.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": Cause(
        "A value that the lead holds does not fit another one, such as a state without its country.",
        "Mend the field that the words name on these leads.",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Cause(
        "A lookup of the lead points to a record that its filter does not admit.",
        "Mend the lookup that the words name on these leads, or its filter.",
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Cause(
        "A picklist does not offer the value, or not for this lead's record type.",
        "Add the value to the picklist and the record type, or take its restriction away.",
    ),
    "STRING_TOO_LONG": Cause("A text is longer than the field that shall hold it.", LENGTH),
    "NUMBER_OUTSIDE_VALID_RANGE": Cause("A number has more digits than the field that shall hold it.", LENGTH),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Cause("A field of ours has another type now.", PROVISION),
    "JSON_PARSER_ERROR": Cause("Salesforce could not read what we sent.", REPORT),
    "MALFORMED_ID": Cause(
        "Salesforce does not take the lead's id, as after a connection was pointed to another org.",
        "See that the connection's url is the right org's, then `truegrade pull --reload`.",
    ),
    "STORAGE_LIMIT_EXCEEDED": Cause("The org's data storage is full.", "Make room in the org, or buy more storage."),
}

HUBSPOT = {
    "RATE_LIMITS": Cause("HubSpot had too many calls at that moment.", BY_ITSELF),
    "RATE_LIMIT": Cause("HubSpot had too many calls at that moment.", BY_ITSELF),
    "LOCKED": Cause("HubSpot held the record for a moment, as during an import.", BY_ITSELF),
    "CONFLICT": Cause("Somebody else was saving the record at the same moment.", BY_ITSELF),
    "INTERNAL_ERROR": Cause("HubSpot failed inside.", BY_ITSELF),
    "NO_ANSWER": Cause("HubSpot did not say what became of the record.", BY_ITSELF),
    "PROPERTY_DOESNT_EXIST": Cause(
        "A property of ours was removed from the portal.",
        "Run `truegrade provision`, which creates it again; or switch that output off in the mapping.",
    ),
    "INVALID_OPTION": Cause(
        "A property does not offer the value among its options.",
        "Add the option that the words name to the property; HubSpot tells capitals apart.",
    ),
    "READ_ONLY_VALUE": Cause(
        "A property of ours was made read-only or calculated.", "Make it writable, or remove it and provision again."
    ),
    "REQUIRED_FIELD": Cause(
        "A property that the portal requires is empty on this record, so that nobody can save it.",
        "Fill it on these records, or require it in the form alone.",
    ),
    "VALIDATION_ERROR": Cause(
        "A rule of the portal says no, in its own words.", "Mend what the words name, on the record or in the rule."
    ),
    "INVALID_EMAIL": Cause("The record's e-mail address is none.", "Mend the address on these records."),
    "INVALID_LONG": Cause("A property of ours has another type now.", PROVISION),
    "INVALID_INTEGER": Cause("A property of ours has another type now.", PROVISION),
    "INVALID_NUMERIC": Cause("A property of ours has another type now.", PROVISION),
    "INVALID_DATE": Cause("A property of ours has another type now.", PROVISION),
    "MISSING_SCOPES": Cause(
        "The app lacks a scope for this record.", "Give the app the scopes that the words name, then connect again."
    ),
}

TABLES = {
    "salesforce": SALESFORCE | {code: Cause(*told) for code, told in STOPS.items() if code not in SALESFORCE},
    "hubspot": HUBSPOT,
}
PASSING = Cause("The CRM could not take it at that moment.", BY_ITSELF)
UNKNOWN = Cause("Something that Truegrade does not know by its code.", "Mend what the CRM's words name.")


def cause(crm: str, code: str, *, passing: bool) -> Cause:
    """Explain a refusal by the CRM's code; one that we do not know, by whether it can pass."""
    return TABLES.get(crm, {}).get(code) or (PASSING if passing else UNKNOWN)
