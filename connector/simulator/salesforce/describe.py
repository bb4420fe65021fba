"""What the org's objects look like: the recorded describes of real orgs, stripped of custom and packaged fields.

Lead, Account, Contact, Opportunity, Event and OpportunityContactRole are recordings (API 59.0 throughout). The others
are built from Salesforce's object reference and are assumptions: only the fields that a client of ours could ask for.
"""

import json
from copy import deepcopy
from importlib import resources
from typing import Any

RECORDED = ("Lead", "Account", "Contact", "Opportunity", "Event", "OpportunityContactRole")
Entry = dict[str, Any]

ASSUMED: dict[str, dict[str, str]] = {
    "Campaign": {"Name": "string", "Type": "picklist", "IsActive": "boolean"},
    "CampaignMember": {
        "CampaignId": "reference", "LeadId": "reference", "ContactId": "reference", "Status": "picklist",
        "HasResponded": "boolean", "FirstRespondedDate": "date",
    },
    "Task": {
        "WhoId": "reference", "WhatId": "reference", "Subject": "string", "Status": "picklist", "IsClosed": "boolean",
        "Priority": "picklist", "ActivityDate": "date", "TaskSubtype": "picklist", "CallType": "picklist",
        "CallDurationInSeconds": "int", "CompletedDateTime": "datetime", "IsArchived": "boolean",
    },
    "EventRelation": {  # a row for each lead or contact of an event that it is not the first of ("Object reference")
        "EventId": "reference", "RelationId": "reference", "IsParent": "boolean", "IsInvitee": "boolean",
        "Status": "picklist",
    },
    "Site_Visit__c": {  # an object of the customer's own
        "Lead__c": "reference", "Visited_At__c": "datetime", "Page__c": "string", "Seconds__c": "double",
    },
    "User": {"Username": "string", "Name": "string", "Email": "email", "IsActive": "boolean"},
    "Organization": {"Name": "string", "IsSandbox": "boolean", "OrganizationType": "picklist"},
    "PermissionSet": {"Name": "string", "Label": "string", "Description": "string"},
    "PermissionSetAssignment": {"AssigneeId": "reference", "PermissionSetId": "reference"},
    "FieldPermissions": {
        "ParentId": "reference", "SobjectType": "picklist", "Field": "picklist", "PermissionsRead": "boolean",
        "PermissionsEdit": "boolean",
    },
    "ListView": {"Name": "string", "DeveloperName": "string", "SobjectType": "picklist"},
    "Folder": {"Name": "string", "DeveloperName": "string", "Type": "picklist"},
    "Report": {"Name": "string", "DeveloperName": "string", "FolderName": "string"},
    "Dashboard": {"Title": "string", "DeveloperName": "string", "FolderName": "string"},
    "LightningComponentBundle": {"DeveloperName": "string", "MasterLabel": "string", "Description": "string"},
    "CompactLayout": {"DeveloperName": "string", "MasterLabel": "string", "SobjectType": "picklist"},
    "LeadHistory": {
        "LeadId": "reference", "Field": "picklist", "DataType": "picklist", "OldValue": "anyType",
        "NewValue": "anyType",
    },
    "AccountHistory": {
        "AccountId": "reference", "Field": "picklist", "DataType": "picklist", "OldValue": "anyType",
        "NewValue": "anyType",
    },
    "ContactHistory": {
        "ContactId": "reference", "Field": "picklist", "DataType": "picklist", "OldValue": "anyType",
        "NewValue": "anyType",
    },
    "OpportunityFieldHistory": {
        "OpportunityId": "reference", "Field": "picklist", "DataType": "picklist", "OldValue": "anyType",
        "NewValue": "anyType",
    },
    "OpportunityHistory": {
        "OpportunityId": "reference", "StageName": "picklist", "Amount": "currency", "Probability": "percent",
        "CloseDate": "date", "ExpectedRevenue": "currency", "ForecastCategory": "picklist", "PrevAmount": "currency",
        "PrevCloseDate": "date", "SystemModstamp": "datetime",
    },
}  # fmt: skip
SYSTEM = {
    "Id": "id", "IsDeleted": "boolean", "CreatedDate": "datetime", "CreatedById": "reference",
    "LastModifiedDate": "datetime", "LastModifiedById": "reference", "SystemModstamp": "datetime",
}  # fmt: skip
READ_ONLY = frozenset(SYSTEM)
LENGTHS = {"string": 255, "picklist": 255, "email": 80, "reference": 18, "id": 18}
SETUP = frozenset({"User", "Organization", "PermissionSet", "PermissionSetAssignment", "FieldPermissions"})
TOOLING = frozenset({"LightningComponentBundle", "CompactLayout"})  # asked for by the Tooling API alone
DEPLOYED = frozenset({"ListView", "Folder", "Report", "Dashboard"}) | TOOLING


HISTORY = frozenset(  # rows are only read, and never change
    {"LeadHistory", "AccountHistory", "ContactHistory", "OpportunityFieldHistory", "OpportunityHistory"}
)
IN_HISTORY = frozenset({"Id", "IsDeleted", "CreatedDate", "CreatedById"})


def objects() -> dict[str, Entry]:
    """Load the describes of all objects, each to be changed by its owner alone."""
    described = {name: _recorded(name) for name in RECORDED}
    return described | {name: assumed(name, fields) for name, fields in ASSUMED.items()}


def _recorded(name: str) -> Entry:
    folder = resources.files("connector.simulator.salesforce") / "describes"
    described: Entry = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return described


def assumed(name: str, fields: dict[str, str]) -> Entry:
    """Describe an object that was not recorded."""
    own = {key: kind for key, kind in SYSTEM.items() if name not in HISTORY or key in IN_HISTORY}
    return {
        "name": name, "label": name, "labelPlural": f"{name}s", "keyPrefix": None, "custom": False, "queryable": True,
        "createable": name not in HISTORY, "updateable": name not in HISTORY, "deletable": name not in HISTORY,
        "replicateable": name not in SETUP | HISTORY | DEPLOYED,
        "retrieveable": True, "searchable": False, "triggerable": False, "mergeable": False, "undeletable": False,
        "layoutable": False, "childRelationships": [], "recordTypeInfos": [],
        "urls": {"sobject": f"/services/data/v59.0/sobjects/{name}"},
        "fields": [field(key, kind) for key, kind in (own | fields).items()],
    }  # fmt: skip


def field(name: str, kind: str, **more: Any) -> Entry:
    """Make one field of a describe; `more` overrides."""
    entry: Entry = {
        "name": name, "label": name, "type": kind, "length": LENGTHS.get(kind, 0), "precision": 0, "scale": 0,
        "digits": 0, "byteLength": LENGTHS.get(kind, 0) * 3, "soapType": "xsd:string", "nillable": True,
        "createable": name not in READ_ONLY, "updateable": name not in READ_ONLY, "filterable": kind != "anyType",
        "sortable": True, "groupable": True, "aggregatable": True, "calculated": False, "calculatedFormula": None,
        "autoNumber": False, "custom": name.endswith("__c"), "externalId": False, "idLookup": name == "Id",
        "unique": False, "restrictedPicklist": False, "dependentPicklist": False, "picklistValues": [],
        "referenceTo": [], "relationshipName": None, "namePointing": False, "compoundFieldName": None,
        "defaultValue": None, "defaultedOnCreate": False, "permissionable": name not in READ_ONLY, "encrypted": False,
        "htmlFormatted": False, "inlineHelpText": None, "deprecatedAndHidden": False,
    }  # fmt: skip
    return entry | more


def copy_of(described: Entry) -> Entry:
    """Copy a describe, to answer one user with."""
    return deepcopy(described)
